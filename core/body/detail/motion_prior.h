#pragma once

#include "body/detail/rotation.h"

#include <cstdint>
#include <vector>

namespace body4d::detail {

/// How far off filled values may be, taken over a whole gap from one place where the truth is known.
struct MotionDeviation {
    std::vector<std::vector<Eigen::Vector3f>> turns; ///< [frame][joint] rotation vectors; empty where nothing was filled
    std::vector<Eigen::Vector3f> path; ///< [frame] azimuth and elevation in radians and the distance's logarithm; may be empty
};

/// Motion of a skeleton over consecutive frames; local rotations, the root's in axes that do not turn with the camera.
struct MotionSequence {
    std::size_t jointCount = 0;
    double fps = 30;
    std::vector<std::vector<EMat3>> rotations; ///< [frame][joint]
    std::vector<EVec3> path;                   ///< [frame] place of the root as seen from the camera, same axes
    std::vector<EMat3> turns;                  ///< [frame] from the camera's axes to these; empty: the camera rests
    /// [joint][frame], the path last: 1 where the value is measured. Other values are filled in.
    std::vector<std::vector<std::uint8_t>> known;
    /// Out: how far off filled values probably are, found by bridging alike gaps whose truth is known; 0 where they were
    /// known. [frame] of the path as azimuth and elevation in radians and the distance's logarithm; [joint][frame] radians.
    std::vector<EVec3> pathSpread;
    std::vector<std::vector<double>> rotationSpread;
    /// Out: some of those errors as they were; to be added or taken away alike. Empty where nothing could be tried.
    std::vector<MotionDeviation> deviations;
    [[nodiscard]] std::size_t frameCount() const { return rotations.size(); }
};

/// A place that lies off another one by a deviation of the path, `share` times.
[[nodiscard]] EVec3 deviated(const EVec3& place, const Eigen::Vector3f& by, double share);

/// Fills every value that is not known. Several predictors bridge a gap: a straight line, paths that keep their speed
/// for a while on both sides, a pull towards the usual pose, and stretches of the same clip that begin and end alike (a
/// gait, a juggler's rhythm); for the path also all of these as the turning camera sees it. How much each counts is found
/// per joint by bridging gaps of the same length at places of the clip where the truth is known, so a gap is filled by
/// what works for this person, motion and camera.
/// A gap without a known frame on one side keeps its speed for a moment and comes to rest. Joints that are never known
/// stay as they are.
void fillMotion(MotionSequence& motion);

} // namespace body4d::detail
