#include "ui/viewport/viewport_widget.h"

#include "ui/viewport/axis_gizmo.h"
#include "ui/viewport/colour_bar.h"
#include "ui/viewport/model_pick.h"
#include "ui/viewport/ray_cast.h"
#include "ui/viewport/render_surface.h"
#include "ui/viewport/wipe_handle.h"

#include <QLabel>
#include <QMouseEvent>

#include <algorithm>
#include <cmath>

namespace body4d::ui {
namespace {
constexpr int kFineDelayMs = 200;
constexpr double kHardwareEffectsLimitMs = 16; ///< beyond, ambient occlusion is switched off while things move
constexpr double kSoftwareFineLimitMs = 220;   ///< beyond, the still frame does without ambient occlusion
constexpr double kPickPixels = 3; ///< from the pointer to a point of a cloud
} // namespace

ViewportWidget::ViewportWidget(QWidget* parent) : ViewportWidget(SurfaceKind::Automatic, parent) {}

ViewportWidget::ViewportWidget(SurfaceKind kind, QWidget* parent) : QWidget(parent) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(160, 120);
    setAccessibleName(tr("3D view"));
    setAccessibleDescription(tr("Bodies in space; drag to orbit, middle button to pan, wheel to zoom"));
    surface_ = makeRenderSurface(kind,
                                 {[this] { return request(); }, [this](const ViewResult& result) { drawn(result); },
                                  [this] { Q_EMIT pictureShown(); }},
                                 this);

    fineTimer_.setSingleShot(true);
    fineTimer_.setInterval(kFineDelayMs);
    connect(&fineTimer_, &QTimer::timeout, this, [this] {
        fine_ = true;
        surface_->redraw();
    });

    const auto chip = [this](const QString& text) {
        auto* label = new QLabel(text, this);
        label->setObjectName(QStringLiteral("chip"));
        label->setAttribute(Qt::WA_TransparentForMouseEvents);
        return label;
    };
    title_ = chip(tr("3D · grid of 1 m"));
    caption_ = chip({});
    caption_->hide();
    empty_ = new QLabel(tr("The bodies appear here, in metres, as soon as a run starts."), this);
    empty_->setObjectName(QStringLiteral("chip")); // lines of the grid would run through the words
    empty_->setAlignment(Qt::AlignCenter);
    empty_->setWordWrap(true);
    empty_->setAttribute(Qt::WA_TransparentForMouseEvents);
    gizmo_ = new AxisGizmo(this);
    connect(gizmo_, &AxisGizmo::presetRequested, this, &ViewportWidget::setPreset);
    legend_ = new ColourBar(this);
    connect(legend_, &ColourBar::nextScaleRequested, this, [this] {
        const auto* const next = std::upper_bound(std::begin(kDifferenceScales), std::end(kDifferenceScales), differenceScale_ + 1e-9);
        setDifferenceScale(next == std::end(kDifferenceScales) ? kDifferenceScales[0] : *next);
    });
    const auto useTheme = [this] {
        surface_->setBackground(tokens().window);
        post([theme = tokens()](ViewportScene& scene) { scene.setTheme(theme); });
    };
    connect(&Theme::instance(), &Theme::changed, this, [this, useTheme] {
        useTheme();
        gizmo_->update();
        changed();
    });
    useTheme();
    gizmo_->setAngles(camera_.yaw(), camera_.pitch());
}

ViewportWidget::~ViewportWidget() = default;

void ViewportWidget::post(std::function<void(ViewportScene&)> change) { surface_->post(std::move(change)); }

ViewRequest ViewportWidget::request() const {
    ViewRequest r;
    r.snapshot = snapshot_;
    r.camera = camera_;
    r.pixelRatio = devicePixelRatioF();
    r.size = {static_cast<int>(std::lround(width() * r.pixelRatio)), static_cast<int>(std::lround(height() * r.pixelRatio))};
    r.fine = fine_;
    r.busy = busy_;
    // The distant picture would be shaded in blotches.
    r.shade = occlusionAffordable_ && !(backdrop_ && camera_.lookingThrough());
    r.everyPoint = grabbing_;
    return r;
}

void ViewportWidget::drawn(const ViewResult& result) {
    lastRenderMs_ = result.milliseconds;
    // The first frames compile shaders; only a row of slow ones says something about the machine.
    const double limit = surface_->software() ? kSoftwareFineLimitMs : kHardwareEffectsLimitMs;
    if (result.costly) {
        slowFrames_ = lastRenderMs_ > limit ? slowFrames_ + 1 : 0;
        if (slowFrames_ >= 3) {
            occlusionAffordable_ = false;
        }
    }
}

