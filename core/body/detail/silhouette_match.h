#pragma once

#include "base/image.h"
#include "body/body_model.h"

#include <span>

namespace body4d::detail {

/// Share that the projected mesh and the mask have in common, of their union inside the picture.
/// @param roiSide size of the person in pixels; the comparison runs at `longSide` pixels of it at most
[[nodiscard]] double silhouetteIou(std::span<const Vec3f> vertices, const MeshTopology& topology,
                                   const Intrinsics& camera, const RleMask& mask, double roiSide,
                                   double longSide);

/// Bounding box of the projected vertices in front of the camera, clipped to the picture.
[[nodiscard]] Box projectedBox(std::span<const Vec3f> vertices, const Intrinsics& camera);

} // namespace body4d::detail
