#pragma once

#include "base/image.h"
#include "base/pose_track.h"
#include "base/progress.h"
#include "body/body_model.h"
#include "body/body_track.h"
#include "body/world.h"

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace body4d {

struct CompletionOptions {
    bool fill = true;               ///< false: hidden frames are marked Occluded and keep the fit's own guess
    double visibleShare = 0.72;     ///< a frame counts as hidden where less of the silhouette is seen, relative to usual
    double maxGapSeconds = 4;       ///< longer stretches without any measurement stay Occluded or Absent
    int marginFrames = 1;           ///< measured frames next to a hidden range whose pose is not trusted either; used
                                    ///< where `refit` is empty
    /// Fits a track again of which hidden frames and limbs were taken out (BodyFitter::fit with the target's settings), so
    /// that what the network made up there does not bend the frames around. Called once, and once more where some limbs of
    /// hidden frames stay in view. May be empty.
    std::function<BodyTrack(const TargetTrack&)> refit;
    std::vector<std::int64_t> cuts; ///< first frames of shots, rising: what one shot shows says nothing of another one
    CameraPath camera;              ///< its turning is taken out before poses are filled in; empty: the camera rests
};

/// A stretch of frames in which the target is (partly) hidden, half-open.
struct OccludedRange {
    std::int64_t begin = 0, end = 0;
    double hiddenShare = 0;   ///< of the silhouette, at its worst, 0..1
    TargetId occluder = 0;    ///< another target in front; 0: something else
    bool filled = false;
};

struct CompletionResult {
    BodyTrack body;   ///< frames carry visible, occluded, completed or absent; completed ones have new poses
    std::vector<OccludedRange> ranges;
    std::vector<float> hiddenShare; ///< a frame of the track: 0 in full view .. 1 nothing of it is to be seen; may be empty
    std::vector<std::pair<std::int64_t, RleMask>> amodal; ///< full masks of hidden frames: body united with what is seen
    std::string hint; ///< one sentence for the person: how many frames, or that the clip needs none
};

/// What of a target is hidden, found from its body's silhouette against the visible mask, straight ends of the mask that
/// stand still, the network's confidence, appearance, jumps and gaps between measured frames; poses are filled in from both
/// sides with a motion prior. Limbs that stay in view keep their measured motion. Leaving the picture is not an occlusion:
/// such frames are Absent. Bodies that were measured as meshes (BodyTrack::ownModel, with skin weights) lose the mesh on
/// frames that get new poses: key points and meshes there are the caller's.
/// @param body fitted track over the same frames as `track`
/// @param others masks of the other targets, as occluders; may hold `track` itself
/// @param frames gives pictures for the test of appearance; may be empty (masks and landmarks decide alone). Called with
///     rising frame numbers.
/// @throws Cancelled
[[nodiscard]] CompletionResult completeTrack(const BodyTrack& body, const TargetTrack& track,
                                             std::span<const TargetTrack* const> others, const BodyModel& model,
                                             const CompletionOptions& options,
                                             const std::function<ImagePtr(std::int64_t)>& frames,
                                             const std::stop_token& stop, const ProgressFn& progress);

/// The sentence about stretches in a track of so many frames, of which `filled` are filled in.
[[nodiscard]] std::string completionHint(std::span<const OccludedRange> ranges, std::size_t frames, std::int64_t filled);

/// Poses of the frames in (before, after) of a track from measured frames on both sides: rotations and path continue
/// with their speed on either side and with the rhythm of the motion where there is one. Frames before the first or after
/// the last measured one hold their speed for a moment and come to rest.
/// @param measured one flag a frame: its pose may be used  @param poses in and out, only frames not measured change
void fillPoses(std::span<const std::uint8_t> measured, std::span<BodyPose> poses, double fps);

} // namespace body4d
