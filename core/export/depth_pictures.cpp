#include "export/depth_pictures.h"

#include "base/error.h"
#include "base/order_statistics.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace body4d {
namespace {

/// ColorBrewer's Spectral, 11 colours from red to violet.
constexpr std::array<std::array<int, 3>, 11> kSpectral = {{{158, 1, 66},
                                                           {213, 62, 79},
                                                           {244, 109, 67},
                                                           {253, 174, 97},
                                                           {254, 224, 139},
                                                           {255, 255, 191},
                                                           {230, 245, 152},
                                                           {171, 221, 164},
                                                           {102, 194, 165},
                                                           {50, 136, 189},
                                                           {94, 79, 162}}};

std::array<std::uint8_t, 3> spectral(double x) {
    const double at = std::clamp(x, 0.0, 1.0) * (kSpectral.size() - 1);
    const auto i = std::min(static_cast<std::size_t>(at), kSpectral.size() - 2);
    const double f = at - static_cast<double>(i);
    std::array<std::uint8_t, 3> rgb{};
    for (std::size_t c = 0; c < 3; ++c) {
        rgb[c] = static_cast<std::uint8_t>(std::lround((1 - f) * kSpectral[i][c] + f * kSpectral[i + 1][c]));
    }
    return rgb;
}

bool valid(float depth) {
    return std::isfinite(depth) && depth > 0;
}

} // namespace

InverseDepthRange inverseDepthRange(std::span<const float> depth) {
    std::vector<float> inverse;
    inverse.reserve(depth.size());
    for (const float d : depth) {
        if (valid(d)) {
            inverse.push_back(1 / d);
        }
    }
    if (inverse.empty()) {
        return {};
    }
    const double low = quantile(inverse, 0.02);
    return {low, quantile(inverse, 0.98)};
}

Image depthColours(std::span<const float> depth, int width, int height, double low, double high) {
    BODY4D_EXPECT(depth.size() == static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
    if (low == 0 && high == 0) {
        const auto range = inverseDepthRange(depth);
        low = range.low;
        high = range.high;
    }
    Image out(width, height);
    const double span = std::max(high - low, 1e-9);
    for (std::size_t i = 0; i < depth.size(); ++i) {
        if (valid(depth[i])) {
            const auto rgb = spectral(1 - (1.0 / static_cast<double>(depth[i]) - low) / span);
            std::copy(rgb.begin(), rgb.end(), out.rgb.begin() + static_cast<std::ptrdiff_t>(3 * i));
        }
    }
    return out;
}

Image besideDepth(const SceneView& view) {
    const int width = view.camera.width, height = view.camera.height;
    const auto colours = depthColours(view.depth, width, height);
    if (view.image == nullptr) {
        return colours;
    }
    Image both(2 * width, height);
    for (int y = 0; y < height; ++y) {
        std::copy_n(view.image->row(y), 3 * width, both.row(y));
        std::copy_n(colours.row(y), 3 * width, both.row(y) + 3 * width);
    }
    return both;
}

std::vector<std::uint16_t> depthSteps(std::span<const float> depth, double unit) {
    BODY4D_EXPECT(unit > 0);
    std::vector<std::uint16_t> steps(depth.size());
    std::transform(depth.begin(), depth.end(), steps.begin(), [unit](float d) {
        return valid(d) ? static_cast<std::uint16_t>(std::clamp(std::round(d / unit), 1.0, 65535.0))
                        : std::uint16_t{0};
    });
    return steps;
}

} // namespace body4d
