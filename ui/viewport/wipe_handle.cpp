#include "ui/viewport/wipe_handle.h"

#include "ui/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>

namespace body4d::ui {
namespace {
constexpr int kWidth = 320; ///< room for the words on both sides
constexpr int kGrip = 12;   ///< from the line to where it still can be grabbed
} // namespace

WipeHandle::WipeHandle(QWidget* parent) : QWidget(parent) {
    setCursor(Qt::SplitHCursor);
    setFocusPolicy(Qt::TabFocus);
    setNames(tr("raw"), tr("smoothed"));
}

void WipeHandle::setNames(const QString& left, const QString& right) {
    left_ = left;
    right_ = right;
    setAccessibleName(tr("Wipe between %1 and %2").arg(left, right));
    setToolTip(tr("Left: %1. Right: %2. Drag, or use the arrow keys.").arg(left, right));
    if (parentWidget()) {
        place();
    }
    update();
}

void WipeHandle::setShare(double share) {
    share = std::clamp(share, 0.02, 0.98);
    if (share != share_) {
        share_ = share;
        place();
        Q_EMIT moved(share_);
    }
}

void WipeHandle::place() {
    const int x = static_cast<int>(share_ * parentWidget()->width());
    setGeometry(x - kWidth / 2, 0, kWidth, parentWidget()->height());
    // Only the line takes the mouse; the words let it through.
    setMask(QRegion(kWidth / 2 - kGrip, 0, 2 * kGrip, height()) + QRegion(words().toAlignedRect()));
    update();
}

QRectF WipeHandle::words() const {
    const auto& metrics = fontMetrics();
    const double left = std::min(kWidth / 2 - 16.0, metrics.horizontalAdvance(left_) + 20.0);
    const double right = std::min(kWidth / 2 - 16.0, metrics.horizontalAdvance(right_) + 20.0);
    return {kWidth / 2.0 - left, 44, left + right, 24};
}

void WipeHandle::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const double x = width() / 2.0;
    painter.setPen(QPen(QColor(0, 0, 0, 150), 4));
    painter.drawLine(QPointF(x, 0), QPointF(x, height()));
    painter.setPen(QPen(hasFocus() ? tokens().accent : QColor(Qt::white), 1.6));
    painter.drawLine(QPointF(x, 0), QPointF(x, height()));
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(20, 22, 26, 200));
    painter.drawRoundedRect(words(), 5, 5);
    painter.setBrush(hasFocus() ? tokens().accent : QColor(Qt::white)); // a grip, so that it is seen to move
    painter.drawRoundedRect(QRectF(x - 5, height() / 2.0 - 18, 10, 36), 5, 5);
    painter.setPen(QColor(0xE6E9EE));
    const auto word = [&](const QString& text, const QRectF& place, int side) {
        painter.drawText(place, side | Qt::AlignVCenter, fontMetrics().elidedText(text, Qt::ElideMiddle, static_cast<int>(place.width())));
    };
    word(left_, QRectF(words().left() + 8, 44, x - words().left() - 16, 24), Qt::AlignRight);
    word(right_, QRectF(x + 8, 44, words().right() - x - 16, 24), Qt::AlignLeft);
}

void WipeHandle::mousePressEvent(QMouseEvent*) {
    setFocus(Qt::MouseFocusReason);
}

void WipeHandle::mouseMoveEvent(QMouseEvent* event) {
    if (event->buttons().testFlag(Qt::LeftButton)) {
        setShare(mapToParent(event->position()).x() / std::max(1, parentWidget()->width()));
    }
}

bool WipeHandle::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride) { // before the arrows step through the video
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Left || key == Qt::Key_Right) {
            event->accept();
            return true;
        }
    }
    return QWidget::event(event);
}

void WipeHandle::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right) {
        setShare(share_ + (event->key() == Qt::Key_Left ? -0.02 : 0.02));
    } else {
        QWidget::keyPressEvent(event);
    }
}

} // namespace body4d::ui
