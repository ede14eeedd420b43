#include "body/track_smoother.h"

#include "base/error.h"
#include "base/order_statistics.h"
#include "body/detail/convert.h"
#include "body/detail/pose_objective.h"
#include "body/detail/visibility.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace body4d {

using namespace detail;

namespace {

constexpr double kWindowSeconds = 0.06; // standard deviation of the window at strength 1
constexpr double kFloor = 1e-4;         // radians or metres: below this noise is not worth a thought

/// Weighted local quadratic fit of vectors around the middle of a window. @returns its value there
EVec3 localFit(std::span<const EVec3> values, std::span<const double> offsets, std::span<const double> weights) {
    Eigen::Matrix3d normal = Eigen::Matrix3d::Zero();
    Eigen::Matrix3d right = Eigen::Matrix3d::Zero(); // rows: 1, t, t^2; columns: x, y, z
    for (std::size_t i = 0; i < values.size(); ++i) {
        const EVec3 basis(1, offsets[i], offsets[i] * offsets[i]);
        normal += weights[i] * basis * basis.transpose();
        right += weights[i] * basis * values[i].transpose();
    }
    const double total = normal(0, 0);
    if (!(total > 0)) {
        return EVec3::Zero();
    }
    normal.diagonal().array() += 1e-9 * normal.diagonal().maxCoeff();
    const EMat3 solution = normal.ldlt().solve(right);
    return solution.row(0).transpose();
}

/// Zero-phase smoothing of vectors that are given about each frame's own value.
/// @param difference(i, k) value of frame k as seen from frame i
template <typename Difference>
std::vector<EVec3> corrections(std::size_t count, std::span<const double> weight, double sigma, const Difference& difference) {
    std::vector<EVec3> out(count, EVec3::Zero());
    const auto reach = static_cast<std::ptrdiff_t>(std::ceil(2.5 * sigma));
    if (reach < 1) {
        return out;
    }
    std::vector<EVec3> values;
    std::vector<double> offsets, weights;
    const auto fitAt = [&](std::size_t i, double width, double* spread) {
        values.clear();
        offsets.clear();
        weights.clear();
        const auto begin = std::max<std::ptrdiff_t>(0, static_cast<std::ptrdiff_t>(i) - reach);
        const auto end = std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(count), static_cast<std::ptrdiff_t>(i) + reach + 1);
        for (std::ptrdiff_t k = begin; k < end; ++k) {
            if (!(weight[static_cast<std::size_t>(k)] > 0)) {
                continue; // never measured: whatever stands there is no value
            }
            const double t = static_cast<double>(k) - static_cast<double>(i);
            values.push_back(difference(i, static_cast<std::size_t>(k)));
            offsets.push_back(t);
            weights.push_back((0.02 + weight[static_cast<std::size_t>(k)]) * std::exp(-0.5 * t * t / (width * width)));
        }
        // A parabola through fewer places would leave them far behind.
        const EVec3 fit = values.size() >= 3 ? localFit(values, offsets, weights) : EVec3(EVec3::Zero());
        if (spread != nullptr) { // how far neighbours lie from a straight line through this place: tremor or a hit
            *spread = fit.norm();
        }
        return fit;
    };
    std::vector<double> off(count);
    for (std::size_t i = 0; i < count; ++i) {
        out[i] = fitAt(i, sigma, &off[i]);
    }
    std::vector<double> sorted = off;
    const double tremor = std::max(kFloor, 1.4826 * upperMedian(sorted));
    for (std::size_t i = 0; i < count; ++i) {
        // Tremor is alike everywhere; where a smooth curve misses by much more and the frame is trusted, something
        // happened, and the window closes around it.
        const double excess = off[i] / (3 * tremor);
        if (excess > 1 && weight[i] > 0.3) {
            const double narrowed = std::max(0.35, sigma / (excess * excess));
            out[i] = fitAt(i, narrowed, nullptr);
        }
    }
    return out;
}

} // namespace

