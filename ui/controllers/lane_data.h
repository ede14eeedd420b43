#pragma once

#include "base/annotation.h"
#include "body/body_track.h"
#include "base/pose_track.h"

#include <cstdint>
#include <vector>

namespace body4d::ui {

/// What a lane of the timeline shows for one frame.
enum class LaneState : std::uint8_t {
    None,          ///< not processed
    Absent,        ///< processed: nobody there
    Tracked,       ///< mask, no body yet
    Reconstructed, ///< mask and body
    Between,       ///< mask, and a body between those of two other frames
    Occluded,
    Completed,
    Failed,
};

/// Why a frame deserves a look.
enum class Doubt : std::uint8_t { None, Mask, Reprojection, Silhouette, Guess, Limbs, Slide, Jump };

/// One target's lane. All vectors have the video's frame count.
struct Lane {
    TargetId id = 0;
    std::vector<LaneState> states;
    std::vector<float> suspicion; ///< 0 fine .. 1 look at this; negative: not known
    std::vector<Doubt> doubts;       ///< the strongest reason behind `suspicion`
    std::vector<std::uint8_t> stale; ///< 1: an edit has outdated it

    void resize(std::int64_t frames);
    void setTracked(const TargetFrame& frame);
    void setBody(const BodyFrame& frame);
    /// All frames of a body, and what only their sequence shows: jumps, limbs that change their length, planted feet that
    /// slide. @param world may be null: without it feet are not judged
    void setBodyTrack(const BodyTrack& body, const WorldFrame* world);
    /// Guesses that a person has looked at and kept are not doubtful any more.
    void setReviewed(const std::vector<FrameRange>& accepted);
    void clear();
    /// Frames with a mask.
    [[nodiscard]] std::int64_t trackedCount() const;
    [[nodiscard]] std::int64_t processedCount() const;
};

/// A run of equal frames, half-open.
struct LaneBand {
    std::int64_t begin = 0, end = 0;
    LaneState state = LaneState::None;
    bool stale = false;
    bool operator==(const LaneBand&) const = default;
};
/// Runs of equal state in order; None is left out.
[[nodiscard]] std::vector<LaneBand> bandsOf(const Lane& lane);

/// How much a frame deserves a look, from what the fit says of itself. Negative where nothing was measured.
/// @param why may be null
[[nodiscard]] float suspicionOf(const BodyFrame& frame, Doubt* why = nullptr);
/// The next frame after `from` (cyclic) whose suspicion peaks locally and is at least `threshold`; -1: none.
[[nodiscard]] std::int64_t nextWorst(const std::vector<Lane>& lanes, std::int64_t from, float threshold = 0.5F);

} // namespace body4d::ui
