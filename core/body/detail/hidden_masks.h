#pragma once

#include "body/body_model.h"
#include "body/body_track.h"
#include "body/detail/hidden_runs.h"
#include "body/detail/motion_prior.h"

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

namespace body4d::detail {

/// A track whose poses are filled in and whose frames are labelled, with what was found on the way.
struct HiddenMasksInput {
    const BodyTrack& body;
    const TargetTrack& track;
    const BodyModel& model;
    std::span<const FrameEvidence> evidence; ///< a frame each
    std::span<const LimbFlags> limbs;        ///< a frame each: those in view
    std::span<const HiddenRun> runs;
    std::span<const MotionDeviation> deviations;          ///< what the poses filled in may be off by; may be empty
    std::function<EMat3(std::size_t frame)> compensation; ///< turn of the camera that was taken out
    std::function<bool(const HiddenRun&)> tooLong;        ///< nothing was filled in there
};

/// Whole masks of hidden frames by frame number: the body with the outline that the person has before and after, united
/// with what is seen.  @throws Cancelled
[[nodiscard]] std::vector<std::pair<std::int64_t, RleMask>> drawHiddenMasks(const HiddenMasksInput& input,
                                                                            const std::stop_token& stop);

} // namespace body4d::detail
