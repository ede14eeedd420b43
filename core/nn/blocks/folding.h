#pragma once

#include "nn/blocks/layers.h"

/// Two linear layers in a row as one, computed in float64. The parameters must be in place.
namespace body4d::nn {

/// Batch norm at inference: an affine map per channel. weight, bias, running_mean, running_var [width]
struct BatchNorm2d {
    at::Tensor weight, bias, running_mean, running_var;
    double eps = 1e-5;
    BatchNorm2d() = default;
    explicit BatchNorm2d(std::int64_t width);
    void fields(Fields& f);
    /// @param x [B, width, H, W]
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
};

/// The 1x1 convolution `after`, applied to what comes out of the convolution `layer`.
void foldAfter(Conv2d& layer, const Conv2d& after);
void foldAfter(Upsample2x& layer, const Conv2d& after);
/// The norm `after`, applied to what comes out of `layer`, which gets a bias where it had none.
void foldAfter(Conv2d& layer, const BatchNorm2d& after);

} // namespace body4d::nn
