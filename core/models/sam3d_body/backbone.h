#pragma once

#include "models/sam3d_body/config.h"

#include <functional>
#include <vector>

#include "nn/blocks/layers.h"

namespace body4d::sam3d_body {

/// One block of DINOv3. Keys: norm1, attn.{qkv,proj}, ls1.gamma, norm2, mlp.{w1,w2,w3}, ls2.gamma.
struct BackboneBlock {
    nn::LayerNorm norm1, norm2;
    nn::Linear qkv, proj, w1, w2, w3;
    at::Tensor bias_mask; ///< [3 width]: multiplies the bias of qkv; all zero in the release
    at::Tensor gamma1, gamma2;
    std::int64_t heads = 1;
    explicit BackboneBlock(const Config& config);
    void fields(nn::Fields& f);
    /// Folds the mask into the bias and the gammas into the layers before them, joins w1 and w2, and puts
    /// channels of queries and keys that turn together beside each other.
    void prepare();
    /// @param x float32 [B, N, width]  @param rotations complex [N, width / heads / 2], see Backbone
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x, const at::Tensor& rotations) const;
};

/// DINOv3 ViT-H+/16: a class token and four storage tokens in front of the patches, rotary positions on the
/// patches only, matrices in the dtype of their weights, residuals and norms in float32.
struct Backbone {
    at::Tensor cls_token;      ///< [1, 1, width]
    at::Tensor storage_tokens; ///< [1, 4, width]
    nn::Conv2d patch_embed_proj;
    at::Tensor
        periods; ///< [width / heads / 4] of the positions, as stored (rounded to bfloat16 in the release)
    std::vector<BackboneBlock> blocks;
    nn::LayerNorm norm;
    explicit Backbone(const Config& config);
    void fields(nn::Fields& f);
    /// Folds parameters; called with them in float32 on the CPU.
    void fold();
    /// Builds the tables, once the parameters are in place.
    void prepare(const Config& config);
    /// @param images [B, 3, imageSize, imageSize], normalised
    /// @param inspect sees the tokens behind every block, for tests
    /// @returns float32 [B, grid * grid, width], row by row
    [[nodiscard]] at::Tensor
    operator()(const at::Tensor& images,
               const std::function<void(std::size_t, const at::Tensor&)>& inspect = {}) const;

private:
    at::Tensor prefix_;    ///< [1, 1 + 4, width]
    at::Tensor rotations_; ///< complex [1 + 4 + grid * grid, width / heads / 2]: how tokens turn
};

} // namespace body4d::sam3d_body
