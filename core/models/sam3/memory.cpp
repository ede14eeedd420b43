#include "models/sam3/memory.h"

#include <ATen/ATen.h>

#include "nn/blocks/positions.h"

namespace body4d::sam3 {

FuserBlock::FuserBlock(std::int64_t width)
    : dwconv(width, width, 7, {.padding = 3, .groups = width}), norm(width, 1e-6), pwconv1(width, 4 * width),
      pwconv2(4 * width, width), gamma(nn::parameter({width})) {}

void FuserBlock::fields(nn::Fields& f) {
    f("dwconv", dwconv);
    f("norm", norm);
    f("pwconv1", pwconv1);
    f("pwconv2", pwconv2);
    f("gamma", gamma);
}

at::Tensor FuserBlock::operator()(const at::Tensor& x) const {
    const auto y = norm(dwconv(x).permute({0, 2, 3, 1})); // [B, H, W, width]
    return x + (pwconv2(at::gelu(pwconv1(y))) * gamma).permute({0, 3, 1, 2});
}

MemoryEncoder::MemoryEncoder(const TrackerConfig& config)
    : finalConv(config.width, config.width, 1), pix_feat_proj(config.width, config.width, 1),
      out_proj(config.width, config.memoryWidth, 1), maskSize(config.memoryMaskSize()) {
    // 1, 4, 16, 64 and finally `width` channels, whatever that is.
    for (std::size_t i = 0; i < convs.size(); ++i) {
        const std::int64_t in = std::int64_t{1} << (2 * i),
                           out = i + 1 < convs.size() ? 4 * in : config.width;
        convs[i] = nn::Conv2d(in, out, 3, {.stride = 2, .padding = 1});
        norms[i] = nn::LayerNorm2d(out);
    }
    for (int i = 0; i < 2; ++i) {
        fuser.emplace_back(config.width);
    }
}

void MemoryEncoder::fields(nn::Fields& f) {
    for (std::size_t i = 0; i < convs.size(); ++i) {
        f("mask_downsampler.encoder." + std::to_string(3 * i), convs[i]);
        f("mask_downsampler.encoder." + std::to_string(3 * i + 1), norms[i]);
    }
    f("mask_downsampler.encoder.12", finalConv);
    f("pix_feat_proj", pix_feat_proj);
    f("fuser.layers", fuser);
    f("out_proj", out_proj);
}

at::Tensor MemoryEncoder::downsample(const at::Tensor& mask) const {
    // Enlarging: antialiasing would change nothing.
    auto x = mask.size(2) == maskSize ? mask : at::upsample_bilinear2d(mask, {maskSize, maskSize}, false);
    for (std::size_t i = 0; i < convs.size(); ++i) {
        x = at::gelu(norms[i](convs[i](x)));
    }
    return finalConv(x);
}

at::Tensor MemoryEncoder::operator()(const at::Tensor& top, const at::Tensor& mask) const {
    auto x = pix_feat_proj(top) + downsample(mask);
    for (const auto& block : fuser) {
        x = block(x);
    }
    return out_proj(x);
}

MemoryAttentionLayer::MemoryAttentionLayer(const TrackerConfig& config)
    : self_attn(config.width, config.width, config.width, 1),
      cross_attn_image(config.width, config.memoryWidth, config.width, 1),
      linear1(config.width, config.hidden), linear2(config.hidden, config.width), norm1(config.width),
      norm2(config.width), norm3(config.width) {}

void MemoryAttentionLayer::fields(nn::Fields& f) {
    f("self_attn", self_attn);
    f("cross_attn_image", cross_attn_image);
    f("linear1", linear1);
    f("linear2", linear2);
    f("norm1", norm1);
    f("norm2", norm2);
    f("norm3", norm3);
}

MemoryAttention::MemoryAttention(const TrackerConfig& config) : norm(config.width) {
    for (std::int64_t i = 0; i < config.memoryLayers; ++i) {
        layers.emplace_back(config);
    }
}

void MemoryAttention::fields(nn::Fields& f) {
    f("layers", layers);
    f("norm", norm);
}

void MemoryAttention::prepare(const TrackerConfig& config, c10::Device device) {
    grid_ = config.grid();
    rotations_ = nn::axialRotations(grid_, grid_, config.width).to(device);
    keyRotations_ = rotations_;
    if (config.latentGrid > 0) {
        // Latents without a place come first and are not turned.
        const auto placed = nn::axialRotations(config.latentGrid, config.latentGrid, config.width);
        keyRotations_ = at::cat({at::ones_like(placed), placed}).to(device);
    }
    sine_ = nn::sinePositions(config.width, grid_, grid_).unsqueeze(0).mul_(0.1).to(device);
}

at::Tensor MemoryAttention::operator()(const at::Tensor& top, const at::Tensor& memory,
                                       const at::Tensor& positions, std::int64_t pointerTokens,
                                       const std::function<void(int, const at::Tensor&)>& inspect) const {
    const auto batch = memory.size(0), n = grid_ * grid_, width = top.size(1);
    const auto mapSize = keyRotations_.size(0), maps = (memory.size(1) - pointerTokens) / mapSize;
    const auto placed = memory + positions;
    auto x = (top.to(at::kFloat) + sine_).flatten(2).transpose(1, 2).contiguous(); // [1, N, width]
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const auto& layer = layers[i];
        { // One head. Until the first look at the memory all objects share the frame: then the batch is 1.
            const auto& attention = layer.self_attn;
            const auto y = layer.norm1(x);
            const auto q = nn::rotatePairs(attention.q_proj(y), rotations_);
            const auto k = nn::rotatePairs(attention.k_proj(y), rotations_);
            x = x + attention.out_proj(at::scaled_dot_product_attention(q.unsqueeze(1), k.unsqueeze(1),
                                                                        attention.v_proj(y).unsqueeze(1))
                                           .squeeze(1));
        }
        {
            const auto& attention = layer.cross_attn_image;
            const auto q = nn::rotatePairs(attention.q_proj(layer.norm2(x)), rotations_);
            const auto k = attention.k_proj(placed); // [B, maps * M + pointers, width]
            const auto turned =
                nn::rotatePairs(k.narrow(1, 0, maps * mapSize).view({batch, maps, mapSize, width}),
                                keyRotations_)
                    .view({batch, maps * mapSize, width});
            const auto keys =
                pointerTokens > 0 ? at::cat({turned, k.narrow(1, maps * mapSize, pointerTokens)}, 1) : turned;
            x = x + attention.out_proj(at::scaled_dot_product_attention(
                                           q.expand({batch, n, width}).unsqueeze(1), keys.unsqueeze(1),
                                           attention.v_proj(memory).unsqueeze(1))
                                           .squeeze(1)); // [B, N, width]
        }
        x = x + layer.linear2(at::relu(layer.linear1(layer.norm3(x))));
        if (inspect) {
            inspect(static_cast<int>(i), x);
        }
    }
    return norm(x).transpose(1, 2).unflatten(2, {grid_, grid_});
}

} // namespace body4d::sam3
