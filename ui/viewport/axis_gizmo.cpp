#include "ui/viewport/axis_gizmo.h"

#include "ui/theme.h"

#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <vector>

namespace body4d::ui {
namespace {
constexpr double kBall = 8.5;
} // namespace

AxisGizmo::AxisGizmo(QWidget* parent) : QWidget(parent) {
    setMouseTracking(true);
    resize(sizeHint());
    setAccessibleName(tr("View direction"));
    setToolTip(tr("Click an axis to look along it\nFront 1 · Right 3 · Top 7 on the number pad"));
}

void AxisGizmo::setAngles(double yaw, double pitch) {
    if (yaw != yaw_ || pitch != pitch_) {
        yaw_ = yaw;
        pitch_ = pitch;
        update();
    }
}

std::vector<AxisGizmo::End> AxisGizmo::ends() const {
    const double cy = std::cos(yaw_), sy = std::sin(yaw_), cp = std::cos(pitch_), sp = std::sin(pitch_);
    // Screen right, up and towards the viewer, of a turntable camera.
    const double right[3] = {cy, 0, -sy}, up[3] = {-sp * sy, cp, -sp * cy}, back[3] = {cp * sy, sp, cp * cy};
    const QPointF centre(width() / 2.0, height() / 2.0);
    const double reach = std::min(width(), height()) / 2.0 - kBall - 1;
    std::vector<End> result;
    for (int axis = 0; axis < 3; ++axis) {
        for (const int sign : {1, -1}) {
            result.push_back({centre + QPointF(sign * right[axis] * reach, -sign * up[axis] * reach), sign * back[axis],
                              axis, sign > 0});
        }
    }
    return result;
}

int AxisGizmo::endAt(QPointF point) const {
    const auto all = ends();
    int best = -1;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const QPointF d = all[i].at - point;
        if (std::hypot(d.x(), d.y()) <= kBall + 2 &&
            (best < 0 || all[i].depth > all[static_cast<std::size_t>(best)].depth)) {
            best = static_cast<int>(i);
        }
    }
    return best;
}

void AxisGizmo::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto& t = tokens();
    if (hovered_ >= 0) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(QColor(t.raised.red(), t.raised.green(), t.raised.blue(), 150));
        painter.drawEllipse(rect().adjusted(1, 1, -1, -1));
    }
    auto all = ends();
    std::vector<int> order{0, 1, 2, 3, 4, 5};
    std::sort(order.begin(), order.end(), [&](int a, int b) {
        return all[static_cast<std::size_t>(a)].depth < all[static_cast<std::size_t>(b)].depth;
    });
    const QColor colours[3] = {t.error, t.ok, t.accent};
    const QPointF centre(width() / 2.0, height() / 2.0);
    QFont font = this->font();
    font.setPixelSize(10);
    font.setBold(true);
    painter.setFont(font);
    for (const int i : order) {
        const auto& end = all[static_cast<std::size_t>(i)];
        // What points away fades.
        QColor colour = blend(blend(t.viewTop, t.viewBottom, 0.4), colours[end.axis], 0.55 + 0.45 * (end.depth + 1) / 2);
        if (end.positive) {
            painter.setPen(QPen(colour, 2.2, Qt::SolidLine, Qt::RoundCap));
            painter.drawLine(centre, end.at);
            painter.setPen(Qt::NoPen);
            painter.setBrush(i == hovered_ ? t.text : colour);
            painter.drawEllipse(end.at, kBall, kBall);
            painter.setPen(readableOn(i == hovered_ ? t.text : colour));
            painter.drawText(QRectF(end.at.x() - kBall, end.at.y() - kBall, 2 * kBall, 2 * kBall), Qt::AlignCenter,
                             QString(QLatin1Char("XYZ"[end.axis])));
        } else {
            painter.setPen(QPen(i == hovered_ ? t.text : colour, 1.4));
            painter.setBrush(QColor(colour.red(), colour.green(), colour.blue(), 60));
            painter.drawEllipse(end.at, kBall - 2.5, kBall - 2.5);
        }
    }
}

void AxisGizmo::mousePressEvent(QMouseEvent* event) {
    const int i = endAt(event->position());
    if (i < 0) {
        event->ignore();
        return;
    }
    using Preset = OrbitCamera::Preset;
    // Looking from +y and -y both become the view from above: there is nothing under the floor.
    constexpr Preset presets[6] = {Preset::Right, Preset::Left, Preset::Top, Preset::Top, Preset::Front, Preset::Back};
    Q_EMIT presetRequested(presets[i]);
}

void AxisGizmo::mouseMoveEvent(QMouseEvent* event) {
    const int i = endAt(event->position());
    if (i != hovered_) {
        hovered_ = i;
        update();
    }
}

void AxisGizmo::leaveEvent(QEvent*) {
    hovered_ = -1;
    update();
}

} // namespace body4d::ui
