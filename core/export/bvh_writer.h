#pragma once

#include "base/geometry.h"

#include <array>

namespace body4d {

/// Angles (z, x, y) in radians with rotation = Rz Rx Ry.
/// @param near angles of the frame before, or null: of the ways to write the rotation the nearest is taken
[[nodiscard]] std::array<double, 3> eulerZxy(const Mat3& rotation, const std::array<double, 3>* near);

} // namespace body4d
