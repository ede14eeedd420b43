#pragma once

#include "base/pose_track.h"
#include "body/body_model.h"
#include "body/detail/anny_model.h"

#include <array>
#include <cstddef>

namespace body4d::detail {

/// What a finger can do: bend and spread at its base, bend at the two joints after it. Radians from the rest
/// pose, bending is towards the palm.
enum HandAngle : std::size_t { kBend = 0, kSpread = 1, kMiddle = 2, kEnd = 3, kAnglesPerFinger = 4 };
inline constexpr std::size_t kHandAngleCount = joint::kFingerCount * kAnglesPerFinger;
/// Thumb first, four angles a finger.
using HandAngles = std::array<double, kHandAngleCount>;

/// A hand that hangs at ease.
[[nodiscard]] HandAngles relaxedHand();
/// Within what the joints of a real hand allow.
[[nodiscard]] HandAngles limited(HandAngles angles);

/// Hand points in metres, any origin; order of HandLandmarks.
using HandPoints3 = std::array<EVec3, kHandLandmarkCount>;

/// Rest geometry of one hand of a shaped body and the way between its points and its joints' angles.
class HandRig {
public:
    /// @param side 0 left, 1 right
    HandRig(const RestBody& rest, std::size_t side);

    [[nodiscard]] std::size_t wrist() const { return side_ == 0 ? joint::kWristL : joint::kWristR; }
    [[nodiscard]] std::size_t forearm() const { return side_ == 0 ? joint::kLowerArmL : joint::kLowerArmR; }

    /// Rotation of the palm from rest to the points' axes.
    [[nodiscard]] EMat3 palmRotation(const HandPoints3& points) const;
    /// Angles of the fingers, given how the palm is turned; limited.
    [[nodiscard]] HandAngles anglesOf(const HandPoints3& points, const EMat3& palm) const;
    /// Joint rotations of the fingers.
    void setFingers(const HandAngles& angles, BodyPose& pose) const;

    /// The wrist's rotation as a real wrist can have it.
    /// @param excess receives by how many radians it was beyond
    [[nodiscard]] EMat3 limitedWrist(const EMat3& rotation, double& excess) const;
    /// Lets the forearm's middle take its share of the wrist's twist.
    void setForearmTwist(BodyPose& pose) const;

private:
    /// Axes of a bone at rest: along it, its hinge, and towards the palm.
    struct Bone {
        EVec3 along, hinge, inward;
    };
    [[nodiscard]] double twistOf(const EMat3& rotation) const;

    std::size_t side_;
    EVec3 forearmAxis_;
    std::array<EVec3, 5> palm_; ///< wrist and the bases of the four fingers, about their mean
    std::array<std::array<Bone, joint::kBonesPerFinger>, joint::kFingerCount> bones_;
};

} // namespace body4d::detail
