#pragma once

#include "models/blazepose/observation.h"
#include "models/blazepose/pose_path.h"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace body4d::blazepose {

/// Places spread over a mask, at most 256, index space.
[[nodiscard]] std::vector<Vec2> placesOn(const CropMask& mask, const Roi& roi);

/// Fills the legs' sights and what is open of an option made from `seen`.
/// @param mask the person's in the crop `roi` @param places see placesOn()
void seeLegs(const Observation& seen, const CropMask& mask, const Roi& roi, std::span<const Vec2> places,
             PoseOption& option);

/// Whose left and right leg each frame's pose takes. The network often sees one leg well and puts the other
/// one on top of it, in another crop the other way round: chosen one by one, but so that both together cover
/// what of the mask is not trunk or arm.
/// @param path the option of every frame whose trunk it has, as cheapestPath() says
[[nodiscard]] std::vector<std::array<std::size_t, 2>> cheapestLegs(std::span<const PoseOptions> frames,
                                                                   std::span<const std::size_t> path);

/// Knee, ankle and foot of `from`; in space they hang on the hip of `pose`. @param side 0 left, 1 right
void takeLeg(PoseLandmarks& pose, const PoseLandmarks& from, std::size_t side);

} // namespace body4d::blazepose
