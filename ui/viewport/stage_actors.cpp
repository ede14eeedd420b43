#include "ui/viewport/stage_actors.h"

#include "ui/viewport/frustum_geometry.h"

#include <vtkDataObject.h>
#include <vtkFloatArray.h>
#include <vtkOpenGLPolyDataMapper.h>
#include <vtkOpenGLVertexBufferObject.h>
#include <vtkProperty.h>
#include <vtkRenderer.h>
#include <vtkShaderProperty.h>
#include <vtkUniforms.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

namespace body4d::ui {
namespace {
constexpr double kFrustumDepth = 0.45, kStopDepth = 0.16; ///< metres from the eye to the base
constexpr const char* kAlong = "trailAlong";
constexpr double kTrailPixels = 3.2; ///< logical, with a soft rim
constexpr float kJump = 1.5F;        ///< metres between two frames: another stretch of the trail

/// Ribbons of the same width on the screen wherever they are: on the floor they would thin out into dashes.
constexpr const char* kTrailVertexDeclarations = "//VTK::PositionVC::Dec\n"
                                                 "in vec4 trailAlong;\n"
                                                 "out float trailSide;\n";
constexpr const char* kTrailVertex = "//VTK::PositionVC::Impl\n"
                                     "  vec4 trailNext = MCDCMatrix * vec4(vertexMC.xyz + 0.01 * trailAlong.xyz, 1.0);\n"
                                     "  vec2 trailWay = (trailNext.xy * gl_Position.w - gl_Position.xy * trailNext.w) * vec2(trailAspect, 1.0);\n"
                                     "  vec2 trailAside = vec2(-trailWay.y, trailWay.x) / max(length(trailWay), 1e-12);\n"
                                     "  gl_Position.xy += trailAside * vec2(1.0 / trailAspect, 1.0) * trailWidth * trailAlong.w * gl_Position.w;\n"
                                     "  trailSide = trailAlong.w;\n";
constexpr const char* kTrailFragment = "//VTK::Color::Impl\n"
                                       "  opacity *= 1.0 - smoothstep(0.45, 1.0, abs(trailSide));\n";

/// Stretches without jumps, without the sway of single frames.
std::vector<std::vector<Vec3f>> smoothRuns(const std::vector<Vec3f>& points) {
    std::vector<std::vector<Vec3f>> runs;
    std::size_t begin = 0;
    for (std::size_t i = 1; i <= points.size(); ++i) {
        if (i < points.size() && std::hypot(points[i].x - points[i - 1].x, points[i].z - points[i - 1].z) < kJump) {
            continue;
        }
        const std::span<const Vec3f> run(points.data() + begin, i - begin);
        begin = i;
        std::vector<Vec3f> smooth;
        for (std::ptrdiff_t k = 0; k < std::ssize(run); ++k) {
            // Fewer neighbours towards the ends, so that the trail ends where the person does.
            const auto reach = std::min({std::ptrdiff_t{6}, k, std::ssize(run) - 1 - k});
            Vec3f sum{};
            float weights = 0;
            for (std::ptrdiff_t j = -reach; j <= reach; ++j) {
                const float weight = static_cast<float>(reach + 1 - std::abs(j));
                const auto& p = run[static_cast<std::size_t>(k + j)];
                sum = {sum.x + weight * p.x, sum.y + weight * p.y, sum.z + weight * p.z};
                weights += weight;
            }
            const Vec3f p{sum.x / weights, sum.y / weights, sum.z / weights};
            if (smooth.empty() || std::hypot(p.x - smooth.back().x, p.z - smooth.back().z) > 0.02F) {
                smooth.push_back(p);
            }
        }
        if (smooth.size() > 1) {
            runs.push_back(std::move(smooth));
        }
    }
    return runs;
}
} // namespace

StageActors::StageActors(vtkRenderer* renderer) : renderer_(renderer) {
    floor_ = makeUnlitActor(renderer); // first: everything else on the ground is drawn over it
    grid_ = makeUnlitActor(renderer);
    shadows_ = makeUnlitActor(renderer);
    trails_ = makeUnlitActor(renderer);
    path_ = makeUnlitActor(renderer);
    stops_ = makeUnlitActor(renderer);
    frustum_ = makeUnlitActor(renderer);
    auto* trail = trails_->GetShaderProperty();
    trail->AddVertexShaderReplacement("//VTK::PositionVC::Dec", true, kTrailVertexDeclarations, false);
    trail->AddVertexShaderReplacement("//VTK::PositionVC::Impl", true, kTrailVertex, false);
    trail->AddFragmentShaderReplacement("//VTK::Color::Dec", true, "//VTK::Color::Dec\nin float trailSide;\n", false);
    trail->AddFragmentShaderReplacement("//VTK::Color::Impl", true, kTrailFragment, false);
    trails_->ForceTranslucentOn();
    if (auto* gl = vtkOpenGLPolyDataMapper::SafeDownCast(trails_->GetMapper())) {
        gl->SetVBOShiftScaleMethod(vtkOpenGLVertexBufferObject::DISABLE_SHIFT_SCALE);
        gl->MapDataArrayToVertexAttribute(kAlong, kAlong, vtkDataObject::FIELD_ASSOCIATION_POINTS, -1);
    }
    setPixelSize(1, 1, 1);
    setTrails({});
    floor_->VisibilityOn();
    grid_->VisibilityOn();
    trails_->VisibilityOn();
    shadows_->VisibilityOn();
}

StageActors::~StageActors() {
    for (const auto& actor : {floor_, grid_, shadows_, trails_, path_, stops_, frustum_}) {
        renderer_->RemoveActor(actor);
    }
}

void StageActors::setGridColour(const QColor& floor, const QColor& line, const QColor& axisX, const QColor& axisZ) {
    floorColour_ = floor;
    gridLine_ = line;
    axisX_ = axisX;
    axisZ_ = axisZ;
    buildGrid();
}

void StageActors::setGridVisible(bool visible) {
    grid_->SetVisibility(visible);
    floor_->SetVisibility(visible && floorVisible_);
}

void StageActors::setFloorVisible(bool visible) {
    floorVisible_ = visible;
    floor_->SetVisibility(visible && grid_->GetVisibility() != 0);
}

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

