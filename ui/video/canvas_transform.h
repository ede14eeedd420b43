#pragma once

#include <QPointF>
#include <QRectF>
#include <QSizeF>

#include <algorithm>

namespace body4d::ui {

/// Between logical widget coordinates and pixels of the upright frame. Independent of the device pixel ratio.
class CanvasTransform {
public:
    void setSizes(QSizeF widget, QSizeF frame) {
        widget_ = widget;
        frame_ = frame;
        constrain();
    }
    /// 1: the whole frame fits; larger: closer.
    [[nodiscard]] double zoom() const { return zoom_; }
    /// Logical pixels per frame pixel.
    [[nodiscard]] double scale() const {
        if (frame_.isEmpty() || widget_.isEmpty()) {
            return 1;
        }
        return zoom_ * std::min(widget_.width() / frame_.width(), widget_.height() / frame_.height());
    }
    [[nodiscard]] QPointF toFrame(QPointF widget) const { return (widget - offset()) / scale(); }
    [[nodiscard]] QPointF toWidget(QPointF frame) const { return frame * scale() + offset(); }
    [[nodiscard]] QRectF toWidget(const QRectF& r) const { return {toWidget(r.topLeft()), r.size() * scale()}; }
    /// The part of the frame that the widget shows; reaches beyond the frame where there are margins.
    [[nodiscard]] QRectF source() const { return {toFrame({0, 0}), widget_ / scale()}; }
    /// Zooms while the frame's point under `anchor` stays there.
    void zoomAt(QPointF anchor, double factor) {
        const QPointF fixed = toFrame(anchor);
        zoom_ = std::clamp(zoom_ * factor, 1.0, 40.0);
        centre_ = fixed - (anchor - QPointF(widget_.width() / 2, widget_.height() / 2)) / scale();
        constrain();
    }
    void panBy(QPointF widgetDelta) {
        centre_ -= widgetDelta / scale();
        constrain();
    }
    void fit() {
        zoom_ = 1;
        constrain();
    }
    /// @param scale wanted logical pixels per frame pixel
    void setScale(double wanted) {
        const double fitted = scale() / zoom_;
        zoom_ = std::clamp(wanted / fitted, 1.0, 40.0);
        constrain();
    }

private:
    [[nodiscard]] QPointF offset() const {
        return QPointF(widget_.width() / 2, widget_.height() / 2) - centre_ * scale();
    }
    /// Keeps the frame in sight: centred while it is smaller than the widget, without a gap otherwise.
    void constrain() {
        const double s = scale();
        const auto axis = [&](double centre, double frame, double widget) {
            const double half = widget / 2 / s;
            return 2 * half >= frame ? frame / 2 : std::clamp(centre, half, frame - half);
        };
        centre_ = {axis(centre_.x(), frame_.width(), widget_.width()),
                   axis(centre_.y(), frame_.height(), widget_.height())};
    }

    QSizeF widget_, frame_;
    QPointF centre_;
    double zoom_ = 1;
};

} // namespace body4d::ui
