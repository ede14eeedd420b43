#pragma once

#include "base/geometry.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace body4d {

/// Where a point was measured.
struct PointSource {
    std::uint32_t view = 0;     ///< index into the scene's views
    std::uint16_t x = 0, y = 0; ///< pixel of the processed picture
    bool operator==(const PointSource&) const = default;
};

/// Points of a place. Every list that is not empty is as long as `positions`.
struct PointCloud {
    std::vector<Vec3f> positions; ///< world, x right, y down, z away from the first camera
    std::vector<std::array<std::uint8_t, 3>> colours; ///< RGB
    std::vector<float> confidence;                    ///< of the network, at least 1; higher is surer
    std::vector<Vec3f> normals;                       ///< unit length, towards the camera that saw the point
    std::vector<PointSource> sources;

    [[nodiscard]] std::size_t size() const { return positions.size(); }
    [[nodiscard]] bool empty() const { return positions.empty(); }
    /// Keeps the points of these indices, in this order.
    void keep(const std::vector<std::uint32_t>& indices);
    /// Adds another cloud's points; a list that one of both lacks is dropped.
    void append(const PointCloud& other);
};

/// Axis-aligned bounds; lower above upper for an empty cloud.
struct CloudBounds {
    Vec3f lower{1, 1, 1}, upper{-1, -1, -1};
};
[[nodiscard]] CloudBounds boundsOf(const PointCloud& cloud);

} // namespace body4d
