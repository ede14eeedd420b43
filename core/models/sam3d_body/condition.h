#pragma once

#include "models/sam3d_body/config.h"

#include "nn/blocks/layers.h"

/// What the decoders are told beside the picture: where the crop lies in the camera's view, the person's
/// mask, and points that a person or another pass named.
namespace body4d::sam3d_body {

/// Crops of full frames, B rows. Full pixels are indices as in the official code: the centre of the first
/// pixel is 0.
struct CropGeometry {
    at::Tensor centre; ///< float32 [B, 2], full pixels
    at::Tensor side;   ///< float32 [B], full pixels
    at::Tensor scale;  ///< float32 [B]: crop pixels in a full one
    at::Tensor offset; ///< float32 [B, 2]: crop = scale * full + offset
    at::Tensor focal;  ///< float32 [B, 2], full pixels
    at::Tensor middle; ///< float32 [B, 2]: principal point, full pixels

    /// Rows of an earlier choice. @param rows int64 [n]
    [[nodiscard]] CropGeometry select(const at::Tensor& rows) const;
    /// Centre and side relative to the camera, [B, 3].
    [[nodiscard]] at::Tensor condition() const;
    /// Full pixels [B, n, 2] to -0.5..0.5 of a crop of `imageSize` pixels.
    [[nodiscard]] at::Tensor toCrop(const at::Tensor& full, std::int64_t imageSize) const;
};

/// Points and masks as embeddings. Keys of prompt_encoder.
struct PromptEncoder {
    at::Tensor gaussian; ///< [2, width / 2]
    nn::Numbered<nn::Embedding, kKeypoints> point_embeddings;
    nn::Embedding not_a_point_embed, invalid_point_embed, no_mask_embed;
    nn::Conv2d mask0, mask3, mask6, mask9, mask12;
    nn::LayerNorm2d norm1, norm4, norm7, norm10;
    explicit PromptEncoder(const Config& config);
    void fields(nn::Fields& f);
    void prepare(const Config& config);
    /// @param prompts [B, P, 3]: x, y in 0..1 of the crop, and the keypoint, -1 (not a point) or -2 (none)
    /// @returns [B, P, width]
    [[nodiscard]] at::Tensor embedPoints(const at::Tensor& prompts) const;
    /// @param masks [B, 1, imageSize, imageSize], values 0..255 as they are  @returns [B, grid * grid, width]
    [[nodiscard]] at::Tensor embedMasks(const at::Tensor& masks) const;
    [[nodiscard]] const at::Tensor& noMask() const { return noMask_; } ///< [1, 1, width]

private:
    at::Tensor table_; ///< [2 + 70, width]: none, not a point, keypoints
    at::Tensor noMask_;
};

/// Fourier features of places in the grid of patches, row by row: [1, grid * grid, width].
[[nodiscard]] at::Tensor gridPlaces(const Config& config, const at::Tensor& gaussian);

/// Joins the map with the directions in which the camera sees its cells. Keys: conv.weight, norm.
struct RayEncoder {
    nn::Conv2d conv;
    nn::LayerNorm norm;
    explicit RayEncoder(const Config& config);
    void fields(nn::Fields& f);
    void prepare(const Config& config);
    /// @returns [B, grid * grid, 2]: x / z and y / z of each cell
    [[nodiscard]] at::Tensor rays(const CropGeometry& crops) const;
    /// @param features [B, grid * grid, width]  @returns the same size
    [[nodiscard]] at::Tensor operator()(const at::Tensor& features, const CropGeometry& crops) const;

private:
    std::int64_t grid_ = 0;
    at::Tensor cells_; ///< [grid]: pixel in the middle of what a cell averages
    at::Tensor bands_; ///< [16]
};

} // namespace body4d::sam3d_body
