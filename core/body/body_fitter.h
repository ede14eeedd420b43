#pragma once

#include "base/pose_track.h"
#include "base/progress.h"
#include "body/body_track.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

namespace body4d {

/// How strongly time smooths, per limb; 1 is the default, 0 none.
struct SmoothingStrength {
    double root = 1, torso = 1, arms = 1, legs = 1, head = 1;
};

struct BodyFitOptions {
    double fovLongSideRadians = 0.9599310885968813; ///< 55 degrees
    double focalPx = 0;                             ///< > 0 overrides the field of view
    SmoothingStrength smoothing;
    int maxIterations = 8;
    bool silhouette = true; ///< search build on key frames, silhouette term where it pays
    int windowFrames = 256; ///< frames solved together; results equal the whole track within 1 mm
    int pieceFrames = 2048; ///< of which fitPieces() has everything in memory at once, with some around them
    /// Tracks of so many frames are long: each frame's part of a step is judged by the frames around it, so that a piece
    /// goes the way of the whole. Shorter ones are never cut by the pieces above.
    int longFrames = 3072;
};

/// A track that is read piece by piece.
struct TrackSource {
    TargetId id = 0;
    std::int64_t firstFrame = 0;
    std::size_t frames = 0;
    /// Frames [begin, end), counted from the first; asked for again and again, by one thread.
    std::function<std::vector<TargetFrame>(std::size_t begin, std::size_t end)> read;
};
/// Receives the frames of a body, each once, in order.
using BodySink = std::function<void(std::vector<BodyFrame>&& frames)>;

/// A stretch of a long track that is worked on by itself.
struct TrackPiece {
    std::size_t begin = 0, end = 0;               ///< frames that it is about
    std::size_t contextBegin = 0, contextEnd = 0; ///< with those around them that have a say
};
/// Pieces of about equal length; one where the track is not much longer than `frames`.
[[nodiscard]] std::vector<TrackPiece> piecesOf(std::size_t total, std::size_t frames, std::size_t context);

/// Fits a parametric body to a track's landmarks and masks. The result does not depend on how the track was
/// batched.
class BodyFitter {
public:
    BodyFitter(std::shared_ptr<const BodyModel> anny, BodyFitOptions options);
    ~BodyFitter();
    /// The analytic body, microseconds a frame: for display while tracking still runs. Not smoothed.
    [[nodiscard]] BodyFrame preview(const TargetFrame& frame, const Intrinsics& camera,
                                    const BodyShape& shape) const;
    /// @param fps frames a second; 0 for a single picture
    /// @throws Cancelled
    [[nodiscard]] BodyTrack fit(const TargetTrack& track, const PersonTraits& traits, int width, int height,
                                double fps, const std::stop_token& stop, const ProgressFn& progress) const;
    /// The same in pieces that overlap, so that memory does not grow with the track: build and proportions are found
    /// over the whole of it, poses piece by piece, equal to fit() within 1 mm.
    /// @param frames receives the body's frames  @returns the track without them  @throws Cancelled
    [[nodiscard]] BodyTrack fitPieces(const TrackSource& track, const PersonTraits& traits, int width, int height,
                                      double fps, const std::stop_token& stop, const ProgressFn& progress,
                                      const BodySink& frames) const;
    /// Length of a person's bones in the network's own metres over a whole track, which is read piece by piece: what makes
    /// a stretch that is fitted alone as large as it is within the whole. @throws Cancelled
    [[nodiscard]] double worldLength(const TrackSource& track, int width, int height, double fps,
                                     const std::stop_token& stop) const;
    /// Fits a stretch of a track whose person's build is known. @param worldLength of the whole track
    /// @param trackFrames of the whole track  @throws Cancelled
    [[nodiscard]] BodyTrack fitKnown(const TargetTrack& track, const BodyShape& shape, double worldLength,
                                     std::size_t trackFrames, int width, int height, double fps, const std::stop_token& stop) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace body4d
