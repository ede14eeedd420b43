#include "models/sam3d_body/condition.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "nn/blocks/positions.h"

namespace body4d::sam3d_body {
namespace {

constexpr std::int64_t kBands = 16;
constexpr double kHighestBand = 32;

/// Mean pixel index under the triangle filter that shrinks `size` pixels by `factor` with antialiasing: at
/// the borders the filter is cut off, and its mean is not the cell's centre.
std::vector<float> cellCentres(std::int64_t size, std::int64_t factor) {
    std::vector<float> centres;
    for (std::int64_t i = 0; i < size / factor; ++i) {
        const double centre = (static_cast<double>(i) + 0.5) * static_cast<double>(factor);
        double sum = 0, weights = 0;
        const auto from = std::max<std::int64_t>(0, (i - 1) * factor), to = std::min(size, (i + 2) * factor);
        for (auto x = from; x < to; ++x) {
            const double w = std::max(0.0, 1 - std::abs(static_cast<double>(x) + 0.5 - centre) /
                                                   static_cast<double>(factor));
            sum += w * static_cast<double>(x);
            weights += w;
        }
        centres.push_back(static_cast<float>(sum / weights));
    }
    return centres;
}

} // namespace

CropGeometry CropGeometry::select(const at::Tensor& rows) const {
    return {centre.index_select(0, rows), side.index_select(0, rows),  scale.index_select(0, rows),
            offset.index_select(0, rows), focal.index_select(0, rows), middle.index_select(0, rows)};
}

at::Tensor CropGeometry::condition() const {
    // Both components are divided by the horizontal focal length.
    return at::cat({centre - middle, side.unsqueeze(1)}, 1) / focal.narrow(1, 0, 1);
}

at::Tensor CropGeometry::toCrop(const at::Tensor& full, std::int64_t imageSize) const {
    return (full * scale.view({-1, 1, 1}) + offset.unsqueeze(1)) / static_cast<double>(imageSize) - 0.5;
}

PromptEncoder::PromptEncoder(const Config& config)
    : gaussian(nn::parameter({2, config.width / 2})), not_a_point_embed(1, config.width),
      invalid_point_embed(1, config.width), no_mask_embed(1, config.width), mask0(1, 4, 2, {.stride = 2}),
      mask3(4, 16, 2, {.stride = 2}), mask6(16, 64, 2, {.stride = 2}), mask9(64, 256, 2, {.stride = 2}),
      mask12(256, config.width, 1), norm1(4), norm4(16), norm7(64), norm10(256) {
    for (auto& embedding : point_embeddings) {
        embedding = nn::Embedding(1, config.width);
    }
}

void PromptEncoder::fields(nn::Fields& f) {
    f("pe_layer.positional_encoding_gaussian_matrix", gaussian);
    f("point_embeddings", point_embeddings);
    f("not_a_point_embed", not_a_point_embed);
    f("invalid_point_embed", invalid_point_embed);
    f("no_mask_embed", no_mask_embed);
    f("mask_downscaling.0", mask0);
    f("mask_downscaling.1", norm1);
    f("mask_downscaling.3", mask3);
    f("mask_downscaling.4", norm4);
    f("mask_downscaling.6", mask6);
    f("mask_downscaling.7", norm7);
    f("mask_downscaling.9", mask9);
    f("mask_downscaling.10", norm10);
    f("mask_downscaling.12", mask12);
}

void PromptEncoder::prepare(const Config& config) {
    std::vector<at::Tensor> rows = {invalid_point_embed.weight, not_a_point_embed.weight};
    for (const auto& row : point_embeddings) {
        rows.push_back(row.weight);
    }
    table_ = at::cat(rows);
    noMask_ = no_mask_embed.weight.view({1, 1, config.width});
}

at::Tensor PromptEncoder::embedPoints(const at::Tensor& prompts) const {
    const auto label = prompts.select(-1, 2);
    const auto where = nn::fourierFeatures(prompts.narrow(-1, 0, 2), gaussian);
    // Only a keypoint says something about a place.
    return where * (label >= 0).unsqueeze(-1) + at::embedding(table_, label.to(at::kLong) + 2);
}

at::Tensor PromptEncoder::embedMasks(const at::Tensor& masks) const {
    auto x = at::gelu(norm1(mask0(masks)));
    x = at::gelu(norm4(mask3(x)));
    x = at::gelu(norm7(mask6(x)));
    x = at::gelu(norm10(mask9(x)));
    return mask12(x).flatten(2).transpose(1, 2);
}

at::Tensor gridPlaces(const Config& config, const at::Tensor& gaussian) {
    const auto n = config.grid();
    const auto centre = (at::arange(n, gaussian.options()) + 0.5) / static_cast<double>(n);
    const auto points =
        at::stack({centre.unsqueeze(0).expand({n, n}), centre.unsqueeze(1).expand({n, n})}, -1);
    return nn::fourierFeatures(points, gaussian).view({1, n * n, config.width});
}

RayEncoder::RayEncoder(const Config& config)
    : conv(config.width + 3 + 6 * kBands, config.width, 1, {.bias = false}), norm(config.width, 1e-6) {}

void RayEncoder::fields(nn::Fields& f) {
    f("conv", conv);
    f("norm", norm);
}

void RayEncoder::prepare(const Config& config) {
    grid_ = config.grid();
    const auto device = conv.weight.device();
    cells_ = at::tensor(cellCentres(config.imageSize, config.patch)).to(device);
    bands_ = at::linspace(1, kHighestBand, kBands, at::TensorOptions().dtype(at::kFloat)).to(device);
}

at::Tensor RayEncoder::rays(const CropGeometry& crops) const {
    // The map of directions is linear along each axis, so that its shrunk version is known in closed form.
    const auto scale = crops.scale.view({-1, 1, 1});
    const auto full = cells_.unsqueeze(1) / scale - (crops.offset / crops.scale.unsqueeze(1)).unsqueeze(1);
    const auto axes = (full - crops.middle.unsqueeze(1)) / crops.focal.unsqueeze(1); // [B, grid, 2]
    const auto batch = axes.size(0);
    const auto x = axes.select(-1, 0).unsqueeze(1).expand({batch, grid_, grid_});
    const auto y = axes.select(-1, 1).unsqueeze(2).expand({batch, grid_, grid_});
    return at::stack({x, y}, -1).view({batch, grid_ * grid_, 2});
}

at::Tensor RayEncoder::operator()(const at::Tensor& features, const CropGeometry& crops) const {
    const auto direction = at::constant_pad_nd(rays(crops), {0, 1}, 1); // [B, N, 3]
    const auto phase = (direction.unsqueeze(-1) * bands_).flatten(-2) * std::numbers::pi;
    const auto joined = at::cat({features, direction, phase.sin(), phase.cos()}, -1);
    return norm(at::linear(joined.to(conv.weight.scalar_type()), conv.weight.flatten(1)));
}

} // namespace body4d::sam3d_body
