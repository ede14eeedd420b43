#pragma once

#include <array>
#include <cmath>

namespace body4d {

struct Vec2 {
    double x = 0, y = 0;
};
inline Vec2 operator+(Vec2 a, Vec2 b) { return {a.x + b.x, a.y + b.y}; }
inline Vec2 operator-(Vec2 a, Vec2 b) { return {a.x - b.x, a.y - b.y}; }
inline Vec2 operator*(double s, Vec2 a) { return {s * a.x, s * a.y}; }
inline double norm(Vec2 a) { return std::hypot(a.x, a.y); }

struct Vec3 {
    double x = 0, y = 0, z = 0;
};
inline Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
inline Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
inline Vec3 operator*(double s, Vec3 a) { return {s * a.x, s * a.y, s * a.z}; }
inline double dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline double norm(Vec3 a) { return std::sqrt(dot(a, a)); }

/// Single precision, for meshes.
struct Vec3f {
    float x = 0, y = 0, z = 0;
};

/// Row-major 3x3.
struct Mat3 {
    std::array<double, 9> m{1, 0, 0, 0, 1, 0, 0, 0, 1};
    double& operator()(int r, int c) { return m[static_cast<std::size_t>(3 * r + c)]; }
    double operator()(int r, int c) const { return m[static_cast<std::size_t>(3 * r + c)]; }
};
[[nodiscard]] Mat3 operator*(const Mat3& a, const Mat3& b);
[[nodiscard]] Vec3 operator*(const Mat3& a, Vec3 v);
[[nodiscard]] Mat3 transpose(const Mat3& a);

/// Unit quaternion, x y z w as in glTF.
struct Quat {
    double x = 0, y = 0, z = 0, w = 1;
};
/// @param rotation proper rotation  @returns the quaternion with w >= 0
[[nodiscard]] Quat toQuat(const Mat3& rotation);

/// Target from source: y = rotation * x + translation.
struct RigidTransform {
    Mat3 rotation;
    Vec3 translation;
};
inline Vec3 operator*(const RigidTransform& t, Vec3 v) { return t.rotation * v + t.translation; }
[[nodiscard]] RigidTransform operator*(const RigidTransform& a, const RigidTransform& b);
[[nodiscard]] RigidTransform inverse(const RigidTransform& t);

/// Axis-aligned box, pixels of the upright frame, [x0, x1) x [y0, y1).
struct Box {
    double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
    [[nodiscard]] double width() const { return x1 > x0 ? x1 - x0 : 0; }
    [[nodiscard]] double height() const { return y1 > y0 ? y1 - y0 : 0; }
    [[nodiscard]] double area() const { return width() * height(); }
};
[[nodiscard]] double intersectionOverUnion(const Box& a, const Box& b);

/// Square region turned about its centre: the crop of a person. Angle in radians, clockwise on screen (y down).
struct Roi {
    double centreX = 0, centreY = 0, side = 0, angle = 0;
};

/// Pinhole without distortion; principal point in pixels (pixel centres at integer + 0.5).
struct Intrinsics {
    double focalPx = 0, centreX = 0, centreY = 0;
    int width = 0, height = 0;
};
/// u = f X/Z + cx. Z is clamped away from zero.
[[nodiscard]] Vec2 project(const Intrinsics& camera, Vec3 pointInCam);
/// @param fovLongSide field of view of the longer side, radians
[[nodiscard]] Intrinsics intrinsicsFromFov(int width, int height, double fovLongSide);

} // namespace body4d
