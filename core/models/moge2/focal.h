#pragma once

#include <span>

namespace body4d::moge2 {

/// A point of an affine-invariant point map with the place on the view plane at which it was seen; the
/// plane's corners lie one half diagonal from its middle.
struct PlacedPoint {
    double x = 0, y = 0, z = 0;
    double u = 0, v = 0;
};

struct FocalShift {
    double focal = 1; ///< in half diagonals of the picture
    double shift = 0; ///< to be added to z
};

/// The pinhole that fits best: minimises |focal (x, y) / (z + shift) - (u, v)|². Fewer than two points say
/// nothing: the defaults come back.
[[nodiscard]] FocalShift solveFocalShift(std::span<const PlacedPoint> points);

} // namespace body4d::moge2
