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

/// One rotation over time.  @param weight 0..1 a frame  @param sigmaFrames width of the window; 0: no change
void smoothRotations(std::span<Mat3> rotations, std::span<const double> weight, double sigmaFrames);

} // namespace body4d
