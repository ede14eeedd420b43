#pragma once

#include "base/geometry.h"

#include <cstddef>
#include <span>

namespace body4d {

/// A floor: the points with dot(up, x) = level.
struct GroundPlane {
    Vec3 up{0, 1, 0};
    double level = 0;
    std::size_t points = 0; ///< of the cloud that lie on it
    double spread = 0;      ///< robust standard deviation of those about it
    bool found = false;     ///< false: nothing flat and wide lies where the feet are
};

struct GroundSearch {
    Vec3 up{0, 1, 0};          ///< about where up is, unit length
    double level = 0;          ///< about how high the feet are along it
    double reach = 0.4;        ///< the plane is at most that far from there, below the feet
    double maximumTilt = 0.26; ///< radians by which `up` may be wrong
    double thickness = 0.04;   ///< points so near to a plane lie on it
    double share = 0.2;        ///< ... as do so many of those within reach, at least
};

/// The plane under people's feet among the points of a place, in metres. Deterministic.
/// @param centre where the feet are; the search is about that place, to `radius` around it
[[nodiscard]] GroundPlane findGround(std::span<const Vec3f> points, Vec3 centre, double radius,
                                     const GroundSearch& search);

/// Brings a world to y up, with the plane at y = 0: turned as little as possible, about the vertical not at
/// all; `keep` stays above the same place of the floor.
[[nodiscard]] RigidTransform levelled(const GroundPlane& plane, Vec3 keep);

} // namespace body4d
