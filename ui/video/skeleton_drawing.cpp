#include "ui/video/skeleton_drawing.h"

#include "ui/theme.h"

#include <QPainter>
#include <QPen>

#include <array>
#include <utility>

namespace body4d::ui {
namespace {

/// Pairs of BlazePose landmarks that are drawn as bones; the face is left out.
constexpr std::array<std::pair<int, int>, 22> kBones{
    {{11, 12}, {11, 13}, {13, 15}, {12, 14}, {14, 16}, {11, 23}, {12, 24}, {23, 24},
     {23, 25}, {25, 27}, {27, 29}, {29, 31}, {27, 31}, {24, 26}, {26, 28}, {28, 30},
     {30, 32}, {28, 32}, {15, 19}, {16, 20}, {7, 0},   {8, 0}}};

} // namespace

void drawSkeleton(QPainter& painter, const PoseLandmarks& pose, const QColor& colour,
                  const std::function<QPointF(const Vec2&)>& toWidget) {
    const auto seen = [&](int i) {
        const auto& p = pose.points[static_cast<std::size_t>(i)];
        return p.visibility > 0.3F && p.presence > 0.3F;
    };
    const auto at = [&](int i) { return toWidget(pose.points[static_cast<std::size_t>(i)].px); };
    for (const auto& [pen, width] :
         {std::pair(QColor(0, 0, 0, 150), 4.5), std::pair(blend(colour, Qt::white, 0.35), 2.2)}) {
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

} // namespace body4d::ui
