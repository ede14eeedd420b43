#pragma once

#include "base/safetensors.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>

/// What tests of networks share with the programs that made their goldens.
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

/// Flattened, every k-th value, with the smallest k prime to 6 that leaves at most `limit`.
inline at::Tensor sampled(const at::Tensor& x, std::int64_t limit) {
    std::int64_t k = std::max<std::int64_t>(1, (x.numel() + limit - 1) / limit);
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

/// Largest difference over the largest value wanted; infinite when sizes differ or something is no number.
inline double relativeError(const at::Tensor& got, const at::Tensor& want) {
    if (got.numel() != want.numel()) {
        return INFINITY;
    }
    const double error = (got.flatten() - want.flatten()).abs().max().item<double>();
    return std::isfinite(error) ? error / std::max(1e-12, want.abs().max().item<double>()) : INFINITY;
}

} // namespace body4d::testing