void ViewportWidget::changed() {
    fine_ = false;
    fineTimer_.start();
    surface_->redraw();
}

QString ViewportWidget::rendererName() const { return surface_->rendererName(); }

bool ViewportWidget::softwareRendering() const { return surface_->software(); }

bool ViewportWidget::settled() const { return fine_ && !fineTimer_.isActive() && !surface_->pending(); }

QImage ViewportWidget::grabFramebuffer() { return surface_->grab(); }

bool ViewportWidget::hasBodies() const {
    return snapshot_ && std::any_of(snapshot_->targets.begin(), snapshot_->targets.end(),
                                    [](const TargetView& t) { return t.mesh != nullptr; });
}

void ViewportWidget::setSnapshot(std::shared_ptr<const FrameSnapshot> snapshot) {
    snapshot_ = std::move(snapshot);
    if (camera_.lookingThrough() && snapshot_ && snapshot_->camera.focalPx > 0) {
        // A moving camera is looked through wherever it goes.
        camera_.lookThrough(snapshot_->worldFromCam, snapshot_->camera);
    }
    keepBodiesInSight();
    refreshEmpty();
    refreshDifferenceSummary();
    changed();
}

void ViewportWidget::setPaths(std::shared_ptr<const ScenePaths> paths) {
    paths_ = std::move(paths);
    post([paths = paths_](ViewportScene& scene) { scene.setPaths(paths); });
    refreshEmpty();
    if (!paths_) {
        cameraTouched_ = fittedOnce_ = false;
        camera_ = {};
        measured_.clear(); // elsewhere
        post([](ViewportScene& scene) { scene.setMeasure({}); });
        placeMeasure();
    }
    lookAtPaths();
    changed();
}

void ViewportWidget::keepBodiesInSight() {
    if (cameraTouched_ || !snapshot_) {
        return; // never against the person's hand
    }
    // The boxes of all bodies that are shown: one around them all would ask for more room than they fill.
    std::vector<Vec3> corners;
    for (const auto& target : snapshot_->targets) {
        const auto look = looks_.find(target.id);
        if (!target.mesh || (look != looks_.end() && !look->second.visible)) {
            continue;
        }
        constexpr double kMargin = 0.12;
        const auto &l = target.mesh->low, &h = target.mesh->high;
        for (int corner = 0; corner < 8; ++corner) {
            corners.push_back({corner & 1 ? h.x + kMargin : l.x - kMargin, corner & 2 ? h.y + kMargin : l.y - kMargin,
                               corner & 4 ? h.z + kMargin : l.z - kMargin});
        }
    }
    if (corners.empty()) {
        return;
    }
    double reach = 0;
    for (const auto& corner : corners) {
        const Vec3 p = camera_.project(corner, aspect());
        reach = std::max(reach, p.z < 0.05 ? 9.0 : std::max(std::abs(p.x), std::abs(p.y)));
    }
    if (fittedOnce_ && reach < 1 && reach > 0.4) {
        return;
    }
    camera_.fit(corners, aspect());
    fittedOnce_ = true;
}

void ViewportWidget::lookAtPaths() {
    // While results stream in the view does not swing about.
    if (cameraTouched_ || busy_ || !paths_ || paths_->empty) {
        return;
    }
    std::vector<Vec3> corners;
    for (const auto& trail : paths_->trails) {
        constexpr std::size_t kMost = 64; // of a long walk every so many steps
        std::size_t count = 0, at = 0;
        for (const auto& stretch : trail.stretches) {
            count += stretch.size();
        }
        const std::size_t step = std::max<std::size_t>(1, (count + kMost - 1) / kMost);
        for (const auto& stretch : trail.stretches) {
            for (const auto& p : stretch) {
                if (at++ % step != 0) {
                    continue;
                }
                constexpr double kWide = 0.4, kTall = 1.8;
                for (int corner = 0; corner < 8; ++corner) {
                    corners.push_back({p.x + (corner & 1 ? kWide : -kWide), corner & 2 ? kTall : 0, p.z + (corner & 4 ? kWide : -kWide)});
                }
            }
        }
    }
    // People who stand one behind the other are looked at from where they stand beside each other; who walks away from the
    // camera, from the side.
    OrbitCamera trial;
    const double yaw = trial.yaw(), pitch = trial.pitch();
    trial.fit(corners, aspect());
    double best = 0.85 * trial.distance(), chosen = yaw; // for less, the usual direction is the better one
    for (const double turn : {-0.4, 0.4, -0.8, 0.8}) {
        trial.setAngles(yaw + turn, pitch);
        trial.fit(corners, aspect());
        constexpr double kClearly = 0.97; // of two that are as good the first, whatever the last digits say
        if (trial.distance() < kClearly * best) {
            best = trial.distance();
            chosen = yaw + turn;
        }
    }
    if (chosen != camera_.yaw() || camera_.pitch() != pitch) {
        camera_.setAngles(chosen, pitch);
        gizmo_->setAngles(chosen, pitch);
        lookAgain();
    }
}

