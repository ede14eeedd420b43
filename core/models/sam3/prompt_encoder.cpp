#include "models/sam3/prompt_encoder.h"

#include <ATen/ATen.h>

#include "nn/blocks/positions.h"

namespace body4d::sam3 {

PromptEncoder::PromptEncoder(const TrackerConfig& config)
    : gaussian(nn::parameter({2, config.width / 2})), not_a_point_embed(1, config.width),
      no_mask_embed(1, config.width), mask0(1, 4, 2, {.stride = 2}), mask3(4, 16, 2, {.stride = 2}),
      mask6(16, config.width, 1), norm1(4), norm4(16) {
    for (auto& embedding : point_embeddings) {
        embedding = nn::Embedding(1, config.width);
    }
}

void PromptEncoder::fields(nn::Fields& f) {
    f("pe_layer.positional_encoding_gaussian_matrix", gaussian);
    f("point_embeddings", point_embeddings);
    f("not_a_point_embed", not_a_point_embed);
    f("no_mask_embed", no_mask_embed);
    f("mask_downscaling.0", mask0);
    f("mask_downscaling.1", norm1);
    f("mask_downscaling.3", mask3);
    f("mask_downscaling.4", norm4);
    f("mask_downscaling.6", mask6);
}

void PromptEncoder::prepare(const TrackerConfig& config) {
    imageSize_ = static_cast<double>(config.imageSize);
    std::vector<at::Tensor> rows = {not_a_point_embed.weight};
    for (const auto& row : point_embeddings) {
        rows.push_back(row.weight);
    }
    table_ = at::cat(rows);
    noPoints_ = not_a_point_embed.weight.unsqueeze(0).expand({1, 2, config.width}).contiguous();
    noMask_ = no_mask_embed.weight.view({1, config.width, 1, 1});
    const auto n = config.grid();
    const auto centre = (at::arange(n, gaussian.options()) + 0.5) / static_cast<double>(n);
    const auto points =
        at::stack({centre.unsqueeze(0).expand({n, n}), centre.unsqueeze(1).expand({n, n})}, -1);
    densePositions_ = nn::fourierFeatures(points, gaussian).permute({2, 0, 1}).unsqueeze(0).contiguous();
}

at::Tensor PromptEncoder::embedPoints(const at::Tensor& points, const at::Tensor& labels) const {
    const auto padded =
        at::constant_pad_nd(labels, {0, 1}, static_cast<int>(PointLabel::Padding)); // [B, P + 1]
    const auto where =
        nn::fourierFeatures((at::constant_pad_nd(points, {0, 0, 0, 1}) + 0.5) / imageSize_, gaussian);
    const auto isPoint = (padded >= 0).unsqueeze(-1);
    // A padding token says nothing about a place.
    return where * isPoint + at::embedding(table_, padded + 1);
}

at::Tensor PromptEncoder::embedMask(const at::Tensor& logits) const {
    return mask6(at::gelu(norm4(mask3(at::gelu(norm1(mask0(logits)))))));
}

} // namespace body4d::sam3
