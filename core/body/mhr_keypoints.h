#pragma once

#include "body/body_track.h"

#include <array>
#include <cstddef>

namespace body4d {

inline constexpr std::size_t kMhrKeypointCount = 70;

/// Which of SAM 3D Body's 70 keypoints each of ours is, in the order of kBodyKeypoints. Knuckles stand for
/// the points of little and index finger, big toes for the tips of the feet.
inline constexpr std::array<std::size_t, kBodyKeypointCount> kMhrKeypointOf = {
    0, 1, 2, 3, 4, 5, 6, 7, 8, 62, 41, 61, 40, 49, 28, 9, 10, 11, 12, 13, 14, 17, 20, 15, 18};

} // namespace body4d
