#pragma once

#include "base/pose_track.h"
#include "body/body_track.h"

#include <array>
#include <cstddef>

namespace body4d {

/// How well a fitted track agrees with what was measured, as metrics.json reports it.
struct BodyMetrics {
    std::int64_t frames = 0;  ///< of the processed range
    std::int64_t tracked = 0; ///< measured frames
    double trackedShare = 0;  ///< tracked / frames
    double reprojectionPercent =
        -1;                    ///< mean over visible limb points of all frames, % of the box side; < 0: none
    double silhouetteIou = -1; ///< mean over measured frames; < 0: none
    double silhouetteIouMedian = -1;
    double jointAccelerationRaw = 0; ///< m/s^2 relative to the hip, of the network's own 3D points
    double jointAcceleration = 0;    ///< the same of the fitted keypoints
};
[[nodiscard]] BodyMetrics measureBody(const BodyTrack& body, const TargetTrack& track);

/// Mean 2D distance between projected keypoints and raw landmarks in % of the box side, over the limb points
/// with visibility * presence > 0.5. @returns negative where no point counts
/// @param points receives the number of points that count, may be null
[[nodiscard]] double reprojectionPercent(const BodyFrame& body, const TargetFrame& measured,
                                         const Intrinsics& camera, int* points = nullptr);

/// Mean acceleration of a set of points by second differences, frame after frame.
class AccelerationMeter {
public:
    using Points = std::array<Vec3, kBodyKeypointCount>;
    /// The next frame's points.
    void add(const Points& points);
    /// What comes next does not follow what came before.
    void pause() { held_ = 0; }
    [[nodiscard]] double value(double fps) const; ///< points' units / s^2; 0 before three frames in a row

private:
    Points before_{}, last_{};
    int held_ = 0; ///< frames in a row before the next one, up to 2
    double sum_ = 0;
    std::size_t count_ = 0;
};
/// Keypoints relative to the left hip.
[[nodiscard]] AccelerationMeter::Points hipRelative(const BodyFrame& frame);
/// The network's own 3D points relative to their mid-hip; whether it gave any is the caller's to ask.
[[nodiscard]] AccelerationMeter::Points hipRelative(const TargetFrame& frame);

/// Mean acceleration of keypoints relative to the left hip, m/s^2, by second differences; 0 for fewer than 3
/// frames.
[[nodiscard]] double keypointAcceleration(const BodyTrack& body);

/// Mean acceleration of the network's own 3D points relative to their mid-hip, m/s^2, over runs of measured
/// frames.
[[nodiscard]] double landmarkAcceleration(const TargetTrack& track, double fps);

} // namespace body4d
