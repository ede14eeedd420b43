#pragma once

#include "base/pose_track.h"
#include "body/detail/anny_model.h"

#include <array>
#include <vector>

namespace body4d::detail {

/// What the fit knows of one frame, filtered over time.
struct FrameInput {
    bool measured = false;                       ///< the target has landmarks here
    bool startsShot = false;                     ///< the first frame, or the first after a cut
    std::array<EVec2, kBodyKeypointCount> px;    ///< pixels, smoothed
    std::array<EVec2, kBodyKeypointCount> rawPx; ///< pixels, as the network gave them
    std::array<EVec3, kBodyKeypointCount> world; ///< metres, origin mid-hip, camera axes, smoothed
    std::array<double, kBodyKeypointCount>
        confidence; ///< 0..1 trust in the 2D point; 0 in frames without the target
    std::array<double, kBodyKeypointCount> weight2; ///< of the 2D residual
    std::array<double, kBodyKeypointCount> weight3; ///< of the 3D residual
    std::array<double, kFitJoints> limbSeen;        ///< 0..1: how much of what hangs on a joint is visible
    double box = 0;                                 ///< side of the person's box, pixels, smoothed
    double rawBox = 0;                              ///< as tracked
};

/// Shots are found (a target's identity may be carried over a cut, its motion never) and treated apart.
/// Fills gaps by interpolation and smooths with a zero-phase Gaussian weighted by confidence
/// (specification 6.3).
/// @returns one entry a frame of the track; all unmeasured where the track has no landmarks at all
[[nodiscard]] std::vector<FrameInput> prepareInput(const TargetTrack& track, int width, int height,
                                                   double fps);

/// Gaussian filter with the given standard deviation in frames, cut at 4 sigma. The ends are mirrored or
/// held.
enum class FilterEnd { Mirror, Hold };
[[nodiscard]] std::vector<double> gaussianFiltered(const std::vector<double>& values, double sigma,
                                                   FilterEnd end);

} // namespace body4d::detail
