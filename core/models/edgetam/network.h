#pragma once

#include "models/edgetam/perceiver.h"
#include "models/edgetam/rep_vit.h"
#include "models/sam3/video_network.h"

#include "nn/strict_loader.h"

namespace body4d::edgetam {

/// EdgeTAM: a small convolutional encoder, and SAM 2's tracker whose remembered maps are condensed into
/// latents. Keys are those of the official checkpoint.
struct Network final : sam3::VideoNetwork {
    Config encoderConfig;
    RepVit trunk;
    std::array<nn::Conv2d, 4> neck; ///< 1x1; 0 belongs to the coarsest map, 3 to the finest
    nn::Conv2d conv_s0, conv_s1;    ///< of the mask decoder; they compute with the neck
    Perceiver spatial_perceiver;

    /// On the meta device, to be filled by the loader.
    explicit Network(const Config& sizes = {});
    void fields(nn::Fields& f) override;
    void prepare(c10::Device where, const sam3::Precision& precision) override;
    /// The same without folding norms into convolutions, for comparison.
    void prepareUnfolded();
    [[nodiscard]] at::Tensor condensed(const at::Tensor& map) const override;
    [[nodiscard]] std::int64_t encodeBytes() const override;

private:
    [[nodiscard]] sam3::Features computeFeatures(const at::Tensor& images) const override;
    void build(c10::Device where, const sam3::Precision& precision);
};

/// Which tensors of the official edgetam.pt are left alone, and the few whose names differ.
[[nodiscard]] nn::NameTable officialNames();
/// The names of the model.safetensors that transformers stores (EdgeTamVideoModel).
[[nodiscard]] nn::NameTable transformersNames();
/// Whether a file has those names.
[[nodiscard]] bool isTransformersFile(const Checkpoint& file);

} // namespace body4d::edgetam
