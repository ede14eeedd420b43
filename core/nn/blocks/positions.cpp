#include "nn/blocks/positions.h"

#include <ATen/ATen.h>

#include <cmath>

namespace body4d::nn {
namespace {

constexpr double kPi = 3.14159265358979323846;

/// 10000^(2 * floor(i / 2) / n) for i in [0, n)
at::Tensor wavelengths(std::int64_t n, c10::Device device = at::kCPU) {
    const auto i = at::arange(n, at::TensorOptions().dtype(at::kFloat).device(device));
    return at::pow(10000.0, at::floor(i / 2) * 2 / static_cast<double>(n));
}

} // namespace

at::Tensor axialRotations(std::int64_t width, std::int64_t height, std::int64_t channels, double scale) {
    const auto frequencies =
        at::pow(10000.0, at::arange(0, channels, 4, at::kFloat) / static_cast<double>(channels))
            .reciprocal();                                                        // [C/4]
    const auto x = at::arange(width, at::kFloat).mul_(scale).outer(frequencies);  // [W, C/4]
    const auto y = at::arange(height, at::kFloat).mul_(scale).outer(frequencies); // [H, C/4]
    const auto quarter = frequencies.size(0);
    const auto angles = at::cat({x.unsqueeze(0).expand({height, width, quarter}),
                                 y.unsqueeze(1).expand({height, width, quarter})},
                                -1)
                            .reshape({height * width, 2 * quarter}); // [HW, C/2]
    return at::polar(at::ones_like(angles), angles);
}

at::Tensor rotatePairs(const at::Tensor& x, const at::Tensor& rotations) {
    auto shape = x.sizes().vec();
    shape.back() /= 2;
    shape.push_back(2);
    const auto pairs = at::view_as_complex(x.to(at::kFloat).reshape(shape)); // [..., L, C/2]
    return at::view_as_real(pairs * rotations).flatten(-2).to(x.scalar_type());
}

at::Tensor sinePositions(std::int64_t channels, std::int64_t height, std::int64_t width) {
    const auto half = channels / 2;
    const auto length = wavelengths(half); // [C/2]
    const auto code = [&](std::int64_t n) {
        const auto position = at::arange(1, n + 1, at::kFloat) / (static_cast<double>(n) + 1e-6) * (2 * kPi);
        const auto phase = position.unsqueeze(1) / length; // [n, C/2]
        return at::stack({phase.slice(1, 0, half, 2).sin(), phase.slice(1, 1, half, 2).cos()}, 2).flatten(1);
    };
    const auto y = code(height).t().unsqueeze(2).expand({half, height, width});
    const auto x = code(width).t().unsqueeze(1).expand({half, height, width});
    return at::cat({y, x}, 0);
}

at::Tensor sineCode(const at::Tensor& positions, std::int64_t channels) {
    const auto phase = positions.unsqueeze(-1) / wavelengths(channels / 2, positions.device());
    return at::cat({phase.sin(), phase.cos()}, -1);
}

at::Tensor fourierFeatures(const at::Tensor& points, const at::Tensor& gaussian) {
    const auto phase = at::matmul(points * 2 - 1, gaussian) * (2 * kPi);
    return at::cat({phase.sin(), phase.cos()}, -1);
}

} // namespace body4d::nn
