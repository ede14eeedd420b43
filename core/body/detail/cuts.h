#pragma once

#include "base/pose_track.h"

#include <cstddef>

namespace body4d::detail {

/// Whether two measurements of a track cannot be one person moving on: a cut lies between them.
/// @param framesBetween from one to the other, 1: neighbours
[[nodiscard]] bool isCut(const TargetFrame& before, const TargetFrame& after, std::size_t framesBetween);

} // namespace body4d::detail
