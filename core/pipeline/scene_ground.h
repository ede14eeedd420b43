#pragma once

#include "base/geometry.h"
#include "pipeline/scene_body_depth.h"
#include "scene/ground_plane.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace body4d::detail {

/// The floor that people stand on in a place.
struct SceneGround {
    GroundPlane plane;       ///< not found: the level is that of the feet
    double spreadMetres = 0; ///< robust standard deviation of what it was found from
    double tiltRadians = 0;  ///< against the vertical that the bodies stand by
    RigidTransform level;    ///< brings the world to y up with the floor at 0
};

/// @param worldFromCam the scene's cameras in metres, by frame  @param common brings them to a world with y
/// about up
/// @param points of the place in that world, in metres
/// @returns nothing where nobody is visible in any of those frames
[[nodiscard]] std::optional<SceneGround>
groundUnder(const std::vector<Person>& people, const std::map<std::int64_t, RigidTransform>& worldFromCam,
            const RigidTransform& common, std::span<const Vec3f> points);

} // namespace body4d::detail
