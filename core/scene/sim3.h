#pragma once

#include "base/geometry.h"
#include "base/scene_view.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace body4d {

/// y = scale * rotation * x + translation.
struct Sim3 {
    double scale = 1;
    Mat3 rotation;
    Vec3 translation;
};
inline Vec3 operator*(const Sim3& s, Vec3 v) {
    return s.scale * (s.rotation * v) + s.translation;
}
/// First b, then a.
[[nodiscard]] Sim3 operator*(const Sim3& a, const Sim3& b);
[[nodiscard]] Sim3 inverse(const Sim3& s);

/// A view of a world that was turned, moved and scaled: camera and depths follow.
void transformView(SceneView& view, const Sim3& newFromOld);

/// A point as two worlds have it.
struct PointPair {
    Vec3 from, to;
    double size = 1;   ///< what errors are measured by, of `to`: the distance from the camera
    double weight = 1; ///< confidence
};

struct Sim3Fit {
    Sim3 transform;
    double inliers = 0;  ///< share of pairs that agree
    double residual = 0; ///< median of the error over size, of all pairs
    bool found = false;  ///< false: fewer than three pairs, or all of them on a line
};
/// Robust: up to almost half of the pairs may be wrong by any amount. Least squares among those that agree,
/// the scale being the ratio of both spreads. Deterministic.
[[nodiscard]] Sim3Fit fitSim3(std::span<const PointPair> pairs);

/// Least squares with equal weights, for few pairs that are known to be right.
/// @returns nothing where they do not fix a rotation
[[nodiscard]] std::optional<Sim3> exactSim3(std::span<const PointPair> pairs);

/// Pairs of the pixels of two views of one frame, from the more confident half of both, at most `limit`.
void addPairs(const SceneView& from, const SceneView& to, std::size_t limit, std::vector<PointPair>& pairs);

} // namespace body4d
