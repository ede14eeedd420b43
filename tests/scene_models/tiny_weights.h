#pragma once

#include "base/safetensors.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "nn/fields.h"

/// Weights that the program that made the goldens computes alike, and its way to thin results out.
namespace body4d::testing {

/// Numbers of variance 1, uniform, a pure function of the key.
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

/// Flattened, every k-th value, with the smallest k prime to 6 that leaves at most 1024.
inline at::Tensor sampled(const at::Tensor& x) {
    std::int64_t k = std::max<std::int64_t>(1, (x.numel() + 1023) / 1024);
    while (k > 1 && (k % 2 == 0 || k % 3 == 0)) {
        ++k;
    }
    return x.to(at::kFloat).flatten().slice(0, 0, std::nullopt, k);
}

inline at::Tensor tensorOf(const SafetensorsFile& file, const std::string& name) {
    const auto& view = file.at(name);
    at::Tensor out = at::empty(view.shape, view.dtype == DType::U8 ? at::kByte : at::kFloat);
    std::memcpy(out.mutable_data_ptr(), view.bytes.data(), view.bytes.size());
    return out;
}

/// Largest difference over the largest value wanted; infinite when sizes differ or something is no number.
inline double relativeError(const at::Tensor& got, const at::Tensor& want) {
    if (got.numel() != want.numel()) {
        return INFINITY;
    }
    const double error = (got.flatten() - want.flatten()).abs().max().item<double>();
    return std::isfinite(error) ? error / std::max(1e-12, want.abs().max().item<double>()) : INFINITY;
}

} // namespace body4d::testing
