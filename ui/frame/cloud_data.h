#pragma once

#include "base/geometry.h"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace body4d::ui {

/// Points as the 3D view shows them, y up, metres. Immutable once shared.
struct CloudData {
    std::vector<Vec3f> positions;
    std::vector<std::array<std::uint8_t, 3>> colours; ///< sRGB; empty or one a point
    std::vector<float> rank; ///< share of the points that are less sure, 0..1; empty: nobody knows
    float leastConfidence = 0, mostConfidence = 0; ///< of the values behind `rank`
    Vec3f low, high;
    [[nodiscard]] bool empty() const { return positions.empty(); }
};

/// Makes points ready to be shown: in a random but repeatable order, so that any first part of them is an even sample,
/// and with ranks of their confidence, so that a cut by a share needs no other look at them. About 0.3 s for a million
/// points; for a worker thread.
/// @param colours sRGB, empty or one a point  @param confidence larger is surer, empty or one a point
[[nodiscard]] std::shared_ptr<const CloudData> makeCloud(std::span<const Vec3f> positions,
                                                         std::span<const std::array<std::uint8_t, 3>> colours,
                                                         std::span<const float> confidence);

/// How clouds are coloured.
enum class CloudPaint { Own, Plain, Height, Confidence, Distance };

/// How clouds are drawn; changing it never touches the points.
struct CloudStyle {
    double pointSize = 2; ///< logical pixels
    CloudPaint paint = CloudPaint::Own;
    double hideLeastSure = 0; ///< share of the points, 0..1
    bool operator==(const CloudStyle&) const = default;
};

} // namespace body4d::ui
