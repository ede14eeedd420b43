#pragma once

#include "base/geometry.h"
#include "base/image.h"
#include "export/overlay_drawing.h"

#include <string>
#include <vector>

namespace body4d {

/// Lines over a grid.
struct Chart {
    struct Series {
        std::string name;
        std::vector<Vec2> points; ///< rising x
        Rgb colour{};
        bool dashed = false;
    };
    std::string title, subtitle, xLabel, yLabel;
    bool logX = false, logY = false; ///< to the base 2 and 10; values must be positive there
    std::vector<Series> series;      ///< ones without points are left out
};

/// The same picture as text and as pixels, of which there are twice as many a side.
[[nodiscard]] std::string chartSvg(const Chart& chart, int width = 960, int height = 600);
[[nodiscard]] Image chartImage(const Chart& chart, int width = 960, int height = 600);

} // namespace body4d
