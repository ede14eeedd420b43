#include "ui/viewport/thread_surface.h"

#include "ui/post_to.h"
#include "ui/viewport/render_thread.h"

#include <QCoreApplication>
#include <QPainter>

#include <future>
#include <utility>

namespace body4d::ui {
namespace {
/// Times its own length that passes after a picture before the next one is begun: the video beside it needs
/// the cores too, and a run needs them more than the view does.
constexpr double kRest = 0.15, kRestBusy = 1.2;
} // namespace

ThreadSurface::ThreadSurface(std::unique_ptr<RenderThread> thread, Client client, QWidget* parent)
    : QWidget(parent), thread_(std::move(thread)), client_(std::move(client)) {
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAttribute(Qt::WA_TransparentForMouseEvents);
    thread_->begin();
    rest_.setSingleShot(true);
    rest_.setTimerType(Qt::PreciseTimer);
    connect(&rest_, &QTimer::timeout, this, &ThreadSurface::start);
}

ThreadSurface::~ThreadSurface() = default;

QString ThreadSurface::rendererName() const {
    return thread_->rendererName();
}

void ThreadSurface::post(std::function<void(ViewportScene&)> change) {
    thread_->post(std::move(change));
}

void ThreadSurface::setBackground(const QColor& colour) {
    background_ = colour;
    update();
}

void ThreadSurface::redraw() {
    wanted_ = true;
    start();
}

void ThreadSurface::start() {
    if (drawing_ || rest_.isActive() || !wanted_ || !isVisible()) {
        return;
    }
    ViewRequest request = client_.request();
    if (request.size.isEmpty()) {
        return;
    }
    wanted_ = false;
    drawing_ = true;
    const double rest = request.busy ? kRestBusy : kRest;
    thread_->draw(std::move(request), [this, rest](QImage picture, ViewResult result) {
        // The surface waits for its thread before it goes: it is there while this runs, and what comes too
        // late is dropped with it.
        postTo(this, [this, picture = std::move(picture), result, rest] { arrived(picture, result, rest); });
    });
}

void ThreadSurface::arrived(const QImage& picture, const ViewResult& result, double rest) {
    drawing_ = false;
    picture_ = picture;
    fresh_ = true;
    client_.drawn(result);
    update();
    rest_.start(static_cast<int>(rest * result.milliseconds));
}

QImage ThreadSurface::grab() {
    ViewRequest request = client_.request();
    if (request.size.isEmpty()) {
        return {};
    }
    // One picture at a time: what is being drawn now comes first; its message is then on the way.
    while (drawing_) {
        QCoreApplication::sendPostedEvents(this, QEvent::MetaCall);
        QThread::usleep(200);
    }
    std::promise<QImage> made;
    thread_->draw(std::move(request),
                  [&made](QImage picture, ViewResult) { made.set_value(std::move(picture)); });
    return made.get_future().get();
}

void ThreadSurface::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    if (picture_.isNull()) {
        painter.fillRect(rect(), background_);
        return;
    }
    if (picture_.size() == (QSizeF(size()) * devicePixelRatioF()).toSize()) {
        painter.drawImage(QPointF(0, 0), picture_);
    } else {
        painter.drawImage(rect(), picture_); // being resized
    }
    if (std::exchange(fresh_, false)) {
        QTimer::singleShot(0, this, [this] { client_.shown(); });
    }
}

void ThreadSurface::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    start();
}

void ThreadSurface::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    redraw();
}

} // namespace body4d::ui
