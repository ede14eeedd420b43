#include "scene/unproject.h"

#include "base/error.h"

#include <algorithm>

namespace body4d {
namespace {

Vec3 cross(Vec3 a, Vec3 b) {
    return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

Vec3f toFloat(Vec3 v) {
    return {static_cast<float>(v.x), static_cast<float>(v.y), static_cast<float>(v.z)};
}

/// Difference to a neighbour on the same surface: to the one whose depth is nearer. Zero where there is none.
Vec3 along(const SceneView& view, const PointFinder& points, int x, int y, int dx, int dy,
           double maximumStep) {
    const int width = view.camera.width, height = view.camera.height;
    const auto depth = [&](int u, int v) -> double {
        const bool inside = u >= 0 && u < width && v >= 0 && v < height;
        return inside ? view.depth[static_cast<std::size_t>(v) * static_cast<std::size_t>(width) +
                                   static_cast<std::size_t>(u)]
                      : NAN;
    };
    const double own = depth(x, y);
    const auto there = [](double d) { return std::isfinite(d) && d > 0; };
    const double next = depth(x + dx, y + dy), previous = depth(x - dx, y - dy);
    const auto step = [&](double d) { return there(d) ? std::abs(d - own) : INFINITY; };
    const double ahead = step(next), back = step(previous);
    // On a plane inverse depth is linear in the picture, however steeply it is seen. Both neighbours where
    // that holds: noise counts half. Else the nearer one, unless it is far.
    const bool both =
        there(next) && there(previous) && std::abs(own / next + own / previous - 2) < 0.5 * maximumStep;
    if (!both && std::min(ahead, back) > maximumStep * own) {
        return {};
    }
    const int to = both || ahead <= back ? 1 : 0, from = both || ahead > back ? -1 : 0;
    return points.at(x + to * dx, y + to * dy, depth(x + to * dx, y + to * dy)) -
           points.at(x + from * dx, y + from * dy, depth(x + from * dx, y + from * dy));
}

} // namespace

PointFinder::PointFinder(const SceneView& view)
    : camera_(view.camera), worldFromCamera_(inverse(view.cameraFromWorld)) {
    BODY4D_EXPECT(view.hasCamera && camera_.fx > 0 && camera_.fy > 0);
}

const std::vector<float>& confidenceOfPoints(const SceneView& view) {
    return view.points.empty() ? view.confidence : view.pointsConfidence;
}

void addPoints(const SceneView& view, std::uint32_t index, const PointRules& rules, PointCloud& cloud) {
    const PointFinder points(view);
    const int width = view.camera.width, height = view.camera.height;
    BODY4D_EXPECT(view.depth.size() == static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
    BODY4D_EXPECT(view.image == nullptr || (view.image->width == width && view.image->height == height));
    BODY4D_EXPECT(view.points.empty() || (view.points.size() == 3 * view.depth.size() &&
                                          view.pointsConfidence.size() == view.depth.size()));
    const auto& confidence = confidenceOfPoints(view);
    PointCloud fresh;
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const auto i =
                static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x);
            if (!isDepth(view.depth[i]) ||
                (!confidence.empty() && confidence[i] < rules.minimumConfidence) ||
                (rules.dropSky && !view.sky.empty() && view.sky[i] != 0) ||
                (rules.hidden && rules.hidden(x, y))) {
                continue;
            }
            const auto p = view.points.empty()
                               ? points.at(x, y, view.depth[i])
                               : Vec3{view.points[3 * i], view.points[3 * i + 1], view.points[3 * i + 2]};
            if (!std::isfinite(p.x + p.y + p.z)) {
                continue;
            }
            fresh.positions.push_back(toFloat(p));
            fresh.confidence.push_back(confidence.empty() ? 1.0F : confidence[i]);
            fresh.sources.push_back({index, static_cast<std::uint16_t>(x), static_cast<std::uint16_t>(y)});
            if (view.image != nullptr) {
                const auto* rgb = view.image->row(y) + 3 * x;
                fresh.colours.push_back({rgb[0], rgb[1], rgb[2]});
            }
            if (rules.normals) {
                auto n = cross(along(view, points, x, y, 1, 0, rules.maximumStep),
                               along(view, points, x, y, 0, 1, rules.maximumStep));
                const auto toCamera = points.centre() - p;
                const double length = norm(n);
                if (length > 0) {
                    n = ((dot(n, toCamera) < 0 ? -1 : 1) / length) * n;
                } else { // no surface to be seen: it faces the camera
                    n = (1 / std::max(norm(toCamera), 1e-12)) * toCamera;
                }
                fresh.normals.push_back(toFloat(n));
            }
        }
    }
    cloud.append(fresh);
}

} // namespace body4d
