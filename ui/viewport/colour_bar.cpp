#include "ui/viewport/colour_bar.h"

#include "ui/theme.h"
#include "ui/viewport/colour_ramp.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>

namespace body4d::ui {
namespace {
constexpr int kBarWidth = 200, kBarHeight = 8, kMargin = 10, kGap = 4;
} // namespace

ColourBar::ColourBar(QWidget* parent) : QWidget(parent) {
    setAccessibleName(tr("Colour scale"));
    QFont small = font();
    small.setPointSizeF(small.pointSizeF() * 0.88);
    setFont(tabularFont(small));
    hide();
}

QSize ColourBar::sizeHint() const {
    const int line = fontMetrics().height();
    return {kBarWidth + 2 * kMargin, 2 * kMargin + kBarHeight + 2 * (line + kGap) + (summary_.isEmpty() ? 0 : line + kGap)};
}

void ColourBar::setScale(Ramp ramp, const QString& title, const QStringList& ticks, bool choosable) {
    ramp_ = ramp;
    title_ = title;
    ticks_ = ticks;
    choosable_ = choosable;
    setCursor(choosable ? Qt::PointingHandCursor : Qt::ArrowCursor);
    setAttribute(Qt::WA_TransparentForMouseEvents, !choosable);
    setFocusPolicy(choosable ? Qt::TabFocus : Qt::NoFocus);
    setToolTip(choosable ? tr("Click for another scale") : QString());
    setAccessibleDescription(title + QStringLiteral(": ") + ticks.join(QStringLiteral(", ")));
    resize(sizeHint());
    update();
}

void ColourBar::setSummary(const QString& text) {
    if (text != summary_) {
        summary_ = text;
        resize(sizeHint());
        update();
    }
}

void ColourBar::paintEvent(QPaintEvent*) {
    const auto& t = tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QColor ground = t.panel;
    ground.setAlpha(225);
    painter.setPen(hasFocus() ? QPen(t.accent, 1.5) : QPen(t.line, 1));
    painter.setBrush(ground);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.75, 0.75, -0.75, -0.75), 6, 6);
    const int line = fontMetrics().height();
    int y = kMargin;
    painter.setPen(t.text);
    painter.drawText(QRect(kMargin, y, kBarWidth, line), Qt::AlignLeft | Qt::AlignVCenter, fontMetrics().elidedText(title_, Qt::ElideMiddle, kBarWidth));
    y += line + kGap;
    QLinearGradient gradient(kMargin, 0, kMargin + kBarWidth, 0);
    for (int i = 0; i <= 16; ++i) {
        gradient.setColorAt(i / 16.0, ramp_ == Ramp::Heat ? heatColour(i / 16.0) : valueColour(i / 16.0));
    }
    painter.setPen(Qt::NoPen);
    painter.setBrush(gradient);
    painter.drawRoundedRect(QRectF(kMargin, y, kBarWidth, kBarHeight), 3, 3);
    y += kBarHeight + kGap;
    painter.setPen(t.dim);
    for (int i = 0; i < ticks_.size(); ++i) {
        const int width = fontMetrics().horizontalAdvance(ticks_[i]);
        const double at = ticks_.size() > 1 ? static_cast<double>(i) / static_cast<double>(ticks_.size() - 1) : 0;
        const int x = std::clamp(kMargin + static_cast<int>(at * kBarWidth) - width / 2, kMargin, kMargin + kBarWidth - width);
        painter.drawText(QRect(x, y, width + 1, line), Qt::AlignLeft | Qt::AlignVCenter, ticks_[i]);
    }
    y += line + kGap;
    if (!summary_.isEmpty()) {
        painter.setPen(t.text);
        painter.drawText(QRect(kMargin, y, kBarWidth, line), Qt::AlignLeft | Qt::AlignVCenter, fontMetrics().elidedText(summary_, Qt::ElideRight, kBarWidth));
    }
}

void ColourBar::mousePressEvent(QMouseEvent*) { Q_EMIT nextScaleRequested(); }

void ColourBar::keyPressEvent(QKeyEvent* event) {
    if (choosable_ && (event->key() == Qt::Key_Space || event->key() == Qt::Key_Return)) {
        Q_EMIT nextScaleRequested();
    } else {
        QWidget::keyPressEvent(event);
    }
}

} // namespace body4d::ui
