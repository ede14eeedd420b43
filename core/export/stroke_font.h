#pragma once

#include "export/overlay_drawing.h"

#include <string_view>

namespace body4d {

/// Plain upright letters as strokes, small ones and signs included, each as wide as it needs: for pictures without
/// a font of the system. Letters that it lacks appear as a box.
/// @param origin left end of the baseline  @param capital height of a capital, pixels
void drawText(Image& image, std::string_view text, Vec2 origin, double capital, const Rgb& colour);
[[nodiscard]] double textWidth(std::string_view text, double capital);

} // namespace body4d
