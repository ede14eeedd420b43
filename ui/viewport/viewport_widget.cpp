#include "ui/viewport/viewport_widget.h"

#include "ui/viewport/axis_gizmo.h"
#include "ui/viewport/colour_bar.h"
#include "ui/viewport/ray_cast.h"
#include "ui/viewport/viewport_vtk.h"
#include "ui/viewport/wipe_handle.h"

#include <vtkCallbackCommand.h>
#include <vtkCommand.h>
#include <vtkOpenGLFramebufferObject.h>
#include <vtkNew.h>
#include <vtkOpenGLState.h>
#include <vtkRenderer.h>

#include <QLabel>
#include <QMouseEvent>
#include <QOpenGLContext>
#include <QOpenGLFunctions>

#include <algorithm>
#include <cmath>

namespace body4d::ui {
namespace {
constexpr int kFineDelayMs = 200;
constexpr double kHardwareEffectsLimitMs = 16; ///< beyond, ambient occlusion is switched off while things move
constexpr double kSoftwareFineLimitMs = 220;   ///< beyond, the still frame does without ambient occlusion
constexpr double kPickPixels = 3; ///< from the pointer to a point of a cloud
constexpr std::size_t kManyBodies = 3; ///< from which on software draws them coarsely while they move
constexpr double kDifferenceScales[] = {0.02, 0.06, 0.15, 0.4}; ///< metres, to choose from
/// Times its own length that passes after a software frame before the next one: while a run is under way it needs the
/// cores more than the view does.
constexpr double kSoftwareRest = 0.15, kSoftwareRestBusy = 1.5;
} // namespace

ViewportWidget::ViewportWidget(QWidget* parent) : QOpenGLWidget(parent), vtk_(std::make_unique<Vtk>()) {
    // VTK leaves alpha at 0; a surface without alpha shows the picture as it is.
    setTextureFormat(GL_RGB8);
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(160, 120);
    setAccessibleName(tr("3D view"));
    setAccessibleDescription(tr("Bodies in space; drag to orbit, middle button to pan, wheel to zoom"));
    vtk_->window->SetOwnContext(0);
    vtk_->window->SetFrameBlitModeToBlitToCurrent();
    vtk_->window->SetMultiSamples(0);
    vtk_->window->AddRenderer(vtk_->scene.renderer());
    vtkNew<vtkCallbackCommand> isCurrent;
    isCurrent->SetClientData(this);
    isCurrent->SetCallback([](vtkObject*, unsigned long, void* self, void* answer) {
        *static_cast<bool*>(answer) = QOpenGLContext::currentContext() == static_cast<ViewportWidget*>(self)->context();
    });
    vtk_->window->AddObserver(vtkCommand::WindowIsCurrentEvent, isCurrent);
    vtkNew<vtkCallbackCommand> makeThisCurrent;
    makeThisCurrent->SetClientData(this);
    makeThisCurrent->SetCallback([](vtkObject*, unsigned long, void* self, void*) {
        auto* widget = static_cast<ViewportWidget*>(self);
        // makeCurrent() rebinds the widget's framebuffer; in mid-frame that would send VTK's drawing astray.
        if (QOpenGLContext::currentContext() != widget->context()) {
            widget->makeCurrent();
        }
    });
    vtk_->window->AddObserver(vtkCommand::WindowMakeCurrentEvent, makeThisCurrent);

    fineTimer_.setSingleShot(true);
    fineTimer_.setInterval(kFineDelayMs);
    connect(&fineTimer_, &QTimer::timeout, this, [this] {
        fine_ = true;
        redrawTimer_.stop();
        update();
    });
    redrawTimer_.setSingleShot(true);
    redrawTimer_.setTimerType(Qt::PreciseTimer);
    connect(&redrawTimer_, &QTimer::timeout, this, qOverload<>(&ViewportWidget::update));

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
    empty_->setObjectName(QStringLiteral("dim"));
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
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        vtk_->scene.setTheme(tokens());
        gizmo_->update();
        changed();
    });
    vtk_->scene.setTheme(tokens());
    gizmo_->setAngles(camera_.yaw(), camera_.pitch());
}

ViewportWidget::~ViewportWidget() {
    // The context's own signal would come after our members are gone.
    disconnect(contextGone_);
    releaseGl();
}

void ViewportWidget::releaseGl() {
    if (!ready_ || !context()) {
        return;
    }
    makeCurrent();
    vtk_->scene.releaseGraphics(vtk_->window);
    vtk_->window->Finalize();
    vtk_->window->SetReadyForRendering(false);
    doneCurrent();
    ready_ = false;
}

