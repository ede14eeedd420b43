#include "scene/sim3.h"

#include "base/error.h"
#include "base/order_statistics.h"
#include "scene/draw.h"
#include "scene/unproject.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>

namespace body4d {
namespace {

using Vector = Eigen::Vector3d;

Vector toEigen(Vec3 v) {
    return {v.x, v.y, v.z};
}

/// Weighted least squares. @returns nothing where the pairs do not fix a rotation
bool solve(std::span<const PointPair> pairs, const std::vector<double>& weights, Sim3& out) {
    double total = 0;
    Vector from = Vector::Zero(), to = Vector::Zero();
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        total += weights[i];
        from += weights[i] * toEigen(pairs[i].from);
        to += weights[i] * toEigen(pairs[i].to);
    }
    if (!(total > 0)) {
        return false;
    }
    from /= total;
    to /= total;
    Eigen::Matrix3d covariance = Eigen::Matrix3d::Zero();
    double spreadFrom = 0, spreadTo = 0;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        const Vector a = toEigen(pairs[i].from) - from, b = toEigen(pairs[i].to) - to;
        covariance += weights[i] * b * a.transpose();
        spreadFrom += weights[i] * a.squaredNorm();
        spreadTo += weights[i] * b.squaredNorm();
    }
    const Eigen::JacobiSVD<Eigen::Matrix3d> svd(covariance, Eigen::ComputeFullU | Eigen::ComputeFullV);
    constexpr double kLine = 1e-6;
    if (!(spreadFrom > 0) || !(spreadTo > 0) || svd.singularValues()(1) <= kLine * svd.singularValues()(0)) {
        return false;
    }
    Eigen::Matrix3d flip = Eigen::Matrix3d::Identity();
    flip(2, 2) = svd.matrixU().determinant() * svd.matrixV().determinant() < 0 ? -1 : 1;
    const Eigen::Matrix3d rotation = svd.matrixU() * flip * svd.matrixV().transpose();
    out.scale = std::sqrt(spreadTo / spreadFrom);
    for (int r = 0; r < 3; ++r) {
        for (int c = 0; c < 3; ++c) {
            out.rotation(r, c) = rotation(r, c);
        }
    }
    const Vector shift = to - out.scale * rotation * from;
    out.translation = {shift.x(), shift.y(), shift.z()};
    return true;
}

double residual(const Sim3& s, const PointPair& pair) {
    return norm(s * pair.from - pair.to) / pair.size;
}

} // namespace

Sim3 operator*(const Sim3& a, const Sim3& b) {
    return {a.scale * b.scale, a.rotation * b.rotation, a * b.translation};
}

Sim3 inverse(const Sim3& s) {
    Sim3 out{1 / s.scale, transpose(s.rotation), {}};
    out.translation = (-out.scale) * (out.rotation * s.translation);
    return out;
}

void transformView(SceneView& view, const Sim3& newFromOld) {
    auto& pose = view.cameraFromWorld;
    pose.rotation = pose.rotation * transpose(newFromOld.rotation);
    pose.translation = newFromOld.scale * pose.translation - pose.rotation * newFromOld.translation;
    for (auto& d : view.depth) {
        d = static_cast<float>(d * newFromOld.scale);
    }
    for (std::size_t i = 0; i + 2 < view.points.size(); i += 3) {
        const Vec3 p = newFromOld * Vec3{view.points[i], view.points[i + 1], view.points[i + 2]};
        view.points[i] = static_cast<float>(p.x);
        view.points[i + 1] = static_cast<float>(p.y);
        view.points[i + 2] = static_cast<float>(p.z);
    }
}

std::optional<Sim3> exactSim3(std::span<const PointPair> pairs) {
    Sim3 out;
    if (pairs.size() < 3 || !solve(pairs, std::vector<double>(pairs.size(), 1.0), out)) {
        return std::nullopt;
    }
    return out;
}

