#include "export/overlay_drawing.h"

#include <algorithm>
#include <cmath>

namespace body4d {
namespace {

void blend(std::uint8_t* pixel, const Rgb& colour, double share) {
    for (std::size_t c = 0; c < 3; ++c) {
        pixel[c] = static_cast<std::uint8_t>(std::lround(pixel[c] + share * (colour[c] - pixel[c])));
    }
}

/// Calls cover(x, y) -> 0..1 for every pixel of a box and blends by it.
template <typename Cover>
void blendWhere(Image& image, double x0, double y0, double x1, double y1, const Rgb& colour, double opacity,
                Cover&& cover) {
    const int left = std::max(0, static_cast<int>(std::floor(std::max(x0, -1.0))));
    const int top = std::max(0, static_cast<int>(std::floor(std::max(y0, -1.0))));
    const int right = static_cast<int>(std::min<double>(image.width, std::ceil(x1)));
    const int bottom = static_cast<int>(std::min<double>(image.height, std::ceil(y1)));
    for (int y = top; y < bottom; ++y) {
        std::uint8_t* row = image.row(y);
        for (int x = left; x < right; ++x) {
            const double share = cover(x + 0.5, y + 0.5);
            if (share > 0) {
                blend(row + 3 * static_cast<std::ptrdiff_t>(x), colour, std::min(share, 1.0) * opacity);
            }
        }
    }
}

} // namespace

std::vector<std::vector<Vec2>> traceOutlines(int width, int height,
                                             const std::function<bool(int, int)>& inside) {
    static constexpr int kDx[8] = {1, 1, 0, -1, -1, -1, 0, 1}, kDy[8] = {0, 1, 1, 1, 0, -1, -1, -1};
    const int stride = width + 2;
    std::vector<std::uint8_t> in(static_cast<std::size_t>(stride) * (height + 2), 0), seen(in.size(), 0);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            in[static_cast<std::size_t>(y + 1) * stride + x + 1] = inside(x, y);
        }
    }
    const auto at = [&](int x, int y) { return static_cast<std::size_t>(y) * stride + x; };
    std::vector<std::vector<Vec2>> outlines;
    for (int y = 1; y <= height; ++y) {
        for (int x = 1; x <= width; ++x) {
            if (!in[at(x, y)] || in[at(x - 1, y)] || seen[at(x, y)]) {
                continue;
            }
            // Moore's walk around the region, from the neighbour after the one that it came from.
            std::vector<Vec2> line;
            int cx = x, cy = y, from = 4;
            const std::size_t limit = 4 * in.size();
            for (std::size_t step = 0; step < limit; ++step) {
                seen[at(cx, cy)] = 1;
                line.push_back({cx - 0.5, cy - 0.5});
                int k = 1;
                for (; k <= 8; ++k) {
                    const int d = (from + k) % 8;
                    if (in[at(cx + kDx[d], cy + kDy[d])]) {
                        cx += kDx[d];
                        cy += kDy[d];
                        from = (d + 4) % 8;
                        break;
                    }
                }
                if (k > 8 || (cx == x && cy == y)) {
                    break;
                }
            }
            if (line.size() < 12) {
                continue;
            }
            std::vector<Vec2> smooth(line.size());
            const auto n = static_cast<int>(line.size());
            for (int i = 0; i < n; ++i) {
                Vec2 sum;
                for (int d = -2; d <= 2; ++d) {
                    sum = sum + line[static_cast<std::size_t>((i + d + n) % n)];
                }
                smooth[static_cast<std::size_t>(i)] = 0.2 * sum;
            }
            outlines.push_back(std::move(smooth));
        }
    }
    return outlines;
}

void drawLine(Image& image, Vec2 a, Vec2 b, double width, const Rgb& colour, double opacity) {
    const double half = 0.5 * width, reach = half + 1;
    const Vec2 along = b - a;
    const double square = along.x * along.x + along.y * along.y;
    blendWhere(image, std::min(a.x, b.x) - reach, std::min(a.y, b.y) - reach, std::max(a.x, b.x) + reach,
               std::max(a.y, b.y) + reach, colour, opacity, [&](double x, double y) {
                   const double t =
                       square > 0 ? std::clamp(((x - a.x) * along.x + (y - a.y) * along.y) / square, 0.0, 1.0)
                                  : 0.0;
                   return half + 0.5 - norm(Vec2{x - a.x - t * along.x, y - a.y - t * along.y});
               });
}

