#pragma once

#include "base/geometry.h"
#include "base/image.h"

#include <array>
#include <cstdint>

namespace body4d::detail {

/// A mask in 64 bytes: its box and 16 x 16 samples in it. Enough to tell whether two people who were followed
/// over a whole video were one, without keeping their masks.
class MaskSketch {
public:
    MaskSketch() = default;
    explicit MaskSketch(const RleMask& mask);

    [[nodiscard]] const Box& box() const { return box_; }
    /// Intersection over union, 0..1.
    [[nodiscard]] double overlap(const MaskSketch& other) const;

private:
    [[nodiscard]] double area() const;
    [[nodiscard]] bool contains(Vec2 place) const;

    static constexpr int kSide = 16;
    Box box_;
    std::array<std::uint16_t, kSide> rows_{};
};

} // namespace body4d::detail
