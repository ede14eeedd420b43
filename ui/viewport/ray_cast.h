#pragma once

#include "ui/frame/frame_snapshot.h"
#include "ui/viewport/orbit_camera.h"

#include <optional>

namespace body4d::ui {

struct BodyHit {
    TargetId id = 0;
    Vec3 point;          ///< world, metres
    double distance = 0; ///< along the ray
};
/// The first body that a ray meets; about 0.3 ms a body whose box is met.
[[nodiscard]] std::optional<BodyHit> castRay(const OrbitCamera::Ray& ray, const FrameSnapshot& snapshot);
/// Where a ray meets the ground (y = 0), up to 100 m away.
[[nodiscard]] std::optional<Vec3> groundHit(const OrbitCamera::Ray& ray);

} // namespace body4d::ui
