#pragma once

#include "base/pose_track.h"
#include "body/detail/pixel_test.h"
#include "body/detail/visibility.h"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace body4d::detail {

/// Frames [begin, end) of one hidden stretch, as indices into the track.
struct HiddenRun {
    std::size_t begin = 0, end = 0;
    [[nodiscard]] std::size_t size() const { return end - begin; }
};

/// Hidden stretches of a track: strays among hidden frames are hidden too, a moment's misfit is none.
/// @param evidence in and out: verdicts are made consistent with the stretches
[[nodiscard]] std::vector<HiddenRun> hiddenRuns(std::vector<FrameEvidence>& evidence, double fps);

/// Which limbs of a hidden frame are still measured.
using LimbFlags = std::array<bool, kLimbCount>;

/// Limbs that are measured, per frame: all outside the stretches; inside them those that stay in view
/// steadily.
[[nodiscard]] std::vector<LimbFlags> limbsInView(const std::vector<FrameEvidence>& evidence,
                                                 std::span<const HiddenRun> runs);

/// Whether the body's place and turn are measured: an upper body alone leaves hips and distance to guesswork.
[[nodiscard]] bool isRooted(const LimbFlags& seen);

/// The track with hidden frames and limbs taken out of its measurements. The first frames of a gap that is left, on both
/// sides, get measurements that keep the speed, with little confidence: a fit is not to slow down where it ends.
[[nodiscard]] TargetTrack withoutHidden(const TargetTrack& track, const std::vector<FrameEvidence>& evidence,
                                        const std::vector<LimbFlags>& limbs);

} // namespace body4d::detail
