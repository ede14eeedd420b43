#pragma once

#include "base/annotation.h"
#include "base/pose_track.h"

#include <cstdint>
#include <span>
#include <vector>

namespace body4d {

/// Which of two sessions, forwards and backwards, speaks for each frame of a target: before its first prompt the backward
/// one, after the last the forward one, between two prompts they meet where both agree best. Keeps a few bytes a frame.
class TrackJoin {
public:
    enum class Side : std::uint8_t { Nobody, Forward, Backward };

    /// Both tracks over one stretch of frames, either of which may lack some; stretches come in rising order.
    void look(const TargetTrack& forward, const TargetTrack& backward);
    /// After all of them.
    void decide(std::span<const Prompt> prompts);

    [[nodiscard]] FrameRange frames() const { return {first_, first_ + size()}; } ///< that anybody speaks for
    [[nodiscard]] Side side(std::int64_t frame) const;

private:
    struct Sight {
        bool there[2] = {}, seen[2] = {}, prompted[2] = {}; ///< forwards, backwards
        double distance = 0; ///< of the two, where both are seen; as a share of the person's size, 0 is identical
        Side side = Side::Nobody;
    };
    [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(sights_.size()); }
    [[nodiscard]] const Sight& at(std::int64_t frame) const { return sights_[static_cast<std::size_t>(frame - first_)]; }
    [[nodiscard]] std::int64_t seam(std::int64_t from, std::int64_t to) const;
    std::int64_t first_ = 0;
    std::vector<Sight> sights_;
};

/// The frames of a stretch as a TrackJoin chooses them; joinTracks() of segmenter.h does it with whole tracks. @param range of frames that are wanted; both tracks have what there is of them
[[nodiscard]] TargetTrack joinTracks(const TrackJoin& join, TargetTrack forward, TargetTrack backward, FrameRange range);

} // namespace body4d
