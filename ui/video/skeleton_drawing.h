#pragma once

#include "base/pose_track.h"

#include <QColor>
#include <QPointF>

#include <functional>

class QPainter;

namespace body4d::ui {

/// The bones and points of a person that the network saw. @param toWidget  from pixels of the frame
void drawSkeleton(QPainter& painter, const PoseLandmarks& pose, const QColor& colour,
                  const std::function<QPointF(const Vec2&)>& toWidget);

} // namespace body4d::ui
