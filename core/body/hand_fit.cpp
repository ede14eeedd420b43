#include "body/detail/hand_fit.h"

#include "base/error.h"
#include "base/parallel.h"
#include "body/detail/convert.h"
#include "body/detail/pose_objective.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace body4d::detail {

namespace {

constexpr double kTooFarBeyond = 0.7; // radians beyond the wrist's limits: not the hand of this arm
constexpr double kSmoothSeconds = 0.045, kBlendSeconds = 0.12;
constexpr double kFullAt = 0.6; // share of frames around with a hand at which it is followed fully

using Quaternion = Eigen::Quaterniond;

/// The turn that takes the picture's axis to the ray to a point: the network sees a hand as if straight
/// ahead.
EMat3 rayRotation(const EVec3& point) {
    return Eigen::Quaterniond::FromTwoVectors(EVec3::UnitZ(), point.z() > 1e-6 ? point : EVec3::UnitZ())
        .toRotationMatrix();
}

/// Calls fn(frame, weight) for the frames around one.
template <typename Fn>
void aroundFrame(std::size_t frame, std::size_t count, double sigma, const Fn& fn) {
    const auto reach = static_cast<std::size_t>(std::ceil(3 * sigma));
    for (std::size_t k = frame - std::min(frame, reach); k <= std::min(count - 1, frame + reach); ++k) {
        const double d = (static_cast<double>(k) - static_cast<double>(frame)) / std::max(sigma, 1e-6);
        fn(k, std::exp(-0.5 * d * d));
    }
}

/// Weighted mean around each frame. @param weight one a frame
std::vector<double> kernelMean(const std::vector<double>& values, const std::vector<double>& weight,
                               double sigma) {
    std::vector<double> out(values.size());
    for (std::size_t n = 0; n < values.size(); ++n) {
        double sum = 0, total = 0;
        aroundFrame(n, values.size(), sigma, [&](std::size_t k, double gain) {
            sum += gain * weight[k] * values[k];
            total += gain * weight[k];
        });
        out[n] = total > 0 ? sum / total : 0;
    }
    return out;
}

/// The same of rotations, written with the sign that is nearer to the frame's own.
std::vector<Quaternion> kernelMean(const std::vector<Quaternion>& values, const std::vector<double>& weight, double sigma) {
    std::vector<Quaternion> out(values.size());
    for (std::size_t n = 0; n < values.size(); ++n) {
        Eigen::Vector4d sum = Eigen::Vector4d::Zero();
        aroundFrame(n, values.size(), sigma, [&](std::size_t k, double gain) {
            sum += std::copysign(gain * weight[k], values[k].dot(values[n])) * values[k].coeffs();
        });
        out[n] = Quaternion(sum).normalized();
    }
    return out;
}

double between(double a, double b, double t) { return (1 - t) * a + t * b; }
Quaternion between(const Quaternion& a, const Quaternion& b, double t) { return a.slerp(t, b); }

/// Frames without a measurement take what lies between their neighbours that have one; some frame has one.
template <typename T>
void bridge(std::vector<T>& values, const std::vector<double>& weight) {
    std::ptrdiff_t last = -1;
    const auto n = static_cast<std::ptrdiff_t>(values.size());
    const auto at = [&](std::ptrdiff_t i) -> T& { return values[static_cast<std::size_t>(i)]; };
    for (std::ptrdiff_t i = 0; i <= n; ++i) {
        if (i < n && weight[static_cast<std::size_t>(i)] <= 0) {
            continue;
        }
        for (std::ptrdiff_t k = last + 1; k < i; ++k) {
            at(k) = last < 0 ? at(i)
                    : i == n ? at(last)
                             : between(at(last), at(i), static_cast<double>(k - last) / static_cast<double>(i - last));
        }
        last = i;
    }
}

} // namespace

HandFit::Measured HandFit::measure(const HandRig& rig, const HandLandmarks& hand,
                                   const BodyPose& pose) const {
    Measured out;
    if (hand.score <= 0 || pose.rotations.empty()) {
        return out;
    }
    HandPoints3 points;
    for (std::size_t k = 0; k < points.size(); ++k) {
        const Vec3f& w = hand.points[k].world;
        points[k] = EVec3(w.x, w.y, w.z);
    }
    const PosedSkeleton skeleton = model_.skeleton(rest_, pose);
    const EMat3 palm = rig.palmRotation(points);
    const EMat3 inCam = rayRotation(toEigen(skeleton.joints[rig.wrist()])) * palm;
    double excess = 0;
    const EMat3 wrist =
        rig.limitedWrist(EMat3(toEigen(skeleton.rotations[rig.forearm()]).transpose() * inCam), excess);
    if (excess > kTooFarBeyond) {
        return out;
    }
    out.weight = static_cast<double>(hand.score) * static_cast<double>(hand.sideScore);
    out.turn = Quaternion(EMat3(toEigen(pose.rotations[rig.wrist()]).transpose() * wrist));
    out.angles = rig.anglesOf(points, palm);
    return out;
}