Sim3Fit fitSim3(std::span<const PointPair> pairs) {
    Sim3Fit fit;
    if (pairs.size() < 3) {
        return fit;
    }
    // Which pairs agree: by the best of many triples, judged by the median error of a sample.
    constexpr int kTriples = 300;
    constexpr std::size_t kJudges = 512;
    Draw draw;
    std::vector<PointPair> triple(3), judges;
    for (std::size_t i = 0; i < std::min(kJudges, pairs.size()); ++i) {
        judges.push_back(pairs.size() <= kJudges ? pairs[i] : pairs[draw.below(pairs.size())]);
    }
    const std::vector<double> equal(3, 1.0);
    std::vector<double> errors(judges.size());
    double best = INFINITY;
    for (int i = 0; i < kTriples; ++i) {
        for (auto& corner : triple) {
            corner = pairs[draw.below(pairs.size())];
        }
        Sim3 candidate;
        if (!solve(triple, equal, candidate)) {
            continue;
        }
        std::transform(judges.begin(), judges.end(), errors.begin(),
                       [&](const PointPair& p) { return residual(candidate, p); });
        const double error = upperMedian(errors);
        if (error < best) {
            best = error;
            fit.transform = candidate;
        }
    }
    if (!std::isfinite(best)) {
        return fit;
    }
    // Least squares with weights that fall to zero at some five standard deviations.
    constexpr int kRounds = 30;
    constexpr double kReach = 4.685 * 1.4826; // Tukey's constant, median to standard deviation
    std::vector<double> weights(pairs.size());
    errors.resize(pairs.size());
    std::vector<double> sorted;
    for (int round = 0; round < kRounds; ++round) {
        std::transform(pairs.begin(), pairs.end(), errors.begin(),
                       [&](const PointPair& p) { return residual(fit.transform, p); });
        sorted = errors;
        const double reach = std::max(kReach * upperMedian(sorted), 1e-12);
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            const double u = errors[i] / reach;
            const double tukey = u < 1 ? (1 - u * u) * (1 - u * u) : 0;
            weights[i] = tukey * pairs[i].weight / (pairs[i].size * pairs[i].size);
        }
        Sim3 next;
        if (!solve(pairs, weights, next)) {
            return fit;
        }
        const double change = std::abs(next.scale / fit.transform.scale - 1) +
                              norm(next.translation - fit.transform.translation) / pairs.front().size;
        fit.transform = next;
        if (change < 1e-10) {
            break;
        }
    }
    sorted = errors;
    fit.residual = upperMedian(sorted);
    fit.inliers = static_cast<double>(
                      std::count_if(errors.begin(), errors.end(),
                                    [&](double e) { return e < std::max(kReach * fit.residual, 1e-9); })) /
                  static_cast<double>(pairs.size());
    fit.found = true;
    return fit;
}

void addPairs(const SceneView& from, const SceneView& to, std::size_t limit, std::vector<PointPair>& pairs) {
    BODY4D_EXPECT(from.depth.size() == to.depth.size() && from.hasCamera && to.hasCamera);
    const auto middle = [](const SceneView& view) {
        std::vector<float> values = view.confidence;
        if (values.empty()) {
            return 0.0F;
        }
        return upperMedian(values);
    };
    const float sureFrom = middle(from), sureTo = middle(to);
    std::vector<std::uint32_t> chosen;
    for (std::uint32_t i = 0; i < from.depth.size(); ++i) {
        const bool sure = (from.confidence.empty() || from.confidence[i] >= sureFrom) &&
                          (to.confidence.empty() || to.confidence[i] >= sureTo);
        const bool sky = (!from.sky.empty() && from.sky[i] != 0) || (!to.sky.empty() && to.sky[i] != 0);
        if (sure && !sky && isDepth(from.depth[i]) && isDepth(to.depth[i])) {
            chosen.push_back(i);
        }
    }
    const PointFinder fromWorld(from), toWorld(to);
    const double step = std::max(1.0, static_cast<double>(chosen.size()) /
                                          static_cast<double>(std::max<std::size_t>(1, limit)));
    for (double k = 0; k < static_cast<double>(chosen.size()); k += step) {
        const auto i = chosen[static_cast<std::size_t>(k)];
        const auto x = static_cast<int>(i % static_cast<std::uint32_t>(from.camera.width));
        const auto y = static_cast<int>(i / static_cast<std::uint32_t>(from.camera.width));
        const double weight = from.confidence.empty() || to.confidence.empty()
                                  ? 1
                                  : std::sqrt(static_cast<double>(from.confidence[i]) * to.confidence[i]);
        pairs.push_back(
            {fromWorld.at(x, y, from.depth[i]), toWorld.at(x, y, to.depth[i]), to.depth[i], weight});
    }
}

} // namespace body4d
