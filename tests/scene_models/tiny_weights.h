#pragma once

#include "golden_tensors.h"

#include "base/safetensors.h"
#include "nn/fields.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cmath>
#include <string>

/// Weights that the program that made the goldens computes alike, and its way to thin results out.
namespace body4d::testing {

class Filler final : public nn::Fields {
public:
    explicit Filler(std::string seed) : seed_(std::move(seed)) {}

protected:
    void take(const std::string& key, at::Tensor& slot) override {
        auto official = key;
        // One norm stands for four in the official network, which knows it by its first name.
        if (const auto at = official.find("output_conv2_aux.3.2."); at != std::string::npos) {
            official[at + std::string("output_conv2_aux.").size()] = '0';
        }
        const auto x = noise(seed_ + ":" + official, slot.sizes());
        const auto leaf = key.substr(key.rfind('.') + 1);
        if (leaf == "gamma") {
            slot = x * 0.1 + 0.5;
        } else if (leaf == "bias") {
            slot = x * 0.1;
        } else if (leaf != "weight") {
            slot = x * 0.5;
        } else if (x.dim() == 1) {
            slot = x * 0.1 + 1;
        } else {
            const bool transposed = key.find("resize_layers.0.") != std::string::npos ||
                                    key.find("resize_layers.1.") != std::string::npos;
            slot = x / std::sqrt(static_cast<double>(transposed ? x.size(0) : x[0].numel()));
        }
        if (key.ends_with("fc_fov.0.bias")) {
            slot = slot + 1; // cameras that see something
        }
    }

private:
    std::string seed_;
};

inline at::Tensor sampled(const at::Tensor& x) {
    return sampled(x, 1024);
}

} // namespace body4d::testing
