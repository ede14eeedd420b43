#pragma once

#include "body/body_keypoints.h"

namespace body4d::detail {

inline constexpr float kContactSeen = 0.25F; ///< confidence from which a point's place is believed

/// Distance from a keypoint to the skin below it when that part lies on the ground, metres of an adult.
constexpr double skinBelow(std::size_t k) {
    using namespace keypoint;
    switch (k) {
    case kLeftHeel:
    case kRightHeel:
    case kLeftToe:
    case kRightToe:
        return 0.025;
    case kLeftAnkle:
    case kRightAnkle:
        return 0.08;
    case kLeftKnee:
    case kRightKnee:
        return 0.06;
    case kLeftHip:
    case kRightHip:
        return 0.12;
    case kLeftElbow:
    case kRightElbow:
        return 0.04;
    case kLeftShoulder:
    case kRightShoulder:
        return 0.08;
    case kNose:
    case kLeftEye:
    case kRightEye:
    case kLeftEar:
    case kRightEar:
        return 0.1;
    default:
        return 0.03;
    }
}

} // namespace body4d::detail
