#include "ui/viewport/viewport_scene.h"

#include "ui/viewport/colour_ramp.h"

#include <vtkActor.h>
#include <vtkCamera.h>
#include <vtkLight.h>
#include <vtkMatrix4x4.h>
#include <vtkOpenGLFXAAPass.h>
#include <vtkRenderStepsPass.h>
#include <vtkRenderer.h>
#include <vtkSSAOPass.h>
#include <vtkWindow.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace body4d::ui {
namespace {

constexpr double kRadiansToDegrees = 180 / M_PI;

vtkSmartPointer<vtkLight> cameraLight(double x, double y, double z, double intensity, const QColor& colour) {
    auto light = vtkSmartPointer<vtkLight>::New();
    light->SetLightTypeToCameraLight();
    light->SetPosition(x, y, z);
    light->SetFocalPoint(0, 0, 0);
    light->SetIntensity(intensity);
    light->SetColor(colour.redF(), colour.greenF(), colour.blueF());
    return light;
}

} // namespace

ViewportScene::ViewportScene() : stage_(renderer_), notes_(renderer_), models_(renderer_) {
    renderer_->GradientBackgroundOn();
    renderer_->SetAutomaticLightCreation(false);
    key_ = cameraLight(-0.75, 1.0, 1.0, 0.86, QColor(255, 250, 243));
    fill_ = cameraLight(1.0, 0.05, 0.8, 0.30, QColor(222, 234, 255));
    rim_ = cameraLight(0.5, 0.8, -1.1, 0.35, QColor(255, 255, 255));
    renderer_->AddLight(key_);
    renderer_->AddLight(fill_);
    renderer_->AddLight(rim_);
    createPasses();
    setTheme(ThemeTokens::darkTokens());
}

ViewportScene::~ViewportScene() = default;

void ViewportScene::releaseGraphics(vtkWindow* window) {
    renderer_->SetPass(nullptr);
    smoothing_->ReleaseGraphicsResources(window);
    occlusion_->ReleaseGraphicsResources(window);
    steps_->ReleaseGraphicsResources(window);
    createPasses(); // the anti-aliasing filter of VTK 9.1 keeps its shader program even so
}

void ViewportScene::createPasses() {
    steps_ = vtkSmartPointer<vtkRenderStepsPass>::New();
    occlusion_ = vtkSmartPointer<vtkSSAOPass>::New();
    occlusion_->SetRadius(0.28);
    occlusion_->SetBias(0.012);
    occlusion_->SetKernelSize(20);
    occlusion_->BlurOn();
    occlusion_->SetDelegatePass(steps_);
    smoothing_ = vtkSmartPointer<vtkOpenGLFXAAPass>::New();
}

void ViewportScene::setQuality(Quality quality, bool ambientOcclusion, bool antiAliasing, bool allLights, bool coarse) {
    if (std::exchange(coarse_, coarse) != coarse) {
        for (auto* actors : {&bodies_, &otherBodies_}) {
            for (auto& [id, actor] : *actors) {
                actor->setCoarse(coarse_);
            }
        }
    }
    const bool still = quality == Quality::Still;
    // One light that looks like the three together: a little fill comes from the ambient term.
    fill_->SetSwitch(allLights);
    rim_->SetSwitch(allLights);
    key_->SetIntensity(allLights ? 0.86 : 1.0);
    occlusion_->SetKernelSize(still ? 20 : 16);
    vtkRenderPass* pass = nullptr;
    if (ambientOcclusion) {
        pass = occlusion_;
    }
    if (antiAliasing) {
        smoothing_->SetDelegatePass(ambientOcclusion ? static_cast<vtkRenderPass*>(occlusion_)
                                                     : static_cast<vtkRenderPass*>(steps_));
        pass = smoothing_;
    }
    renderer_->SetPass(pass);
}

void ViewportScene::setTheme(const ThemeTokens& theme) {
    theme_ = theme;
    renderer_->SetBackground(theme.viewBottom.redF(), theme.viewBottom.greenF(), theme.viewBottom.blueF());
    renderer_->SetBackground2(theme.viewTop.redF(), theme.viewTop.greenF(), theme.viewTop.blueF());
    setMeasure(measured_);
    models_.setStyle(cloudStyle_, theme_, pixelRatio_);
    QColor floor = theme.dark ? QColor(0x8FA3BD) : QColor(Qt::white);
    floor.setAlphaF(theme.dark ? 0.20F : 0.55F);
    stage_.setGridColour(floor, blend(theme.grid, theme.dim, 0.15), theme.error, theme.accent);
    if (paths_) {
        setPaths(paths_);
    }
    refresh();
}

bool ViewportScene::hasBodies() const {
    return snapshot_ && std::any_of(snapshot_->targets.begin(), snapshot_->targets.end(),
                                    [](const TargetView& t) { return t.mesh != nullptr; });
}

std::size_t ViewportScene::bodyCount() const {
    std::size_t count = 0;
    for (const auto& target : snapshot_ ? snapshot_->targets : std::vector<TargetView>()) {
        count += (target.mesh ? 1 : 0) + (wiping() && target.otherMesh ? 1 : 0);
    }
    return count;
}

