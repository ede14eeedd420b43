#pragma once

#include "base/image.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace body4d::detail {

/// Whether a pixel lies in a mask, without unpacking it.
class PixelTest {
public:
    explicit PixelTest(const RleMask& mask) : mask_(mask) {
        std::uint64_t at = 0;
        for (const std::uint32_t count : mask.counts) {
            ends_.push_back(at += count);
        }
    }
    bool operator()(Vec2 p) const {
        const auto x = static_cast<std::int64_t>(std::floor(p.x)),
                   y = static_cast<std::int64_t>(std::floor(p.y));
        if (x < 0 || y < 0 || x >= mask_.width || y >= mask_.height) {
            return false;
        }
        const auto index = static_cast<std::uint64_t>(x) * static_cast<std::uint64_t>(mask_.height) +
                           static_cast<std::uint64_t>(y);
        const auto run = std::upper_bound(ends_.begin(), ends_.end(), index) - ends_.begin();
        return run % 2 == 1; // runs of zeros and ones take turns
    }
    /// Whether the mask is on, above, below or beside a point.  @param margin pixels
    [[nodiscard]] bool near(Vec2 p, double margin) const {
        for (const Vec2 step : {Vec2{0, 0}, Vec2{1, 0}, Vec2{-1, 0}, Vec2{0, 1}, Vec2{0, -1}}) {
            if ((*this)(p + margin * step)) {
                return true;
            }
        }
        return false;
    }

private:
    const RleMask& mask_;
    std::vector<std::uint64_t> ends_;
};

} // namespace body4d::detail
