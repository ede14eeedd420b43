#include "nn/blocks/layers.h"

#include <ATen/ATen.h>

#include <optional>

namespace body4d::nn {

Linear::Linear(std::int64_t in, std::int64_t out) : weight(parameter({out, in})), bias(parameter({out})) {}

void Linear::fields(Fields& f) {
    f("weight", weight);
    f("bias", bias);
}

at::Tensor Linear::operator()(const at::Tensor& x) const {
    return at::linear(x.to(weight.scalar_type()), weight, bias);
}

LayerNorm::LayerNorm(std::int64_t width, double epsilon)
    : weight(parameter({width})), bias(parameter({width})), eps(epsilon) {}

void LayerNorm::fields(Fields& f) {
    f("weight", weight);
    f("bias", bias);
}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
    return at::layer_norm(x.to(at::kFloat), weight.sizes(), weight, bias, eps);
}

at::Tensor LayerNorm2d::operator()(const at::Tensor& x) const {
    return LayerNorm::operator()(x.permute({0, 2, 3, 1})).permute({0, 3, 1, 2}); // [B, C, H, W]
}

Conv2d::Conv2d(std::int64_t in, std::int64_t out, std::int64_t kernel, const Options& how)
    : weight(parameter({out, in / how.groups, kernel, kernel})),
      bias(how.bias ? parameter({out}) : at::Tensor()), options(how) {}

void Conv2d::fields(Fields& f) {
    f("weight", weight);
    f("bias", bias);
}

at::Tensor Conv2d::operator()(const at::Tensor& x) const {
    const auto maybeBias = bias.defined() ? std::optional<at::Tensor>(bias) : std::nullopt;
    return at::conv2d(x.to(weight.scalar_type()), weight, maybeBias, options.stride, options.padding, 1,
                      options.groups);
}

Upsample2x::Upsample2x(std::int64_t in, std::int64_t out)
    : weight(parameter({in, out, 2, 2})), bias(parameter({out})) {}

void Upsample2x::fields(Fields& f) {
    f("weight", weight);
    f("bias", bias);
}

at::Tensor Upsample2x::operator()(const at::Tensor& x) const {
    return at::conv_transpose2d(x.to(weight.scalar_type()), weight, bias, 2);
}

Embedding::Embedding(std::int64_t rows, std::int64_t width) : weight(parameter({rows, width})) {}

void Embedding::fields(Fields& f) {
    f("weight", weight);
}

Mlp3::Mlp3(std::int64_t in, std::int64_t hidden, std::int64_t out)
    : layers{{Linear(in, hidden), Linear(hidden, hidden), Linear(hidden, out)}} {}

void Mlp3::fields(Fields& f) {
    f("layers", layers);
}

at::Tensor Mlp3::operator()(const at::Tensor& x) const {
    return layers[2](at::relu(layers[1](at::relu(layers[0](x)))));
}

at::Tensor splitHeads(const at::Tensor& x, std::int64_t heads) {
    return x.view({x.size(0), x.size(1), heads, x.size(2) / heads}).transpose(1, 2);
}

at::Tensor joinHeads(const at::Tensor& x) {
    return x.transpose(1, 2).reshape({x.size(0), x.size(2), x.size(1) * x.size(3)});
}

Attention::Attention(std::int64_t width, std::int64_t keyWidth, std::int64_t inner, std::int64_t headCount)
    : q_proj(width, inner), k_proj(keyWidth, inner), v_proj(keyWidth, inner), out_proj(inner, width),
      heads(headCount) {}

void Attention::fields(Fields& f) {
    f("q_proj", q_proj);
    f("k_proj", k_proj);
    f("v_proj", v_proj);
    f("out_proj", out_proj);
}

at::Tensor Attention::operator()(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) const {
    return out_proj(joinHeads(at::scaled_dot_product_attention(
        splitHeads(q_proj(q), heads), splitHeads(k_proj(k), heads), splitHeads(v_proj(v), heads))));
}

} // namespace body4d::nn