    // A floor of light under the bodies, without which their shadows would not be seen on a dark background.
    LineGeometry disc;
    constexpr int kSegments = 48;
    constexpr double kRings[] = {0.0, 0.2, 0.4, 0.6, 0.8}; // beyond, next to nothing is left of it
    std::vector<vtkIdType> inner, ring(kSegments);
    for (const double r : kRings) {
        const double fade = std::pow(1 - r * r / (kRings[4] * kRings[4]), 2);
        for (int i = 0; i < kSegments; ++i) {
            const double a = 2 * M_PI * i / kSegments;
            ring[static_cast<std::size_t>(i)] = disc.add(gridCentre_.x + r * gridRadius_ * std::cos(a), -0.004,
                                                         gridCentre_.z - r * gridRadius_ * std::sin(a), floorColour_, fade * floorColour_.alphaF());
        }
        for (std::size_t i = 0; i < inner.size(); ++i) {
            const std::size_t next = (i + 1) % kSegments;
            disc.triangle(inner[i], ring[i], ring[next]);
            disc.triangle(inner[i], ring[next], inner[next]);
        }
        inner = ring;
    }
    disc.show(floor_, false);
}

void StageActors::setShadows(const std::vector<GroundShadow>& shadows, double strength) {
    LineGeometry g;
    const QColor black(5, 7, 10);
    std::vector<vtkIdType> corners;
    for (const auto& s : shadows) {
        corners.assign(s.opacity.size(), -1);
        const auto corner = [&](int column, int row) {
            auto& id = corners[static_cast<std::size_t>(row * s.columns + column)];
            if (id < 0) {
                id = g.add(s.x0 + s.cell * static_cast<float>(column), 0.002, s.z0 + s.cell * static_cast<float>(row), black,
                           strength * s.at(column, row));
            }
            return id;
        };
        for (int row = 0; row + 1 < s.rows; ++row) {
            for (int column = 0; column + 1 < s.columns; ++column) {
                if (s.at(column, row) + s.at(column + 1, row) + s.at(column, row + 1) + s.at(column + 1, row + 1) > 0) {
                    const auto a = corner(column, row), b = corner(column + 1, row), c = corner(column + 1, row + 1),
                               d = corner(column, row + 1);
                    g.triangle(a, b, c);
                    g.triangle(a, c, d);
                }
            }
        }
    }
    g.show(shadows_, false);
}

void StageActors::setTrails(const std::vector<Line>& trails) {
    LineGeometry g;
    vtkNew<vtkFloatArray> along;
    along->SetName(kAlong);
    along->SetNumberOfComponents(4);
    for (const auto& trail : trails) {
        for (const auto& run : smoothRuns(trail.points)) {
            vtkIdType lastLeft = -1, lastRight = -1;
            for (std::size_t i = 0; i < run.size(); ++i) {
                const auto& before = run[i > 0 ? i - 1 : 0];
                const auto& after = run[std::min(i + 1, run.size() - 1)];
                const float dx = after.x - before.x, dz = after.z - before.z, length = std::max(1e-6F, std::hypot(dx, dz));
                vtkIdType sides[2] = {};
                for (int side = 0; side < 2; ++side) {
                    // The shader moves them apart; VTK drops triangles whose corners coincide before it comes to that.
                    const float sign = side == 0 ? 1 : -1, apart = 1e-4F * sign / length;
                    sides[side] = g.add(run[i].x - apart * dz, run[i].y, run[i].z + apart * dx, trail.colour, trail.opacity);
                    along->InsertNextTuple4(dx / length, 0, dz / length, sign);
                }
                if (i > 0) {
                    g.triangle(lastLeft, lastRight, sides[1]);
                    g.triangle(lastLeft, sides[1], sides[0]);
                }
                lastLeft = sides[0];
                lastRight = sides[1];
            }
        }
    }
    g.show(trails_, false);
    auto* mapper = vtkPolyDataMapper::SafeDownCast(trails_->GetMapper());
    mapper->GetInput()->GetPointData()->AddArray(along);
}

void StageActors::setPixelSize(double width, double height, double devicePixelRatio) {
    auto* uniforms = trails_->GetShaderProperty()->GetVertexCustomUniforms();
    uniforms->SetUniformf("trailAspect", static_cast<float>(width / std::max(1.0, height)));
    uniforms->SetUniformf("trailWidth", static_cast<float>(kTrailPixels * devicePixelRatio / std::max(1.0, height)));
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
