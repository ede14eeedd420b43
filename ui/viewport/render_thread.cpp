#include "ui/viewport/render_thread.h"

#include <QOpenGLFramebufferObject>
#include <QOpenGLFunctions>

#include <cstring>
#include <utility>

namespace body4d::ui {
namespace {

/// OpenGL counts rows from below.
QImage readPicture(QOpenGLFunctions& gl, QSize size) {
    QImage upsideDown(size, QImage::Format_RGB32);
    gl.glPixelStorei(GL_PACK_ALIGNMENT, 4);
    gl.glReadPixels(0, 0, size.width(), size.height(), GL_BGRA, GL_UNSIGNED_BYTE, upsideDown.bits());
    return std::move(upsideDown).mirrored();
}

} // namespace

std::unique_ptr<RenderThread> RenderThread::create() {
    if (!QOpenGLContext::supportsThreadedOpenGL()) {
        return nullptr;
    }
    auto context = std::make_unique<QOpenGLContext>();
    auto surface = std::make_unique<QOffscreenSurface>();
    if (!context->create()) {
        return nullptr;
    }
    surface->setFormat(context->format());
    surface->create();
    if (!surface->isValid() || !context->makeCurrent(surface.get())) {
        return nullptr;
    }
    QString name = currentRendererName();
    context->doneCurrent();
    return std::unique_ptr<RenderThread>(
        new RenderThread(std::move(context), std::move(surface), std::move(name)));
}

RenderThread::RenderThread(std::unique_ptr<QOpenGLContext> context,
                           std::unique_ptr<QOffscreenSurface> surface, QString name)
    : surface_(std::move(surface)), context_(std::move(context)), rendererName_(std::move(name)),
      drawing_([this] { context_->makeCurrent(surface_.get()); }) {
    setObjectName(QStringLiteral("3D view"));
}

void RenderThread::begin() {
    context_->moveToThread(this);
    start();
}

RenderThread::~RenderThread() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    wake_.notify_one();
    wait();
}

void RenderThread::post(std::function<void(ViewportScene&)> change) {
    const std::lock_guard lock(mutex_);
    changes_.push_back(std::move(change));
}

void RenderThread::draw(ViewRequest request, std::function<void(QImage, ViewResult)> done) {
    {
        const std::lock_guard lock(mutex_);
        job_ = Job{std::move(request), std::move(done)};
    }
    wake_.notify_one();
}

void RenderThread::run() {
    context_->makeCurrent(surface_.get());
    drawing_.initialize(*context_);
    auto* gl = context_->functions();
    std::unique_ptr<QOpenGLFramebufferObject> target;
    while (true) {
        std::optional<Job> job;
        std::vector<std::function<void(ViewportScene&)>> changes;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return ending_ || job_; });
            if (ending_) {
                break;
            }
            job.swap(job_);
            changes.swap(changes_);
        }
        for (const auto& change : changes) {
            change(drawing_.scene());
        }
        if (!target || target->size() != job->request.size) {
            target = std::make_unique<QOpenGLFramebufferObject>(job->request.size);
        }
        const ViewResult result = drawing_.draw(job->request, target->handle());
        QImage picture = readPicture(*gl, job->request.size);
        picture.setDevicePixelRatio(job->request.pixelRatio);
        job->done(std::move(picture), result);
    }
    target.reset();
    drawing_.release();
    context_->doneCurrent();
    context_.reset();
}

} // namespace body4d::ui
