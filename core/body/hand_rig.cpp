#include "body/detail/hand_rig.h"

#include <algorithm>
#include <cmath>

namespace body4d::detail {

namespace {

constexpr double kDegree = 0.017453292519943295;
constexpr std::array<std::size_t, 5> kPalmPoints{0, 5, 9, 13, 17};

struct Range {
    double low, high; ///< degrees from rest; the rest pose is bent by about ten degrees already
};
using FingerRanges = std::array<Range, kAnglesPerFinger>;
constexpr FingerRanges kThumbRanges{{{-35, 45}, {-45, 45}, {-15, 60}, {-15, 75}}};
constexpr FingerRanges kFingerRanges{{{-25, 90}, {-18, 18}, {-12, 105}, {-10, 75}}};
constexpr std::array<double, kAnglesPerFinger> kThumbAtEase{5, 0, 12, 12}, kFingerAtEase{18, 0, 24, 14};

constexpr double kMostTwist = 110 * kDegree, kMostSwing = 80 * kDegree; // of the wrist against the forearm
constexpr double kForearmShare = 0.5;
constexpr double kSpreadFade = 0.35; // a finger that is bent this far (cosine) no longer tells its spread

const FingerRanges& rangesOf(std::size_t finger) {
    return finger == 0 ? kThumbRanges : kFingerRanges;
}

/// In-plane component of rotations about a bone's hinge.
double hingeAngle(const EVec3& along, const EVec3& inward, const EVec3& direction) {
    return std::atan2(direction.dot(inward), direction.dot(along));
}

} // namespace

HandAngles relaxedHand() {
    HandAngles out{};
    for (std::size_t f = 0; f < joint::kFingerCount; ++f) {
        for (std::size_t k = 0; k < kAnglesPerFinger; ++k) {
            // Resting fingers bend more towards the little one.
            const double more = f == 0 || k == kSpread ? 1 : 0.8 + 0.15 * static_cast<double>(f - 1);
            out[f * kAnglesPerFinger + k] = kDegree * more * (f == 0 ? kThumbAtEase : kFingerAtEase)[k];
        }
    }
    return out;
}

HandAngles limited(HandAngles angles) {
    for (std::size_t i = 0; i < angles.size(); ++i) {
        const Range& range = rangesOf(i / kAnglesPerFinger)[i % kAnglesPerFinger];
        angles[i] = std::clamp(angles[i], kDegree * range.low, kDegree * range.high);
    }
    return angles;
}

HandRig::HandRig(const RestBody& rest, std::size_t side) : side_(side) {
    const auto at = [&rest](std::size_t j) { return toEigen(rest.joints[j]); };
    const auto base = [&](std::size_t finger) {
        return joint::kFingers[side_] + finger * joint::kBonesPerFinger;
    };
    forearmAxis_ = (at(wrist()) - at(forearm())).normalized();
    palm_[0] = at(wrist());
    EVec3 mean = palm_[0];
    for (std::size_t k = 1; k < palm_.size(); ++k) {
        palm_[k] = at(base(k));
        mean += palm_[k];
    }
    for (EVec3& p : palm_) {
        p -= mean / static_cast<double>(palm_.size());
    }
    EVec3 inward =
        (palm_[4] - palm_[0]).cross(palm_[1] - palm_[0]).normalized(); // out of the palm, left hand
    if (side_ == 1) {
        inward = -inward;
    }
    for (std::size_t f = 0; f < joint::kFingerCount; ++f) {
        const std::size_t b = base(f);
        const std::array<EVec3, 3> along{(at(b + 1) - at(b)).normalized(),
                                         (at(b + 2) - at(b + 1)).normalized(),
                                         (at(b + 2) - at(b + 1)).normalized()};
        // The thumb bends in the plane in which it is bent at rest, the fingers towards the palm.
        const EVec3 hinge = f == 0 ? along[0].cross(along[1]) : along[0].cross(inward);
        for (std::size_t k = 0; k < along.size(); ++k) {
            Bone& bone = bones_[f][k];
            bone.along = along[k];
            bone.hinge = (hinge - hinge.dot(along[k]) * along[k]).normalized();
            bone.inward = bone.hinge.cross(along[k]);
        }
    }
}

EMat3 HandRig::palmRotation(const HandPoints3& points) const {
    std::array<EVec3, 5> seen;
    EVec3 mean = EVec3::Zero();
    for (std::size_t k = 0; k < seen.size(); ++k) {
        seen[k] = points[kPalmPoints[k]];
        mean += seen[k] / static_cast<double>(seen.size());
    }
    for (EVec3& p : seen) {
        p -= mean;
    }
    return kabsch(palm_, seen);
}

HandAngles HandRig::anglesOf(const HandPoints3& points, const EMat3& palm) const {
    HandAngles out{};
    for (std::size_t f = 0; f < joint::kFingerCount; ++f) {
        std::array<EVec3, joint::kBonesPerFinger> u;
        for (std::size_t k = 0; k < u.size(); ++k) {
            const EVec3 d = points[4 * f + k + 2] - points[4 * f + k + 1];
            u[k] = palm.transpose() * d / std::max(d.norm(), 1e-9);
        }
        double* a = &out[f * kAnglesPerFinger];
        const auto& bones = bones_[f];
        const FingerRanges& ranges = rangesOf(f);
        const auto clamp = [&](std::size_t k) {
            a[k] = std::clamp(a[k], kDegree * ranges[k].low, kDegree * ranges[k].high);
        };
        // Spread about the axis out of the palm after bending about the hinge.
        const double flat = std::hypot(u[0].dot(bones[0].along), u[0].dot(bones[0].hinge));
        a[kBend] = std::asin(std::clamp(u[0].dot(bones[0].inward), -1.0, 1.0));
        if (u[0].dot(bones[0].along) < 0 && a[kBend] > 0) {
            a[kBend] = 180 * kDegree - a[kBend]; // bent beyond a right angle
        }
        clamp(kBend);
        a[kSpread] = u[0].dot(bones[0].along) > 0
                         ? std::atan2(-u[0].dot(bones[0].hinge), u[0].dot(bones[0].along)) *
                               std::min(1.0, flat / kSpreadFade)
                         : 0;
        clamp(kSpread);
        EMat3 turn = expRotation(a[kSpread] * bones[0].inward) * expRotation(a[kBend] * bones[0].hinge);
        a[kMiddle] = hingeAngle(bones[1].along, bones[1].inward, turn.transpose() * u[1]);
        clamp(kMiddle);
        turn = turn * expRotation(a[kMiddle] * bones[1].hinge);
        a[kEnd] = hingeAngle(bones[2].along, bones[2].inward, turn.transpose() * u[2]);
        clamp(kEnd);
    }
    return out;
}

void HandRig::setFingers(const HandAngles& angles, BodyPose& pose) const {
    for (std::size_t f = 0; f < joint::kFingerCount; ++f) {
        const double* a = &angles[f * kAnglesPerFinger];
        const auto& bones = bones_[f];
        Mat3* d = &pose.rotations[joint::kFingers[side_] + f * joint::kBonesPerFinger];
        d[0] = fromEigen(
            EMat3(expRotation(a[kSpread] * bones[0].inward) * expRotation(a[kBend] * bones[0].hinge)));
        d[1] = fromEigen(expRotation(a[kMiddle] * bones[1].hinge));
        d[2] = fromEigen(expRotation(a[kEnd] * bones[2].hinge));
    }
}

double HandRig::twistOf(const EMat3& rotation) const {
    // The quaternion's part along the axis.
    const Eigen::Quaterniond q(rotation);
    const double angle = 2 * std::atan2(q.vec().dot(forearmAxis_), q.w());
    return std::remainder(angle, 360 * kDegree);
}

EMat3 HandRig::limitedWrist(const EMat3& rotation, double& excess) const {
    const double twist = twistOf(rotation);
    const EVec3 swing = logRotation(EMat3(rotation * expRotation(-twist * forearmAxis_)));
    const double kept = std::clamp(twist, -kMostTwist, kMostTwist), size = swing.norm();
    excess = std::max(std::abs(twist - kept), size - kMostSwing);
    excess = std::max(excess, 0.0);
    return expRotation(swing * std::min(1.0, kMostSwing / std::max(size, 1e-9))) *
           expRotation(kept * forearmAxis_);
}

void HandRig::setForearmTwist(BodyPose& pose) const {
    const double twist = twistOf(toEigen(pose.rotations[wrist()]));
    pose.rotations[joint::kTwist[side_]] = fromEigen(expRotation(kForearmShare * twist * forearmAxis_));
}

} // namespace body4d::detail
