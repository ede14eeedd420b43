#include "ui/viewport/viewport_drawing.h"

#include <QElapsedTimer>
#include <QOpenGLFunctions>
#include <vtkCallbackCommand.h>
#include <vtkCommand.h>
#include <vtkOpenGLFramebufferObject.h>
#include <vtkOpenGLState.h>
#include <vtkRenderer.h>

#include <cmath>

namespace body4d::ui {
namespace {
constexpr std::size_t kManyBodies = 3; ///< from which on software draws them coarsely while they move
} // namespace

QString currentRendererName() {
    return QString::fromLatin1(reinterpret_cast<const char*>(
        QOpenGLContext::currentContext()->functions()->glGetString(GL_RENDERER)));
}

bool isSoftwareRenderer(const QString& name) {
    return name.contains(QLatin1String("llvmpipe"), Qt::CaseInsensitive) ||
           name.contains(QLatin1String("softpipe"), Qt::CaseInsensitive) ||
           name.contains(QLatin1String("swrast"), Qt::CaseInsensitive);
}

ViewportDrawing::ViewportDrawing(std::function<void()> makeCurrent) : makeCurrent_(std::move(makeCurrent)) {
    window_->SetOwnContext(0);
    window_->SetFrameBlitModeToBlitToCurrent();
    window_->SetMultiSamples(0);
    window_->AddRenderer(scene_.renderer());
    vtkNew<vtkCallbackCommand> isCurrent;
    isCurrent->SetClientData(this);
    isCurrent->SetCallback([](vtkObject*, unsigned long, void* self, void* answer) {
        const auto* context = static_cast<ViewportDrawing*>(self)->context_;
        *static_cast<bool*>(answer) = context != nullptr && QOpenGLContext::currentContext() == context;
    });
    window_->AddObserver(vtkCommand::WindowIsCurrentEvent, isCurrent);
    vtkNew<vtkCallbackCommand> makeThisCurrent;
    makeThisCurrent->SetClientData(this);
    makeThisCurrent->SetCallback([](vtkObject*, unsigned long, void* data, void*) {
        auto* self = static_cast<ViewportDrawing*>(data);
        // Making current binds the picture's framebuffer anew; in mid-frame that would send VTK's drawing
        // astray.
        if (self->context_ != nullptr && QOpenGLContext::currentContext() != self->context_) {
            self->makeCurrent_();
        }
    });
    window_->AddObserver(vtkCommand::WindowMakeCurrentEvent, makeThisCurrent);
}

ViewportDrawing::~ViewportDrawing() = default;

void ViewportDrawing::initialize(QOpenGLContext& context) {
    context_ = &context;
    window_->SetReadyForRendering(true);
    window_->SetMapped(1);
    window_->SetIsCurrent(true);
    window_->SetSupportsOpenGL(1);
    window_->OpenGLInitContext();
    rendererName_ = currentRendererName();
    software_ = isSoftwareRenderer(rendererName_);
}

void ViewportDrawing::release() {
    if (!ready()) {
        return;
    }
    scene_.releaseGraphics(window_);
    window_->Finalize();
    window_->SetReadyForRendering(false);
    context_ = nullptr;
}

ViewResult ViewportDrawing::draw(const ViewRequest& request, unsigned framebuffer) {
    QElapsedTimer clock;
    clock.start();
    if (scene_.snapshot() != request.snapshot) {
        scene_.setSnapshot(request.snapshot);
    }
    const bool still = request.fine && !(software_ && request.busy);
    const bool quickMachine = !software_;
    scene_.setQuality(still ? ViewportScene::Quality::Still : ViewportScene::Quality::Moving,
                      request.shade && (scene_.hasBodies() || scene_.models().hasMeshes()) &&
                          (still || quickMachine),
                      still || quickMachine, still || quickMachine,
                      software_ && !still && (request.busy || scene_.bodyCount() >= kManyBodies));
    scene_.models().setShare(request.everyPoint || quickMachine ? PreparedCloud::Share::All
                             : still                            ? PreparedCloud::Share::Still
                                                                : PreparedCloud::Share::Moving);
    if (request.size != size_ || request.pixelRatio != pixelRatio_) {
        size_ = request.size;
        pixelRatio_ = request.pixelRatio;
        window_->SetSize(size_.width(), size_.height());
        window_->SetDPI(static_cast<int>(std::lround(96 * pixelRatio_)));
    }
    scene_.applyCamera(request.camera, request.size, request.pixelRatio);
    auto* state = window_->GetState();
    state->Reset();
    state->Push();
    state->vtkglDepthFunc(GL_LEQUAL);
    state->vtkglBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
    window_->Render();
    state->Pop();
    // VTK leaves alpha at 0.
    auto* gl = context_->functions();
    gl->glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
    gl->glDisable(GL_SCISSOR_TEST);
    gl->glColorMask(GL_FALSE, GL_FALSE, GL_FALSE, GL_TRUE);
    gl->glClearColor(0, 0, 0, 1);
    gl->glClear(GL_COLOR_BUFFER_BIT);
    gl->glColorMask(GL_TRUE, GL_TRUE, GL_TRUE, GL_TRUE);
    if (software_) {
        gl->glFinish(); // otherwise the time shows up elsewhere
    }
    return {static_cast<double>(clock.nsecsElapsed()) * 1e-6, scene_.hasBodies() && (still || quickMachine)};
}

} // namespace body4d::ui
