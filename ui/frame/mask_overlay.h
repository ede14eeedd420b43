#pragma once

#include "base/image.h"
#include "ui/frame/frame_snapshot.h"

namespace body4d::ui {

/// Decodes only the mask's bounding box and traces its outline.
[[nodiscard]] MaskOverlay makeOverlay(const RleMask& mask);

/// Outlines of the non-zero pixels of an Alpha8 image, simplified to within 0.6 px; specks are left out.
[[nodiscard]] std::vector<QPolygonF> traceOutline(const QImage& coverage, QPoint origin);

/// Cuts, scales and tints. @param frame RGB32
[[nodiscard]] QImage composePicture(const FrameSnapshot& frame, const CanvasView& view);

} // namespace body4d::ui