void drawOutline(Image& image, const std::vector<Vec2>& closed, double width, const Rgb& colour,
                 double opacity, Dash dash) {
    // Short pieces would blend their round ends twice; coverage is gathered first and blended once.
    if (closed.size() < 2) {
        return;
    }
    double x0 = closed[0].x, x1 = x0, y0 = closed[0].y, y1 = y0;
    for (const Vec2 p : closed) {
        x0 = std::min(x0, p.x);
        x1 = std::max(x1, p.x);
        y0 = std::min(y0, p.y);
        y1 = std::max(y1, p.y);
    }
    const double half = 0.5 * width;
    const int left = std::max(0, static_cast<int>(x0 - half) - 2),
              top = std::max(0, static_cast<int>(y0 - half) - 2);
    const int right = std::min(image.width, static_cast<int>(x1 + half) + 3);
    const int bottom = std::min(image.height, static_cast<int>(y1 + half) + 3);
    if (left >= right || top >= bottom) {
        return;
    }
    const int columns = right - left;
    std::vector<float> cover(static_cast<std::size_t>(columns) * (bottom - top), 0.F);
    double walked = 0;
    for (std::size_t i = 0; i < closed.size(); ++i) {
        const Vec2 a = closed[i], b = closed[(i + 1) % closed.size()];
        const Vec2 along = b - a;
        const double length = norm(along), square = length * length;
        const bool on = dash.on <= 0 || std::fmod(walked, dash.on + dash.off) < dash.on;
        walked += length;
        if (!on) {
            continue;
        }
        const int px0 = std::max(left, static_cast<int>(std::min(a.x, b.x) - half - 1));
        const int px1 = std::min(right, static_cast<int>(std::max(a.x, b.x) + half + 2));
        const int py0 = std::max(top, static_cast<int>(std::min(a.y, b.y) - half - 1));
        const int py1 = std::min(bottom, static_cast<int>(std::max(a.y, b.y) + half + 2));
        for (int y = py0; y < py1; ++y) {
            for (int x = px0; x < px1; ++x) {
                const double dx = x + 0.5 - a.x, dy = y + 0.5 - a.y;
                const double t =
                    square > 0 ? std::clamp((dx * along.x + dy * along.y) / square, 0.0, 1.0) : 0.0;
                const double c = half + 0.5 - std::hypot(dx - t * along.x, dy - t * along.y);
                float& value = cover[static_cast<std::size_t>(y - top) * columns + (x - left)];
                value = std::max(value, static_cast<float>(std::clamp(c, 0.0, 1.0)));
            }
        }
    }
    for (int y = top; y < bottom; ++y) {
        std::uint8_t* row = image.row(y);
        for (int x = left; x < right; ++x) {
            const float c = cover[static_cast<std::size_t>(y - top) * columns + (x - left)];
            if (c > 0) {
                blend(row + 3 * static_cast<std::ptrdiff_t>(x), colour, c * opacity);
            }
        }
    }
}

void drawDisc(Image& image, Vec2 centre, double radius, const Rgb& colour, double opacity) {
    drawLine(image, centre, centre, 2 * radius, colour, opacity);
}

void fillBox(Image& image, const Box& box, double radius, const Rgb& colour, double opacity) {
    const double cx = 0.5 * (box.x0 + box.x1), cy = 0.5 * (box.y0 + box.y1);
    const double hx = 0.5 * box.width() - radius, hy = 0.5 * box.height() - radius;
    blendWhere(image, box.x0 - 1, box.y0 - 1, box.x1 + 1, box.y1 + 1, colour, opacity,
               [&](double x, double y) {
                   const double dx = std::max(std::fabs(x - cx) - hx, 0.0),
                                dy = std::max(std::fabs(y - cy) - hy, 0.0);
                   return radius + 0.5 - std::hypot(dx, dy);
               });
}

} // namespace body4d
