#pragma once

#include "body/body_model.h"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace body4d::ui {

/// A mesh of fewer triangles over the same vertices, for moments when speed counts more than detail.
struct CoarseMesh {
    std::vector<std::array<std::uint32_t, 3>> triangles;
    std::vector<std::uint32_t> source; ///< per triangle: the triangle of the full mesh it stems from
};

/// Merges neighbouring vertices; about half of the triangles remain, no hole opens and none is turned over at rest.
/// @param vertices of any pose, the rest pose best
[[nodiscard]] CoarseMesh coarsen(std::span<const Vec3f> vertices, const MeshTopology& topology);

} // namespace body4d::ui
