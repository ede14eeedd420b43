#include "scene/ground_plane.h"

#include "base/order_statistics.h"
#include "scene/draw.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace body4d {
namespace {

Vec3 crossed(Vec3 a, Vec3 b) {
    return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

} // namespace

GroundPlane findGround(std::span<const Vec3f> points, Vec3 centre, double radius,
                       const GroundSearch& search) {
    GroundPlane plane;
    plane.up = search.up;
    plane.level = search.level;
    std::vector<Vec3> near;
    // A tilted floor leaves the feet's level with the distance from them.
    const double slope = std::tan(search.maximumTilt);
    for (const auto& p : points) {
        const Vec3 x{static_cast<double>(p.x), static_cast<double>(p.y), static_cast<double>(p.z)};
        const double height = dot(search.up, x) - search.level;
        const auto away = x - centre;
        const double across = norm(away - dot(search.up, away) * search.up);
        if (across < radius && std::abs(height) < search.reach + slope * across) {
            near.push_back(x);
        }
    }
    constexpr std::size_t kFewest = 200;
    if (near.size() < kFewest) {
        return plane;
    }
    constexpr int kTriples = 400;
    constexpr std::size_t kJudges = 4000;
    Draw draw;
    std::vector<Vec3> judges;
    for (std::size_t i = 0; i < std::min(kJudges, near.size()); ++i) {
        judges.push_back(near.size() <= kJudges ? near[i] : near[draw.below(near.size())]);
    }
    const auto onIt = [&](Vec3 up, double level, Vec3 x) {
        return std::abs(dot(up, x) - level) < search.thickness;
    };
    const auto allowed = [&](Vec3 up, double level) {
        return dot(up, search.up) > std::cos(search.maximumTilt) &&
               std::abs(dot(up, centre) - level) < search.reach;
    };
    std::size_t most = 0;
    for (int i = 0; i < kTriples; ++i) {
        const auto a = near[draw.below(near.size())], b = near[draw.below(near.size())],
                   c = near[draw.below(near.size())];
        auto up = crossed(b - a, c - a);
        const double length = norm(up);
        if (!(length > 1e-9)) {
            continue;
        }
        up = ((dot(up, search.up) < 0 ? -1 : 1) / length) * up;
        const double level = dot(up, a);
        if (!allowed(up, level)) {
            continue;
        }
        const auto count = static_cast<std::size_t>(
            std::count_if(judges.begin(), judges.end(), [&](Vec3 x) { return onIt(up, level, x); }));
        if (count > most) {
            most = count;
            plane.up = up;
            plane.level = level;
        }
    }
    // The plane through what lies on it, a few times over.
    std::vector<double> off;
    for (int round = 0; most > 0 && round < 3; ++round) {
        Eigen::Vector3d mean = Eigen::Vector3d::Zero();
        std::vector<Eigen::Vector3d> on;
        off.clear();
        for (const auto& x : near) {
            if (onIt(plane.up, plane.level, x)) {
                on.emplace_back(x.x, x.y, x.z);
                mean += on.back();
                off.push_back(std::abs(dot(plane.up, x) - plane.level));
            }
        }
        plane.points = on.size();
        if (on.size() < 3) {
            break;
        }
        mean /= static_cast<double>(on.size());
        Eigen::Matrix3d spread = Eigen::Matrix3d::Zero();
        for (const auto& x : on) {
            spread += (x - mean) * (x - mean).transpose();
        }
        const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> solver(spread);
        Eigen::Vector3d normal = solver.eigenvectors().col(0);
        const Eigen::Vector3d about(search.up.x, search.up.y, search.up.z);
        normal *= normal.dot(about) < 0 ? -1 : 1;
        const Vec3 up{normal.x(), normal.y(), normal.z()};
        const double level = normal.dot(mean);
        if (!allowed(up, level)) {
            break;
        }
        plane.up = up;
        plane.level = level;
    }
    if (plane.points >= kFewest &&
        static_cast<double>(plane.points) > search.share * static_cast<double>(near.size())) {
        constexpr double kDeviation = 1.4826;
        plane.spread = kDeviation * upperMedian(off);
        plane.found = true;
    } else {
        plane.up = search.up;
        plane.level = search.level;
    }
    return plane;
}

RigidTransform levelled(const GroundPlane& plane, Vec3 keep) {
    const Eigen::Vector3d up(plane.up.x, plane.up.y, plane.up.z);
    const auto turn =
        Eigen::Quaterniond::FromTwoVectors(up, Eigen::Vector3d::UnitY()).toRotationMatrix().eval();
    RigidTransform out;
    for (int r = 0; r < 3; ++r) {
        for (int c = 0; c < 3; ++c) {
            out.rotation(r, c) = turn(r, c);
        }
    }
    const auto foot = keep - (dot(plane.up, keep) - plane.level) * plane.up;
    out.translation = Vec3{foot.x, 0, foot.z} - out.rotation * foot;
    return out;
}

} // namespace body4d