void ViewportScene::setSnapshot(std::shared_ptr<const FrameSnapshot> snapshot) {
    snapshot_ = std::move(snapshot);
    refresh();
}

void ViewportScene::setLooks(const std::map<TargetId, TargetLook>& looks, TargetId selected) {
    if (looks == looks_ && selected == selected_) {
        return;
    }
    looks_ = looks;
    selected_ = selected;
    refresh();
    if (paths_) {
        setPaths(paths_);
    }
}

void ViewportScene::setDisplay(BodyDisplay display) {
    display_ = display;
    refresh();
}

void ViewportScene::setWipe(double column) {
    const bool was = wiping();
    wipe_ = column;
    for (auto& [id, actor] : bodies_) {
        actor->setWipe(wipe_, wiping() ? 1 : 0);
    }
    for (auto& [id, actor] : otherBodies_) {
        actor->setWipe(wipe_, -1);
    }
    if (was != wiping()) {
        refresh();
    }
}

void ViewportScene::setBackdropVisible(bool visible) {
    backdrop_ = visible;
    notes_.setBackdropVisible(visible);
    refresh();
}

void ViewportScene::setMeasure(const std::vector<Vec3>& points) {
    measured_ = points;
    notes_.setMeasure(points, theme_.warning, 8 * pixelRatio_);
}

void ViewportScene::setCloudStyle(const CloudStyle& style) {
    cloudStyle_ = style;
    models_.setStyle(cloudStyle_, theme_, pixelRatio_);
}

void ViewportScene::setDifferenceScale(double metres) {
    differenceScale_ = metres;
    refresh();
}

void ViewportScene::setPlainBackground(const QColor& colour) {
    renderer_->SetGradientBackground(!colour.isValid());
    if (colour.isValid()) {
        renderer_->SetBackground(colour.redF(), colour.greenF(), colour.blueF());
    } else {
        renderer_->SetBackground(theme_.viewBottom.redF(), theme_.viewBottom.greenF(), theme_.viewBottom.blueF());
    }
}

BodyActor::Look ViewportScene::lookOf(const TargetView& target, const TargetLook& look) const {
    BodyActor::Look out;
    out.colour = look.colour;
    out.background = blend(theme_.viewTop, theme_.viewBottom, 0.5);
    out.outline = blend(look.colour, theme_.dark ? QColor(Qt::white) : QColor(0x1B1E23), 0.6);
    out.guess = isGuess(target.state);
    out.differenceScale = differenceScale_;
    out.selected = target.id == selected_ && looks_.size() > 1;
    switch (display_) {
    case BodyDisplay::Surface: break;
    case BodyDisplay::Wireframe: out.paint = BodyActor::Paint::Wireframe; break;
    case BodyDisplay::Skeleton: out.paint = BodyActor::Paint::Hidden; break;
    case BodyDisplay::Video: out.paint = target.surface ? BodyActor::Paint::Hidden : BodyActor::Paint::Regions; break;
    case BodyDisplay::Confidence: out.paint = BodyActor::Paint::Confidence; break;
    case BodyDisplay::Doubt:
        out.paint = BodyActor::Paint::Flat;
        out.colour = target.suspicion < 0 ? theme_.dim : heatColour(target.suspicion);
        break;
    case BodyDisplay::Difference: out.paint = BodyActor::Paint::Difference; break;
    }
    return out;
}

void ViewportScene::refresh() {
    std::set<TargetId> present, otherPresent;
    std::vector<GroundShadow> shadows;
    std::vector<std::pair<std::shared_ptr<const PosedMesh>, QColor>> skeletons;
    const auto show = [this](auto& actors, TargetId id, const BodyActor::Look& look, const std::shared_ptr<const PosedMesh>& mesh,
                             bool visible, int side) {
        auto& actor = actors[id];
        if (!actor) {
            actor = std::make_unique<BodyActor>(renderer_);
            actor->setCoarse(coarse_);
        }
        actor->setLook(look);
        actor->setMesh(mesh);
        actor->setVisible(visible);
        actor->setWipe(wipe_, side);
    };
    if (snapshot_) {
        for (const auto& target : snapshot_->targets) {
            const auto found = looks_.find(target.id);
            const TargetLook look = found != looks_.end() ? found->second : TargetLook{QColor(0x9AA4B2), true};
            if (!target.mesh) {
                continue;
            }
            present.insert(target.id);
            const auto bodyLook = lookOf(target, look);
            show(bodies_, target.id, bodyLook, target.mesh, look.visible, wiping() ? 1 : 0);
            showSurface(target, look.visible);
            if (wiping() && target.otherMesh) {
                otherPresent.insert(target.id);
                auto otherLook = bodyLook;
                otherLook.guess = false;
                otherLook.colour = display_ == BodyDisplay::Surface ? blend(bodyLook.colour, QColor(0x8A929E), 0.45) : bodyLook.colour;
                show(otherBodies_, target.id, otherLook, target.otherMesh, look.visible, -1);
            }
            if (look.visible) {
                shadows.push_back(castShadow(*target.mesh, coarse_));
                if (display_ == BodyDisplay::Skeleton) {
                    skeletons.emplace_back(target.mesh, theme_.dark ? look.colour : blend(look.colour, QColor(Qt::black), 0.35));
                }
            }
        }
        // Who looks through the camera is inside of its frustum.
        stage_.setFrustum(snapshot_->worldFromCam, backdrop_ ? Intrinsics{} : snapshot_->camera, theme_.dim, 1.2 * pixelRatio_);
        notes_.setBackdrop(snapshot_->pixels, snapshot_->worldFromCam, snapshot_->camera);
    } else {
        stage_.setFrustum({}, {}, theme_.dim, 1);
        notes_.setBackdrop(nullptr, {}, {});
    }
    std::erase_if(surfaces_, [&](const auto& entry) { return !present.contains(entry.first); });
    notes_.setSkeletons(skeletons, 5 * pixelRatio_);
    for (auto& [id, actor] : bodies_) {
        if (!present.contains(id)) {
            actor->setMesh(nullptr);
        }
    }
    for (auto& [id, actor] : otherBodies_) {
        if (!otherPresent.contains(id)) {
            actor->setMesh(nullptr);
        }
    }
    stage_.setShadows(shadows, theme_.dark ? 1 : 0.62);
}

