#include "models/sam3/encoder.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "nn/blocks/folding.h"
#include "nn/blocks/positions.h"

namespace body4d::sam3 {

TrunkBlock::TrunkBlock(const Config& config)
    : norm1(config.trunkWidth), norm2(config.trunkWidth), qkv(config.trunkWidth, 3 * config.trunkWidth),
      proj(config.trunkWidth, config.trunkWidth), fc1(config.trunkWidth, config.trunkHidden),
      fc2(config.trunkHidden, config.trunkWidth), heads(config.trunkHeads) {}

void TrunkBlock::fields(nn::Fields& f) {
    f("norm1", norm1);
    f("attn.qkv", qkv);
    f("attn.proj", proj);
    f("norm2", norm2);
    f("mlp.fc1", fc1);
    f("mlp.fc2", fc2);
}

at::Tensor TrunkBlock::operator()(const at::Tensor& x, const at::Tensor& rotations) const {
    const auto batch = x.size(0) * x.size(1), length = x.size(2), width = x.size(3);
    const auto all = qkv(norm1(x))
                         .view({batch, length, 3, heads, width / heads})
                         .permute({2, 0, 3, 1, 4}); // [3, B, h, L, C/h]
    // q and k turn alike, so one pass rotates both.
    const auto turned = nn::rotatePairs(all.narrow(0, 0, 2), rotations);
    const auto attended =
        nn::joinHeads(at::scaled_dot_product_attention(turned[0], turned[1], all[2])); // [B, L, C]
    const auto y = x + proj(attended).view(x.sizes());
    return y + fc2(at::gelu(fc1(norm2(y))));
}

Trunk::Trunk(const Config& config)
    : pos_embed(
          nn::parameter({1, config.window * config.window + (config.classRow ? 1 : 0), config.trunkWidth})),
      patch_embed_proj(3, config.trunkWidth, config.patch, {.stride = config.patch, .bias = false}),
      ln_pre(config.trunkWidth), blocks(static_cast<std::size_t>(config.trunkDepth), TrunkBlock(config)) {
    // Copies of a tensor share it: every block needs its own.
    for (auto& block : blocks) {
        block = TrunkBlock(config);
    }
}

void Trunk::fields(nn::Fields& f) {
    f("pos_embed", pos_embed);
    f("patch_embed.proj", patch_embed_proj);
    f("ln_pre", ln_pre);
    f("blocks", blocks);
}

at::Tensor Trunk::toWindows(const at::Tensor& x) const {
    const auto n = grid_ / window_;
    return x.reshape({x.size(0), n, window_, n, window_, x.size(3)})
        .transpose(2, 3)
        .reshape({x.size(0), n * n, window_ * window_, x.size(3)});
}

at::Tensor Trunk::fromWindows(const at::Tensor& x) const {
    const auto n = grid_ / window_;
    return x.reshape({x.size(0), n, n, window_, window_, x.size(3)})
        .transpose(2, 3)
        .reshape({x.size(0), grid_, grid_, x.size(3)});
}

void Trunk::prepare(const Config& config) {
    grid_ = config.grid();
    window_ = config.window;
    const auto device = pos_embed.device();
    // The stored grid is repeated, not stretched: every window sees the same positions.
    const auto n = grid_ / window_;
    positions_ = pos_embed.slice(1, pos_embed.size(1) - window_ * window_)
                     .unsqueeze(1)
                     .expand({1, n * n, window_ * window_, config.trunkWidth})
                     .to(at::kFloat);
    const auto channels = config.trunkWidth / config.trunkHeads;
    windowRotations_ = nn::axialRotations(window_, window_, channels).to(device);
    const auto whole =
        nn::axialRotations(grid_, grid_, channels, static_cast<double>(window_) / static_cast<double>(grid_));
    globalRotations_ = toWindows(whole.view({1, grid_, grid_, channels / 2}))
                           .reshape({grid_ * grid_, channels / 2})
                           .to(device);
    global_.assign(blocks.size(), false);
    for (const auto i : config.globalBlocks) {
        global_.at(static_cast<std::size_t>(i)) = true;
    }
}

at::Tensor Trunk::operator()(const at::Tensor& images,
                             const std::function<void(int, const at::Tensor&)>& inspect) const {
    const auto patches = patch_embed_proj(images).permute({0, 2, 3, 1}); // [B, grid, grid, width]
    auto x = ln_pre(toWindows(patches) + positions_);                    // float32 [B, windows, L, width]
    if (inspect) {
        inspect(-1, fromWindows(x));
    }
    const auto windowed = x.sizes().vec();
    const std::vector<std::int64_t> whole = {x.size(0), 1, x.size(1) * x.size(2), x.size(3)};
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        x = global_[i] ? blocks[i](x.view(whole), globalRotations_).view(windowed)
                       : blocks[i](x, windowRotations_);
        if (inspect) {
            inspect(static_cast<int>(i), fromWindows(x));
        }
    }
    return fromWindows(x).permute({0, 3, 1, 2});
}

Neck::Neck(const Config& config)
    : dconv0_0(config.trunkWidth, config.trunkWidth / 2),
      dconv0_1(config.trunkWidth / 2, config.trunkWidth / 4),
      dconv1(config.trunkWidth, config.trunkWidth / 2), conv_s0(config.width, config.width / 8, 1),
      conv_s1(config.width, config.width / 4, 1) {
    const std::array<std::int64_t, 3> widths = {config.trunkWidth / 4, config.trunkWidth / 2,
                                                config.trunkWidth};
    for (std::size_t level = 0; level < 3; ++level) {
        conv_1x1[level] = nn::Conv2d(widths[level], config.width, 1);
        conv_3x3[level] = nn::Conv2d(config.width, config.width, 3, {.padding = 1});
    }
}

void Neck::fields(nn::Fields& f) {
    f("0.dconv_2x2_0", dconv0_0);
    f("0.dconv_2x2_1", dconv0_1);
    f("1.dconv_2x2", dconv1);
    for (std::size_t level = 0; level < 3; ++level) {
        f(std::to_string(level) + ".conv_1x1", conv_1x1[level]);
        f(std::to_string(level) + ".conv_3x3", conv_3x3[level]);
    }
}

void Neck::decoderFields(nn::Fields& f) {
    f("conv_s0", conv_s0);
    f("conv_s1", conv_s1);
}

void Neck::prepare() {
    nn::foldAfter(dconv0_1, conv_1x1[0]);
    nn::foldAfter(dconv1, conv_1x1[1]);
    nn::foldAfter(conv_3x3[0], conv_s0);
    nn::foldAfter(conv_3x3[1], conv_s1);
    conv_1x1[0] = conv_1x1[1] = conv_s0 = conv_s1 = {};
}

Features Neck::operator()(const at::Tensor& x) const {
    Features features;
    features.s0 = conv_3x3[0](dconv0_1(at::gelu(dconv0_0(x))));
    features.s1 = conv_3x3[1](dconv1(x));
    features.top = conv_3x3[2](conv_1x1[2](x));
    return features;
}

} // namespace body4d::sam3
