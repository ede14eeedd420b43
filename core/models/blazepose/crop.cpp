#include "models/blazepose/crop.h"

#include "base/target_clones.h"
#include "models/blazepose/roi_map.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace body4d::blazepose {

namespace {

constexpr double kMaxStep = 2.2; // frame pixels per crop pixel that plain bilinear sampling may skip over

struct Window {
    int x0 = 0, y0 = 0, width = 0, height = 0;
};

/// The part of the frame that a crop touches, at full size, with a margin for the filter.
Window sourceWindow(const Affine& map, int n, int margin, int frameWidth, int frameHeight) {
    double x0 = 1e30, y0 = 1e30, x1 = -1e30, y1 = -1e30;
    for (const Vec2 corner : {Vec2{0, 0}, Vec2{n - 1.0, 0}, Vec2{0, n - 1.0}, Vec2{n - 1.0, n - 1.0}}) {
        const Vec2 p = map(corner);
        x0 = std::min(x0, p.x);
        y0 = std::min(y0, p.y);
        x1 = std::max(x1, p.x);
        y1 = std::max(y1, p.y);
    }
    const auto bound = [](double v, int size) { return static_cast<int>(std::clamp(v, 0.0, double(size))); };
    Window w;
    // Even corners at every level: what a crop sees does not depend on where its window begins.
    w.x0 = bound(std::floor(x0) - margin, frameWidth) / margin * margin;
    w.y0 = bound(std::floor(y0) - margin, frameHeight) / margin * margin;
    w.width = std::max(0, bound(std::ceil(x1) + margin + 1, frameWidth) - w.x0);
    w.height = std::max(0, bound(std::ceil(y1) + margin + 1, frameHeight) - w.y0);
    return w;
}

/// One row of `pairs` means of 2 x 2 pixels. @param sums room for 6 * pairs numbers and 4 more
BODY4D_CLONES void halveRow(const std::uint8_t* __restrict above, const std::uint8_t* __restrict below,
                            int pairs, std::uint8_t* __restrict sums, std::uint8_t* __restrict out) {
    // Of every pixel and the one to its right, though half of them is not needed: it goes in wide steps.
    for (int i = 0; i < 6 * pairs - 3; ++i) {
        sums[i] = static_cast<std::uint8_t>((above[i] + above[i + 3] + below[i] + below[i + 3] + 2) >> 2);
    }
    for (int x = 0; x + 1 < pairs; ++x) {
        std::memcpy(out + 3 * x, sums + 6 * x, 4); // the fourth byte is overwritten by the next pixel
    }
    if (pairs > 0) {
        std::memcpy(out + 3 * (pairs - 1), sums + 6 * (pairs - 1), 3);
    }
}

/// Averages 2 x 2 pixels; an odd last row or column is averaged with itself.
void halve(const std::uint8_t* source, std::ptrdiff_t stride, int width, int height,
           std::vector<std::uint8_t>& out) {
    thread_local std::vector<std::uint8_t> sums;
    const int w = (width + 1) / 2, h = (height + 1) / 2;
    out.resize(static_cast<std::size_t>(w) * h * 3);
    sums.resize(static_cast<std::size_t>(w) * 6 + 4);
    for (int y = 0; y < h; ++y) {
        const std::uint8_t* a = source + 2 * y * stride;
        const std::uint8_t* b = 2 * y + 1 < height ? a + stride : a;
        std::uint8_t* q = out.data() + static_cast<std::size_t>(y) * w * 3;
        const int pairs = width / 2;
        halveRow(a, b, pairs, sums.data(), q);
        if (pairs < w) {
            for (int c = 0; c < 3; ++c) {
                q[3 * pairs + c] = static_cast<std::uint8_t>((a[6 * pairs + c] + b[6 * pairs + c] + 1) >> 1);
            }
        }
    }
}

struct Plane {
    const std::uint8_t* rgb = nullptr;
    std::ptrdiff_t stride = 0;
    int width = 0, height = 0;
};

/// One pixel with everything outside the plane black.
void sampleWithBorder(const Plane& plane, int x, int y, int fx, int fy, std::uint8_t* out) {
    unsigned sum[3] = {1U << 15, 1U << 15, 1U << 15};
    for (int j = 0; j < 2; ++j) {
        for (int i = 0; i < 2; ++i) {
            const int px = x + i, py = y + j;
            if (px < 0 || py < 0 || px >= plane.width || py >= plane.height) {
                continue;
            }
            const auto weight = static_cast<unsigned>((i != 0 ? fx : 256 - fx) * (j != 0 ? fy : 256 - fy));
            const std::uint8_t* p = plane.rgb + py * plane.stride + 3 * static_cast<std::ptrdiff_t>(px);
            for (int c = 0; c < 3; ++c) {
                sum[c] += weight * p[c];
            }
        }
    }
    for (int c = 0; c < 3; ++c) {
        out[c] = static_cast<std::uint8_t>(sum[c] >> 16);
    }
}

/// A place in a plane in 65536ths of a pixel, with half a 256th added: fractions round.
struct Place {
    std::int64_t x = 0, y = 0;
};

/// `count` pixels from `at` on, `step` apart, whose four neighbours all lie in the plane with one more byte
/// behind them.
BODY4D_CLONES void sampleRow(const Plane& plane, Place at, Place step, int count, std::uint8_t* out) {
    constexpr int kChunk = 64;
    std::uint32_t a[kChunk], b[kChunk], c[kChunk], d[kChunk], fx[kChunk], fy[kChunk], packed[kChunk];
    for (int begin = 0; begin < count; begin += kChunk) {
        const int size = std::min(kChunk, count - begin);
        for (int i = 0; i < size; ++i, at.x += step.x, at.y += step.y) {
            const std::uint8_t* p = plane.rgb + (at.y >> 16) * plane.stride + 3 * (at.x >> 16);
            std::memcpy(a + i, p, 4);
            std::memcpy(b + i, p + 3, 4);
            std::memcpy(c + i, p + plane.stride, 4);
            std::memcpy(d + i, p + plane.stride + 3, 4);
            fx[i] = static_cast<std::uint32_t>(at.x >> 8) & 255U;
            fy[i] = static_cast<std::uint32_t>(at.y >> 8) & 255U;
        }
        for (int i = 0; i < size; ++i) {
            std::uint32_t colours = 0;
#pragma GCC unroll 3
            for (unsigned shift = 0; shift < 24; shift += 8) {
                const auto of = [&](std::uint32_t word) { return (word >> shift) & 255U; };
                const std::uint32_t top = of(a[i]) * (256U - fx[i]) + of(b[i]) * fx[i];
                const std::uint32_t bottom = of(c[i]) * (256U - fx[i]) + of(d[i]) * fx[i];
                colours |= ((top * (256U - fy[i]) + bottom * fy[i] + 32768U) >> 16) << shift;
            }
            packed[i] = colours;
        }
        std::uint8_t* to = out + 3 * static_cast<std::ptrdiff_t>(begin);
        for (int i = 0; i + 1 < size; ++i) {
            std::memcpy(to + 3 * i, packed + i, 4); // the fourth byte is overwritten by the next pixel
        }
        std::memcpy(to + 3 * (size - 1), packed + size - 1, 3);
    }
}

void warp(const Plane& plane, const Affine& map, int n, std::uint8_t* out) {
    constexpr double kOne = 1 << 16;
    const Place step{std::llround(map.a * kOne), std::llround(map.d * kOne)};
    for (int v = 0; v < n; ++v, out += 3 * static_cast<std::ptrdiff_t>(n)) {
        const Place start{std::llround((map.b * v + map.c) * kOne) + 128,
                          std::llround((map.e * v + map.f) * kOne) + 128};
        const auto at = [&](int u) { return Place{start.x + u * step.x, start.y + u * step.y}; };
        const auto within = [&](int u) {
            const Place p = at(u);
            const std::int64_t x = p.x >> 16, y = p.y >> 16;
            // sampleRow() reads a byte beyond; a rectangle, so that a line that begins and ends in it stays in it.
            return x >= 0 && y >= 0 && x + 2 < plane.width && y + 1 < plane.height;
        };
        const auto atBorder = [&](int u) {
            const Place p = at(u);
            const std::int64_t x = p.x >> 16, y = p.y >> 16;
            std::uint8_t* to = out + 3 * static_cast<std::ptrdiff_t>(u);
            if (x >= -1 && y >= -1 && x < plane.width && y < plane.height) {
                sampleWithBorder(plane, static_cast<int>(x), static_cast<int>(y),
                                 static_cast<int>((p.x >> 8) & 255), static_cast<int>((p.y >> 8) & 255), to);
            } else {
                std::memset(to, 0, 3);
            }
        };
        // What lies within is one piece of the row.
        int begin = 0, end = n;
        for (; begin < end && !within(begin); ++begin) {
            atBorder(begin);
        }
        for (; begin < end && !within(end - 1); --end) {
            atBorder(end - 1);
        }
        sampleRow(plane, at(begin), step, end - begin, out + 3 * static_cast<std::ptrdiff_t>(begin));
    }
}

} // namespace

