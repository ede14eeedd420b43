#pragma once

#include "models/sam3/config.h"
#include "models/sam3/features.h"

#include <vector>

#include "nn/blocks/layers.h"

namespace body4d::sam3 {

/// One block of the transformer that lets tokens and image look at each other.
struct TwoWayBlock {
    nn::Attention self_attn, cross_attn_token_to_image, cross_attn_image_to_token;
    nn::Linear lin1, lin2;
    nn::LayerNorm norm1, norm2, norm3, norm4;
    bool first; ///< self-attention without positions, and in place of the tokens
    TwoWayBlock(const TrackerConfig& config, bool isFirst);
    void fields(nn::Fields& f);
    /// @param tokens, tokenPositions [B, T, width]  @param image, imagePositions [B or 1, N, width]; both are
    /// updated
    void operator()(at::Tensor& tokens, at::Tensor& image, const at::Tensor& tokenPositions,
                    const at::Tensor& imagePositions) const;
};

/// One mask per object.
struct DecodedMask {
    at::Tensor logits;  ///< float32 [B, 1, maskSize, maskSize]; not yet emptied where the object is absent
    at::Tensor iou;     ///< float32 [B], the decoder's guess of the mask's quality
    at::Tensor pointer; ///< float32 [B, width]: the token that describes the object, not yet projected
    at::Tensor score;   ///< float32 [B]: present where positive
};

/// Everything that comes out of the transformer, before a mask is chosen.
struct DecodedTokens {
    at::Tensor hidden; ///< [B, T, width]: score, quality, four mask tokens, prompts
    at::Tensor image;  ///< [B, N, width]
};

struct MaskDecoder {
    nn::Embedding iou_token, mask_tokens, obj_score_token;
    std::vector<TwoWayBlock> layers;
    nn::Attention final_attn_token_to_image;
    nn::LayerNorm norm_final_attn;
    nn::Upsample2x upscale0, upscale3;
    nn::LayerNorm2d upscale1;
    nn::Numbered<nn::Mlp3, 4> output_hypernetworks_mlps;
    nn::Mlp3 iou_prediction_head, pred_obj_score_head;
    explicit MaskDecoder(const TrackerConfig& config);
    void fields(nn::Fields& f);
    void prepare(const TrackerConfig& config);

    /// @param image [B, width, grid, grid] with the dense prompt added  @param sparse [B, P, width]
    /// @param imagePositions [1, width, grid, grid]
    [[nodiscard]] DecodedTokens transform(const at::Tensor& image, const at::Tensor& sparse,
                                          const at::Tensor& imagePositions) const;
    /// @returns [B, width / 8, 4 grid, 4 grid]
    [[nodiscard]] at::Tensor upscale(const DecodedTokens& tokens, const Features& features) const;
    /// All four candidates, [B, 4, 4 grid, 4 grid], and their qualities [B, 4].
    [[nodiscard]] at::Tensor allMasks(const DecodedTokens& tokens, const at::Tensor& upscaled) const;
    [[nodiscard]] at::Tensor qualities(const DecodedTokens& tokens) const;
    [[nodiscard]] at::Tensor scores(const DecodedTokens& tokens) const; ///< [B]

    /// The best of the three candidates that answer an ambiguous prompt; chosen before it is drawn.
    [[nodiscard]] DecodedMask bestOfThree(const DecodedTokens& tokens, const Features& features) const;
    /// The mask of an unambiguous prompt, or the best of three where that one is unstable.
    [[nodiscard]] DecodedMask single(const DecodedTokens& tokens, const Features& features) const;

private:
    std::int64_t grid_ = 0;
    at::Tensor outputTokens_; ///< [1, 6, width]
};

} // namespace body4d::sam3
