#include "ui/viewport/wipe_handle.h"

#include "ui/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>

namespace body4d::ui {
namespace {
constexpr int kWidth = 160; ///< room for the words on both sides
constexpr int kGrip = 12;   ///< from the line to where it still can be grabbed
} // namespace

WipeHandle::WipeHandle(QWidget* parent) : QWidget(parent) {
    setCursor(Qt::SplitHCursor);
    setFocusPolicy(Qt::TabFocus);
    setAccessibleName(tr("Wipe between raw and smoothed"));
    setToolTip(tr("Left: before smoothing. Right: smoothed. Drag, or use the arrow keys."));
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
    setMask(QRegion(kWidth / 2 - kGrip, 0, 2 * kGrip, height()) + QRegion(0, 44, kWidth, 24));
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
    painter.drawRoundedRect(QRectF(8, 44, width() - 16, 24), 4, 4);
    painter.setPen(QColor(0xE6E9EE));
    painter.drawText(QRectF(8, 44, x - 14, 24), Qt::AlignRight | Qt::AlignVCenter, tr("raw"));
    painter.drawText(QRectF(x + 6, 44, x - 14, 24), Qt::AlignLeft | Qt::AlignVCenter, tr("smoothed"));
}

void WipeHandle::mousePressEvent(QMouseEvent*) { setFocus(Qt::MouseFocusReason); }

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