void sampleCrop(const Image& frame, const Roi& roi, int n, Crop& out) {
    out.side = n;
    out.rgb.resize(static_cast<std::size_t>(n) * n * 3);
    Affine map = frameFromCrop(roi, n);
    double step = roi.side / n;
    int levels = 0;
    while (step > kMaxStep && levels < 8) {
        step /= 2;
        ++levels;
    }
    if (levels == 0) {
        warp({frame.rgb.data(), 3 * static_cast<std::ptrdiff_t>(frame.width), frame.width, frame.height}, map,
             n, out.rgb.data());
        return;
    }
    const Window window = sourceWindow(map, n, 1 << levels, frame.width, frame.height);
    if (window.width == 0 || window.height == 0) {
        std::fill(out.rgb.begin(), out.rgb.end(), std::uint8_t{0});
        return;
    }
    thread_local std::vector<std::uint8_t> halves[2];
    Plane plane{frame.row(window.y0) + 3 * static_cast<std::ptrdiff_t>(window.x0),
                3 * static_cast<std::ptrdiff_t>(frame.width), window.width, window.height};
    map.c -= window.x0;
    map.f -= window.y0;
    for (int level = 0; level < levels; ++level) {
        auto& half = halves[level % 2];
        halve(plane.rgb, plane.stride, plane.width, plane.height, half);
        plane.width = (plane.width + 1) / 2;
        plane.height = (plane.height + 1) / 2;
        plane.rgb = half.data();
        plane.stride = 3 * static_cast<std::ptrdiff_t>(plane.width);
        // Pixel i of the half covers pixels 2i and 2i + 1: its centre lies at 2i + 0.5.
        map = {map.a / 2, map.b / 2, (map.c - 0.5) / 2, map.d / 2, map.e / 2, (map.f - 0.5) / 2};
    }
    warp(plane, map, n, out.rgb.data());
}

