#include "models/sam3d_body/backbone.h"

#include <ATen/ATen.h>

#include <numbers>

#include "nn/blocks/positions.h"

namespace body4d::sam3d_body {

BackboneBlock::BackboneBlock(const Config& config)
    : norm1(config.width), norm2(config.width), qkv(config.width, 3 * config.width),
      proj(config.width, config.width), w1(config.width, config.hidden), w2(config.width, config.hidden),
      w3(config.hidden, config.width), bias_mask(nn::parameter({3 * config.width})),
      gamma1(nn::parameter({config.width})), gamma2(nn::parameter({config.width})), heads(config.heads) {}

void BackboneBlock::fields(nn::Fields& f) {
    f("norm1", norm1);
    f("attn.qkv", qkv);
    f("attn.qkv.bias_mask", bias_mask);
    f("attn.proj", proj);
    f("ls1.gamma", gamma1);
    f("norm2", norm2);
    f("mlp.w1", w1);
    f("mlp.w2", w2);
    f("mlp.w3", w3);
    f("ls2.gamma", gamma2);
}

void BackboneBlock::prepare() {
    qkv.bias = qkv.bias * bias_mask;
    // Channel j turns with j + C/2h; products of queries and keys do not see the order.
    const auto pairwise = [this](const at::Tensor& rows) {
        const auto parts = rows.unflatten(0, {3, heads, 2, -1}); // [3, h, 2, C/2h, ...]
        return at::cat(
            {parts.narrow(0, 0, 2).transpose(2, 3).flatten(0, 3), parts.select(0, 2).flatten(0, 2)});
    };
    qkv.weight = pairwise(qkv.weight);
    qkv.bias = pairwise(qkv.bias);
    proj.weight = proj.weight * gamma1.unsqueeze(1);
    proj.bias = proj.bias * gamma1;
    w1.weight = at::cat({w1.weight, w2.weight});
    w1.bias = at::cat({w1.bias, w2.bias});
    w3.weight = w3.weight * gamma2.unsqueeze(1);
    w3.bias = w3.bias * gamma2;
    w2 = nn::Linear();
    bias_mask = gamma1 = gamma2 = at::Tensor();
}

at::Tensor BackboneBlock::operator()(const at::Tensor& x, const at::Tensor& rotations) const {
    const auto batch = x.size(0), length = x.size(1), width = x.size(2), channels = width / heads;
    const auto all =
        qkv(norm1(x)).view({batch, length, 3, heads, channels}).permute({2, 0, 3, 1, 4}); // [3, B, h, N, C/h]
    const auto turned = nn::rotatePairs(all.narrow(0, 0, 2), rotations); // q and k turn alike
    const auto attended = at::scaled_dot_product_attention(turned[0], turned[1], all[2]);
    const auto y = x + proj(nn::joinHeads(attended));
    const auto gates = w1(norm2(y)).chunk(2, -1); // two of [B, N, hidden]
    return y + w3(at::silu(gates[0]).mul_(gates[1]));
}

Backbone::Backbone(const Config& config)
    : cls_token(nn::parameter({1, 1, config.width})),
      storage_tokens(nn::parameter({1, config.storageTokens, config.width})),
      patch_embed_proj(3, config.width, config.patch, {.stride = config.patch}),
      periods(nn::parameter({config.width / config.heads / 4})), norm(config.width) {
    // Copies of a tensor share it: every block needs its own.
    for (std::int64_t i = 0; i < config.depth; ++i) {
        blocks.emplace_back(config);
    }
}

void Backbone::fields(nn::Fields& f) {
    f("cls_token", cls_token);
    f("storage_tokens", storage_tokens);
    f("patch_embed.proj", patch_embed_proj);
    f("rope_embed.periods", periods);
    f("blocks", blocks);
    f("norm", norm);
}

void Backbone::fold() {
    for (auto& block : blocks) {
        block.prepare();
    }
}

void Backbone::prepare(const Config& config) {
    prefix_ = at::cat({cls_token, storage_tokens}, 1).to(at::kFloat);
    const auto n = config.grid();
    const auto table = periods.to(at::kFloat);
    // Each axis runs over -1..1 by its own length.
    const auto centres = (at::arange(n, table.options()) + 0.5) / static_cast<double>(n) * 2 - 1;
    const auto angle = centres.unsqueeze(1) * (2 * std::numbers::pi) / table; // [grid, C/4h]
    const auto quarter = angle.size(1);
    const auto half =
        at::cat({angle.unsqueeze(1).expand({n, n, quarter}), angle.unsqueeze(0).expand({n, n, quarter})}, -1)
            .reshape({n * n, 2 * quarter}); // rows' angles, then columns'
    const auto before = at::zeros({prefix_.size(1), 2 * quarter}, table.options());
    const auto angles = at::cat({before, half}); // tokens without a place do not turn
    rotations_ = at::polar(at::ones_like(angles), angles);
}

at::Tensor Backbone::operator()(const at::Tensor& images,
                                const std::function<void(std::size_t, const at::Tensor&)>& inspect) const {
    const auto patches = patch_embed_proj(images).flatten(2).transpose(1, 2).to(at::kFloat); // [B, N, width]
    auto x = at::cat({prefix_.expand({patches.size(0), -1, -1}), patches}, 1);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        x = blocks[i](x, rotations_);
        if (inspect) {
            inspect(i, x);
        }
    }
    return norm(x.slice(1, prefix_.size(1)));
}

} // namespace body4d::sam3d_body