void smoothRotations(std::span<Mat3> rotations, std::span<const double> weight, double sigmaFrames) {
    BODY4D_EXPECT(rotations.size() == weight.size());
    if (rotations.size() < 3 || !(sigmaFrames > 0)) {
        return;
    }
    std::vector<EMat3> before;
    for (const Mat3& r : rotations) {
        before.push_back(toEigen(r));
    }
    const std::vector<EVec3> by = corrections(before.size(), weight, sigmaFrames, [&](std::size_t i, std::size_t k) {
        return logRotation(EMat3(before[i].transpose() * before[k]));
    });
    for (std::size_t i = 0; i < rotations.size(); ++i) {
        rotations[i] = fromEigen(EMat3(before[i] * expRotation(by[i])));
    }
}

void smoothVectors(std::span<Vec3> vectors, std::span<const double> weight, double sigmaFrames) {
    BODY4D_EXPECT(vectors.size() == weight.size());
    if (vectors.size() < 3 || !(sigmaFrames > 0)) {
        return;
    }
    const std::vector<Vec3> before(vectors.begin(), vectors.end());
    const std::vector<EVec3> by = corrections(before.size(), weight, sigmaFrames, [&](std::size_t i, std::size_t k) {
        return toEigen(before[k] - before[i]);
    });
    for (std::size_t i = 0; i < vectors.size(); ++i) {
        vectors[i] = before[i] + fromEigen(by[i]);
    }
}

double smoothingFrames(double strength, double fps) {
    return strength * kWindowSeconds * fps;
}

void smoothTrack(BodyTrack& track, const BodyModel* model, const SmoothingStrength& strength) {
    BODY4D_EXPECT(track.fps > 0);
    const std::size_t count = track.frames.size();
    std::size_t jointCount = 0;
    std::vector<double> weight(count, 0.0);
    for (std::size_t i = 0; i < count; ++i) {
        BodyFrame& f = track.frames[i];
        jointCount = std::max(jointCount, f.rawPose.rotations.size());
        if (f.state == FrameState::Visible && !f.rawPose.rotations.empty()) {
            weight[i] = std::accumulate(f.confidence.begin(), f.confidence.end(), 0.0) / kBodyKeypointCount;
        }
    }
    if (jointCount == 0 || count < 3) {
        return;
    }
    for (BodyFrame& f : track.frames) {
        if (f.rawPose.rotations.size() != jointCount) {
            f.rawPose.rotations.resize(jointCount); // never seen: weight 0 keeps it out
        }
        f.pose = f.rawPose;
    }
    std::vector<Limb> limbs(jointCount, Limb::Torso);
    if (model != nullptr) {
        limbs = limbsOfJoints(model->joints());
        BODY4D_EXPECT(limbs.size() == jointCount);
    }
    const auto strengthOf = [&](std::size_t joint) {
        if (joint == 0) {
            return strength.root;
        }
        switch (limbs[joint]) {
        case Limb::Head: return strength.head;
        case Limb::LeftArm:
        case Limb::RightArm: return strength.arms;
        case Limb::LeftLeg:
        case Limb::RightLeg: return strength.legs;
        case Limb::Torso: break;
        }
        return strength.torso;
    };
    std::vector<Mat3> rotations(count);
    for (std::size_t j = 0; j < jointCount; ++j) {
        for (std::size_t i = 0; i < count; ++i) {
            rotations[i] = track.frames[i].rawPose.rotations[j];
        }
        smoothRotations(rotations, weight, smoothingFrames(strengthOf(j), track.fps));
        for (std::size_t i = 0; i < count; ++i) {
            track.frames[i].pose.rotations[j] = rotations[i];
        }
    }
    std::vector<Vec3> path;
    for (const BodyFrame& f : track.frames) {
        path.push_back(f.rawPose.translation);
    }
    smoothVectors(path, weight, smoothingFrames(strength.root, track.fps));
    for (std::size_t i = 0; i < count; ++i) {
        track.frames[i].pose.translation = path[i];
    }
    if (model == nullptr) {
        return;
    }
    const FitBody body = asAnny(*model).fitBody(track.shape);
    for (BodyFrame& f : track.frames) {
        const auto points = keypointsOf(toPoseState(f.pose), body);
        for (std::size_t k = 0; k < points.size(); ++k) {
            f.keypoints[k] = fromEigen(points[k]);
        }
    }
}

} // namespace body4d
