#pragma once

#include "models/depth_anything3/cameras.h"

#include <array>
#include <cstdint>
#include <vector>

namespace body4d::da3 {

/// What each round of the search for a camera looks at: eight different ranks among the surest pixels.
using RayRounds = std::vector<std::array<std::int64_t, 8>>;

/// Pixels, by confidence, among which rounds look: the surest 30 percent.
[[nodiscard]] std::int64_t rayCandidates(std::int64_t pixels);
/// A hundred rounds, the same ones in every run.
[[nodiscard]] RayRounds rayRounds(std::int64_t candidates);

/// Cameras that fit the rays of the ray branch, as the official `use_ray_pose`: per frame the weighted
/// homography from a camera's plane to the rays' directions that most confidence agrees with, taken apart
/// into a turn and a lens, and the mean origin.
/// @param decoded cameras of the camera decoder, which stay where rays fit no camera
/// @param height, width of the picture
[[nodiscard]] Cameras camerasOfRays(const RayHead::Rays& rays, const Cameras& decoded, std::int64_t height,
                                    std::int64_t width, const RayRounds& rounds);

} // namespace body4d::da3
