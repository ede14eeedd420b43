#include "ui/video/video_canvas.h"

#include "ui/theme.h"

#include <QKeyEvent>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <utility>

namespace body4d::ui {
namespace {

constexpr double kGrab = 10;

bool excludes(const QMouseEvent* event) {
    return event->button() == Qt::RightButton || event->modifiers().testFlag(Qt::ControlModifier) ||
           event->modifiers().testFlag(Qt::AltModifier);
}

} // namespace

VideoCanvas::VideoCanvas(QWidget* parent) : QWidget(parent) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(160, 120);
    setContextMenuPolicy(Qt::NoContextMenu); // right click excludes
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("Video"));
    setAccessibleDescription(tr("Left click includes, right click excludes; C shows a cross for the keyboard"));
    const auto chip = [this] {
        auto* label = new QLabel(this);
        label->setObjectName(QStringLiteral("chip"));
        label->setAttribute(Qt::WA_TransparentForMouseEvents);
        label->hide();
        return label;
    };
    hint_ = chip();
    title_ = chip();
    spinner_.setInterval(50);
    connect(&spinner_, &QTimer::timeout, this, [this] {
        spin_ = (spin_ + 1) % 20;
        update(QRectF(transform_.toWidget(busyAt_) - QPointF(22, 22), QSizeF(44, 44)).toAlignedRect());
    });
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
    updateCursor();
}

void VideoCanvas::setFrameSize(QSize size) {
    if (size == frameSize_) {
        return;
    }
    frameSize_ = size;
    stroke_ = {};
    waiting_.clear();
    picture_ = {};
    snapshot_.reset();
    transform_.fit();
    transform_.setSizes(this->size(), frameSize_);
    publishView();
    updateCursor();
    update();
}

void VideoCanvas::setTargets(std::vector<TargetItem> targets, TargetId selected) {
    targets_ = std::move(targets);
    selected_ = selected;
    publishView();
    update();
}

void VideoCanvas::setSnapshot(std::shared_ptr<const FrameSnapshot> snapshot) {
    snapshot_ = std::move(snapshot);
    title_->setVisible(snapshot_ != nullptr);
    if (snapshot_) {
        title_->setText(tr("Video · frame %1").arg(snapshot_->frame));
    }
    placeHint();
    update();
}

void VideoCanvas::setPicture(const CanvasPicture& picture) {
    picture_ = picture;
    // Strokes stay until a picture with them is here: no flicker.
    const auto shown = std::min<std::ptrdiff_t>(std::exchange(appliedStrokes_, 0), std::ssize(waiting_));
    waiting_.erase(waiting_.begin(), waiting_.begin() + shown);
    update();
}

void VideoCanvas::setTool(CanvasTool tool) {
    tool_ = tool;
    updateCursor();
    update();
}

void VideoCanvas::setExcludeMode(bool exclude) {
    exclude_ = exclude;
    updateCursor();
}

void VideoCanvas::setNewTargetMode(bool on) { newTarget_ = on; }

void VideoCanvas::setBrushRadius(double pixels) {
    pixels = std::clamp(pixels, 1.0, 400.0);
    if (std::exchange(brushRadius_, pixels) != pixels) {
        Q_EMIT brushRadiusChanged(pixels);
        update();
    }
}

void VideoCanvas::strokeApplied() { ++appliedStrokes_; }

bool VideoCanvas::unlocked(TargetId id) {
    const auto* t = item(id);
    if (t && t->locked) {
        Q_EMIT lockedClicked(id);
        return false;
    }
    return true;
}

void VideoCanvas::finishStroke() {
    auto stroke = std::exchange(stroke_, MaskStroke{});
    if (stroke.path.isEmpty()) {
        return;
    }
    waiting_.push_back(stroke);
    const bool meansNew = stroke.add && (newTarget_ || !item(selected_));
    Q_EMIT strokePainted(meansNew ? 0 : selected_, stroke);
    update();
}

void VideoCanvas::setBusy(bool busy) {
    busy_ = busy;
    if (busy && busyAt_.isNull()) { // not asked for by a click: a prompt of this frame is worked on again
        busyAt_ = QPointF(frameSize_.width() / 2.0, frameSize_.height() / 2.0);
        for (const auto& target : targets_) {
            if (!target.prompt.points.empty()) {
                busyAt_ = QPointF(target.prompt.points.front().x, target.prompt.points.front().y);
                break;
            }
        }
    }
    if (!busy) {
        busyAt_ = {};
    }
    busy ? spinner_.start() : spinner_.stop();
    update();
}

