#pragma once

#include "base/geometry.h"
#include "base/image.h"

namespace body4d {

/// Smallest box around the pixels inside; zero where there are none.
[[nodiscard]] Box boundsOf(const RleMask& mask);

} // namespace body4d