float sampleMask(const CropMask& mask, double x, double y) {
    const double fx = std::floor(x), fy = std::floor(y);
    if (!(fx >= -1 && fy >= -1 && fx < mask.side && fy < mask.side)) {
        return 0;
    }
    const auto ix = static_cast<int>(fx), iy = static_cast<int>(fy);
    const auto value = [&](int i, int j) {
        return i < 0 || j < 0 || i >= mask.side || j >= mask.side ? 0.F : static_cast<float>(mask.at(i, j));
    };
    const auto ax = static_cast<float>(x - fx), ay = static_cast<float>(y - fy);
    const float top = value(ix, iy) * (1 - ax) + value(ix + 1, iy) * ax;
    const float bottom = value(ix, iy + 1) * (1 - ax) + value(ix + 1, iy + 1) * ax;
    return (top * (1 - ay) + bottom * ay) / 255.F;
}

Backdrop::Backdrop(const Image& frame)
    : scaleX_(static_cast<double>(frame.width) / kColumns),
      scaleY_(static_cast<double>(frame.height) / kRows),
      rgb_(static_cast<std::size_t>(kRows) * kColumns * 3) {
    constexpr int kRadius = 7, kProbes = 3;
    std::vector<float> grid(rgb_.size()), rows(rgb_.size());
    for (int y = 0; y < kRows; ++y) {
        for (int x = 0; x < kColumns; ++x) {
            float* q = grid.data() + 3 * (static_cast<std::ptrdiff_t>(y) * kColumns + x);
            for (int j = 0; j < kProbes; ++j) {
                const int py =
                    std::min(frame.height - 1, static_cast<int>((y + (j + 0.5) / kProbes) * scaleY_));
                for (int i = 0; i < kProbes; ++i) {
                    const int px =
                        std::min(frame.width - 1, static_cast<int>((x + (i + 0.5) / kProbes) * scaleX_));
                    for (int c = 0; c < 3; ++c) {
                        q[c] += frame.row(py)[3 * px + c] / static_cast<float>(kProbes * kProbes);
                    }
                }
            }
        }
    }
    const auto mean = [](const std::vector<float>& in, std::vector<float>& out, int count, int lines,
                         int step, int lineStep) {
        for (int line = 0; line < lines; ++line) {
            for (int i = 0; i < count; ++i) {
                const int a = std::max(0, i - kRadius), b = std::min(count - 1, i + kRadius);
                for (int c = 0; c < 3; ++c) {
                    float sum = 0;
                    for (int k = a; k <= b; ++k) {
                        sum += in[static_cast<std::size_t>(3 * (line * lineStep + k * step) + c)];
                    }
                    out[static_cast<std::size_t>(3 * (line * lineStep + i * step) + c)] =
                        sum / static_cast<float>(b - a + 1);
                }
            }
        }
    };
    mean(grid, rows, kColumns, kRows, 1, kColumns);
    mean(rows, rgb_, kRows, kColumns, kColumns, 1);
}

void Backdrop::colourAt(double x, double y, std::uint8_t* rgb) const {
    const double u = std::clamp((x + 0.5) / scaleX_ - 0.5, 0.0, kColumns - 1.001);
    const double v = std::clamp((y + 0.5) / scaleY_ - 0.5, 0.0, kRows - 1.001);
    const auto i = static_cast<int>(u), j = static_cast<int>(v);
    const auto a = static_cast<float>(u - i), b = static_cast<float>(v - j);
    const float* p = rgb_.data() + 3 * (static_cast<std::ptrdiff_t>(j) * kColumns + i);
    const float* q = p + 3 * static_cast<std::ptrdiff_t>(kColumns);
    for (int c = 0; c < 3; ++c) {
        const float value = (p[c] * (1 - a) + p[c + 3] * a) * (1 - b) + (q[c] * (1 - a) + q[c + 3] * a) * b;
        rgb[c] = static_cast<std::uint8_t>(value + 0.5F);
    }
}

} // namespace body4d::blazepose
