#include "models/edgetam/perceiver.h"

#include <ATen/ATen.h>

#include "nn/blocks/positions.h"

namespace body4d::edgetam {

FeedForward::FeedForward(std::int64_t width)
    : norm(width), in(nn::parameter({4 * width, width})), out(nn::parameter({width, 4 * width})) {}

void FeedForward::fields(nn::Fields& f) {
    f("0", norm);
    f("1.weight", in);
    f("3.weight", out);
}

at::Tensor FeedForward::operator()(const at::Tensor& x) const {
    return x + at::linear(at::gelu(at::linear(norm(x), in)), out);
}

LatentAttention::LatentAttention(std::int64_t width, bool self)
    : to_q(nn::parameter({width, width})), to_kv(nn::parameter({2 * width, width})),
      to_out(nn::parameter({width, width})), toItself(self) {
    if (self) {
        norm = nn::LayerNorm(width);
    } else {
        norm_x = nn::LayerNorm(width);
        norm_latents = nn::LayerNorm(width);
    }
}

void LatentAttention::fields(nn::Fields& f) {
    f("norm", norm);
    f("norm_x", norm_x);
    f("norm_latents", norm_latents);
    f("to_q.weight", to_q);
    f("to_kv.weight", to_kv);
    f("to_out.weight", to_out);
}

at::Tensor LatentAttention::operator()(const at::Tensor& latents, const at::Tensor& map,
                                       const at::Tensor& positions) const {
    const auto x = toItself ? norm(latents) : norm_latents(latents);
    const auto q = at::linear(x, to_q);
    const auto both = at::linear(toItself ? x : norm_x(map), to_kv).chunk(2, -1);
    auto k = both[0], v = both[1];
    if (positions.defined()) {
        k = k + positions;
        v = v + positions;
    }
    const auto seen = at::scaled_dot_product_attention(q.unsqueeze(1), k.unsqueeze(1), v.unsqueeze(1));
    return latents + at::linear(seen.squeeze(1), to_out);
}

PerceiverLayer::PerceiverLayer(std::int64_t width)
    : attn(width, false), ff(width), self_attn(width, true), self_ff(width) {}

void PerceiverLayer::fields(nn::Fields& f) {
    f("attn", attn);
    f("ff", ff);
    f("self_attn", self_attn);
    f("self_ff", self_ff);
}

at::Tensor PerceiverLayer::operator()(const at::Tensor& latents, const at::Tensor& map,
                                      const at::Tensor& positions) const {
    return self_ff(self_attn(ff(attn(latents, map, positions)), {}, {}));
}

Perceiver::Perceiver(const Config& config)
    : latents(nn::parameter({config.latentGrid * config.latentGrid, config.memoryWidth})),
      latents_2d(nn::parameter({config.latentGrid * config.latentGrid, config.memoryWidth})),
      norm(config.memoryWidth) {
    for (std::int64_t i = 0; i < config.perceiverLayers; ++i) {
        layers.emplace_back(config.memoryWidth);
    }
}

void Perceiver::fields(nn::Fields& f) {
    f("latents", latents);
    f("latents_2d", latents_2d);
    f("layers", layers);
    f("norm", norm);
}

void Perceiver::prepare(const Config& config, c10::Device device) {
    grid_ = config.grid();
    windows_ = config.latentGrid;
    positions_ = nn::sinePositions(config.memoryWidth, grid_, grid_).flatten(1).t().contiguous().to(device);
}

at::Tensor Perceiver::operator()(const at::Tensor& map) const {
    const auto batch = map.size(0), width = map.size(1), side = grid_ / windows_, count = windows_ * windows_;
    const auto rows = map.permute({0, 2, 3, 1}); // [B, grid, grid, width]
    auto whole = latents.unsqueeze(0).expand({batch, count, width});
    const auto all = rows.reshape({batch, grid_ * grid_, width});
    auto parts = latents_2d.repeat({batch, 1}).unsqueeze(1); // [B * windows, 1, width]
    const auto windows = rows.reshape({batch, windows_, side, windows_, side, width})
                             .transpose(2, 3)
                             .reshape({batch * count, side * side, width});
    for (const auto& layer : layers) {
        whole = layer(whole, all, positions_);
        parts = layer(parts, windows, {});
    }
    return norm(at::cat({whole, parts.view({batch, count, width})}, 1));
}

} // namespace body4d::edgetam
