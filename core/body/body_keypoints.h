#pragma once

#include "body/body_track.h"

#include <array>

namespace body4d {

/// A point that the landmark network sees and the body knows.
struct BodyKeypoint {
    const char* name;
    int poseLandmark; ///< index among BlazePose's 33
    double weight;    ///< trust in the fit; 1 for the large joints
    bool limb;        ///< counts in reprojection figures: shoulders, elbows, wrists, hips, knees, ankles
};

/// Order of BodyFrame::keypoints. Left is the person's own left.
inline constexpr std::array<BodyKeypoint, kBodyKeypointCount> kBodyKeypoints{{
    {"nose", 0, 1.0, false},
    {"left_eye", 2, 0.6, false},
    {"right_eye", 5, 0.6, false},
    {"left_ear", 7, 0.8, false},
    {"right_ear", 8, 0.8, false},
    {"left_shoulder", 11, 1.0, true},
    {"right_shoulder", 12, 1.0, true},
    {"left_elbow", 13, 1.0, true},
    {"right_elbow", 14, 1.0, true},
    {"left_wrist", 15, 1.0, true},
    {"right_wrist", 16, 1.0, true},
    {"left_pinky", 17, 0.3, false},
    {"right_pinky", 18, 0.3, false},
    {"left_index", 19, 0.3, false},
    {"right_index", 20, 0.3, false},
    {"left_hip", 23, 0.8, true},
    {"right_hip", 24, 0.8, true},
    {"left_knee", 25, 1.0, true},
    {"right_knee", 26, 1.0, true},
    {"left_ankle", 27, 1.0, true},
    {"right_ankle", 28, 1.0, true},
    {"left_heel", 29, 0.5, false},
    {"right_heel", 30, 0.5, false},
    {"left_foot_index", 31, 0.5, false},
    {"right_foot_index", 32, 0.5, false},
}};

/// Positions in kBodyKeypoints that code needs by name.
namespace keypoint {
inline constexpr std::size_t kNose = 0, kLeftEye = 1, kRightEye = 2, kLeftEar = 3, kRightEar = 4,
                             kLeftShoulder = 5, kRightShoulder = 6, kLeftElbow = 7, kRightElbow = 8,
                             kLeftWrist = 9, kRightWrist = 10, kLeftPinky = 11, kRightPinky = 12,
                             kLeftIndex = 13, kRightIndex = 14, kLeftHip = 15, kRightHip = 16, kLeftKnee = 17,
                             kRightKnee = 18, kLeftAnkle = 19, kRightAnkle = 20, kLeftHeel = 21,
                             kRightHeel = 22, kLeftToe = 23, kRightToe = 24;
} // namespace keypoint

/// Lines to draw between keypoints.
inline constexpr std::array<std::array<std::size_t, 2>, 22> kBodyKeypointLines{{
    {keypoint::kNose, keypoint::kLeftEye},
    {keypoint::kNose, keypoint::kRightEye},
    {keypoint::kLeftEye, keypoint::kLeftEar},
    {keypoint::kRightEye, keypoint::kRightEar},
    {keypoint::kLeftShoulder, keypoint::kRightShoulder},
    {keypoint::kLeftShoulder, keypoint::kLeftElbow},
    {keypoint::kRightShoulder, keypoint::kRightElbow},
    {keypoint::kLeftElbow, keypoint::kLeftWrist},
    {keypoint::kRightElbow, keypoint::kRightWrist},
    {keypoint::kLeftWrist, keypoint::kLeftIndex},
    {keypoint::kRightWrist, keypoint::kRightIndex},
    {keypoint::kLeftShoulder, keypoint::kLeftHip},
    {keypoint::kRightShoulder, keypoint::kRightHip},
    {keypoint::kLeftHip, keypoint::kRightHip},
    {keypoint::kLeftHip, keypoint::kLeftKnee},
    {keypoint::kRightHip, keypoint::kRightKnee},
    {keypoint::kLeftKnee, keypoint::kLeftAnkle},
    {keypoint::kRightKnee, keypoint::kRightAnkle},
    {keypoint::kLeftAnkle, keypoint::kLeftHeel},
    {keypoint::kRightAnkle, keypoint::kRightHeel},
    {keypoint::kLeftHeel, keypoint::kLeftToe},
    {keypoint::kRightHeel, keypoint::kRightToe},
}};

} // namespace body4d