void VideoCanvas::setMasksVisible(bool visible) {
    masks_ = visible;
    publishView();
    update();
}

void VideoCanvas::setSkeletonVisible(bool visible) {
    skeleton_ = visible;
    update();
}

void VideoCanvas::setTagsVisible(bool visible) {
    tags_ = visible;
    update();
}

void VideoCanvas::setMaskOpacity(double opacity) {
    maskOpacity_ = std::clamp(opacity, 0.0, 1.0);
    publishView();
}

void VideoCanvas::setHint(const QString& text) {
    hintText_ = text;
    hint_->setToolTip(text);
    hint_->setVisible(!text.isEmpty());
    placeHint();
}

void VideoCanvas::setCrosshair(bool on) {
    crosshair_ = on && !frameSize_.isEmpty();
    if (crosshair_) {
        const QPointF centre(frameSize_.width() / 2.0, frameSize_.height() / 2.0);
        const QRectF seen = transform_.source().intersected(QRectF(QPointF(), QSizeF(frameSize_)));
        crossAt_ = seen.contains(crossAt_) && !crossAt_.isNull() ? crossAt_ : (seen.isEmpty() ? centre : seen.center());
        setFocus(Qt::OtherFocusReason);
    }
    update();
}

void VideoCanvas::publishView() {
    if (frameSize_.isEmpty()) {
        return;
    }
    CanvasView view;
    view.source = transform_.source();
    view.devicePixels = (QSizeF(size()) * devicePixelRatioF()).toSize();
    view.maskOpacity = maskOpacity_;
    for (const auto& t : targets_) {
        view.styles[t.id] = {t.colour, t.visible && masks_};
    }
    Q_EMIT viewChanged(view);
}

void VideoCanvas::zoomToFit() {
    transform_.fit();
    publishView();
    update();
}

void VideoCanvas::zoomToPixels() {
    transform_.setScale(1 / devicePixelRatioF());
    publishView();
    update();
}

void VideoCanvas::zoomBy(double factor) {
    transform_.zoomAt(QPointF(width() / 2.0, height() / 2.0), factor);
    publishView();
    update();
}

const VideoCanvas::TargetItem* VideoCanvas::item(TargetId id) const {
    const auto it = std::find_if(targets_.begin(), targets_.end(), [&](const TargetItem& t) { return t.id == id; });
    return it == targets_.end() ? nullptr : &*it;
}

TargetId VideoCanvas::targetAt(QPointF frame) const {
    if (!snapshot_) {
        return 0;
    }
    const QPoint pixel(static_cast<int>(std::floor(frame.x())), static_cast<int>(std::floor(frame.y())));
    // The last drawn lies on top.
    for (auto it = snapshot_->targets.rbegin(); it != snapshot_->targets.rend(); ++it) {
        const auto* target = item(it->id);
        if (!target || !target->visible || !it->mask.box.contains(pixel)) {
            continue;
        }
        const QPoint local = pixel - it->mask.box.topLeft();
        if (it->mask.coverage.constScanLine(local.y())[local.x()] >= 128) {
            return it->id;
        }
    }
    return 0;
}

VideoCanvas::PointHit VideoCanvas::pointAt(QPointF widget) const {
    PointHit hit;
    double nearest = kGrab;
    for (const auto& target : targets_) {
        if (!target.visible) {
            continue;
        }
        for (std::size_t i = 0; i < target.prompt.points.size(); ++i) {
            const auto& p = target.prompt.points[i];
            const QPointF d = transform_.toWidget(QPointF(p.x, p.y)) - widget;
            // The selected person's points win where they crowd.
            const double distance = std::hypot(d.x(), d.y()) - (target.id == selected_ ? 2 : 0);
            if (distance < nearest) {
                nearest = distance;
                hit = {target.id, static_cast<int>(i)};
            }
        }
    }
    return hit;
}