void ViewportWidget::initializeGL() {
    vtk_->window->SetReadyForRendering(true);
    vtk_->window->SetMapped(1);
    vtk_->window->SetIsCurrent(true);
    vtk_->window->SetSupportsOpenGL(1);
    vtk_->window->OpenGLInitContext();
    ready_ = true;
    disconnect(contextGone_);
    contextGone_ = connect(context(), &QOpenGLContext::aboutToBeDestroyed, this, &ViewportWidget::releaseGl);
    rendererName_ = QString::fromLatin1(reinterpret_cast<const char*>(context()->functions()->glGetString(GL_RENDERER)));
    software_ = rendererName_.contains(QLatin1String("llvmpipe"), Qt::CaseInsensitive) ||
                rendererName_.contains(QLatin1String("softpipe"), Qt::CaseInsensitive) ||
                rendererName_.contains(QLatin1String("swrast"), Qt::CaseInsensitive);
}

void ViewportWidget::resizeGL(int width, int height) {
    const double ratio = devicePixelRatioF();
    vtk_->window->SetSize(static_cast<int>(std::lround(width * ratio)), static_cast<int>(std::lround(height * ratio)));
    vtk_->window->SetDPI(static_cast<int>(std::lround(96 * ratio)));
    changed();
}

void ViewportWidget::paintGL() {
    if (!isValid()) {
        return;
    }
    QElapsedTimer clock;
    clock.start();
    const bool still = fine_ && !(software_ && busy_);
    const bool quickMachine = !software_;
    // The distant picture would be shaded in blotches.
    const bool shade = occlusionAffordable_ && !(backdrop_ && camera_.lookingThrough());
    vtk_->scene.setQuality(still ? ViewportScene::Quality::Still : ViewportScene::Quality::Moving,
                       shade && (vtk_->scene.hasBodies() || vtk_->scene.models().hasMeshes()) && (still || quickMachine), still || quickMachine, still || quickMachine,
                           software_ && !still && (busy_ || vtk_->scene.bodyCount() >= kManyBodies));
    vtk_->scene.models().setShare(grabbing_ || quickMachine ? PreparedCloud::Share::All
                                  : still                   ? PreparedCloud::Share::Still
                                                            : PreparedCloud::Share::Moving);
    const double ratio = devicePixelRatioF();
    const QSize size(static_cast<int>(std::lround(width() * ratio)), static_cast<int>(std::lround(height() * ratio)));
    vtk_->scene.applyCamera(camera_, size, ratio);
    auto* state = vtk_->window->GetState();
    state->Reset();
    state->Push();
    state->vtkglDepthFunc(GL_LEQUAL);
    state->vtkglBindFramebuffer(GL_FRAMEBUFFER, defaultFramebufferObject());
    vtk_->window->Render();
    state->Pop();
    auto* gl = context()->functions();
    gl->glBindFramebuffer(GL_FRAMEBUFFER, defaultFramebufferObject());
    gl->glDisable(GL_SCISSOR_TEST);
    gl->glColorMask(GL_FALSE, GL_FALSE, GL_FALSE, GL_TRUE);
    gl->glClearColor(0, 0, 0, 1);
    gl->glClear(GL_COLOR_BUFFER_BIT);
    gl->glColorMask(GL_TRUE, GL_TRUE, GL_TRUE, GL_TRUE);
    if (software_) {
        gl->glFinish(); // otherwise the time shows up elsewhere
    }
    lastRenderMs_ = static_cast<double>(clock.nsecsElapsed()) * 1e-6;
    sinceRender_.start();
    // The first frames compile shaders; only a row of slow ones says something about the machine.
    const double limit = software_ ? kSoftwareFineLimitMs : kHardwareEffectsLimitMs;
    if (vtk_->scene.hasBodies() && (still || quickMachine)) {
        slowFrames_ = lastRenderMs_ > limit ? slowFrames_ + 1 : 0;
        if (slowFrames_ >= 3) {
            occlusionAffordable_ = false;
        }
    }
}

void ViewportWidget::changed() {
    fine_ = false;
    fineTimer_.start();
    // Software rendering takes the cores from the video beside it: while frames come faster than they can be drawn,
    // the picture goes first.
    const double rest = software_ && sinceRender_.isValid()
                            ? (busy_ ? kSoftwareRestBusy : kSoftwareRest) * lastRenderMs_ - static_cast<double>(sinceRender_.elapsed())
                            : 0;
    if (rest < 1) {
        redrawTimer_.stop();
        update();
    } else if (!redrawTimer_.isActive()) {
        redrawTimer_.start(static_cast<int>(std::min<double>(rest, kFineDelayMs)));
    }
}

