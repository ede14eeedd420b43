#pragma once

#include "models/sam3/encoder.h"
#include "models/sam3/video_network.h"

namespace body4d::sam3 {

/// SAM 3's trunk, neck and tracker under the names of the official checkpoint: 714 tensors at full size.
struct Network final : VideoNetwork {
    Config encoderConfig;
    Trunk trunk;
    Neck neck;

    /// On the meta device, to be filled by the loader.
    explicit Network(const Config& sizes = {});
    void fields(nn::Fields& f) override;
    void prepare(c10::Device where, const Precision& precision) override;
    [[nodiscard]] std::int64_t encodeBytes() const override;

private:
    [[nodiscard]] Features computeFeatures(const at::Tensor& images) const override;
};

} // namespace body4d::sam3