TargetId VideoCanvas::addressee(const QRectF& area, bool include) const {
    if (newTarget_ || selected_ == 0 || !item(selected_)) {
        return 0;
    }
    if (!include) {
        return selected_;
    }
    // A person is one connected figure: what lies well away from the selected one's mask means somebody else.
    const auto* view = snapshot_ ? snapshot_->target(selected_) : nullptr;
    if (!view || view->mask.box.isEmpty()) {
        return selected_;
    }
    QRectF reach(view->mask.box);
    const QPointF middle = reach.center();
    const double margin = 0.12 * std::max(reach.width(), reach.height()) + 4;
    reach.adjust(-margin, -margin, margin, margin);
    return reach.contains(area.center()) || area.contains(middle) ? selected_ : 0;
}

void VideoCanvas::addPoint(QPointF frame, bool include) {
    if (!QRectF(QPointF(), QSizeF(frameSize_)).contains(frame)) {
        return;
    }
    const auto target = addressee(QRectF(frame, QSizeF(0, 0)), include);
    if (!include && target == 0) {
        return; // nothing to exclude from
    }
    if (!unlocked(target)) {
        return;
    }
    busyAt_ = frame;
    Q_EMIT pointAdded(target, frame.x(), frame.y(), include);
}

void VideoCanvas::updateCursor() {
    if (frameSize_.isEmpty() || tool_ == CanvasTool::Select) {
        setCursor(Qt::ArrowCursor);
    } else if (painting()) {
        setCursor(Qt::BlankCursor); // the ring is the cursor
    } else {
        setCursor(Qt::CrossCursor);
    }
}

void VideoCanvas::mousePressEvent(QMouseEvent* event) {
    setFocus(Qt::MouseFocusReason);
    if (frameSize_.isEmpty()) {
        return;
    }
    button_ = event->button();
    pressed_ = last_ = event->position();
    dragged_ = false;
    band_ = {};
    stroke_ = {};
    if (painting() && button_ != Qt::MiddleButton) {
        const bool add = tool_ == CanvasTool::Brush && !excludes(event);
        const bool someone = add || item(selected_);
        if (someone && (newTarget_ || unlocked(selected_))) {
            stroke_ = {QPolygonF{transform_.toFrame(pressed_)}, brushRadius_, add};
            update();
        }
        return;
    }
    grabbed_ = tool_ == CanvasTool::Point && !excludes(event) && button_ == Qt::LeftButton ? pointAt(pressed_) : PointHit{};
}

void VideoCanvas::mouseMoveEvent(QMouseEvent* event) {
    const QPointF position = event->position(), frame = transform_.toFrame(position);
    if (!frameSize_.isEmpty()) {
        const bool inside = QRectF(QPointF(), QSizeF(frameSize_)).contains(frame);
        Q_EMIT hovered(inside ? frame.x() : -1, inside ? frame.y() : -1, inside ? targetAt(frame) : 0);
    }
    pointer_ = position;
    if (painting()) {
        update();
        if (!stroke_.path.isEmpty()) {
            stroke_.path << frame;
            last_ = position;
            return;
        }
    }
    if (button_ == Qt::NoButton) {
        return;
    }
    if (!dragged_ && (position - pressed_).manhattanLength() < 4) {
        return;
    }
    dragged_ = true;
    if (button_ == Qt::MiddleButton || (button_ == Qt::LeftButton && tool_ == CanvasTool::Select)) {
        transform_.panBy(position - last_);
        publishView();
    } else if (button_ == Qt::LeftButton && tool_ == CanvasTool::Box) {
        band_ = QRectF(transform_.toFrame(pressed_), frame).normalized().intersected(QRectF(QPointF(), QSizeF(frameSize_)));
    }
    last_ = position;
    update();
}

