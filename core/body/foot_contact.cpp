#include "body/foot_contact.h"

#include "base/error.h"
#include "base/order_statistics.h"
#include "body/body_keypoints.h"
#include "body/detail/convert.h"
#include "body/detail/pose_objective.h"
#include "body/world.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <span>
#include <vector>

namespace body4d {

using namespace detail;

namespace {

constexpr double kSlopeSeconds = 0.1;   // half the time over which a speed is measured
constexpr double kLowSeconds = 1.2;     // half the time over which the lowest level of the feet is sought
constexpr double kDepthTrust = 0.5;     // speed along the line of sight counts this much: it is the noisy part
constexpr double kSettleSeconds = 0.3;  // over which a planted foot finds its first place
constexpr double kFootPixels = 1.5;     // error of a foot's place in the picture
constexpr float kSeen = 0.2F;

/// Heel and toe of one foot over time, in the world.
struct FootPath {
    std::vector<EVec3> heel, toe;
    std::vector<double> seen;
};

bool posed(const BodyFrame& frame) {
    return !frame.pose.rotations.empty() && (frame.state == FrameState::Visible || frame.state == FrameState::Completed);
}

EVec3 toWorld(const RigidTransform& worldFromCam, const Vec3& p) { return toEigen(worldFromCam * p); }

std::array<FootPath, 2> footPaths(const BodyTrack& track, const WorldFrame& world) {
    std::array<FootPath, 2> out;
    for (const BodyFrame& f : track.frames) {
        const RigidTransform& t = worldFromCamAt(world, f.frame);
        for (std::size_t side = 0; side < 2; ++side) {
            out[side].heel.push_back(toWorld(t, f.keypoints[keypoint::kLeftHeel + side]));
            out[side].toe.push_back(toWorld(t, f.keypoints[keypoint::kLeftToe + side]));
            const float seen = std::max({f.confidence[keypoint::kLeftHeel + side], f.confidence[keypoint::kLeftToe + side],
                                         f.confidence[keypoint::kLeftAnkle + side]});
            out[side].seen.push_back(posed(f) ? std::max<double>(seen, f.state == FrameState::Completed ? kSeen : 0) : -1);
        }
    }
    return out;
}

/// Direction in which the camera looks at a point, level with the ground.
EVec3 levelSight(const RigidTransform& worldFromCam, const EVec3& point) {
    EVec3 d = point - toEigen(worldFromCam.translation);
    d.y() = 0;
    return d.norm() > 1e-6 ? EVec3(d.normalized()) : EVec3(0, 0, 1);
}

/// Speed along the ground of the slower of heel and toe: a foot rolls over the one that rests.
double groundSpeed(const FootPath& foot, std::size_t i, std::size_t reach, double fps, const EVec3& sight) {
    const std::size_t a = i > reach ? i - reach : 0, b = std::min(foot.heel.size() - 1, i + reach);
    if (b <= a) {
        return 0;
    }
    double slowest = 1e9;
    for (const auto* path : {&foot.heel, &foot.toe}) {
        EVec3 v = ((*path)[b] - (*path)[a]) * fps / static_cast<double>(b - a);
        v.y() = 0;
        const double along = v.dot(sight);
        const EVec3 across = v - along * sight;
        slowest = std::min(slowest, std::hypot(across.norm(), kDepthTrust * along));
    }
    return slowest;
}

double lower(const FootPath& foot, std::size_t i) { return std::min(foot.heel[i].y(), foot.toe[i].y()); }

/// Half-open runs of true.
std::vector<std::array<std::size_t, 2>> runsOf(const std::vector<bool>& flags, bool value) {
    std::vector<std::array<std::size_t, 2>> out;
    for (std::size_t i = 0; i < flags.size(); ++i) {
        if (flags[i] != value) {
            continue;
        }
        const std::size_t begin = i;
        while (i < flags.size() && flags[i] == value) {
            ++i;
        }
        out.push_back({begin, i});
    }
    return out;
}

/// Shares with which heel and toe carry the foot: the lower one rests.
std::array<double, 2> bearing(const FootPath& foot, std::size_t i) {
    constexpr double kSoft = 0.02; // metres
    const double low = lower(foot, i);
    const double heel = std::exp(-(foot.heel[i].y() - low) / kSoft), toe = std::exp(-(foot.toe[i].y() - low) / kSoft);
    return {heel / (heel + toe), toe / (heel + toe)};
}

/// Step of the resting part of a foot between two frames.
EVec3 slip(const FootPath& foot, std::size_t i) {
    const auto a = bearing(foot, i), b = bearing(foot, i + 1);
    const double heel = 0.5 * (a[0] + b[0]), toe = 0.5 * (a[1] + b[1]);
    return heel * (foot.heel[i + 1] - foot.heel[i]) + toe * (foot.toe[i + 1] - foot.toe[i]);
}

/// By coordinate.
EVec3 medianOf(std::span<const EVec3> points) {
    EVec3 out;
    std::vector<double> values;
    for (int axis = 0; axis < 3; ++axis) {
        values.clear();
        for (const EVec3& p : points) {
            values.push_back(p[axis]);
        }
        out[axis] = upperMedian(values);
    }
    return out;
}

/// Turns hip and knee of a leg so that the ankle moves by `shift` (camera axes) while the foot keeps its direction.
void moveAnkle(PoseState& state, const FitBody& body, std::size_t upperLeg, const EVec3& shift) {
    const std::size_t lowerLeg = upperLeg + 1, foot = upperLeg + 2;
    const PosedJoints posedBody = posedJoints(state, body);
    const EVec3 hip = posedBody.origins[upperLeg], knee = posedBody.origins[lowerLeg], ankle = posedBody.origins[foot];
    const double thigh = (knee - hip).norm(), shin = (ankle - knee).norm();
    EVec3 target = ankle + shift;
    const double reach = std::clamp((target - hip).norm(), std::abs(thigh - shin) + 1e-3, 0.999 * (thigh + shin));
    target = hip + reach * (target - hip).normalized();

    // The knee bends in its own plane until the ankle is as far from the hip as its target ...
    const EVec3 up = hip - knee, down = ankle - knee;
    EVec3 axis = up.cross(down);
    if (axis.norm() < 1e-6) {
        axis = posedBody.rotations[lowerLeg].col(0);
    }
    axis.normalize();
    const auto angleAt = [&](double distance) {
        return std::acos(std::clamp((thigh * thigh + shin * shin - distance * distance) / (2 * thigh * shin), -1.0, 1.0));
    };
    const EMat3 bend = expRotation((angleAt(reach) - angleAt((ankle - hip).norm())) * axis);
    const EVec3 bent = knee + bend * down;
    // ... and the hip swings it there.
    const EMat3 swing = Eigen::Quaterniond::FromTwoVectors(bent - hip, target - hip).toRotationMatrix();
    const EMat3 upper = swing * posedBody.rotations[upperLeg], lowerTurn = swing * bend * posedBody.rotations[lowerLeg];
    const EMat3 parent = posedBody.rotations[0];
    state.rotations[upperLeg] = orthonormalized(EMat3(parent.transpose() * upper));
    state.rotations[lowerLeg] = orthonormalized(EMat3(upper.transpose() * lowerTurn));
    state.rotations[foot] = orthonormalized(EMat3(lowerTurn.transpose() * posedBody.rotations[foot]));
}

} // namespace

void detectFootContacts(BodyTrack& track, const WorldFrame& world, const FootContactOptions& options) {
    const std::size_t count = track.frames.size();
    if (count == 0 || !(track.fps > 0)) {
        return;
    }
    const std::array<FootPath, 2> feet = footPaths(track, world);
    const auto slopeReach = static_cast<std::size_t>(std::max(1.0, std::round(kSlopeSeconds * track.fps)));
    const auto lowReach = static_cast<std::size_t>(std::max(2.0, std::round(kLowSeconds * track.fps)));
    const double size = std::max(0.3, track.shape.scale);

    // The lowest level of the feet nearby: the ground as far as this body is concerned.
    std::vector<double> level(count, 0.0), around;
    for (std::size_t i = 0; i < count; ++i) {
        around.clear();
        for (std::size_t k = i > lowReach ? i - lowReach : 0; k < std::min(count, i + lowReach + 1); ++k) {
            if (feet[0].seen[k] >= 0) {
                around.push_back(std::min(lower(feet[0], k), lower(feet[1], k)));
            }
        }
        if (!around.empty()) {
            level[i] = valueAtRank(around, around.size() / 4);
        }
    }
    for (std::size_t side = 0; side < 2; ++side) {
        const FootPath& foot = feet[side];
        std::vector<bool> down(count, false);
        bool before = false;
        for (std::size_t i = 0; i < count; ++i) {
            if (foot.seen[i] < kSeen) {
                before = false;
                continue;
            }
            const EVec3 sight = levelSight(worldFromCamAt(world, track.frames[i].frame), foot.toe[i]);
            const double speed = groundSpeed(foot, i, slopeReach, track.fps, sight), height = lower(foot, i) - level[i];
            const double slack = before ? 1.6 : 1.0; // leaving takes more than coming
            before = height < slack * options.heightMetres * size && speed < slack * options.speedMps;
            down[i] = before;
        }
        const double least = options.minSeconds * track.fps;
        for (const auto& [begin, end] : runsOf(down, false)) {
            if (begin > 0 && end < count && static_cast<double>(end - begin) < least) {
                std::fill(down.begin() + static_cast<std::ptrdiff_t>(begin), down.begin() + static_cast<std::ptrdiff_t>(end), true);
            }
        }
        for (const auto& [begin, end] : runsOf(down, true)) {
            if (static_cast<double>(end - begin) < least) {
                std::fill(down.begin() + static_cast<std::ptrdiff_t>(begin), down.begin() + static_cast<std::ptrdiff_t>(end), false);
            }
        }
        for (std::size_t i = 0; i < count; ++i) {
            track.frames[i].footContact[side] = down[i] && posed(track.frames[i]);
        }
    }
}

void lockFeet(BodyTrack& track, const WorldFrame& world, const BodyModel& model, const FootContactOptions& options) {
    const std::size_t count = track.frames.size();
    if (count < 2) {
        return;
    }
    const FitBody body = asAnny(model).fitBody(track.shape);
    const std::array<FootPath, 2> feet = footPaths(track, world);
    std::array<std::vector<EVec3>, 2> correction;
    for (std::size_t side = 0; side < 2; ++side) {
        correction[side].assign(count, EVec3::Zero());
        std::vector<bool> down(count);
        for (std::size_t i = 0; i < count; ++i) {
            down[i] = track.frames[i].footContact[side];
        }
        const auto fade = static_cast<std::size_t>(std::max(1.0, std::round(options.blendSeconds * std::max(track.fps, 1.0))));
        const auto settle = static_cast<std::size_t>(std::max(1.0, std::round(kSettleSeconds * std::max(track.fps, 1.0))));
        for (const auto& [begin, end] : runsOf(down, true)) {
            // Drift of the resting part since the beginning. It is taken back as long as it stays near one place; a foot
            // that strays farther is not noise but shuffles, and takes its place along.
            std::vector<EVec3> drift{EVec3::Zero()};
            for (std::size_t i = begin; i + 1 < end; ++i) {
                drift.push_back(drift.back() + slip(feet[side], i));
            }
            EVec3 place = medianOf(std::span(drift).first(std::min(drift.size(), settle)));
            std::vector<EVec3> back;
            const double metresPerPx = track.frames[begin].pose.translation.z /
                                       std::max(track.cameraAt(track.frames[begin].frame).focalPx, 1.0);
            const double reach = options.maxCorrectionMetres + kFootPixels * std::max(0.0, metresPerPx);
            for (const EVec3& d : drift) {
                if (const double stray = (d - place).norm(); stray > reach) {
                    place += (1 - reach / stray) * (d - place);
                }
                back.push_back(place - d);
            }
            for (std::size_t i = begin; i < end; ++i) {
                correction[side][i] = back[i - begin];
            }
            for (std::size_t k = 1; k <= fade; ++k) {
                const double share = 0.5 + 0.5 * std::cos(std::numbers::pi * static_cast<double>(k) / static_cast<double>(fade + 1));
                if (begin >= k && !down[begin - k]) {
                    correction[side][begin - k] += share * back.front();
                }
                if (end - 1 + k < count && !down[end - 1 + k]) {
                    correction[side][end - 1 + k] += share * back.back();
                }
            }
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        BodyFrame& frame = track.frames[i];
        if (!posed(frame) || correction[0][i].norm() + correction[1][i].norm() < 1e-5) {
            continue;
        }
        PoseState state = toPoseState(frame.pose);
        const EMat3 camFromWorld = toEigen(worldFromCamAt(world, frame.frame).rotation).transpose();
        const std::size_t legs[] = {joint::kUpperLegL, joint::kUpperLegR};
        for (std::size_t side = 0; side < 2; ++side) {
            if (correction[side][i].norm() > 1e-5) {
                moveAnkle(state, body, legs[side], camFromWorld * correction[side][i]);
            }
        }
        for (std::size_t j = 0; j < kFitJoints; ++j) {
            frame.pose.rotations[j] = fromEigen(state.rotations[j]);
        }
        const auto points = keypointsOf(state, body);
        for (std::size_t k = 0; k < points.size(); ++k) {
            frame.keypoints[k] = fromEigen(points[k]);
        }
    }
}

double footSlide(const BodyTrack& track, const WorldFrame& world) {
    const std::array<FootPath, 2> feet = footPaths(track, world);
    double sum = 0;
    std::size_t count = 0;
    for (std::size_t side = 0; side < 2; ++side) {
        for (std::size_t i = 0; i + 1 < track.frames.size(); ++i) {
            if (track.frames[i].footContact[side] && track.frames[i + 1].footContact[side]) {
                EVec3 step = slip(feet[side], i);
                step.y() = 0;
                sum += step.norm() * track.fps;
                ++count;
            }
        }
    }
    return count > 0 ? sum / static_cast<double>(count) : -1;
}

} // namespace body4d