void ViewportWidget::lookAgain() {
    fittedOnce_ = false;
    keepBodiesInSight();
    changed();
}

void ViewportWidget::setLooks(const std::map<TargetId, TargetLook>& looks, TargetId selected) {
    if (looks == looks_ && selected == selected_) {
        return; // asked for with every frame: no reason to draw
    }
    looks_ = looks;
    selected_ = selected;
    post([looks, selected](ViewportScene& scene) { scene.setLooks(looks, selected); });
    changed();
}

void ViewportWidget::setCaption(const QString& text) {
    caption_->setText(text);
    caption_->setVisible(!text.isEmpty());
    placeOverlays();
}

void ViewportWidget::setAwaiting(bool awaiting) {
    awaiting_ = awaiting;
    refreshEmpty();
}

void ViewportWidget::setBusy(bool busy) {
    if (std::exchange(busy_, busy) != busy) {
        changed();
    }
}

void ViewportWidget::setGridVisible(bool visible) {
    post([visible](ViewportScene& scene) { scene.setGridVisible(visible); });
    changed();
}
void ViewportWidget::setTrailsVisible(bool visible) {
    post([visible](ViewportScene& scene) { scene.setTrailsVisible(visible); });
    changed();
}
void ViewportWidget::setCamerasVisible(bool visible) {
    post([visible](ViewportScene& scene) { scene.setCamerasVisible(visible); });
    changed();
}

double ViewportWidget::aspect() const { return static_cast<double>(std::max(1, width())) / std::max(1, height()); }

void ViewportWidget::cameraChanged() {
    gizmo_->setAngles(camera_.yaw(), camera_.pitch());
    applyBackdrop();
    placeMeasure();
    changed();
    Q_EMIT cameraMoved();
}

void ViewportWidget::fitAll() {
    cameraTouched_ = true;
    if (paths_ && !paths_->empty) {
        camera_.fit({paths_->low.x, paths_->low.y, paths_->low.z}, {paths_->high.x, paths_->high.y, paths_->high.z},
                    aspect());
    } else {
        camera_.fit({-1.5, 0, -1.5}, {1.5, 1.8, 1.5}, aspect());
    }
    cameraChanged();
}

void ViewportWidget::fitSelected() {
    const auto& snapshot = snapshot_;
    const auto* target = snapshot ? snapshot->target(selected_) : nullptr;
    if (!target || !target->mesh) {
        fitAll();
        return;
    }
    cameraTouched_ = true;
    const auto &l = target->mesh->low, &h = target->mesh->high;
    camera_.fit({l.x, l.y, l.z}, {h.x, h.y, h.z}, aspect());
    cameraChanged();
}

void ViewportWidget::lookThroughCamera() {
    const auto& snapshot = snapshot_;
    if (snapshot && snapshot->camera.focalPx > 0) {
        cameraTouched_ = true;
        camera_.lookThrough(snapshot->worldFromCam, snapshot->camera);
        cameraChanged();
    }
}

void ViewportWidget::setPreset(OrbitCamera::Preset preset) {
    cameraTouched_ = true;
    camera_.setPreset(preset);
    cameraChanged();
}

OrbitCamera::Ray ViewportWidget::rayAt(QPointF p) const {
    return camera_.ray(2 * p.x() / std::max(1, width()) - 1, 1 - 2 * p.y() / std::max(1, height()), aspect());
}

std::optional<BodyHit> ViewportWidget::pick(const OrbitCamera::Ray& ray) const {
    std::optional<BodyHit> hit;
    if (snapshot_) {
        hit = castRay(ray, *snapshot_);
    }
    const double slope = kPickPixels * 2 * std::tan(camera_.fieldOfView(aspect()) / 2) / std::max(1, height());
    const auto nearer = [&](std::optional<double> distance) {
        if (distance && (!hit || *distance < hit->distance)) {
            hit = BodyHit{0, ray.origin + *distance * ray.direction, *distance};
        }
    };
    for (const auto& [model, visible] : models_) {
        if (visible) {
            nearer(pickMesh(ray, *model));
            if (model->cloud()) {
                nearer(pickCloud(ray, model->cloud()->cloud(), slope, cloudStyle_.hideLeastSure));
            }
        }
    }
    if (sceneCloud_) {
        nearer(pickCloud(ray, sceneCloud_->cloud(), slope, cloudStyle_.hideLeastSure));
    }
    return hit;
}

