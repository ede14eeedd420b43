#pragma once

#include "body/body_fitter.h"
#include "body/body_parameters.h"
#include "body/world.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace body4d {

/// A person's parameters over time, one entry a frame without holes; no value where nothing is known.
using ParameterTrack = std::vector<std::optional<BodyParameters>>;

/// How strongly time smooths which parameter.
struct ParameterSmoothing {
    double root = 1, hands = 1;                        ///< strengths as in SmoothingStrength
    std::array<double, mhr::kBodyAngles> body = {};    ///< of each angle
    ParameterSmoothing() { body.fill(1); }
};

/// Zero-phase smoothing, see track_smoother.h: rotations on the rotation group, whatever the angles that they
/// are stored as. Frames without a value stay so.
/// @param weight 0..1 a frame  @param shots first frames, as indices, of what does not move on from the frame
/// before; may be empty
void smoothParameters(std::span<std::optional<BodyParameters>> track, std::span<const double> weight,
                      const ParameterSmoothing& smoothing, double fps, std::span<const std::size_t> shots);

/// Parameters of frames between two that have some, in one shot: angles on the rotation group, all else along a line.
/// @param wanted a frame: 1 where there has to be a value; frames that have one stay as they are
void interpolateParameters(std::span<std::optional<BodyParameters>> track, std::span<const std::uint8_t> wanted,
                           std::span<const std::size_t> shots);

/// Parameters of frames on which the person is hidden: where nothing was read the motion prior of fillPoses(),
/// where something was read both, the prior counting more the more is hidden and the nearer full view is.
/// @param hidden a frame: 0 in full view .. 1 nothing is to be seen
/// @param wanted a frame: 1 where there has to be a value in the end
/// @param turns a frame: what takes the camera's turning out; empty: it rests
void bridgeParameters(std::span<std::optional<BodyParameters>> track, std::span<const float> hidden,
                      std::span<const std::uint8_t> wanted, std::span<const Mat3> turns, double fps);

} // namespace body4d
