#include "ui/viewport/stage_actors.h"

#include "ui/viewport/frustum_geometry.h"

#include <vtkProperty.h>
#include <vtkRenderer.h>

#include <algorithm>
#include <cmath>

namespace body4d::ui {
namespace {
constexpr double kFrustumDepth = 0.45, kStopDepth = 0.16; ///< metres from the eye to the base
} // namespace

StageActors::StageActors(vtkRenderer* renderer) : renderer_(renderer) {
    grid_ = makeUnlitActor(renderer);
    shadows_ = makeUnlitActor(renderer);
    trails_ = makeUnlitActor(renderer);
    path_ = makeUnlitActor(renderer);
    stops_ = makeUnlitActor(renderer);
    frustum_ = makeUnlitActor(renderer);
    grid_->VisibilityOn();
    trails_->VisibilityOn();
    shadows_->VisibilityOn();
}

StageActors::~StageActors() {
    for (const auto& actor : {grid_, shadows_, trails_, path_, stops_, frustum_}) {
        renderer_->RemoveActor(actor);
    }
}

void StageActors::setGridColour(const QColor& line, const QColor& axisX, const QColor& axisZ) {
    gridLine_ = line;
    axisX_ = axisX;
    axisZ_ = axisZ;
    buildGrid();
}

void StageActors::setGridVisible(bool visible) { grid_->SetVisibility(visible); }

void StageActors::setGridCentre(Vec3f centre, double radius) {
    centre = {std::round(centre.x), 0, std::round(centre.z)};
    radius = std::clamp(std::ceil(radius), 6.0, 40.0);
    if (gridBuilt_ && centre.x == gridCentre_.x && centre.z == gridCentre_.z && radius == gridRadius_) {
        return;
    }
    gridCentre_ = centre;
    gridRadius_ = radius;
    buildGrid();
}

void StageActors::buildGrid() {
    gridBuilt_ = true;
    LineGeometry g;
    const int n = static_cast<int>(gridRadius_);
    // Lines fade towards the rim, in pieces of a metre, so that the floor has no edge.
    const auto alphaAt = [&](double x, double z) {
        const double r = std::hypot(x - gridCentre_.x, z - gridCentre_.z) / gridRadius_;
        return std::clamp(1 - r * r, 0.0, 1.0);
    };
    for (int i = -n; i <= n; ++i) {
        for (int axis = 0; axis < 2; ++axis) {
            const double fixed = i + (axis == 0 ? gridCentre_.x : gridCentre_.z);
            const bool origin = std::abs(fixed) < 1e-6;
            const bool major = std::abs(std::remainder(fixed, 5.0)) < 1e-6;
            const QColor& colour = origin ? (axis == 0 ? axisZ_ : axisX_) : gridLine_;
            const double strength = origin ? 0.75 : major ? 0.95 : 0.55;
            vtkIdType last = -1;
            for (int k = -n; k <= n; ++k) {
                const double moving = k + (axis == 0 ? gridCentre_.z : gridCentre_.x);
                const double x = axis == 0 ? fixed : moving, z = axis == 0 ? moving : fixed;
                const auto point = g.add(x, 0, z, colour, strength * alphaAt(x, z));
                if (last >= 0) {
                    g.line(last, point);
                }
                last = point;
            }
        }
    }
    g.show(grid_, true);
}

StageActors::Shadow StageActors::shadowOf(const PosedMesh& mesh) {
    // Mean and spread of the part below knee height above the lowest point.
    double sx = 0, sz = 0, sxx = 0, szz = 0;
    int count = 0;
    const float limit = mesh.low.y + 0.45F;
    for (std::size_t i = 0; i < mesh.vertices.size(); i += 7) {
        const auto& v = mesh.vertices[i];
        if (v.y <= limit) {
            sx += v.x;
            sz += v.z;
            sxx += v.x * v.x;
            szz += v.z * v.z;
            ++count;
        }
    }
    Shadow shadow;
    if (count == 0) {
        shadow.strength = 0;
        return shadow;
    }
    const double mx = sx / count, mz = sz / count;
    shadow.x = static_cast<float>(mx);
    shadow.z = static_cast<float>(mz);
    shadow.radiusX = static_cast<float>(0.16 + 2.1 * std::sqrt(std::max(0.0, sxx / count - mx * mx)));
    shadow.radiusZ = static_cast<float>(0.16 + 2.1 * std::sqrt(std::max(0.0, szz / count - mz * mz)));
    // Fainter and wider the higher the body is.
    const float height = std::max(0.0F, mesh.low.y);
    shadow.strength = 0.62F / (1 + 2.5F * height);
    shadow.radiusX *= 1 + height;
    shadow.radiusZ *= 1 + height;
    return shadow;
}

void StageActors::setShadows(const std::vector<Shadow>& shadows) {
    LineGeometry g;
    constexpr int kSegments = 40;
    constexpr double kRings[] = {0.0, 0.35, 0.6, 0.8, 1.0};
    const QColor black(8, 10, 13);
    for (const auto& s : shadows) {
        vtkIdType before[kSegments] = {}, now[kSegments] = {};
        for (int ring = 0; ring < 5; ++ring) {
            const double r = kRings[ring], fall = (1 - r) * (1 - r) * (1 + 2 * r); // smooth to zero
            for (int i = 0; i < kSegments; ++i) {
                const double a = 2 * M_PI * i / kSegments;
                now[i] = g.add(s.x + r * s.radiusX * std::cos(a), 0.002, s.z - r * s.radiusZ * std::sin(a), black,
                               s.strength * fall);
            }
            for (int i = 0; ring > 0 && i < kSegments; ++i) {
                const int j = (i + 1) % kSegments;
                g.triangle(before[i], now[i], now[j]);
                if (ring > 1) {
                    g.triangle(before[i], now[j], before[j]);
                }
            }
            std::copy(std::begin(now), std::end(now), std::begin(before));
        }
    }
    g.show(shadows_, false);
}

void StageActors::setTrails(const std::vector<Line>& trails) {
    LineGeometry g;
    for (const auto& trail : trails) {
        // Ribbons on the floor: they keep their width in space and need no wide lines of the driver.
        std::vector<Vec3f> points;
        for (const auto& p : trail.points) {
            if (points.empty() || std::hypot(p.x - points.back().x, p.z - points.back().z) > 0.02F) {
                points.push_back(p);
            }
        }
        vtkIdType lastLeft = -1, lastRight = -1;
        for (std::size_t i = 0; points.size() > 1 && i < points.size(); ++i) {
            const auto& before = points[i > 0 ? i - 1 : 0];
            const auto& after = points[std::min(i + 1, points.size() - 1)];
            const double dx = after.x - before.x, dz = after.z - before.z, length = std::max(1e-6, std::hypot(dx, dz));
            const double nx = -dz / length * trail.width / 2, nz = dx / length * trail.width / 2;
            const auto& p = points[i];
            const auto left = g.add(p.x + nx, p.y, p.z + nz, trail.colour, trail.opacity);
            const auto right = g.add(p.x - nx, p.y, p.z - nz, trail.colour, trail.opacity);
            if (i > 0) {
                g.triangle(lastLeft, lastRight, right);
                g.triangle(lastLeft, right, left);
            }
            lastLeft = left;
            lastRight = right;
        }
    }
    g.show(trails_, false);
}

void StageActors::setTrailsVisible(bool visible) { trails_->SetVisibility(visible); }

void StageActors::setCameraPath(const std::vector<Vec3f>& points, const QColor& colour, double width) {
    LineGeometry g;
    vtkIdType last = -1;
    for (const auto& p : points) {
        const auto id = g.add(p.x, p.y, p.z, colour, 1);
        if (last >= 0) {
            g.line(last, id);
        }
        last = id;
    }
    g.show(path_, true);
    path_->GetProperty()->SetLineWidth(static_cast<float>(width));
    hasPath_ = points.size() > 1;
    path_->SetVisibility(camerasVisible_ && hasPath_);
    stops_->SetVisibility(camerasVisible_ && hasPath_);
}

void StageActors::setCameraStops(const std::vector<RigidTransform>& worldFromCam, const Intrinsics& camera, const QColor& colour) {
    LineGeometry g;
    if (camera.focalPx > 0) {
        for (const auto& stop : worldFromCam) {
            addFrustum(g, stop, camera, kStopDepth, colour, 0.45);
        }
    }
    g.show(stops_, true);
}

void StageActors::setFrustum(const RigidTransform& worldFromCam, const Intrinsics& camera, const QColor& colour,
                             double width) {
    hasCamera_ = camera.focalPx > 0;
    frustum_->SetVisibility(hasCamera_ && camerasVisible_);
    if (!hasCamera_) {
        return;
    }
    LineGeometry g;
    addFrustum(g, worldFromCam, camera, kFrustumDepth, colour, 1);
    g.show(frustum_, true);
    frustum_->GetProperty()->SetLineWidth(static_cast<float>(width));
}

void StageActors::setCamerasVisible(bool visible) {
    camerasVisible_ = visible;
    frustum_->SetVisibility(visible && hasCamera_);
    path_->SetVisibility(visible && hasPath_);
    stops_->SetVisibility(visible && hasPath_);
}

} // namespace body4d::ui
