#pragma once

#include "base/pose_track.h"
#include "body/body_track.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace body4d {

/// Which frames get a body of their own where bodies are wanted less often than the video has frames: evenly
/// spaced ones, and besides the first and the last frame of every stretch in which the person is seen and of
/// every shot, so that whatever lies between two of them can be interpolated.
/// @param seen a frame: 1 where there is something to make a body of
/// @param shots first frames of shots, as indices, rising  @param perSecond 0 or at least fps: every frame
/// @returns indices, rising; the first and the last frame are among them
[[nodiscard]] std::vector<std::size_t> sampledFrames(std::span<const std::uint8_t> seen,
                                                     std::span<const std::size_t> shots, double fps,
                                                     double perSecond);

/// The frames of a track that landmarks are known of, sampled so. Cuts are where the fit sees them.
[[nodiscard]] std::vector<std::size_t> sampledFrames(const TargetTrack& track, double fps, double perSecond);

/// How many of so many frames that is, but for the edges of stretches.
[[nodiscard]] std::int64_t sampledCount(std::int64_t frames, double fps, double perSecond);

/// A track of these frames alone, numbered from its first frame on without holes.
[[nodiscard]] TargetTrack thinnedTrack(const TargetTrack& track, std::span<const std::size_t> kept);

/// What was fitted to a thinned track, on all frames of the track: rotations and places between two kept
/// frames are interpolated, and nothing is said to be measured there (BodyFrame::reprojectionPercent,
/// silhouetteIou).
/// @param model that poses the track (Anny)
[[nodiscard]] BodyTrack spreadOverFrames(const BodyTrack& thinned, const TargetTrack& track,
                                         std::span<const std::size_t> kept, const BodyModel& model,
                                         double fps);

} // namespace body4d
