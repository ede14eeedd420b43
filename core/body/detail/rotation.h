#pragma once

#include "base/geometry.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <span>

/// Rotations in double precision on Eigen's types; inside core/body only.
namespace body4d::detail {

using EVec2 = Eigen::Vector2d;
using EVec3 = Eigen::Vector3d;
using EMat3 = Eigen::Matrix3d;

inline EVec3 toEigen(Vec3 v) {
    return {v.x, v.y, v.z};
}
inline Vec3 fromEigen(const EVec3& v) {
    return {v.x(), v.y(), v.z()};
}
inline EMat3 toEigen(const Mat3& m) {
    return Eigen::Map<const Eigen::Matrix<double, 3, 3, Eigen::RowMajor>>(m.m.data());
}
inline Mat3 fromEigen(const EMat3& m) {
    Mat3 out;
    Eigen::Map<Eigen::Matrix<double, 3, 3, Eigen::RowMajor>>(out.m.data()) = m;
    return out;
}

/// [v]x: skew(v) * u = v x u.
inline EMat3 skew(const EVec3& v) {
    EMat3 m;
    m << 0, -v.z(), v.y(), v.z(), 0, -v.x(), -v.y(), v.x(), 0;
    return m;
}

/// Rotation of |v| radians about v.
inline EMat3 expRotation(const EVec3& v) {
    const double angle2 = v.squaredNorm();
    double a, b; // sin(x)/x and (1 - cos(x))/x^2
    if (angle2 < 1e-8) {
        a = 1 - angle2 / 6;
        b = 0.5 - angle2 / 24;
    } else {
        const double angle = std::sqrt(angle2);
        a = std::sin(angle) / angle;
        b = (1 - std::cos(angle)) / angle2;
    }
    const EMat3 k = skew(v);
    return EMat3::Identity() + a * k + b * k * k;
}

/// Rotation vector of a proper rotation, length in [0, pi].
inline EVec3 logRotation(const EMat3& r) {
    const EVec3 axis(r(2, 1) - r(1, 2), r(0, 2) - r(2, 0), r(1, 0) - r(0, 1)); // 2 sin(angle) n
    const double cosine = 0.5 * (r.trace() - 1), sine = 0.5 * axis.norm();
    const double angle = std::atan2(sine, cosine);
    if (sine > 1e-4) {
        return axis * (0.5 * angle / sine);
    }
    if (cosine > 0) {
        return axis * 0.5;
    }
    // near half a turn: r + 1 = 2 n n^T there; its largest column gives the axis, the skew part its sign
    const EMat3 s = 0.5 * (r + r.transpose()) + EMat3::Identity();
    int column = 0;
    s.diagonal().maxCoeff(&column);
    EVec3 n = s.col(column).normalized();
    if (n.dot(axis) < 0) {
        n = -n;
    }
    return n * angle;
}

/// d log(R exp(delta)) / d delta at delta = 0, for log(R) = v.
inline EMat3 inverseRightJacobian(const EVec3& v) {
    const double angle2 = v.squaredNorm();
    const double angle = std::sqrt(angle2);
    const double c =
        angle2 < 1e-8 ? 1.0 / 12 : 1 / angle2 - (1 + std::cos(angle)) / (2 * angle * std::sin(angle));
    const EMat3 k = skew(v);
    return EMat3::Identity() + 0.5 * k + c * k * k;
}

/// The rotation nearest to a matrix that rounding has bent a little.
inline EMat3 orthonormalized(const EMat3& m) {
    EMat3 r;
    r.col(0) = m.col(0).normalized();
    r.col(1) = (m.col(1) - r.col(0).dot(m.col(1)) * r.col(0)).normalized();
    r.col(2) = r.col(0).cross(r.col(1));
    return r;
}

/// Rotation R that minimises sum |R a_i - b_i|^2; the caller has taken the means out.
inline EMat3 kabsch(std::span<const EVec3> a, std::span<const EVec3> b) {
    EMat3 h = EMat3::Zero();
    for (std::size_t i = 0; i < a.size(); ++i) {
        h += a[i] * b[i].transpose();
    }
    const Eigen::JacobiSVD<EMat3> svd(h, Eigen::ComputeFullU | Eigen::ComputeFullV);
    EMat3 v = svd.matrixV();
    if ((v * svd.matrixU().transpose()).determinant() < 0) {
        v.col(2) = -v.col(2);
    }
    return v * svd.matrixU().transpose();
}

/// Orthonormal frame with x along `direction` and z towards `up`.
inline EMat3 frameAlong(const EVec3& direction, const EVec3& up) {
    EMat3 f;
    f.col(0) = direction / std::max(direction.norm(), 1e-9);
    const EVec3 z = up - up.dot(f.col(0)) * f.col(0);
    f.col(2) = z / std::max(z.norm(), 1e-9);
    f.col(1) = f.col(2).cross(f.col(0));
    return f;
}

} // namespace body4d::detail
