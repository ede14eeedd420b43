#pragma once

#include "base/image.h"
#include "base/scene_view.h"

#include <cstdint>
#include <span>
#include <vector>

namespace body4d {

/// Depths as colours, as Depth Anything 3's program shows them: inverse depth between its 2nd and 98th
/// percentile, near is warm (ColorBrewer's Spectral). Pixels without depth are black.
/// @param low, high bounds of the inverse depth; both 0: of this picture
[[nodiscard]] Image depthColours(std::span<const float> depth, int width, int height, double low = 0,
                                 double high = 0);

/// Bounds for depthColours() of one picture.
struct InverseDepthRange {
    double low = 0, high = 0;
};
[[nodiscard]] InverseDepthRange inverseDepthRange(std::span<const float> depth);

/// The picture with its depth colours to the right.
[[nodiscard]] Image besideDepth(const SceneView& view);

/// Depths in steps of `unit`, 0 where there is none; what is farther than 65535 steps becomes 65535.
[[nodiscard]] std::vector<std::uint16_t> depthSteps(std::span<const float> depth, double unit);

} // namespace body4d
