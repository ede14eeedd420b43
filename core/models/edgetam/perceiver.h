#pragma once

#include "models/edgetam/config.h"

#include <vector>

#include "nn/blocks/layers.h"

namespace body4d::edgetam {

/// A norm and two linear layers without biases: 0, 1, 3, as numbered in the checkpoint.
struct FeedForward {
    nn::LayerNorm norm;
    at::Tensor in, out; ///< [4 * width, width], [width, 4 * width]
    explicit FeedForward(std::int64_t width);
    void fields(nn::Fields& f);
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const; ///< with the residual
};

/// One head without biases: to_q, to_kv, to_out, and norms of what comes in.
struct LatentAttention {
    nn::LayerNorm norm, norm_x,
        norm_latents; ///< the first of self-attention, the others of attention to a map
    at::Tensor to_q, to_kv, to_out;
    bool toItself;
    LatentAttention(std::int64_t width, bool self);
    void fields(nn::Fields& f);
    /// @param latents [B, L, width]  @param map [B, T, width]
    /// @param positions [T, width], added to keys and values; may be undefined
    /// @returns with the residual
    [[nodiscard]] at::Tensor operator()(const at::Tensor& latents, const at::Tensor& map,
                                        const at::Tensor& positions) const;
};

struct PerceiverLayer {
    LatentAttention attn;
    FeedForward ff;
    LatentAttention self_attn;
    FeedForward self_ff;
    explicit PerceiverLayer(std::int64_t width);
    void fields(nn::Fields& f);
    [[nodiscard]] at::Tensor operator()(const at::Tensor& latents, const at::Tensor& map,
                                        const at::Tensor& positions) const;
};

/// Condenses a map into a few latents: half of them look at all of it, the others at a window each.
struct Perceiver {
    at::Tensor latents, latents_2d; ///< [n * n, width] each, n the side of the grid of windows
    std::vector<PerceiverLayer> layers;
    nn::LayerNorm norm;
    explicit Perceiver(const Config& config);
    void fields(nn::Fields& f);
    /// Builds the tables, once the parameters are in place.
    void prepare(const Config& config, c10::Device device);
    /// @param map [B, width, grid, grid]
    /// @returns [B, 2 * n * n, width]: those without a place first, then those of the windows, row by row
    [[nodiscard]] at::Tensor operator()(const at::Tensor& map) const;

private:
    std::int64_t grid_ = 0, windows_ = 0;
    at::Tensor positions_; ///< [grid * grid, width]
};

} // namespace body4d::edgetam