void ViewportWidget::setSnapshot(std::shared_ptr<const FrameSnapshot> snapshot) {
    vtk_->scene.setSnapshot(std::move(snapshot));
    if (camera_.lookingThrough() && vtk_->scene.snapshot() && vtk_->scene.snapshot()->camera.focalPx > 0) {
        // A moving camera is looked through wherever it goes.
        camera_.lookThrough(vtk_->scene.snapshot()->worldFromCam, vtk_->scene.snapshot()->camera);
    }
    keepBodiesInSight();
    refreshEmpty();
    refreshDifferenceSummary();
    changed();
}

void ViewportWidget::setPaths(std::shared_ptr<const ScenePaths> paths) {
    paths_ = std::move(paths);
    vtk_->scene.setPaths(paths_);
    refreshEmpty();
    if (!paths_) {
        cameraTouched_ = fittedOnce_ = false;
        camera_ = {};
        measured_.clear(); // elsewhere
        vtk_->scene.setMeasure({});
        placeMeasure();
    }
    changed();
}

void ViewportWidget::keepBodiesInSight() {
    const auto& snapshot = vtk_->scene.snapshot();
    if (cameraTouched_ || !snapshot) {
        return; // never against the person's hand
    }
    // The boxes of all bodies that are shown: one around them all would ask for more room than they fill.
    std::vector<Vec3> corners;
    for (const auto& target : snapshot->targets) {
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
    if (!fittedOnce_) {
        // People who stand one behind the other are looked at from where they stand beside each other.
        const double yaw = camera_.yaw(), pitch = camera_.pitch();
        double best = 0.85 * camera_.distance(), chosen = yaw; // for less, the usual direction is the better one
        for (const double turn : {-0.4, 0.4, -0.8, 0.8}) {
            camera_.setAngles(yaw + turn, pitch);
            camera_.fit(corners, aspect());
            if (camera_.distance() < best) {
                best = camera_.distance();
                chosen = yaw + turn;
            }
        }
        camera_.setAngles(chosen, pitch);
        camera_.fit(corners, aspect());
    }
    gizmo_->setAngles(camera_.yaw(), camera_.pitch());
    fittedOnce_ = true;
}

void ViewportWidget::setLooks(const std::map<TargetId, TargetLook>& looks, TargetId selected) {
    if (looks == looks_ && selected == selected_) {
        return; // asked for with every frame: no reason to draw
    }
    looks_ = looks;
    selected_ = selected;
    vtk_->scene.setLooks(looks, selected);
    changed();
}

void ViewportWidget::setCaption(const QString& text) {
    caption_->setText(text);
    caption_->setVisible(!text.isEmpty());
    placeOverlays();
}

void ViewportWidget::setBusy(bool busy) {
    if (std::exchange(busy_, busy) != busy) {
        changed();
    }
}

void ViewportWidget::setGridVisible(bool visible) {
    vtk_->scene.setGridVisible(visible);
    changed();
}
void ViewportWidget::setTrailsVisible(bool visible) {
    vtk_->scene.setTrailsVisible(visible);
    changed();
}
void ViewportWidget::setCamerasVisible(bool visible) {
    vtk_->scene.setCamerasVisible(visible);
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
    const auto& snapshot = vtk_->scene.snapshot();
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
    const auto& snapshot = vtk_->scene.snapshot();
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
    if (vtk_->scene.snapshot()) {
        hit = castRay(ray, *vtk_->scene.snapshot());
    }
    const double slope = kPickPixels * 2 * std::tan(camera_.fieldOfView(aspect()) / 2) / std::max(1, height());
    const auto beside = vtk_->scene.models().pick(ray, slope);
    if (beside && (!hit || *beside < hit->distance)) {
        hit = BodyHit{0, ray.origin + *beside * ray.direction, *beside};
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
    for (auto* label : {title_, caption_}) {
        label->adjustSize();
    }
    title_->move(10, 10);
    const int room = std::max(60, width() - 20);
    caption_->setMaximumWidth(room);
    caption_->resize(std::min(caption_->sizeHint().width(), room), caption_->sizeHint().height());
    caption_->move(10, height() - caption_->height() - 10);
    gizmo_->move(width() - gizmo_->width() - 6, 6);
    const int above = legend_->width() + caption_->width() + 30 > width() ? caption_->height() + 6 : 0;
    legend_->move(width() - legend_->width() - 10, height() - legend_->height() - 10 - (caption_->isVisibleTo(this) ? above : 0));
    empty_->setGeometry(rect().adjusted(24, 24, -24, -24));
}

void ViewportWidget::resizeEvent(QResizeEvent* event) {
    QOpenGLWidget::resizeEvent(event);
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
    return QOpenGLWidget::event(event);
}

} // namespace body4d::ui
