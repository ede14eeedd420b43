#pragma once

#include "models/sam3/config.h"

#include "nn/blocks/layers.h"

namespace body4d::sam3 {

/// Meaning of a point for the prompt encoder.
enum class PointLabel : int { Padding = -1, Exclude = 0, Include = 1, BoxTopLeft = 2, BoxBottomRight = 3 };

/// Points and masks as tokens and maps for the mask decoder.
struct PromptEncoder {
    at::Tensor gaussian; ///< [2, width / 2]
    nn::Numbered<nn::Embedding, 4> point_embeddings;
    nn::Embedding not_a_point_embed, no_mask_embed;
    nn::Conv2d mask0, mask3, mask6;
    nn::LayerNorm2d norm1, norm4;
    explicit PromptEncoder(const TrackerConfig& config);
    void fields(nn::Fields& f);
    void prepare(const TrackerConfig& config);

    /// @param points float32 [B, P, 2], pixels (x, y) of the squashed frame, pixel centres at integers
    /// @param labels int64 [B, P], values of PointLabel  @returns [B, P + 1, width]: a padding token comes
    /// last
    [[nodiscard]] at::Tensor embedPoints(const at::Tensor& points, const at::Tensor& labels) const;
    /// Tokens of a frame without prompts, [1, 2, width].
    [[nodiscard]] const at::Tensor& noPoints() const { return noPoints_; }
    /// @param logits float32 [B, 1, maskSize, maskSize]  @returns [B, width, grid, grid]
    [[nodiscard]] at::Tensor embedMask(const at::Tensor& logits) const;
    /// The map of "no mask", [1, width, 1, 1].
    [[nodiscard]] const at::Tensor& noMask() const { return noMask_; }
    /// Position code of the image tokens, [1, width, grid, grid].
    [[nodiscard]] const at::Tensor& densePositions() const { return densePositions_; }

private:
    double imageSize_ = 0;
    at::Tensor table_; ///< [5, width]: what is added for labels -1 .. 3
    at::Tensor noPoints_, noMask_, densePositions_;
};

} // namespace body4d::sam3