void HandFit::apply(const HandRig& rig, const EMat3& turn, const HandAngles& angles, BodyPose& pose) {
    Mat3& wrist = pose.rotations[rig.wrist()];
    wrist = fromEigen(EMat3(toEigen(wrist) * turn));
    rig.setFingers(angles, pose);
    rig.setForearmTwist(pose);
}

void HandFit::holdWrists(const FitBody& body, const PoseState& fitted, BodyPose& pose) {
    const PosedJoints before = posedJoints(fitted, body), after = posedJoints(toPoseState(pose), body);
    for (std::size_t side = 0; side < 2; ++side) {
        const bool left = side == 0;
        const std::size_t upper = left ? joint::kUpperArmL : joint::kUpperArmR,
                          lower = left ? joint::kLowerArmL : joint::kLowerArmR,
                          wrist = left ? joint::kWristL : joint::kWristR,
                          point = left ? keypoint::kLeftWrist : keypoint::kRightWrist;
        const EVec3 elbow = after.origins[lower];
        const EMat3 turn =
            Eigen::Quaterniond::FromTwoVectors(positionOf(body.keypoints[point], after) - elbow,
                                               positionOf(body.keypoints[point], before) - elbow)
                .toRotationMatrix();
        const EMat3 forearm = turn * after.rotations[lower];
        pose.rotations[lower] =
            fromEigen(orthonormalized(EMat3(after.rotations[upper].transpose() * forearm)));
        pose.rotations[wrist] =
            fromEigen(orthonormalized(EMat3(forearm.transpose() * after.rotations[wrist])));
    }
}

void HandFit::single(const TargetFrame& frame, BodyPose& pose) const {
    for (std::size_t side = 0; side < 2; ++side) {
        const Measured m = measure(rigs_[side], frame.hands[side], pose);
        apply(rigs_[side], m.turn.toRotationMatrix(), m.weight > 0 ? m.angles : relaxedHand(), pose);
    }
}

void HandFit::smooth(std::span<const TargetFrame> frames, std::span<const FrameInput> input, double fps,
                     std::span<BodyPose> poses) const {
    BODY4D_EXPECT(frames.size() == poses.size() && input.size() == poses.size() && fps > 0);
    for (std::size_t side = 0; side < 2; ++side) {
        std::vector<Measured> hands(frames.size());
        parallelFor(frames.size(), [&](std::size_t begin, std::size_t end) {
            for (std::size_t n = begin; n < end; ++n) {
                hands[n] = measure(rigs_[side], frames[n].hands[side], poses[n]);
            }
        });
        for (std::size_t begin = 0; begin < hands.size();) {
            std::size_t end = begin + 1;
            while (end < hands.size() && !input[end].startsShot) {
                ++end;
            }
            smoothShot(rigs_[side], std::span(hands).subspan(begin, end - begin), fps,
                       poses.subspan(begin, end - begin));
            begin = end;
        }
    }
}

void HandFit::smoothShot(const HandRig& rig, std::span<Measured> hands, double fps,
                         std::span<BodyPose> poses) const {
    const std::size_t count = hands.size();
    std::vector<double> weight(count), seen(count), trust(count), ones(count, 1.0);
    for (std::size_t n = 0; n < count; ++n) {
        weight[n] = hands[n].weight;
        seen[n] = hands[n].weight > 0 ? 1 : 0;
        trust[n] = std::max(weight[n], 0.05);
    }
    const HandAngles ease = relaxedHand();
    if (std::all_of(weight.begin(), weight.end(), [](double w) { return w <= 0; })) {
        for (BodyPose& pose : poses) {
            apply(rig, EMat3::Identity(), ease, pose);
        }
        return;
    }
    std::vector<double> share = kernelMean(seen, ones, kBlendSeconds * fps);
    for (double& s : share) {
        const double t = std::min(1.0, s / kFullAt);
        s = t * t * (3 - 2 * t);
    }
    const auto smoothed = [&]<typename ValueOf>(const ValueOf& valueOf) {
        std::vector<std::decay_t<decltype(valueOf(hands.front()))>> values;
        for (const Measured& hand : hands) {
            values.push_back(valueOf(hand));
        }
        bridge(values, weight);
        return kernelMean(values, trust, kSmoothSeconds * fps);
    };
    // Whole rotations: of the two ways to write a turn neither depends on frames long ago.
    const auto turns = smoothed([](const Measured& m) { return m.turn; });
    std::array<std::vector<double>, kHandAngleCount> angles;
    for (std::size_t k = 0; k < angles.size(); ++k) {
        angles[k] = smoothed([k](const Measured& m) { return m.angles[k]; });
    }
    for (std::size_t n = 0; n < count; ++n) {
        HandAngles at{};
        for (std::size_t k = 0; k < at.size(); ++k) {
            at[k] = share[n] * angles[k][n] + (1 - share[n]) * ease[k];
        }
        apply(rig, Quaternion::Identity().slerp(share[n], turns[n]).toRotationMatrix(), at, poses[n]);
    }
}

} // namespace body4d::detail
