#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>

#include "nn/fields.h"

/// Layers as plain structs: members are named as in checkpoints, constructors give shapes, calling computes.
/// Matrix products run in the dtype of their weights, whatever comes in; norms run in float32.
namespace body4d::nn {

/// Children "0", "1", ... of a fixed number.
template <typename Module, std::size_t count>
struct Numbered : std::array<Module, count> {
    void fields(Fields& f) {
        for (std::size_t i = 0; i < count; ++i) {
            f(std::to_string(i), (*this)[i]);
        }
    }
};

/// weight [out, in], bias [out]
struct Linear {
    at::Tensor weight, bias;
    Linear() = default;
    Linear(std::int64_t in, std::int64_t out);
    void fields(Fields& f);
    /// @param x [..., in]  @returns [..., out] in the weight's dtype
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
};

/// Over the last dimension. weight, bias [width]
struct LayerNorm {
    at::Tensor weight, bias;
    double eps = 1e-5;
    LayerNorm() = default;
    explicit LayerNorm(std::int64_t width, double epsilon = 1e-5);
    void fields(Fields& f);
    /// @param x [..., width]  @returns float32
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
};

/// Over the channels of [B, C, H, W].
struct LayerNorm2d : LayerNorm {
    LayerNorm2d() = default;
    explicit LayerNorm2d(std::int64_t width, double epsilon = 1e-6) : LayerNorm(width, epsilon) {}
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
};

/// weight [out, in / groups, kernel, kernel], bias [out] where there is one
struct Conv2d {
    struct Options {
        std::int64_t stride = 1, padding = 0, groups = 1;
        bool bias = true;
    };
    at::Tensor weight, bias;
    Options options;
    Conv2d() = default;
    Conv2d(std::int64_t in, std::int64_t out, std::int64_t kernel, const Options& how);
    Conv2d(std::int64_t in, std::int64_t out, std::int64_t kernel) : Conv2d(in, out, kernel, Options()) {}
    void fields(Fields& f);
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
};

/// Transposed convolution that doubles height and width: kernel 2, stride 2. weight [in, out, 2, 2], bias
/// [out]
struct Upsample2x {
    at::Tensor weight, bias;
    Upsample2x() = default;
    Upsample2x(std::int64_t in, std::int64_t out);
    void fields(Fields& f);
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
};

/// A table with one row per entry: weight [rows, width]
struct Embedding {
    at::Tensor weight;
    Embedding() = default;
    Embedding(std::int64_t rows, std::int64_t width);
    void fields(Fields& f);
};

/// Three linear layers with ReLU between: layers.{0,1,2}
struct Mlp3 {
    Numbered<Linear, 3> layers;
    Mlp3() = default;
    Mlp3(std::int64_t in, std::int64_t hidden, std::int64_t out);
    void fields(Fields& f);
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
};

/// [B, L, C] to [B, heads, L, C / heads] and back.
[[nodiscard]] at::Tensor splitHeads(const at::Tensor& x, std::int64_t heads);
[[nodiscard]] at::Tensor joinHeads(const at::Tensor& x);

/// Multi-head attention with separate projections: {q,k,v,out}_proj
struct Attention {
    Linear q_proj, k_proj, v_proj, out_proj;
    std::int64_t heads = 1;
    Attention() = default;
    /// @param keyWidth width of keys and values  @param inner width inside, a multiple of the number of heads
    Attention(std::int64_t width, std::int64_t keyWidth, std::int64_t inner, std::int64_t headCount);
    void fields(Fields& f);
    /// @param q [B, Lq, width]  @param k, v [B, Lk, keyWidth]  @returns [B, Lq, width]
    [[nodiscard]] at::Tensor operator()(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) const;
};

} // namespace body4d::nn