void VideoCanvas::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != button_) {
        return;
    }
    const auto button = std::exchange(button_, Qt::NoButton);
    const QPointF position = event->position(), frame = transform_.toFrame(position);
    if (frameSize_.isEmpty()) {
        return;
    }
    if (!stroke_.path.isEmpty()) {
        finishStroke();
        return;
    }
    if (grabbed_.index >= 0) {
        const auto grabbed = std::exchange(grabbed_, PointHit{});
        if (!unlocked(grabbed.target)) {
            return;
        }
        if (dragged_) {
            Q_EMIT pointMoved(grabbed.target, grabbed.index, std::clamp<double>(frame.x(), 0, frameSize_.width()),
                              std::clamp<double>(frame.y(), 0, frameSize_.height()));
        } else {
            Q_EMIT pointRemoved(grabbed.target, grabbed.index);
        }
        update();
        return;
    }
    if (tool_ == CanvasTool::Box && button == Qt::LeftButton && dragged_) {
        const QRectF band = std::exchange(band_, QRectF());
        update();
        if (band.width() >= 4 && band.height() >= 4) {
            busyAt_ = band.center();
            const auto target = addressee(band, true);
            if (!unlocked(target)) {
                return;
            }
            Q_EMIT boxDrawn(target, band.left(), band.top(), band.right(), band.bottom());
        }
        return;
    }
    if (dragged_ || button == Qt::MiddleButton) {
        return;
    }
    if (tool_ == CanvasTool::Select && button == Qt::LeftButton) {
        Q_EMIT targetClicked(targetAt(frame));
    } else if (tool_ == CanvasTool::Point) {
        addPoint(frame, !(excludes(event) || exclude_));
    }
}

void VideoCanvas::wheelEvent(QWheelEvent* event) {
    const double steps = event->angleDelta().y() / 120.0;
    if (painting() && event->modifiers().testFlag(Qt::ShiftModifier)) {
        // Some platforms turn the wheel sideways with Shift.
        setBrushRadius(brushRadius_ * std::pow(1.15, (event->angleDelta().y() + event->angleDelta().x()) / 120.0));
    } else if (steps != 0 && !frameSize_.isEmpty()) {
        transform_.zoomAt(event->position(), std::pow(1.2, steps));
        publishView();
        update();
    }
    event->accept();
}

void VideoCanvas::leaveEvent(QEvent*) {
    pointer_ = {-1, -1};
    update();
    Q_EMIT hovered(-1, -1, 0);
}

bool VideoCanvas::event(QEvent* event) {
    // The cross takes the arrow keys before they step through the video.
    if (event->type() == QEvent::ShortcutOverride && crosshair_) {
        switch (static_cast<QKeyEvent*>(event)->key()) {
        case Qt::Key_Left:
        case Qt::Key_Right:
        case Qt::Key_Up:
        case Qt::Key_Down:
        case Qt::Key_Return:
        case Qt::Key_Enter:
        case Qt::Key_Escape: event->accept(); return true;
        default: break;
        }
    }
    if (event->type() == QEvent::ScreenChangeInternal) {
        publishView();
    }
    return QWidget::event(event);
}

void VideoCanvas::keyPressEvent(QKeyEvent* event) {
    if (!crosshair_) {
        QWidget::keyPressEvent(event);
        return;
    }
    const bool shift = event->modifiers().testFlag(Qt::ShiftModifier);
    const double step = (shift ? 20 : 4) / transform_.scale();
    switch (event->key()) {
    case Qt::Key_Left: crossAt_.rx() -= step; break;
    case Qt::Key_Right: crossAt_.rx() += step; break;
    case Qt::Key_Up: crossAt_.ry() -= step; break;
    case Qt::Key_Down: crossAt_.ry() += step; break;
    case Qt::Key_Return:
    case Qt::Key_Enter: addPoint(crossAt_, !shift && !exclude_); break;
    case Qt::Key_Escape: setCrosshair(false); break;
    default: QWidget::keyPressEvent(event); return;
    }
    crossAt_ = {std::clamp(crossAt_.x(), 0.5, frameSize_.width() - 0.5),
                std::clamp(crossAt_.y(), 0.5, frameSize_.height() - 0.5)};
    Q_EMIT hovered(crossAt_.x(), crossAt_.y(), targetAt(crossAt_));
    update();
}

void VideoCanvas::resizeEvent(QResizeEvent*) {
    transform_.setSizes(size(), frameSize_);
    publishView();
    placeHint();
}

void VideoCanvas::placeHint() {
    title_->adjustSize();
    title_->move(10, 10);
    const int room = std::max(60, width() - 20);
    hint_->setText(hint_->fontMetrics().elidedText(hintText_, Qt::ElideRight, room - 24));
    hint_->resize(std::min(room, hint_->sizeHint().width()), hint_->sizeHint().height());
    hint_->move(10, height() - hint_->height() - 10);
}

} // namespace body4d::ui
