#pragma once

#include "models/sam3/config.h"

#include <functional>
#include <vector>

#include "nn/blocks/layers.h"

namespace body4d::sam3 {

/// A ConvNeXt block: dwconv, norm, pwconv1, pwconv2, gamma.
struct FuserBlock {
    nn::Conv2d dwconv;
    nn::LayerNorm norm;
    nn::Linear pwconv1, pwconv2;
    at::Tensor gamma; ///< [width]
    explicit FuserBlock(std::int64_t width);
    void fields(nn::Fields& f);
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const; ///< [B, width, H, W]
};

/// Turns a frame and an object's mask in it into a map to be remembered.
struct MemoryEncoder {
    std::array<nn::Conv2d, 4> convs;      ///< mask_downsampler.encoder.{0,3,6,9}
    std::array<nn::LayerNorm2d, 4> norms; ///< mask_downsampler.encoder.{1,4,7,10}
    nn::Conv2d finalConv, pix_feat_proj, out_proj;
    std::vector<FuserBlock> fuser;
    explicit MemoryEncoder(const TrackerConfig& config);
    void fields(nn::Fields& f);

    /// @param mask float32 [B, 1, S, S], scaled to -10..10, S any size  @returns [B, width, grid, grid]
    [[nodiscard]] at::Tensor downsample(const at::Tensor& mask) const;
    /// @param top [1 or B, width, grid, grid], as it came from the neck  @returns [B, memoryWidth, grid,
    /// grid]
    [[nodiscard]] at::Tensor operator()(const at::Tensor& top, const at::Tensor& mask) const;

    std::int64_t maskSize; ///< side to which masks are resized first
};

/// One layer of the transformer that lets a frame look at what is remembered.
struct MemoryAttentionLayer {
    nn::Attention self_attn, cross_attn_image;
    nn::Linear linear1, linear2;
    nn::LayerNorm norm1, norm2, norm3;
    explicit MemoryAttentionLayer(const TrackerConfig& config);
    void fields(nn::Fields& f);
};

struct MemoryAttention {
    std::vector<MemoryAttentionLayer> layers;
    nn::LayerNorm norm;
    explicit MemoryAttention(const TrackerConfig& config);
    void fields(nn::Fields& f);
    void prepare(const TrackerConfig& config, c10::Device device);

    /// @param top [1, width, grid, grid]: one frame, whatever the number of objects
    /// @param memory, positions [B, maps * M + pointers, memoryWidth]: the maps of M = mapTokens() each, then
    /// the pointers' tokens
    /// @param pointerTokens how many tokens at the end belong to pointers
    /// @param inspect sees [B or 1, N, width] behind every layer, for tests
    /// @returns float32 [B, width, grid, grid]
    [[nodiscard]] at::Tensor
    operator()(const at::Tensor& top, const at::Tensor& memory, const at::Tensor& positions,
               std::int64_t pointerTokens,
               const std::function<void(int, const at::Tensor&)>& inspect = {}) const;

private:
    std::int64_t grid_ = 0;
    at::Tensor rotations_;    ///< complex64 [N, width / 2], of the frame's tokens
    at::Tensor keyRotations_; ///< complex64 [M, width / 2], of a map's
    at::Tensor sine_;         ///< [1, width, grid, grid], times 0.1
};

} // namespace body4d::sam3
