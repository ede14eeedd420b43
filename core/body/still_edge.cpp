#include "body/detail/still_edge.h"

#include "body/mask_sampling.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

namespace body4d::detail {

namespace {

constexpr double kCells = 192;       // longer side of a mask in the drawing that is searched
constexpr double kSmallest = 150;    // pixels of a mask's longer side below which rims are too rough to tell
constexpr double kMarginCells = 2;   // around the mask
constexpr int kBorderCells = 2;      // beside the picture's border that are not looked at
constexpr int kDirections = 45;      // of lines, over half a turn
constexpr double kLineCells = 2;     // width of a line
constexpr double kShortest = 0.15;   // of the mask's size, from which a line is looked at
constexpr double kGap = 0.06;        // of the mask's size that a line may be interrupted
constexpr double kLeastFilled = 0.6; // of a line's length on which the rim must really lie

bool inside(const Mask& mask, int x, int y) {
    return x >= 0 && y >= 0 && x < mask.width && y < mask.height && mask.row(y)[x] >= 128;
}

bool onRim(const Mask& mask, int x, int y) {
    return inside(mask, x, y) &&
           !(inside(mask, x - 1, y) && inside(mask, x + 1, y) && inside(mask, x, y - 1) && inside(mask, x, y + 1));
}

bool nearRim(const Mask& mask, int x, int y) {
    for (int v = y - 1; v <= y + 1; ++v) {
        for (int u = x - 1; u <= x + 1; ++u) {
            if (onRim(mask, u, v)) {
                return true;
            }
        }
    }
    return false;
}

/// Longest run of rising positions without large gaps that is filled well enough.
double longestRun(const std::vector<double>& at, double gap) {
    double longest = 0;
    for (std::size_t begin = 0, i = 1; i <= at.size(); ++i) {
        if (i == at.size() || at[i] - at[i - 1] > gap) {
            const double length = at[i - 1] - at[begin];
            if (static_cast<double>(i - begin) >= kLeastFilled * length) {
                longest = std::max(longest, length);
            }
            begin = i;
        }
    }
    return longest;
}

} // namespace

double stillEdge(const RleMask& mask, const RleMask& then) {
    if (mask.empty() || then.empty() || mask.width != then.width || mask.height != then.height) {
        return 0;
    }
    const Box region = boundingBox(mask);
    const double size = std::max(region.width(), region.height());
    if (size < kSmallest) {
        return 0;
    }
    const double scale = std::min(1.0, kCells / size);
    // With what lies just outside, so that the mask's own end is seen to be one.
    const double margin = kMarginCells / scale;
    const Box wide{region.x0 - margin, region.y0 - margin, region.x1 + margin, region.y1 + margin};
    Mask now, before;
    sampleMask(mask, wide, scale, now);
    sampleMask(then, wide, scale, before);
    std::vector<std::pair<double, double>> still; // cells of the rim that have stayed
    for (int y = 0; y < now.height; ++y) {
        const double py = wide.y0 * scale + y;
        for (int x = 0; x < now.width; ++x) {
            const double px = wide.x0 * scale + x;
            const bool atBorder = px < kBorderCells || py < kBorderCells || px >= mask.width * scale - kBorderCells - 1 ||
                                  py >= mask.height * scale - kBorderCells - 1;
            if (!atBorder && onRim(now, x, y) && nearRim(before, x, y)) {
                still.emplace_back(x, y);
            }
        }
    }
    const double cells = size * scale, gap = std::max(3.0, kGap * cells);
    double longest = 0;
    std::vector<std::pair<int, double>> lines; // of every cell: which line, where on it
    std::vector<double> at;
    for (int d = 0; d < kDirections; ++d) {
        const double angle = std::numbers::pi * d / kDirections, c = std::cos(angle), s = std::sin(angle);
        for (const double shift : {0.0, 0.5}) { // lines side by side, and those between them
            lines.clear();
            for (const auto& [x, y] : still) {
                lines.emplace_back(static_cast<int>(std::floor((x * c + y * s) / kLineCells + shift)), y * c - x * s);
            }
            std::sort(lines.begin(), lines.end());
            for (std::size_t begin = 0, i = 1; i <= lines.size(); ++i) {
                if (i < lines.size() && lines[i].first == lines[begin].first) {
                    continue;
                }
                if (static_cast<double>(i - begin) >= kShortest * cells) {
                    at.clear();
                    for (std::size_t k = begin; k < i; ++k) {
                        at.push_back(lines[k].second);
                    }
                    longest = std::max(longest, longestRun(at, gap));
                }
                begin = i;
            }
        }
    }
    return longest / cells;
}

} // namespace body4d::detail
