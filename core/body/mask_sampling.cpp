#include "body/mask_sampling.h"

#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace body4d {
namespace {

/// Calls run(x, y0, y1) for every vertical run of pixels inside.
template <typename Run>
void forEachRun(const RleMask& mask, Run&& run) {
    const auto height = static_cast<std::int64_t>(mask.height);
    std::int64_t at = 0;
    bool inside = false;
    for (const std::uint32_t count : mask.counts) {
        const std::int64_t end = at + count;
        for (std::int64_t from = at; inside && from < end;) {
            const std::int64_t x = from / height, columnEnd = std::min((x + 1) * height, end);
            run(static_cast<int>(x), static_cast<int>(from - x * height),
                static_cast<int>(columnEnd - x * height));
            from = columnEnd;
        }
        at = end;
        inside = !inside;
    }
}

} // namespace

void sampleMask(const RleMask& mask, const Box& region, double scale, Mask& out) {
    BODY4D_EXPECT(scale > 0 && scale <= 1);
    out.width = std::max(1, static_cast<int>(std::ceil(region.width() * scale - 1e-9)));
    out.height = std::max(1, static_cast<int>(std::ceil(region.height() * scale - 1e-9)));
    const auto width = static_cast<std::size_t>(out.width), height = static_cast<std::size_t>(out.height);
    out.values.assign(width * height, 0);
    if (mask.empty() || mask.height <= 0) {
        return;
    }
    // Columns of the result one after the other: a run adds a ramp up and a ramp down to the column's
    // derivative.
    thread_local std::vector<float> change;
    change.assign(width * (height + 2), 0.F);
    const auto addStep = [&](std::size_t column, double y, double amount) {
        y = std::clamp(y, 0.0, static_cast<double>(out.height));
        const auto cell = static_cast<std::size_t>(y);
        const double later = y - static_cast<double>(cell); // the cell is covered from here on only
        float* derivative = change.data() + column * (height + 2) + cell;
        derivative[0] += static_cast<float>(amount * (1 - later));
        derivative[1] += static_cast<float>(amount * later);
    };
    forEachRun(mask, [&](int x, int y0, int y1) {
        const double left = (x - region.x0) * scale, right = left + scale;
        if (right <= 0 || left >= out.width) {
            return;
        }
        const double top = (y0 - region.y0) * scale, bottom = (y1 - region.y0) * scale;
        const double edge = std::floor(left) + 1; // a source column touches at most two columns of the result
        const auto share = [&](double from, double to) {
            if (to > from && from >= 0 && from < out.width) {
                addStep(static_cast<std::size_t>(from), top, to - from);
                addStep(static_cast<std::size_t>(from), bottom, from - to);
            }
        };
        share(left, std::min(right, edge));
        share(edge, right);
    });
    for (std::size_t x = 0; x < width; ++x) {
        float covered = 0;
        for (std::size_t y = 0; y < height; ++y) {
            covered += change[x * (height + 2) + y];
            out.values[y * width + x] =
                static_cast<std::uint8_t>(std::clamp(covered * 255 + 0.5F, 0.F, 255.F));
        }
    }
}

Box boundingBox(const RleMask& mask) {
    int x0 = mask.width, y0 = mask.height, x1 = 0, y1 = 0;
    forEachRun(mask, [&](int x, int from, int to) {
        x0 = std::min(x0, x);
        x1 = std::max(x1, x + 1);
        y0 = std::min(y0, from);
        y1 = std::max(y1, to);
    });
    return x0 < x1 ? Box{static_cast<double>(x0), static_cast<double>(y0), static_cast<double>(x1),
                         static_cast<double>(y1)}
                   : Box{};
}

double intersectionOverUnion(const Mask& a, const Mask& b) {
    BODY4D_EXPECT(a.width == b.width && a.height == b.height);
    std::size_t both = 0, any = 0;
    for (std::size_t i = 0; i < a.values.size(); ++i) {
        const bool inA = a.values[i] >= 128, inB = b.values[i] >= 128;
        both += inA && inB;
        any += inA || inB;
    }
    return any > 0 ? static_cast<double>(both) / static_cast<double>(any) : 0;
}

} // namespace body4d
