#pragma once

#include "base/geometry.h"

#include <optional>

namespace body4d {

/// Quaternion w x y z, of any length, as a rotation. @returns nothing for a zero or non-finite one
[[nodiscard]] std::optional<Mat3> rotationOf(double w, double x, double y, double z);

} // namespace body4d
