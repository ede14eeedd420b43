#include "ui/viewport/window_surface.h"

#include <utility>

namespace body4d::ui {

WindowSurface::WindowSurface(Client client, QWidget* parent)
    : QOpenGLWidget(parent), client_(std::move(client)), drawing_([this] { makeCurrent(); }) {
    setTextureFormat(GL_RGB8); // nothing shines through
    setAttribute(Qt::WA_TransparentForMouseEvents);
    connect(this, &QOpenGLWidget::frameSwapped, this, [this] { client_.shown(); });
}

WindowSurface::~WindowSurface() {
    // The context's own signal would come after our members are gone.
    disconnect(contextGone_);
    releaseGl();
}

void WindowSurface::releaseGl() {
    if (drawing_.ready() && context() != nullptr) {
        makeCurrent();
        drawing_.release();
        doneCurrent();
    }
}

void WindowSurface::redraw() {
    pending_ = true;
    update();
}

void WindowSurface::initializeGL() {
    drawing_.initialize(*context());
    disconnect(contextGone_);
    contextGone_ = connect(context(), &QOpenGLContext::aboutToBeDestroyed, this, &WindowSurface::releaseGl);
}

void WindowSurface::paintGL() {
    if (isValid()) {
        pending_ = false;
        client_.drawn(drawing_.draw(client_.request(), defaultFramebufferObject()));
    }
}

} // namespace body4d::ui
