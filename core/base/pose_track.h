#pragma once

#include "base/annotation.h"
#include "base/geometry.h"
#include "base/image.h"

#include <array>
#include <cstdint>
#include <vector>

namespace body4d {

inline constexpr int kPoseLandmarkCount = 33; ///< BlazePose's body points, in its order
inline constexpr int kHandLandmarkCount = 21; ///< wrist, then base to tip of thumb, index, middle, ring, little finger

/// One body point of the landmark network.
struct PoseLandmark {
    Vec2 px;               ///< pixels of the upright frame
    float z = 0;           ///< pixels, hip depth = 0, negative nearer
    float visibility = 0;  ///< 0..1
    float presence = 0;    ///< 0..1: inside the picture
    Vec3 world;            ///< metres, origin mid-hip, camera axes (x right, y down, z away)
};

/// Landmarks of one person in one frame.
struct PoseLandmarks {
    std::array<PoseLandmark, kPoseLandmarkCount> points;
    Roi roi;             ///< the crop they were found in
    float score = 0;     ///< the network's presence, 0..1
};

/// One point of the hand network.
struct HandLandmark {
    Vec3f px;    ///< x, y: pixels of the upright frame; z: pixels, wrist = 0, negative nearer
    Vec3f world; ///< metres, origin inside the hand, camera axes (x right, y down, z away)
};

/// A hand as measured in one frame.
struct HandLandmarks {
    std::array<HandLandmark, kHandLandmarkCount> points;
    Roi roi;             ///< the crop they were found in
    float score = 0;     ///< the network's presence, 0..1; 0: not measured
    float sideScore = 0; ///< 0..1: it is a hand of the side that it is filed under
};
/// The person's own left and right.
using HandPair = std::array<HandLandmarks, 2>;

/// What the segment stage knows of a target in one frame.
struct TargetFrame {
    std::int64_t frame = 0;
    FrameState state = FrameState::Absent;
    PoseLandmarks pose;      ///< only where state is Visible and the engine gives landmarks (score > 0)
    HandPair hands;          ///< only where a hand is large and clear enough (score > 0)
    RleMask mask;            ///< full resolution; empty where absent
    float confidence = 0;    ///< 0..1 for timelines
    float similarity = 0;    ///< appearance against the prompted frame, 0..1
    bool firm = false;       ///< accepted without doubt
    bool prompted = false;   ///< a person clicked here
    bool afterCut = false;   ///< identity carried over a scene cut by appearance only
};

/// All frames of a target in [firstFrame, firstFrame + frames.size()).
struct TargetTrack {
    TargetId id = 0;
    std::int64_t firstFrame = 0;
    std::vector<TargetFrame> frames;
};

} // namespace body4d
