#pragma once

#include "body/body_fitter.h"
#include "body/body_track.h"

#include <span>

namespace body4d {

/// Smooths poses of engines that have no temporal fit of their own (imported results), without lag. Rotations are
/// averaged on the rotation group by local quadratic fits with confidence weights; where the motion is faster than the
/// tremor, the window closes, so hits stay sharp. Starts from `rawPose`, writes `pose`; strength 0 leaves a limb raw.
/// `keypoints` move with the body when `model` is given.
/// @param fps of the track must be > 0  @param model may be null
void smoothTrack(BodyTrack& track, const BodyModel* model, const SmoothingStrength& strength);

/// One rotation over time.  @param weight 0..1 a frame, 0: there is no value, it comes from the frames around
/// @param sigmaFrames width of the window; 0: no change
void smoothRotations(std::span<Mat3> rotations, std::span<const double> weight, double sigmaFrames);
/// The same for a place, or for any three numbers that belong together.
void smoothVectors(std::span<Vec3> vectors, std::span<const double> weight, double sigmaFrames);
/// Width of the window, for the two above, that a strength of the options stands for.
[[nodiscard]] double smoothingFrames(double strength, double fps);

} // namespace body4d
