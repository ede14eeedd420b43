#pragma once

#include "ui/viewport/line_geometry.h"

namespace body4d::ui {

/// A camera as a pyramid of lines with a mark at its upper edge.
/// @param depth of its base from the eye, metres
inline void addFrustum(LineGeometry& g, const RigidTransform& worldFromCam, const Intrinsics& camera, double depth,
                       const QColor& colour, double alpha) {
    const auto corner = [&](double u, double v) {
        const Vec3 p = worldFromCam * Vec3{depth * (u - camera.centreX) / camera.focalPx,
                                           depth * (v - camera.centreY) / camera.focalPx, depth};
        return g.add(p.x, p.y, p.z, colour, alpha);
    };
    const auto& eyeAt = worldFromCam.translation;
    const auto eye = g.add(eyeAt.x, eyeAt.y, eyeAt.z, colour, alpha);
    const double w = camera.width, h = camera.height;
    const vtkIdType c[4] = {corner(0, 0), corner(w, 0), corner(w, h), corner(0, h)};
    for (int i = 0; i < 4; ++i) {
        g.line(eye, c[i]);
        g.line(c[i], c[(i + 1) % 4]);
    }
    const auto tip = corner(w / 2, -0.28 * h), a = corner(0.3 * w, -0.06 * h), b = corner(0.7 * w, -0.06 * h);
    g.line(a, tip);
    g.line(tip, b);
    g.line(b, a);
}

} // namespace body4d::ui
