#pragma once

#include "base/geometry.h"
#include "base/image.h"

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

namespace body4d {

using Rgb = std::array<std::uint8_t, 3>;

/// Closed outlines of what is inside, as points in pixels (centres at integer + 0.5), smoothed. Outlines
/// shorter than 12 pixels are left out. `inside` is asked within [0, width) x [0, height) only.
[[nodiscard]] std::vector<std::vector<Vec2>> traceOutlines(int width, int height,
                                                           const std::function<bool(int x, int y)>& inside);

/// Where a line is drawn and where not, in pixels along it.
struct Dash {
    double on = 0, off = 0; ///< on 0: solid
};
/// Anti-aliased, round ends. @param opacity 0..1
void drawLine(Image& image, Vec2 a, Vec2 b, double width, const Rgb& colour, double opacity);
void drawOutline(Image& image, const std::vector<Vec2>& closed, double width, const Rgb& colour,
                 double opacity, Dash dash);
void drawDisc(Image& image, Vec2 centre, double radius, const Rgb& colour, double opacity);
/// Rectangle with rounded corners.
void fillBox(Image& image, const Box& box, double radius, const Rgb& colour, double opacity);

} // namespace body4d