void ViewportScene::showSurface(const TargetView& target, bool visible) {
    if (display_ != BodyDisplay::Video || !target.surface) {
        surfaces_.erase(target.id);
        return;
    }
    auto& actor = surfaces_[target.id];
    if (!actor) {
        actor = std::make_unique<CloudActor>(renderer_);
    }
    if (!actor->cloud() || &actor->cloud()->cloud() != target.surface.get()) {
        actor->setCloud(std::make_shared<const PreparedCloud>(target.surface));
    }
    CloudStyle style;
    style.pointSize = cloudStyle_.pointSize;
    actor->setStyle(style, theme_.text, pixelRatio_);
    actor->setVisible(visible);
}

void ViewportScene::setPaths(std::shared_ptr<const ScenePaths> paths) {
    paths_ = std::move(paths);
    std::vector<StageActors::Line> lines;
    if (paths_) {
        for (const auto& trail : paths_->trails) {
            const auto found = looks_.find(trail.id);
            // Bodies of a running job are not smoothed: a path of theirs would be scribble.
            if (trail.fitted && found != looks_.end() && found->second.visible) {
                for (const auto& stretch : trail.stretches) {
                    lines.push_back({stretch, found->second.colour});
                }
            }
        }
        setGround(paths_->low, paths_->high);
        stage_.setCameraPath(paths_->cameraPath, theme_.warning, 1.6 * pixelRatio_);
        stage_.setCameraStops(paths_->cameraStops, paths_->camera, theme_.warning);
    }
    stage_.setTrails(lines);
}

void ViewportScene::setGround(Vec3f low, Vec3f high) {
    stage_.setGridCentre({0.5F * (low.x + high.x), 0, 0.5F * (low.z + high.z)}, 8 + 0.5 * std::max(high.x - low.x, high.z - low.z));
}

void ViewportScene::setTrailsVisible(bool visible) { stage_.setTrailsVisible(visible); }

void ViewportScene::applyCamera(const OrbitCamera& camera, QSize size, double devicePixelRatio) {
    if (std::exchange(pixelRatio_, devicePixelRatio) != devicePixelRatio) {
        models_.setStyle(cloudStyle_, theme_, pixelRatio_);
    }
    models_.setFarthest(2 * camera.distance());
    stage_.setFloorVisible(!(backdrop_ && camera.lookingThrough()));
    stage_.setPixelSize(size.width(), size.height(), devicePixelRatio);
    auto* view = renderer_->GetActiveCamera();
    const double aspect = size.height() > 0 ? static_cast<double>(size.width()) / size.height() : 1;
    const Vec3 eye = camera.position(), focal = camera.focalPoint(), up = camera.up();
    view->SetPosition(eye.x, eye.y, eye.z);
    view->SetFocalPoint(focal.x, focal.y, focal.z);
    view->SetViewUp(up.x, up.y, up.z);
    view->SetParallelProjection(camera.orthographic() && !camera.lookingThrough());
    view->SetParallelScale(camera.halfHeight());
    const double fov = camera.fieldOfView(aspect);
    view->SetViewAngle(fov * kRadiansToDegrees);
    // Not from the bounds: the grid reaches beyond them and must not be cut.
    const double nearest = std::max(0.003, camera.distance() * 0.03);
    view->SetClippingRange(nearest, 4 * camera.distance() + 90);
    const double metresPerPixel = 2 * std::tan(fov / 2) / std::max(1, size.height());
    const auto* turned = view->GetViewTransformMatrix();
    const Vec3 sky{turned->GetElement(0, 1), turned->GetElement(1, 1), turned->GetElement(2, 1)}; // the world's up
    for (auto* actors : {&bodies_, &otherBodies_}) {
        for (auto& [id, actor] : *actors) {
            actor->setPixelSize(metresPerPixel, devicePixelRatio);
            actor->setSky(sky);
        }
    }
}

} // namespace body4d::ui
