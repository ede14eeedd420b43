#pragma once

#include "base/geometry.h"

#include <cmath>

namespace body4d::blazepose {

/// Inside this folder a pixel's index is its centre, as in the networks' own convention: pixel (i, j) lies at
/// (i, j). Everything that leaves or enters the folder has centres at integer + 0.5. These two functions are
/// the only bridge.
inline Vec2 toIndexSpace(Vec2 px) {
    return {px.x - 0.5, px.y - 0.5};
}
inline Vec2 fromIndexSpace(Vec2 px) {
    return {px.x + 0.5, px.y + 0.5};
}
inline Roi toIndexSpace(Roi roi) {
    return {roi.centreX - 0.5, roi.centreY - 0.5, roi.side, roi.angle};
}
inline Roi fromIndexSpace(Roi roi) {
    return {roi.centreX + 0.5, roi.centreY + 0.5, roi.side, roi.angle};
}
inline Vec2 centre(const Roi& roi) {
    return {roi.centreX, roi.centreY};
}

/// y = A x + t in the plane.
struct Affine {
    double a = 1, b = 0, c = 0, d = 0, e = 1, f = 0; ///< x' = a x + b y + c, y' = d x + e y + f
    Vec2 operator()(Vec2 p) const { return {a * p.x + b * p.y + c, d * p.x + e * p.y + f}; }
};
/// First `inner`, then `outer`.
inline Affine compose(const Affine& outer, const Affine& inner) {
    return {outer.a * inner.a + outer.b * inner.d,           outer.a * inner.b + outer.b * inner.e,
            outer.a * inner.c + outer.b * inner.f + outer.c, outer.d * inner.a + outer.e * inner.d,
            outer.d * inner.b + outer.e * inner.e,           outer.d * inner.c + outer.e * inner.f + outer.f};
}

/// Pixel indices of an n x n crop of `roi` to pixel indices of the frame.
inline Affine frameFromCrop(const Roi& roi, int n) {
    const double c = std::cos(roi.angle) * roi.side / n, s = std::sin(roi.angle) * roi.side / n, h = n / 2.0;
    return {c, -s, roi.centreX - c * h + s * h, s, c, roi.centreY - s * h - c * h};
}

/// Inverse of frameFromCrop.
inline Affine cropFromFrame(const Roi& roi, int n) {
    const double k = n / roi.side, c = std::cos(roi.angle) * k, s = std::sin(roi.angle) * k, h = n / 2.0;
    return {c, s, h - c * roi.centreX - s * roi.centreY, -s, c, h + s * roi.centreX - c * roi.centreY};
}

inline double wrapAngle(double a) {
    constexpr double kTwoPi = 6.283185307179586;
    return a - kTwoPi * std::floor((a + kTwoPi / 2) / kTwoPi);
}

} // namespace body4d::blazepose
