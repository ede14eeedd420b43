#pragma once

#include "base/annotation.h"
#include "body/body_model.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace body4d {

inline constexpr int kBodyKeypointCount = 25; ///< landmarks shared by network and body, see body_keypoints.h

/// One reconstructed frame of a target.
struct BodyFrame {
    std::int64_t frame = 0;
    FrameState state = FrameState::Absent;
    BodyPose pose;    ///< smoothed, camera space
    BodyPose rawPose; ///< before smoothing and completion (equal to pose where nothing was changed)
    std::array<Vec3, kBodyKeypointCount> keypoints{};   ///< camera space, metres, of `pose`
    std::array<float, kBodyKeypointCount> confidence{}; ///< 0..1 of the measurement behind each
    std::array<bool, 2> footContact{};                  ///< left, right stand on the ground
    float reprojectionPercent =
        -1; ///< mean 2D error of visible limb points in % of the box side; < 0: not measured
    float silhouetteIou = -1; ///< bare body against the measured mask; < 0: not measured
    float boxSidePx = 0;
};

/// Whether a body is to be drawn there. One that is hidden and not filled in is as far as something of it was measured.
[[nodiscard]] inline bool isShown(const BodyFrame& frame) {
    const auto& confidence = frame.confidence;
    return frame.state != FrameState::Absent && !frame.pose.rotations.empty() &&
           (frame.state != FrameState::Occluded ||
            std::any_of(confidence.begin(), confidence.end(), [](float c) { return c > 0; }));
}

/// A shot of the clip, from one cut to the next, and the camera that took it.
struct ShotCamera {
    std::int64_t firstFrame = 0;
    double focalPx = 0;
};

/// The moving body of a target. Frames cover the processed range without holes.
struct BodyTrack {
    TargetId id = 0;
    std::string engine;    ///< "BlazePose + Anny"
    std::string bodyModel; ///< "anny"
    /// The body model that came with the results, where it is not one of the program's own; null: the one named so.
    std::shared_ptr<const BodyModel> ownModel = {};
    BodyShape shape;       ///< shared by all frames
    Intrinsics camera;             ///< of frames about which `shots` say nothing
    std::vector<ShotCamera> shots; ///< by rising first frame, where shots have focal lengths of their own
    double fps = 0;
    std::int64_t firstFrame = 0;
    std::vector<BodyFrame> frames;
    double accelerationRaw = 0; ///< m/s^2, joints relative to the hip, of the network's own 3D points
    double acceleration = 0;    ///< the same of the fitted keypoints

    /// The camera that took `frame`: its space is that of the frame's pose.
    [[nodiscard]] Intrinsics cameraAt(std::int64_t frame) const {
        Intrinsics lens = camera;
        for (const auto& shot : shots) {
            if (shot.firstFrame <= frame && shot.focalPx > 0) {
                lens.focalPx = shot.focalPx;
            }
        }
        return lens;
    }
};

/// Gravity-aligned world (y up, ground at 0, metres) and the camera in it, per frame; shared by all targets.
struct WorldFrame {
    double focalPx = 0;
    bool cameraMoves = false;
    std::int64_t firstFrame = 0;
    std::vector<RigidTransform> worldFromCam; ///< one a frame
    double groundUncertaintyMetres = 0;
};

} // namespace body4d
