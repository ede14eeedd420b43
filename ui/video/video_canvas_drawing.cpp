#include "ui/theme.h"
#include "ui/video/skeleton_drawing.h"
#include "ui/video/video_canvas.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace body4d::ui {
namespace {

constexpr double kPointRadius = 7; // logical pixels

} // namespace

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
    drawStrokes(painter);
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
        const QPointF at = transform_.toWidget(busyAt_);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(QColor(0, 0, 0, 150), 5, Qt::SolidLine, Qt::RoundCap));
        painter.drawEllipse(at, 14, 14);
        painter.setPen(QPen(t.accent, 3, Qt::SolidLine, Qt::RoundCap));
        painter.drawArc(QRectF(at - QPointF(14, 14), QSizeF(28, 28)), -spin_ * 18 * 16, 110 * 16);
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
            const bool guess = isGuess(view.state);
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
        std::vector<QRectF> taken;
        for (const auto& view : snapshot_->targets) {
            const auto* target = item(view.id);
            if (target && target->visible && !view.mask.box.isEmpty()) {
                drawTag(painter, *target, view, taken);
            }
        }
    }
}

void VideoCanvas::drawTag(QPainter& painter, const TargetItem& target, const TargetView& view,
                          std::vector<QRectF>& taken) {
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
    for (std::size_t i = 0; i < taken.size(); ++i) { // people who stand together
        const auto under = std::find_if(taken.begin(), taken.end(), [&](const QRectF& r) { return r.intersects(plate); });
        if (under == taken.end() || under->top() < size.height() + 8) {
            break;
        }
        plate.moveBottom(under->top() - 2);
    }
    taken.push_back(plate);
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
    ui::drawSkeleton(painter, pose, colour, [this](const Vec2& px) { return transform_.toWidget(QPointF(px.x, px.y)); });
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

void VideoCanvas::drawStrokes(QPainter& painter) {
    const auto* chosen = item(selected_);
    const QColor colour = chosen && !newTarget_ ? chosen->colour : tokens().accent;
    painter.save();
    painter.setClipRect(transform_.toWidget(QRectF(QPointF(), QSizeF(frameSize_))));
    const auto draw = [&](const MaskStroke& stroke) {
        QPolygonF path;
        for (const auto& p : stroke.path) {
            path << transform_.toWidget(p);
        }
        QColor ink = stroke.add ? colour : QColor(0x14161A);
        ink.setAlphaF(stroke.add ? static_cast<float>(maskOpacity_) : 0.55F);
        QPen pen(ink, 2 * stroke.radius * transform_.scale(), Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
        painter.setPen(pen);
        path.size() == 1 ? painter.drawPoint(path.front()) : painter.drawPolyline(path);
    };
    for (const auto& stroke : waiting_) {
        draw(stroke);
    }
    if (!stroke_.path.isEmpty()) {
        draw(stroke_);
    }
    painter.restore();
    if (painting() && pointer_.x() >= 0) {
        const double radius = brushRadius_ * transform_.scale();
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(QColor(0, 0, 0, 170), 3));
        painter.drawEllipse(pointer_, radius, radius);
        painter.setPen(QPen(tool_ == CanvasTool::Eraser ? tokens().error : QColor(Qt::white), 1.4,
                            tool_ == CanvasTool::Eraser ? Qt::DashLine : Qt::SolidLine));
        painter.drawEllipse(pointer_, radius, radius);
    }
}

} // namespace body4d::ui
