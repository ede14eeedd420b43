#pragma once

#include "models/blazepose/pose_path.h"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace body4d::blazepose {

/// Whose left and right arm each frame's pose takes, each arm by itself: what the network sees best of it and
/// moves as an arm does. The mask is not asked: fast arms are what it misses first, and one that the network
/// lays on the trunk is always inside. @param path the option of every frame whose trunk it has
[[nodiscard]] std::vector<std::array<std::size_t, 2>> cheapestArms(std::span<const PoseOptions> frames,
                                                                   std::span<const std::size_t> path);

/// Elbow, wrist and hand of `from`; in space they hang on the shoulder of `pose`. @param side 0 left, 1 right
void takeArm(PoseLandmarks& pose, const PoseLandmarks& from, std::size_t side);

} // namespace body4d::blazepose
