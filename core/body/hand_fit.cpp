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

/// The turn that takes the picture's axis to the ray to a point: the network sees a hand as if straight
/// ahead.
EMat3 rayRotation(const EVec3& point) {
    return Eigen::Quaterniond::FromTwoVectors(EVec3::UnitZ(), point.z() > 1e-6 ? point : EVec3::UnitZ())
        .toRotationMatrix();
}

/// Weighted mean around each frame. @param weight one a frame
std::vector<double> kernelMean(const std::vector<double>& values, const std::vector<double>& weight,
                               double sigma) {
    const auto reach = static_cast<std::ptrdiff_t>(std::ceil(3 * sigma));
    const auto n = static_cast<std::ptrdiff_t>(values.size());
    std::vector<double> out(values.size());
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        double sum = 0, total = 0;
        for (std::ptrdiff_t k = std::max<std::ptrdiff_t>(0, i - reach); k <= std::min(n - 1, i + reach);
             ++k) {
            const double d = static_cast<double>(k - i) / std::max(sigma, 1e-6);
            const double w = std::exp(-0.5 * d * d) * weight[static_cast<std::size_t>(k)];
            sum += w * values[static_cast<std::size_t>(k)];
            total += w;
        }
        out[static_cast<std::size_t>(i)] = total > 0 ? sum / total : 0;
    }
    return out;
}

/// Frames without a measurement take what lies between their neighbours that have one.
void bridge(std::vector<double>& values, const std::vector<double>& weight) {
    std::ptrdiff_t last = -1;
    const auto n = static_cast<std::ptrdiff_t>(values.size());
    for (std::ptrdiff_t i = 0; i <= n; ++i) {
        if (i < n && weight[static_cast<std::size_t>(i)] <= 0) {
            continue;
        }
        for (std::ptrdiff_t k = last + 1; k < i; ++k) {
            const double t = static_cast<double>(k - last) / static_cast<double>(i - last);
            const double left = last >= 0 ? values[static_cast<std::size_t>(last)] : 0;
            const double right = i < n ? values[static_cast<std::size_t>(i)] : left;
            values[static_cast<std::size_t>(k)] = last >= 0 ? (1 - t) * left + t * right : right;
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
    out.turn = logRotation(EMat3(toEigen(pose.rotations[rig.wrist()]).transpose() * wrist));
    out.angles = rig.anglesOf(points, palm);
    return out;
}

void HandFit::apply(const HandRig& rig, const EVec3& turn, const HandAngles& angles, BodyPose& pose) {
    Mat3& wrist = pose.rotations[rig.wrist()];
    wrist = fromEigen(EMat3(toEigen(wrist) * expRotation(turn)));
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
        apply(rigs_[side], m.turn, m.weight > 0 ? m.angles : relaxedHand(), pose);
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
    std::vector<double> weight(count), seen(count), ones(count, 1.0);
    EVec3 last = EVec3::Zero();
    for (std::size_t n = 0; n < count; ++n) {
        weight[n] = hands[n].weight;
        seen[n] = hands[n].weight > 0 ? 1 : 0;
        // Of the two ways to write a turn, the one nearer to the frame before.
        EVec3& turn = hands[n].turn;
        if (const double size = turn.norm(); hands[n].weight > 0 && size > 1e-6) {
            const EVec3 other = turn * (1 - 2 * 3.141592653589793 / size);
            turn = (other - last).squaredNorm() < (turn - last).squaredNorm() ? other : turn;
            last = turn;
        }
    }
    const HandAngles ease = relaxedHand();
    if (std::all_of(weight.begin(), weight.end(), [](double w) { return w <= 0; })) {
        for (BodyPose& pose : poses) {
            apply(rig, EVec3::Zero(), ease, pose);
        }
        return;
    }
    std::vector<double> share = kernelMean(seen, ones, kBlendSeconds * fps);
    for (double& s : share) {
        const double t = std::min(1.0, s / kFullAt);
        s = t * t * (3 - 2 * t);
    }
    const auto smoothed = [&](auto valueOf) {
        std::vector<double> values(count), trust(count);
        for (std::size_t n = 0; n < count; ++n) {
            values[n] = valueOf(hands[n]);
            trust[n] = std::max(weight[n], 0.05);
        }
        bridge(values, weight);
        return kernelMean(values, trust, kSmoothSeconds * fps);
    };
    std::array<std::vector<double>, 3> turns;
    for (std::size_t k = 0; k < turns.size(); ++k) {
        turns[k] = smoothed([k](const Measured& m) { return m.turn[static_cast<Eigen::Index>(k)]; });
    }
    std::array<std::vector<double>, kHandAngleCount> angles;
    for (std::size_t k = 0; k < angles.size(); ++k) {
        angles[k] = smoothed([k](const Measured& m) { return m.angles[k]; });
    }
    for (std::size_t n = 0; n < count; ++n) {
        HandAngles at{};
        for (std::size_t k = 0; k < at.size(); ++k) {
            at[k] = share[n] * angles[k][n] + (1 - share[n]) * ease[k];
        }
        apply(rig, share[n] * EVec3(turns[0][n], turns[1][n], turns[2][n]), at, poses[n]);
    }
}

} // namespace body4d::detail
