#include "base/order_statistics.h"
#include "body/detail/analytic_pose.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace body4d::detail {
namespace {

using namespace keypoint;

constexpr double kHeadLimit = 1.2;                    // radians between head and chest
constexpr double kStraight = 0.15, kBentRange = 0.35; // sine of the bend from which a limb's own plane counts

template <std::size_t N>
EMat3 alignPoints(const std::array<std::size_t, N>& points, const std::array<EVec3, kBodyKeypointCount>& from,
                  const std::array<EVec3, kBodyKeypointCount>& to) {
    std::array<EVec3, N> a, b;
    EVec3 meanA = EVec3::Zero(), meanB = EVec3::Zero();
    for (std::size_t i = 0; i < N; ++i) {
        meanA += from[points[i]] / static_cast<double>(N);
        meanB += to[points[i]] / static_cast<double>(N);
    }
    for (std::size_t i = 0; i < N; ++i) {
        a[i] = from[points[i]] - meanA;
        b[i] = to[points[i]] - meanB;
    }
    return kabsch(a, b);
}

struct Limb {
    std::size_t upper, lower;        ///< joints
    std::size_t first, middle, last; ///< keypoints
};
constexpr std::array<Limb, 4> kLimbs{{
    {joint::kUpperArmL, joint::kLowerArmL, kLeftShoulder, kLeftElbow, kLeftWrist},
    {joint::kUpperArmR, joint::kLowerArmR, kRightShoulder, kRightElbow, kRightWrist},
    {joint::kUpperLegL, joint::kLowerLegL, kLeftHip, kLeftKnee, kLeftAnkle},
    {joint::kUpperLegR, joint::kLowerLegR, kRightHip, kRightKnee, kRightAnkle},
}};

constexpr std::array<std::array<std::size_t, 2>, 11> kSegments{{
    {kLeftShoulder, kLeftElbow},
    {kLeftElbow, kLeftWrist},
    {kRightShoulder, kRightElbow},
    {kRightElbow, kRightWrist},
    {kLeftHip, kLeftKnee},
    {kLeftKnee, kLeftAnkle},
    {kRightHip, kRightKnee},
    {kRightKnee, kRightAnkle},
    {kLeftShoulder, kLeftHip},
    {kRightShoulder, kRightHip},
    {kLeftShoulder, kRightShoulder},
}};

std::array<double, kBodyKeypointCount> normalizedWeights(const FrameInput& input) {
    std::array<double, kBodyKeypointCount> w{};
    double sum = 0;
    for (std::size_t k = 0; k < w.size(); ++k) {
        sum += w[k] = input.weight2[k] + 1e-3;
    }
    for (double& value : w) {
        value /= sum;
    }
    return w;
}

} // namespace

RestFrame::RestFrame(const AnnyModel& model) {
    BodyShape adult;
    adult.height = 0.5;
    body = model.fitBody(adult);
    hinge.fill(EVec3::Zero());
    hinge[joint::kLowerLegL] = hinge[joint::kLowerLegR] = EVec3::UnitX();
    for (const auto& [upper, lower, hand] :
         {std::array{joint::kUpperArmL, joint::kLowerArmL, joint::kWristL},
          std::array{joint::kUpperArmR, joint::kLowerArmR, joint::kWristR}}) {
        const EVec3 u = body.joints[lower] - body.joints[upper], f = body.joints[hand] - body.joints[lower];
        hinge[lower] = u.cross(f).normalized(); // the rest elbow is bent
    }
}

