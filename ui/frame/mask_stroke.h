#pragma once

#include "base/image.h"

#include <QPolygonF>

namespace body4d::ui {

/// One movement of brush or eraser, pixels of the upright frame.
struct MaskStroke {
    QPolygonF path;     ///< at least one point
    double radius = 10;
    bool add = true;    ///< false: erases
};

/// A mask with a stroke on it; about 3 ms for a 1080p frame, so not for the GUI thread.
/// @param base may be empty  @returns an empty mask (no runs) where nothing is left
[[nodiscard]] RleMask applyStroke(const RleMask& base, int width, int height, const MaskStroke& stroke);

} // namespace body4d::ui
