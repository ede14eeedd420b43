#include "base/geometry.h"

#include <algorithm>

namespace body4d {

Mat3 operator*(const Mat3& a, const Mat3& b) {
    Mat3 out;
    for (int r = 0; r < 3; ++r) {
        for (int c = 0; c < 3; ++c) {
            out(r, c) = a(r, 0) * b(0, c) + a(r, 1) * b(1, c) + a(r, 2) * b(2, c);
        }
    }
    return out;
}

Vec3 operator*(const Mat3& a, Vec3 v) {
    return {a(0, 0) * v.x + a(0, 1) * v.y + a(0, 2) * v.z, a(1, 0) * v.x + a(1, 1) * v.y + a(1, 2) * v.z,
            a(2, 0) * v.x + a(2, 1) * v.y + a(2, 2) * v.z};
}

Mat3 transpose(const Mat3& a) {
    return Mat3{{a(0, 0), a(1, 0), a(2, 0), a(0, 1), a(1, 1), a(2, 1), a(0, 2), a(1, 2), a(2, 2)}};
}

Quat toQuat(const Mat3& r) {
    // Shepperd's method: the largest of the four components is found first, so no division by a small number.
    const double trace = r(0, 0) + r(1, 1) + r(2, 2);
    Quat q;
    if (trace > 0) {
        const double s = 2 * std::sqrt(trace + 1);
        q = {(r(2, 1) - r(1, 2)) / s, (r(0, 2) - r(2, 0)) / s, (r(1, 0) - r(0, 1)) / s, s / 4};
    } else if (r(0, 0) > r(1, 1) && r(0, 0) > r(2, 2)) {
        const double s = 2 * std::sqrt(1 + r(0, 0) - r(1, 1) - r(2, 2));
        q = {s / 4, (r(0, 1) + r(1, 0)) / s, (r(0, 2) + r(2, 0)) / s, (r(2, 1) - r(1, 2)) / s};
    } else if (r(1, 1) > r(2, 2)) {
        const double s = 2 * std::sqrt(1 + r(1, 1) - r(0, 0) - r(2, 2));
        q = {(r(0, 1) + r(1, 0)) / s, s / 4, (r(1, 2) + r(2, 1)) / s, (r(0, 2) - r(2, 0)) / s};
    } else {
        const double s = 2 * std::sqrt(1 + r(2, 2) - r(0, 0) - r(1, 1));
        q = {(r(0, 2) + r(2, 0)) / s, (r(1, 2) + r(2, 1)) / s, s / 4, (r(1, 0) - r(0, 1)) / s};
    }
    const double length = std::sqrt(q.x * q.x + q.y * q.y + q.z * q.z + q.w * q.w) * (q.w < 0 ? -1 : 1);
    return {q.x / length, q.y / length, q.z / length, q.w / length};
}

RigidTransform operator*(const RigidTransform& a, const RigidTransform& b) {
    return {a.rotation * b.rotation, a.rotation * b.translation + a.translation};
}

RigidTransform inverse(const RigidTransform& t) {
    const Mat3 back = transpose(t.rotation);
    return {back, -1.0 * (back * t.translation)};
}

double intersectionOverUnion(const Box& a, const Box& b) {
    const double w = std::min(a.x1, b.x1) - std::max(a.x0, b.x0);
    const double h = std::min(a.y1, b.y1) - std::max(a.y0, b.y0);
    if (w <= 0 || h <= 0) {
        return 0;
    }
    return w * h / std::max(a.area() + b.area() - w * h, 1e-12);
}

Vec2 project(const Intrinsics& camera, Vec3 p) {
    const double z = std::max(p.z, 1e-3);
    return {camera.focalPx * p.x / z + camera.centreX, camera.focalPx * p.y / z + camera.centreY};
}

Intrinsics intrinsicsFromFov(int width, int height, double fovLongSide) {
    return {0.5 * std::max(width, height) / std::tan(0.5 * fovLongSide), 0.5 * width, 0.5 * height, width, height};
}

} // namespace body4d
