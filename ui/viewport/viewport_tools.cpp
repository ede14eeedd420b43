#include "ui/viewport/colour_bar.h"
#include "ui/viewport/render_surface.h"
#include "ui/viewport/viewport_widget.h"
#include "ui/viewport/wipe_handle.h"

#include <QLabel>

#include <algorithm>
#include <cmath>

namespace body4d::ui {

void ViewportWidget::setDisplay(BodyDisplay display) {
    display_ = display;
    post([display](ViewportScene& scene) { scene.setDisplay(display); });
    refreshLegend();
    changed();
}

void ViewportWidget::setComparisonNames(const QString& other, const QString& own) {
    if (other != otherName_ || own != ownName_) {
        scaleChosen_ = false;
        useDifferenceScale(kDifferenceScales[1]); // another comparison
    }
    otherName_ = other;
    ownName_ = own;
    if (wipe_) {
        wipe_->setNames(other, own);
    }
    refreshLegend();
}

void ViewportWidget::setBackdropVisible(bool visible) {
    backdrop_ = visible;
    applyBackdrop();
    changed();
}

void ViewportWidget::applyBackdrop() {
    post([on = backdrop_ && camera_.lookingThrough()](ViewportScene& scene) { scene.setBackdropVisible(on); });
}

void ViewportWidget::setWiping(bool on) {
    if (on && !wipe_) {
        wipe_ = new WipeHandle(this);
        if (!otherName_.isEmpty()) {
            wipe_->setNames(otherName_, ownName_);
        }
        connect(wipe_, &WipeHandle::moved, this, [this] {
            applyWipe();
            changed();
        });
    }
    if (wipe_) {
        wipe_->setVisible(on);
        wipe_->place();
        legend_->raise(); // its figures are not crossed by the line
        caption_->raise();
    }
    applyWipe();
    changed();
}

void ViewportWidget::applyWipe() {
    const bool on = wipe_ && wipe_->isVisibleTo(this);
    post([column = on ? std::round(wipe_->share() * width() * devicePixelRatioF()) : -1](ViewportScene& scene) { scene.setWipe(column); });
}

void ViewportWidget::setMeasuring(bool on) {
    measuring_ = on;
    if (!on) {
        measured_.clear();
        post([](ViewportScene& scene) { scene.setMeasure({}); });
    }
    placeMeasure();
    setCursor(on ? Qt::CrossCursor : Qt::ArrowCursor);
    changed();
}

void ViewportWidget::measureAt(Vec3 point) {
    if (measured_.size() >= 2) {
        measured_.clear();
    }
    measured_.push_back(point);
    post([points = measured_](ViewportScene& scene) { scene.setMeasure(points); });
    placeMeasure();
    if (measured_.size() == 2) {
        Q_EMIT measured(norm(measured_[1] - measured_[0]));
    }
    changed();
}

void ViewportWidget::placeMeasure() {
    if (!measuring_) {
        if (measureLabel_) {
            measureLabel_->hide();
        }
        return;
    }
    if (!measureLabel_) {
        measureLabel_ = new QLabel(this);
        measureLabel_->setObjectName(QStringLiteral("chip"));
        measureLabel_->setAttribute(Qt::WA_TransparentForMouseEvents);
    }
    if (measured_.size() < 2) {
        // Clicks do something else than usual: said where they are made.
        measureLabel_->setText(measured_.empty() ? tr("Distance: click the first place") : tr("Distance: click the second place"));
        measureLabel_->adjustSize();
        measureLabel_->move((width() - measureLabel_->width()) / 2, height() - measureLabel_->height() - 48); // above the caption
        measureLabel_->show();
        measureLabel_->raise();
        return;
    }
    const Vec3 middle = 0.5 * (measured_[0] + measured_[1]);
    const Vec3 at = camera_.project(middle, aspect());
    measureLabel_->setText(tr("%1 m").arg(norm(measured_[1] - measured_[0]), 0, 'f', 3));
    measureLabel_->adjustSize();
    measureLabel_->move(static_cast<int>((at.x + 1) / 2 * width()) + 10,
                        static_cast<int>((1 - at.y) / 2 * height()) - 26);
    measureLabel_->setVisible(at.z > 0);
}

QImage ViewportWidget::grabPicture(bool transparent) {
    fine_ = true;
    grabbing_ = true;
    if (!transparent) {
        const QImage picture = grabFramebuffer();
        grabbing_ = false;
        return picture;
    }
    // Drawn on black and on white: what differs is what shines through, whatever passes were used.
    const auto background = [this](const QColor& colour) {
        post([colour](ViewportScene& scene) { scene.setPlainBackground(colour); });
    };
    background(Qt::black);
    const QImage black = grabFramebuffer().convertToFormat(QImage::Format_RGB32);
    background(Qt::white);
    const QImage white = grabFramebuffer().convertToFormat(QImage::Format_RGB32);
    background({});
    grabbing_ = false;
    surface_->redraw();
    return cutOut(black, white);
}

QImage cutOut(const QImage& onBlack, const QImage& onWhite) {
    QImage out(onBlack.size(), QImage::Format_ARGB32_Premultiplied);
    out.setDevicePixelRatio(onBlack.devicePixelRatio());
    for (int y = 0; y < out.height(); ++y) {
        const auto* b = reinterpret_cast<const QRgb*>(onBlack.constScanLine(y));
        const auto* w = reinterpret_cast<const QRgb*>(onWhite.constScanLine(y));
        auto* o = reinterpret_cast<QRgb*>(out.scanLine(y));
        for (int x = 0; x < out.width(); ++x) {
            const int through = std::clamp(
                (qRed(w[x]) - qRed(b[x]) + qGreen(w[x]) - qGreen(b[x]) + qBlue(w[x]) - qBlue(b[x])) / 3, 0,
                255);
            const int alpha = 255 - through;
            // Premultiplied: what was drawn on black is just that.
            o[x] = qRgba(std::min(qRed(b[x]), alpha), std::min(qGreen(b[x]), alpha),
                         std::min(qBlue(b[x]), alpha), alpha);
        }
    }
    return out;
}

} // namespace body4d::ui
