#include "ui/frame/mask_stroke.h"

#include <QImage>
#include <QPainter>

namespace body4d::ui {

RleMask applyStroke(const RleMask& base, int width, int height, const MaskStroke& stroke) {
    const bool fits = !base.empty() && base.width == width && base.height == height;
    Mask mask = fits ? decodeRle(base) : Mask(width, height);
    QImage picture(mask.values.data(), width, height, width, QImage::Format_Grayscale8);
    QPainter painter(&picture);
    const QColor value = stroke.add ? Qt::white : Qt::black;
    if (stroke.path.size() == 1) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(value);
        painter.drawEllipse(stroke.path.front(), stroke.radius, stroke.radius);
    } else {
        painter.setPen(QPen(value, 2 * stroke.radius, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.drawPolyline(stroke.path);
    }
    painter.end();
    auto out = encodeRle(mask);
    return area(out) > 0 ? out : RleMask{};
}

} // namespace body4d::ui
