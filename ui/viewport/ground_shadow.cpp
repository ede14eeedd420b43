#include "ui/viewport/ground_shadow.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace body4d::ui {
namespace {

constexpr float kFine = 0.04F, kCoarse = 0.08F; ///< cells, metres
constexpr int kMostCorners = 72;
constexpr std::size_t kSplats = 3000; ///< vertices that are looked at
constexpr float kSkin = 1.8F;         ///< square metres of surface, over which the vertices are spread
/// The light stands high and a little aside, so that the shadow of a standing person does not hide below
/// them.
constexpr float kLeanX = 0.20F, kLeanZ = 0.13F;
constexpr float kHighest = 3; ///< metres; nothing above casts a shadow

/// Parts of the body by their height: the farther from the floor, the wider and fainter.
struct Layer {
    float below; ///< metres
    float blur;  ///< metres
    float strength;
};
constexpr std::array<Layer, 3> kLayers{
    {{0.16F, 0.04F, 0.62F}, {0.75F, 0.09F, 0.40F}, {kHighest, 0.17F, 0.26F}}};

/// One pass of a box filter along a line of `count` values that stand `step` apart.
void blurLine(float* values, int count, int step, int radius, std::vector<float>& scratch) {
    scratch.resize(static_cast<std::size_t>(count));
    const float share = 1.0F / static_cast<float>(2 * radius + 1);
    float sum = 0;
    for (int i = -radius; i < count; ++i) {
        sum += i + radius < count ? values[(i + radius) * step] : 0;
        sum -= i - radius > 0 ? values[(i - radius - 1) * step] : 0;
        if (i >= 0) {
            scratch[static_cast<std::size_t>(i)] = sum * share;
        }
    }
    for (int i = 0; i < count; ++i) {
        values[i * step] = scratch[static_cast<std::size_t>(i)];
    }
}

} // namespace

GroundShadow castShadow(const PosedMesh& mesh, bool coarse) {
    GroundShadow shadow;
    if (mesh.vertices.empty() || mesh.low.y > kHighest) {
        return shadow;
    }
    const float margin = 3 * kLayers.back().blur;
    const float top = std::clamp(mesh.high.y, 0.0F, kHighest);
    const float width = mesh.high.x - mesh.low.x + kLeanX * top + 2 * margin,
                depth = mesh.high.z - mesh.low.z + kLeanZ * top + 2 * margin;
    if (!std::isfinite(width) || !std::isfinite(depth)) {
        return shadow;
    }
    shadow.cell =
        std::max({coarse ? kCoarse : kFine, width / (kMostCorners - 1), depth / (kMostCorners - 1)});
    shadow.x0 = mesh.low.x - margin;
    shadow.z0 = mesh.low.z - margin;
    shadow.columns = std::min(kMostCorners, 2 + static_cast<int>(width / shadow.cell));
    shadow.rows = std::min(kMostCorners, 2 + static_cast<int>(depth / shadow.cell));
    const auto count = static_cast<std::size_t>(shadow.columns * shadow.rows);
    std::array<std::vector<float>, kLayers.size()> layers;
    for (auto& layer : layers) {
        layer.assign(count, 0);
    }
    const std::size_t stride = std::max<std::size_t>(1, mesh.vertices.size() / kSplats);
    for (std::size_t i = 0; i < mesh.vertices.size(); i += stride) {
        const auto& v = mesh.vertices[i];
        const float height = std::max(0.0F, v.y);
        std::size_t layer = 0;
        while (layer < kLayers.size() && height >= kLayers[layer].below) {
            ++layer;
        }
        const int column = static_cast<int>((v.x + kLeanX * height - shadow.x0) / shadow.cell + 0.5F);
        const int row = static_cast<int>((v.z + kLeanZ * height - shadow.z0) / shadow.cell + 0.5F);
        if (layer < kLayers.size() && column >= 0 && row >= 0 && column < shadow.columns &&
            row < shadow.rows) {
            layers[layer][static_cast<std::size_t>(row * shadow.columns + column)] += 1;
        }
    }
    // So many vertices lie over a cell where one sheet of skin covers it.
    const float sheet = static_cast<float>(mesh.vertices.size() / stride) * shadow.cell * shadow.cell / kSkin;
    shadow.opacity.assign(count, 1);
    std::vector<float> scratch;
    for (std::size_t l = 0; l < kLayers.size(); ++l) {
        const int radius = std::max(1, static_cast<int>(std::lround(kLayers[l].blur / shadow.cell)));
        for (int pass = 0; pass < 2; ++pass) {
            for (int row = 0; row < shadow.rows; ++row) {
                blurLine(layers[l].data() + row * shadow.columns, shadow.columns, 1, radius, scratch);
            }
            for (int column = 0; column < shadow.columns; ++column) {
                blurLine(layers[l].data() + column, shadow.rows, shadow.columns, radius, scratch);
            }
        }
        for (std::size_t i = 0; i < count; ++i) {
            shadow.opacity[i] *= 1 - kLayers[l].strength * (1 - std::exp(-layers[l][i] / sheet));
        }
    }
    for (int row = 0; row < shadow.rows; ++row) {
        for (int column = 0; column < shadow.columns; ++column) {
            auto& value = shadow.opacity[static_cast<std::size_t>(row * shadow.columns + column)];
            const bool rim =
                row == 0 || column == 0 || row == shadow.rows - 1 || column == shadow.columns - 1;
            value = rim || 1 - value < 0.004F ? 0 : 1 - value;
        }
    }
    return shadow;
}

} // namespace body4d::ui
