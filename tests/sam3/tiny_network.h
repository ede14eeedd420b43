#pragma once

#include "base/safetensors.h"
#include "models/sam3/model.h"
#include "models/sam3/network.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cmath>
#include <string>

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

/// n numbers of variance 1, uniform, a pure function of the key.
inline at::Tensor noise(const std::string& key, at::IntArrayRef shape) {
    std::uint64_t seed = 0xcbf29ce484222325ULL;
    for (const unsigned char c : key) {
        seed = (seed ^ c) * 0x100000001b3ULL;
    }
    at::Tensor out = at::empty(shape, at::kFloat);
    auto* values = out.mutable_data_ptr<float>();
    for (std::int64_t i = 0; i < out.numel(); ++i) {
        std::uint64_t z = static_cast<std::uint64_t>(i + 1) * 0x9E3779B97F4A7C15ULL + seed;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        z ^= z >> 31;
        const double u = static_cast<double>(z >> 40) / (1 << 24);
        values[i] = static_cast<float>((2 * u - 1) * std::sqrt(3.0));
    }
    return out;
}

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

/// Flattened, every k-th value, with the smallest k prime to 6 that leaves at most 4096.
inline at::Tensor sampled(const at::Tensor& x) {
    std::int64_t k = std::max<std::int64_t>(1, (x.numel() + 4095) / 4096);
    while (k > 1 && (k % 2 == 0 || k % 3 == 0)) {
        ++k;
    }
    return x.to(at::kFloat).flatten().slice(0, 0, std::nullopt, k);
}

inline at::Tensor tensorOf(const SafetensorsFile& file, const std::string& name) {
    const auto& view = file.at(name);
    const auto type = view.dtype == DType::U8 ? at::kByte : view.dtype == DType::I64 ? at::kLong : at::kFloat;
    at::Tensor out = at::empty(view.shape, type);
    std::memcpy(out.mutable_data_ptr(), view.bytes.data(), view.bytes.size());
    return out;
}

} // namespace body4d::sam3::testing
