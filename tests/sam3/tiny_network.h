#pragma once

#include "../support/golden_tensors.h"

#include "base/image.h"
#include "base/safetensors.h"
#include "models/sam3/model.h"
#include "models/sam3/network.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

/// A small trunk with the tracker at full size, and weights that the reference's test program computes alike.
namespace body4d::sam3::testing {

inline Config tinyConfig() {
    Config config;
    config.imageSize = 168;
    config.window = 4;
    config.trunkWidth = 64;
    config.trunkDepth = 4;
    config.trunkHeads = 2;
    config.trunkHidden = 296;
    config.globalBlocks = {1, 3};
    return config;
}

using body4d::testing::noise;
using body4d::testing::tensorOf;

/// Weights that neither explode nor make the recurrent loop chaotic.
class Filler final : public nn::Fields {
public:
    explicit Filler(std::string seed) : seed_(std::move(seed)) {}

protected:
    void take(const std::string& key, at::Tensor& slot) override {
        const auto x = noise(seed_ + ":" + key, slot.sizes());
        const auto dot = key.rfind('.');
        const auto leaf = key.substr(dot + 1);
        const auto parents = key.substr(0, dot);
        const auto parent = parents.substr(parents.rfind('.') + 1);
        const bool embedding = parent.ends_with("_embed") || parent.ends_with("_token") ||
                               parent.ends_with("_tokens") ||
                               key.find("point_embeddings.") != std::string::npos;
        if (leaf == "positional_encoding_gaussian_matrix") {
            slot = x;
        } else if (leaf == "running_var") {
            slot = x * 0.3 + 1;
        } else if (leaf == "gamma" || leaf == "bias" || leaf == "running_mean") {
            slot = x * 0.1;
        } else if (leaf != "weight" || embedding) {
            slot = x * 0.5;
        } else if (x.dim() == 1) {
            slot = x * 0.1 + 1;
        } else {
            const bool transposed =
                key.find("dconv") != std::string::npos || key.find("output_upscaling") != std::string::npos;
            slot = x / std::sqrt(static_cast<double>(transposed ? x.size(0) : x[0].numel()));
            if (key.find("q_proj") != std::string::npos || key.find("k_proj") != std::string::npos ||
                key.ends_with("to_q.weight")) {
                slot *= 0.3;
            }
            if (key.ends_with("qkv.weight")) {
                slot.narrow(0, 0, 2 * slot.size(0) / 3) *= 0.3;
            }
        }
    }

private:
    std::string seed_;
};

/// Weights for a network of this family, still to be prepared.
/// @param scoreBias last bias of the head that says whether an object is there: +3 yes, -100 no
inline void fillIn(VideoNetwork& network, const std::string& seed, double scoreBias = 3) {
    at::set_num_threads(1); // such small networks lose more by waiting for each other than they gain
    Filler filler(seed);
    network.fields(filler);
    network.sam_mask_decoder.pred_obj_score_head.layers[2].bias = at::full({1}, scoreBias);
}

inline Network tinyNetwork(const std::string& seed = "a", double scoreBias = 3) {
    Network network(tinyConfig());
    fillIn(network, seed, scoreBias);
    network.prepare(c10::kCPU, Precision{});
    return network;
}

inline std::shared_ptr<const Model> tinyModel() {
    auto model = std::make_shared<Model>();
    model->placement.threads = 1;
    model->network = std::make_shared<Network>(tinyNetwork());
    return model;
}

/// The six frames that all goldens of this family were made of, 168 x 168.
inline std::vector<ImagePtr> clipImages() {
    const SafetensorsFile file(BODY4D_SOURCE_DIR "/tests/data/sam3/frames.safetensors");
    const auto& frames = file.at("frames");
    std::vector<ImagePtr> images;
    for (std::int64_t t = 0; t < frames.shape.at(0); ++t) {
        auto image = std::make_shared<Image>(168, 168);
        std::memcpy(image->rgb.data(), frames.bytes.data() + static_cast<std::size_t>(t) * image->rgb.size(),
                    image->rgb.size());
        images.push_back(std::move(image));
    }
    return images;
}

inline at::Tensor sampled(const at::Tensor& x) {
    return body4d::testing::sampled(x, 4096);
}

} // namespace body4d::sam3::testing