Vec3 ViewportWidget::anchorAt(QPointF position) const {
    const auto ray = rayAt(position);
    if (const auto hit = pick(ray)) {
        return hit->point;
    }
    if (const auto ground = groundHit(ray); ground && norm(*ground - camera_.position()) < 4 * camera_.distance()) {
        return *ground;
    }
    // The focal plane: always a sensible depth.
    const Vec3 forward = camera_.focalPoint() - camera_.position();
    const double along = dot(ray.direction, (1 / std::max(1e-9, norm(forward))) * forward);
    return ray.origin + (camera_.distance() / std::max(0.1, along)) * ray.direction;
}

void ViewportWidget::mousePressEvent(QMouseEvent* event) {
    button_ = event->button();
    pressed_ = last_ = event->position();
    dragged_ = false;
    setFocus(Qt::MouseFocusReason);
}

void ViewportWidget::mouseMoveEvent(QMouseEvent* event) {
    if (button_ == Qt::NoButton) {
        return;
    }
    const QPointF position = event->position();
    if (!dragged_ && (position - pressed_).manhattanLength() < 4) {
        return;
    }
    dragged_ = true;
    const QPointF d = (position - last_) / std::max(1, height());
    last_ = position;
    const bool shift = event->modifiers().testFlag(Qt::ShiftModifier);
    cameraTouched_ = true;
    if (button_ == Qt::MiddleButton || (button_ == Qt::LeftButton && shift)) {
        camera_.pan(d.x(), d.y());
    } else if (button_ == Qt::RightButton) {
        camera_.zoom(std::exp(2.5 * d.y()), camera_.focalPoint());
    } else {
        camera_.orbit(d.x(), d.y());
    }
    cameraChanged();
}

void ViewportWidget::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton && button_ == Qt::LeftButton && !dragged_) {
        const auto ray = rayAt(event->position());
        const auto hit = pick(ray);
        const auto point = hit ? std::optional(hit->point) : groundHit(ray);
        if (point && measuring_) {
            measureAt(*point);
        } else if (point) {
            if (hit && hit->id != 0) {
                Q_EMIT bodyPicked(hit->id);
            }
            Q_EMIT pointPicked(point->x, point->y, point->z);
        }
    }
    button_ = Qt::NoButton;
}

void ViewportWidget::mouseDoubleClickEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) {
        cameraTouched_ = true;
        camera_.setFocalPoint(anchorAt(event->position()));
        cameraChanged();
    }
}

void ViewportWidget::wheelEvent(QWheelEvent* event) {
    const double steps = event->angleDelta().y() / 120.0;
    if (steps != 0) {
        cameraTouched_ = true;
        camera_.zoom(std::pow(0.86, steps), anchorAt(event->position()));
        cameraChanged();
    }
    event->accept();
}

void ViewportWidget::placeOverlays() {
    title_->adjustSize();
    title_->move(10, 10);
    const int room = std::max(60, width() - 20);
    caption_->setWordWrap(false);
    if (caption_->sizeHint().width() > room) { // what a picture was made with is never cut off
        caption_->setWordWrap(true);
        caption_->resize(room, caption_->heightForWidth(room));
    } else {
        caption_->resize(caption_->sizeHint());
    }
    caption_->move(10, height() - caption_->height() - 10);
    gizmo_->move(width() - gizmo_->width() - 6, 6);
    const int above = legend_->width() + caption_->width() + 30 > width() ? caption_->height() + 6 : 0;
    legend_->move(width() - legend_->width() - 10, height() - legend_->height() - 10 - (caption_->isVisibleTo(this) ? above : 0));
    const int words = std::max(40, std::min(width() - 48, empty_->fontMetrics().horizontalAdvance(empty_->text()) + 24));
    const int tall = empty_->heightForWidth(words);
    empty_->setGeometry((width() - words) / 2, (height() - tall) / 2, words, tall);
}

void ViewportWidget::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    surface_->widget()->setGeometry(rect());
    placeOverlays();
    placeMeasure();
    if (wipe_) {
        wipe_->place();
        applyWipe();
    }
}

bool ViewportWidget::event(QEvent* event) {
    if (event->type() == QEvent::Show || event->type() == QEvent::Polish) {
        placeOverlays();
    }
    return QWidget::event(event);
}

} // namespace body4d::ui
