#include "pipeline/mask_sketch.h"

#include "body/mask_sampling.h"

#include <algorithm>
#include <bit>
#include <vector>

namespace body4d::detail {

MaskSketch::MaskSketch(const RleMask& mask) : box_(boundingBox(mask)) {
    std::vector<std::int64_t> ends; // of the runs, which go down the columns
    std::int64_t end = 0;
    for (const auto count : mask.counts) {
        ends.push_back(end += count);
    }
    for (int v = 0; v < kSide; ++v) {
        for (int u = 0; u < kSide; ++u) {
            const auto x = static_cast<std::int64_t>(box_.x0 + (u + 0.5) / kSide * box_.width());
            const auto y = static_cast<std::int64_t>(box_.y0 + (v + 0.5) / kSide * box_.height());
            const auto run = std::upper_bound(ends.begin(), ends.end(), x * mask.height + y) - ends.begin();
            rows_[static_cast<std::size_t>(v)] |= static_cast<std::uint16_t>(run % 2 << u);
        }
    }
}

double MaskSketch::area() const {
    int count = 0;
    for (const auto row : rows_) {
        count += std::popcount(row);
    }
    return count * box_.area() / (kSide * kSide);
}

bool MaskSketch::contains(Vec2 place) const {
    const auto u = static_cast<int>((place.x - box_.x0) / box_.width() * kSide);
    const auto v = static_cast<int>((place.y - box_.y0) / box_.height() * kSide);
    return place.x >= box_.x0 && place.y >= box_.y0 && u < kSide && v < kSide &&
           (rows_[static_cast<std::size_t>(v)] >> u & 1) != 0;
}

double MaskSketch::overlap(const MaskSketch& other) const {
    const bool smaller = box_.area() < other.box_.area();
    const MaskSketch &fine = smaller ? *this : other, &coarse = smaller ? other : *this;
    if (fine.box_.area() <= 0) {
        return 0;
    }
    int both = 0;
    for (int v = 0; v < kSide; ++v) {
        for (int u = 0; u < kSide; ++u) {
            const Vec2 place{fine.box_.x0 + (u + 0.5) / kSide * fine.box_.width(),
                             fine.box_.y0 + (v + 0.5) / kSide * fine.box_.height()};
            both += (fine.rows_[static_cast<std::size_t>(v)] >> u & 1) != 0 && coarse.contains(place) ? 1 : 0;
        }
    }
    const double common = both * fine.box_.area() / (kSide * kSide);
    const double all = area() + other.area() - common;
    return all > 0 ? common / all : 0;
}

} // namespace body4d::detail
