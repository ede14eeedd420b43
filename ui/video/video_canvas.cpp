#include "ui/video/video_canvas.h"

#include "ui/theme.h"

#include <QKeyEvent>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace body4d::ui {
namespace {

constexpr double kPointRadius = 7; // logical pixels
constexpr double kGrab = 10;

/// Pairs of BlazePose landmarks that are drawn as bones; the face is left out.
constexpr std::array<std::pair<int, int>, 22> kBones{{{11, 12}, {11, 13}, {13, 15}, {12, 14}, {14, 16}, {11, 23},
                                                      {12, 24}, {23, 24}, {23, 25}, {25, 27}, {27, 29}, {29, 31},
                                                      {27, 31}, {24, 26}, {26, 28}, {28, 30}, {30, 32}, {28, 32},
                                                      {15, 19}, {16, 20}, {7, 0}, {8, 0}}};

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
        update(QRectF(busyAt_ - QPointF(22, 22), QSizeF(44, 44)).toAlignedRect());
    });
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
    updateCursor();
}

void VideoCanvas::setFrameSize(QSize size) {
    if (size == frameSize_) {
        return;
    }
    frameSize_ = size;
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

void VideoCanvas::setBusy(bool busy) {
    busy_ = busy;
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
    hint_->setText(text);
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

TargetId VideoCanvas::addressee(QPointF frame, bool include) const {
    if (newTarget_ || selected_ == 0 || !item(selected_)) {
        return 0;
    }
    if (!include) {
        return selected_;
    }
    // A person is one connected figure: a click well away from the selected one's mask means somebody else.
    const auto* view = snapshot_ ? snapshot_->target(selected_) : nullptr;
    if (!view || view->mask.box.isEmpty()) {
        return selected_;
    }
    QRectF reach(view->mask.box);
    const double margin = 0.12 * std::max(reach.width(), reach.height()) + 4;
    reach.adjust(-margin, -margin, margin, margin);
    return reach.contains(frame) ? selected_ : 0;
}

void VideoCanvas::addPoint(QPointF frame, bool include) {
    if (!QRectF(QPointF(), QSizeF(frameSize_)).contains(frame)) {
        return;
    }
    const auto target = addressee(frame, include);
    if (!include && target == 0) {
        return; // nothing to exclude from
    }
    if (const auto* t = item(target); t && t->locked) {
        Q_EMIT lockedClicked(target);
        return;
    }
    busyAt_ = transform_.toWidget(frame);
    Q_EMIT pointAdded(target, frame.x(), frame.y(), include);
}

void VideoCanvas::updateCursor() {
    if (frameSize_.isEmpty() || tool_ == CanvasTool::Select) {
        setCursor(Qt::ArrowCursor);
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
    grabbed_ = tool_ == CanvasTool::Point && !excludes(event) && button_ == Qt::LeftButton ? pointAt(pressed_) : PointHit{};
}

void VideoCanvas::mouseMoveEvent(QMouseEvent* event) {
    const QPointF position = event->position(), frame = transform_.toFrame(position);
    if (!frameSize_.isEmpty()) {
        const bool inside = QRectF(QPointF(), QSizeF(frameSize_)).contains(frame);
        Q_EMIT hovered(inside ? frame.x() : -1, inside ? frame.y() : -1, inside ? targetAt(frame) : 0);
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
    if (grabbed_.index >= 0) {
        const auto grabbed = std::exchange(grabbed_, PointHit{});
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
            busyAt_ = transform_.toWidget(band.center());
            const bool meansNew = newTarget_ || !item(selected_);
            Q_EMIT boxDrawn(meansNew ? 0 : selected_, band.left(), band.top(), band.right(), band.bottom());
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
    if (steps != 0 && !frameSize_.isEmpty()) {
        transform_.zoomAt(event->position(), std::pow(1.2, steps));
        publishView();
        update();
    }
    event->accept();
}

void VideoCanvas::leaveEvent(QEvent*) { Q_EMIT hovered(-1, -1, 0); }

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
    hint_->resize(std::min(room, hint_->sizeHint().width()), hint_->sizeHint().height());
    hint_->move(10, height() - hint_->height() - 10);
}

void VideoCanvas::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const auto& t = tokens();
    painter.fillRect(rect(), t.dark ? QColor(0x121417) : QColor(0xDDE2E9));
    if (frameSize_.isEmpty()) {
        return;
    }
    if (!picture_.image.isNull()) {
        const QRectF now = transform_.source();
        const auto& then = picture_.view.source;
        if (now == then && picture_.image.size() == (QSizeF(size()) * devicePixelRatioF()).toSize()) {
            QImage image = picture_.image;
            image.setDevicePixelRatio(devicePixelRatioF());
            painter.setClipRect(transform_.toWidget(QRectF(QPointF(), QSizeF(frameSize_))));
            painter.drawImage(QPointF(0, 0), image);
            painter.setClipping(false);
        } else {
            // The view is moving: the last picture follows until the worker has a new one.
            painter.setClipRect(transform_.toWidget(QRectF(QPointF(), QSizeF(frameSize_))));
            painter.drawImage(transform_.toWidget(then), picture_.image, QRectF(picture_.image.rect()));
            painter.setClipping(false);
        }
    }
    painter.setRenderHint(QPainter::Antialiasing);
    if (snapshot_) {
        drawTargets(painter);
    }
    drawPrompts(painter);
    if (!band_.isEmpty()) {
        painter.setPen(QPen(t.accent, 1.5, Qt::DashLine));
        painter.setBrush(QColor(t.accent.red(), t.accent.green(), t.accent.blue(), 40));
        painter.drawRect(transform_.toWidget(band_));
    }
    if (crosshair_) {
        const QPointF at = transform_.toWidget(crossAt_);
        for (const auto& [colour, width] : {std::pair(QColor(0, 0, 0, 160), 3.0), std::pair(QColor(Qt::white), 1.2)}) {
            painter.setPen(QPen(colour, width));
            painter.drawLine(QPointF(at.x() - 16, at.y()), QPointF(at.x() - 4, at.y()));
            painter.drawLine(QPointF(at.x() + 4, at.y()), QPointF(at.x() + 16, at.y()));
            painter.drawLine(QPointF(at.x(), at.y() - 16), QPointF(at.x(), at.y() - 4));
            painter.drawLine(QPointF(at.x(), at.y() + 4), QPointF(at.x(), at.y() + 16));
        }
    }
    if (busy_) {
        painter.setPen(QPen(QColor(0, 0, 0, 150), 5, Qt::SolidLine, Qt::RoundCap));
        painter.drawEllipse(busyAt_, 14, 14);
        painter.setPen(QPen(t.accent, 3, Qt::SolidLine, Qt::RoundCap));
        painter.drawArc(QRectF(busyAt_ - QPointF(14, 14), QSizeF(28, 28)), -spin_ * 18 * 16, 110 * 16);
    }
    if (hasFocus()) {
        painter.setPen(QPen(t.accent, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void VideoCanvas::drawTargets(QPainter& painter) {
    for (const auto& view : snapshot_->targets) {
        const auto* target = item(view.id);
        if (!target || !target->visible) {
            continue;
        }
        if (masks_ && !view.mask.outline.empty()) {
            painter.save();
            const QPointF origin = transform_.toWidget(QPointF(0, 0));
            painter.translate(origin);
            painter.scale(transform_.scale(), transform_.scale());
            const bool guess = view.state == FrameState::Completed || view.state == FrameState::Occluded;
            const bool chosen = view.id == selected_;
            QPen pen(target->colour, chosen ? 2.2 : 1.5, guess ? Qt::DashLine : Qt::SolidLine, Qt::RoundCap,
                     Qt::RoundJoin);
            pen.setCosmetic(true);
            painter.setPen(pen);
            painter.setBrush(Qt::NoBrush);
            for (const auto& outline : view.mask.outline) {
                painter.drawPolygon(outline);
            }
            painter.restore();
        }
        if (skeleton_ && view.pose) {
            drawSkeleton(painter, *view.pose, target->colour);
        }
    }
    if (tags_) {
        for (const auto& view : snapshot_->targets) {
            const auto* target = item(view.id);
            if (target && target->visible && !view.mask.box.isEmpty()) {
                drawTag(painter, *target, view);
            }
        }
    }
}

void VideoCanvas::drawTag(QPainter& painter, const TargetItem& target, const TargetView& view) {
    const QRectF box = transform_.toWidget(QRectF(view.mask.box));
    QString text = QStringLiteral("%1  %2").arg(target.id).arg(target.name);
    if (view.state == FrameState::Completed) {
        text += tr(" · completed");
    } else if (view.state == FrameState::Occluded) {
        text += tr(" · hidden");
    }
    QFont font = this->font();
    font.setPointSizeF(std::max(7.5, font.pointSizeF() * 0.88));
    font.setWeight(QFont::DemiBold);
    painter.setFont(font);
    const QFontMetricsF metrics(font);
    const QSizeF size(metrics.horizontalAdvance(text) + 12, metrics.height() + 4);
    QRectF plate(QPointF(box.center().x() - size.width() / 2, box.top() - size.height() - 6), size);
    plate.moveLeft(std::clamp(plate.left(), 4.0, std::max(4.0, width() - size.width() - 4)));
    plate.moveTop(std::clamp(plate.top(), 4.0, std::max(4.0, height() - size.height() - 4)));
    const bool chosen = target.id == selected_;
    painter.setPen(Qt::NoPen);
    painter.setBrush(chosen ? target.colour : QColor(18, 20, 24, 205));
    painter.drawRoundedRect(plate, 4, 4);
    if (!chosen) {
        painter.setBrush(target.colour);
        painter.drawRoundedRect(QRectF(plate.left(), plate.top(), 4, plate.height()), 2, 2);
    }
    painter.setPen(chosen ? readableOn(target.colour) : QColor(0xE6E9EE));
    painter.drawText(plate.adjusted(chosen ? 0 : 4, 0, 0, 0), Qt::AlignCenter, text);
}

void VideoCanvas::drawSkeleton(QPainter& painter, const PoseLandmarks& pose, const QColor& colour) {
    const auto seen = [&](int i) {
        const auto& p = pose.points[static_cast<std::size_t>(i)];
        return p.visibility > 0.3F && p.presence > 0.3F;
    };
    const auto at = [&](int i) {
        const auto& p = pose.points[static_cast<std::size_t>(i)];
        return transform_.toWidget(QPointF(p.px.x, p.px.y));
    };
    for (const auto& [pen, width] : {std::pair(QColor(0, 0, 0, 150), 4.5), std::pair(blend(colour, Qt::white, 0.35), 2.2)}) {
        painter.setPen(QPen(pen, width, Qt::SolidLine, Qt::RoundCap));
        for (const auto& [a, b] : kBones) {
            if (seen(a) && seen(b)) {
                painter.drawLine(at(a), at(b));
            }
        }
    }
    painter.setPen(QPen(QColor(0, 0, 0, 170), 1));
    painter.setBrush(Qt::white);
    for (int i = 11; i < kPoseLandmarkCount; ++i) {
        if (seen(i)) {
            painter.drawEllipse(at(i), 2.6, 2.6);
        }
    }
}

void VideoCanvas::drawPrompts(QPainter& painter) {
    for (const auto& target : targets_) {
        if (!target.visible) {
            continue;
        }
        if (target.prompt.box) {
            const auto& b = *target.prompt.box;
            painter.setPen(QPen(target.colour, 1.5, Qt::DashLine));
            painter.setBrush(Qt::NoBrush);
            painter.drawRect(transform_.toWidget(QRectF(b.x0, b.y0, b.width(), b.height())));
        }
        for (std::size_t i = 0; i < target.prompt.points.size(); ++i) {
            const auto& point = target.prompt.points[i];
            QPointF at = transform_.toWidget(QPointF(point.x, point.y));
            if (dragged_ && grabbed_.target == target.id && grabbed_.index == static_cast<int>(i)) {
                at = last_;
            }
            // Told apart by sign and by shape, not by colour alone: a disc includes, a square excludes.
            const QColor fill = point.include ? target.colour : QColor(0x14161A);
            painter.setPen(QPen(point.include ? Qt::white : tokens().error, 1.8));
            painter.setBrush(fill);
            if (point.include) {
                painter.drawEllipse(at, kPointRadius, kPointRadius);
            } else {
                painter.drawRoundedRect(QRectF(at - QPointF(kPointRadius - 0.5, kPointRadius - 0.5),
                                               QSizeF(2 * kPointRadius - 1, 2 * kPointRadius - 1)), 2, 2);
            }
            painter.setPen(QPen(point.include ? readableOn(fill) : QColor(Qt::white), 2, Qt::SolidLine, Qt::RoundCap));
            painter.drawLine(at - QPointF(3.2, 0), at + QPointF(3.2, 0));
            if (point.include) {
                painter.drawLine(at - QPointF(0, 3.2), at + QPointF(0, 3.2));
            }
        }
    }
}

} // namespace body4d::ui
