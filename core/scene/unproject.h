#pragma once

#include "base/scene_view.h"
#include "scene/point_cloud.h"

#include <cmath>
#include <functional>

namespace body4d {

[[nodiscard]] inline bool isDepth(float depth) {
    return std::isfinite(depth) && depth > 0;
}

/// World points of a view's pixels.
class PointFinder {
public:
    /// @param view with a camera
    explicit PointFinder(const SceneView& view);
    [[nodiscard]] Vec3 at(int x, int y, double depth) const {
        const Vec3 ray{(x - camera_.cx) / camera_.fx, (y - camera_.cy) / camera_.fy, 1};
        return worldFromCamera_ * (depth * ray);
    }
    /// Where the camera stands.
    [[nodiscard]] Vec3 centre() const { return worldFromCamera_.translation; }

private:
    PinholeCamera camera_;
    RigidTransform worldFromCamera_;
};

/// Which pixels become points.
struct PointRules {
    float minimumConfidence = 0; ///< where the view has confidences
    bool dropSky = true;         ///< where the view tells sky
    double maximumStep = 0.05;   ///< depth may change by this share to a neighbour where normals are measured
    bool normals = true;
    /// Whether a pixel is somebody's; may be empty.
    std::function<bool(int x, int y)> hidden = {};
};
/// How sure the network is of what becomes points; empty where it does not tell.
[[nodiscard]] const std::vector<float>& confidenceOfPoints(const SceneView& view);
/// Points of one view, from its depths or, where it has them, its own point map, with colours (where there is a picture), confidence, normals and sources.
/// @param index written into the sources
void addPoints(const SceneView& view, std::uint32_t index, const PointRules& rules, PointCloud& cloud);

} // namespace body4d
