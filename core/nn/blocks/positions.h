#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

/// Positions as networks see them. Tables are float32 on the CPU.
namespace body4d::nn {

/// Rotations for axial two-dimensional RoPE on a width x height grid, row by row: complex64 [height * width,
/// channels / 2]. The first half of the pairs turns with x, the second with y, at 10000^(-4i / channels).
/// @param scale multiplies the coordinates 0, 1, 2, ...
[[nodiscard]] at::Tensor axialRotations(std::int64_t width, std::int64_t height, std::int64_t channels,
                                        double scale = 1);

/// Rotates neighbouring channels as pairs, in float32. @param x [..., L, C]  @param rotations complex64 [L, C
/// / 2]
/// @returns [..., L, C] in the dtype of x
[[nodiscard]] at::Tensor rotatePairs(const at::Tensor& x, const at::Tensor& rotations);

/// Sine code of a grid: the first half of the channels codes y, the second x, sines and cosines in turn;
/// coordinates run from 1 / size to 1, times 2 pi. @returns [channels, height, width]
[[nodiscard]] at::Tensor sinePositions(std::int64_t channels, std::int64_t height, std::int64_t width);

/// Sine code of numbers: all sines, then all cosines. @param positions [n]  @returns [n, channels]
[[nodiscard]] at::Tensor sineCode(const at::Tensor& positions, std::int64_t channels);

/// Random Fourier features of points in [0, 1]^2. @param points [..., 2] as (x, y)  @param gaussian [2, n]
/// @returns [..., 2n]
[[nodiscard]] at::Tensor fourierFeatures(const at::Tensor& points, const at::Tensor& gaussian);

} // namespace body4d::nn
