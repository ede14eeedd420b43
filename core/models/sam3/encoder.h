#pragma once

#include "models/sam3/config.h"
#include "models/sam3/features.h"

#include <functional>

#include "nn/blocks/layers.h"

namespace body4d::sam3 {

/// Keys of one transformer block: norm1, attn.{qkv,proj}, norm2, mlp.{fc1,fc2}.
struct TrunkBlock {
    nn::LayerNorm norm1, norm2;
    nn::Linear qkv, proj, fc1, fc2;
    std::int64_t heads;
    explicit TrunkBlock(const Config& config);
    void fields(nn::Fields& f);
    /// @param x float32 [B, windows, L, width], L tokens of a window (or of the frame, then windows = 1)
    /// @param rotations complex64 [L, width / heads / 2]
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x, const at::Tensor& rotations) const;
};

/// Vision transformer. Tokens stay in window order from the patch embedding to the end: windows are then
/// plain views, and attention over the whole frame does not care about the order as long as its rotations are
/// ordered alike.
struct Trunk {
    at::Tensor
        pos_embed; ///< [1, window * window, width], with the class token's row first where there is one
    nn::Conv2d patch_embed_proj;
    nn::LayerNorm ln_pre;
    std::vector<TrunkBlock> blocks;
    explicit Trunk(const Config& config);
    void fields(nn::Fields& f);
    /// Builds the tables, once the parameters are in place.
    void prepare(const Config& config);
    /// @param images [B, 3, imageSize, imageSize] in -1..1
    /// @param inspect sees the tokens [B, grid, grid, width] behind ln_pre (-1) and every block, for tests
    /// @returns [B, width, grid, grid], without a final norm
    [[nodiscard]] at::Tensor
    operator()(const at::Tensor& images,
               const std::function<void(int, const at::Tensor&)>& inspect = {}) const;

private:
    [[nodiscard]] at::Tensor
    toWindows(const at::Tensor& x) const; ///< [B, grid, grid, C] to [B, windows, L, C]
    [[nodiscard]] at::Tensor fromWindows(const at::Tensor& x) const; ///< and back
    std::int64_t grid_ = 0, window_ = 0;
    std::vector<bool> global_;
    at::Tensor positions_;       ///< [1, windows, L, width]
    at::Tensor windowRotations_; ///< [L, ...]
    at::Tensor globalRotations_; ///< [grid * grid, ...] in window order
};

/// The tracker's pyramid over the trunk, with the two projections of the mask decoder behind it. Level 3 of
/// the checkpoint is never used. No layer but one GELU stands between them, so that neighbours are folded
/// into one: 2.6 times fewer operations and no 256-channel map at stride 3.5.
struct Neck {
    nn::Upsample2x dconv0_0, dconv0_1, dconv1;
    std::array<nn::Conv2d, 3> conv_1x1, conv_3x3;
    nn::Conv2d conv_s0, conv_s1;
    explicit Neck(const Config& config);
    void fields(nn::Fields& f);        ///< all but conv_s0 and conv_s1
    void decoderFields(nn::Fields& f); ///< those
    /// Folds, in float64, and lets go of what it folded.
    void prepare();
    /// @param x [B, trunkWidth, grid, grid]
    [[nodiscard]] Features operator()(const at::Tensor& x) const;
};

} // namespace body4d::sam3