std::array<EMat3, kFitJoints> analyticRotations(const std::array<EVec3, kBodyKeypointCount>& world,
                                                const RestFrame& rest) {
    std::array<EMat3, kFitJoints> d;
    d.fill(EMat3::Identity());
    const auto& x = rest.body.restKeypoints;
    const EMat3 torso = alignPoints(std::array{kLeftShoulder, kRightShoulder, kLeftHip, kRightHip}, x, world);
    d[joint::kRoot] = torso;
    const EMat3 head = alignPoints(std::array{kNose, kLeftEye, kRightEye, kLeftEar, kRightEar}, x, world);
    EVec3 turn = logRotation(torso.transpose() * head);
    turn *= std::min(1.0, kHeadLimit / std::max(turn.norm(), 1e-6));
    d[joint::kNeck] = d[joint::kHead] = expRotation(0.5 * turn);
    for (const Limb& limb : kLimbs) {
        const EVec3 upper = world[limb.middle] - world[limb.first],
                    lower = world[limb.last] - world[limb.middle];
        const EVec3 upper0 = x[limb.middle] - x[limb.first], lower0 = x[limb.last] - x[limb.middle];
        const EVec3& hinge0 = rest.hinge[limb.lower];
        const EVec3 plane = upper.cross(lower);
        const double bend = plane.norm() / std::max(upper.norm() * lower.norm(), 1e-9);
        const double own =
            std::clamp((bend - kStraight) / kBentRange, 0.0, 1.0); // nearly straight: the torso's axis
        const EVec3 hinge = own * plane / std::max(plane.norm(), 1e-9) + (1 - own) * (torso * hinge0);
        const EMat3 upperWorld = frameAlong(upper, hinge) * frameAlong(upper0, hinge0).transpose();
        const EMat3 lowerWorld =
            frameAlong(lower, upperWorld * hinge0) * frameAlong(lower0, hinge0).transpose();
        d[limb.upper] = torso.transpose() * upperWorld;
        d[limb.lower] = upperWorld.transpose() * lowerWorld;
    }
    return d;
}

double depthFromSpread(const FrameInput& input, double scale, double focalPx) {
    const auto w = normalizedWeights(input);
    EVec2 meanPx = EVec2::Zero(), meanWorld = EVec2::Zero();
    for (std::size_t k = 0; k < w.size(); ++k) {
        meanPx += w[k] * input.px[k];
        meanWorld += w[k] * scale * input.world[k].head<2>();
    }
    double spreadPx = 0, spreadWorld = 0;
    for (std::size_t k = 0; k < w.size(); ++k) {
        spreadPx += w[k] * (input.px[k] - meanPx).squaredNorm();
        spreadWorld += w[k] * (scale * input.world[k].head<2>() - meanWorld).squaredNorm();
    }
    return focalPx * std::sqrt(spreadWorld) / std::max(std::sqrt(spreadPx), 1e-6);
}

EVec3 translationAt(const FrameInput& input, double scale, const Intrinsics& camera, double depth) {
    const auto w = normalizedWeights(input);
    EVec2 meanPx = EVec2::Zero();
    EVec3 meanWorld = EVec3::Zero();
    for (std::size_t k = 0; k < w.size(); ++k) {
        meanPx += w[k] * input.px[k];
        meanWorld += w[k] * scale * input.world[k];
    }
    return {(meanPx.x() - camera.centreX) / camera.focalPx * depth - meanWorld.x(),
            (meanPx.y() - camera.centreY) / camera.focalPx * depth - meanWorld.y(), depth - meanWorld.z()};
}

WorldLengths::WorldLengths() : lengths_(std::size(kSegments)) {}

void WorldLengths::add(std::span<const FrameInput> input) {
    std::size_t i = 0;
    for (const auto& [a, b] : kSegments) {
        for (const FrameInput& in : input) {
            if (in.measured) {
                lengths_[i].push_back((in.world[a] - in.world[b]).norm());
            }
        }
        ++i;
    }
}

double WorldLengths::total() const {
    double sum = 0;
    for (std::vector<double> lengths : lengths_) {
        if (lengths.empty()) {
            return 0;
        }
        sum += upperMedian(lengths);
    }
    return sum;
}

double worldScale(const FitBody& body, double worldLength) {
    if (!(worldLength > 0)) {
        return 1;
    }
    double bodyLength = 0;
    for (const auto& [a, b] : kSegments) {
        bodyLength += (body.restKeypoints[a] - body.restKeypoints[b]).norm();
    }
    return bodyLength / std::max(worldLength, 1e-6);
}

double worldScale(const FitBody& body, std::span<const FrameInput> input) {
    WorldLengths lengths;
    lengths.add(input);
    return worldScale(body, lengths.total());
}

} // namespace body4d::detail
