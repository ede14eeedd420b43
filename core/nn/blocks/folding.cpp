#include "nn/blocks/folding.h"

#include <ATen/ATen.h>

namespace body4d::nn {
namespace {

/// @param outDim of the layer's weight
template <typename Layer>
void foldMatrix(Layer& layer, std::int64_t outDim, const Conv2d& after) {
    const auto type = layer.weight.scalar_type();
    const auto matrix = after.weight.flatten(1).to(at::kDouble); // [out, middle]
    const auto weight = layer.weight.to(at::kDouble);
    layer.weight = at::tensordot(matrix, weight, {1}, {outDim}).movedim(0, outDim).to(type).contiguous();
    layer.bias = (at::mv(matrix, layer.bias.to(at::kDouble)) + after.bias.to(at::kDouble)).to(type);
}

} // namespace

BatchNorm2d::BatchNorm2d(std::int64_t width)
    : weight(parameter({width})), bias(parameter({width})), running_mean(parameter({width})),
      running_var(parameter({width})) {}

void BatchNorm2d::fields(Fields& f) {
    f("weight", weight);
    f("bias", bias);
    f("running_mean", running_mean);
    f("running_var", running_var);
}

at::Tensor BatchNorm2d::operator()(const at::Tensor& x) const {
    return at::batch_norm(x, weight, bias, running_mean, running_var, /*training=*/false, /*momentum=*/0, eps,
                          /*cudnn_enabled=*/false);
}

void foldAfter(Conv2d& layer, const Conv2d& after) {
    foldMatrix(layer, 0, after);
}

void foldAfter(Upsample2x& layer, const Conv2d& after) {
    foldMatrix(layer, 1, after);
}

void foldAfter(Conv2d& layer, const BatchNorm2d& after) {
    const auto type = layer.weight.scalar_type();
    const auto scale =
        after.weight.to(at::kDouble) / at::sqrt(after.running_var.to(at::kDouble) + after.eps); // [out]
    const auto before = layer.bias.defined() ? layer.bias.to(at::kDouble) : at::zeros_like(scale);
    layer.weight = (layer.weight.to(at::kDouble) * scale.view({-1, 1, 1, 1})).to(type);
    layer.bias =
        ((before - after.running_mean.to(at::kDouble)) * scale + after.bias.to(at::kDouble)).to(type);
    layer.options.bias = true;
}

} // namespace body4d::nn
