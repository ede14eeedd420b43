#pragma once

#include "base/image.h"
#include "body/detail/pose_objective.h"

#include <vector>

namespace body4d::detail {

/// Ties the rim of the projected body to the contour of the mask: each sampled rim vertex is asked to move
/// along the picture by as much as the mask's edge lies away from the mesh's, measured across the edge. Where
/// the picture ends there is no edge, and where no matching edge is near there is no tie.
/// @param vertices of `rest` posed, camera space
/// @param roiSide size of the person, pixels
[[nodiscard]] std::vector<ContourTie> contourTies(const AnnyModel& model, const RestBody& rest,
                                                  std::span<const Vec3f> vertices, const Intrinsics& camera,
                                                  const RleMask& mask, double roiSide,
                                                  const FrameInput& input);

} // namespace body4d::detail
