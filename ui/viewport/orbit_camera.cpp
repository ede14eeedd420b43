#include "ui/viewport/orbit_camera.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace body4d::ui {
namespace {
constexpr double kPi = std::numbers::pi;
constexpr double kSteepest = 0.495 * kPi; // straight down would lose the up direction
constexpr double kNearest = 0.02, kFarthest = 5000; // models may be in any unit

Vec3 cross(Vec3 a, Vec3 b) { return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }
Vec3 unit(Vec3 v) { return (1 / std::max(1e-12, norm(v))) * v; }
} // namespace

OrbitCamera::Axes OrbitCamera::axes() const {
    if (through_) {
        const auto& r = through_->worldFromCam.rotation;
        return {{r(0, 0), r(1, 0), r(2, 0)}, {-r(0, 1), -r(1, 1), -r(2, 1)}, {-r(0, 2), -r(1, 2), -r(2, 2)}};
    }
    const Vec3 back{std::cos(pitch_) * std::sin(yaw_), std::sin(pitch_), std::cos(pitch_) * std::cos(yaw_)};
    const Vec3 right{std::cos(yaw_), 0, -std::sin(yaw_)};
    return {right, cross(back, right), back};
}

Vec3 OrbitCamera::position() const {
    return through_ ? through_->worldFromCam.translation : focal_ + distance_ * axes().back;
}
Vec3 OrbitCamera::focalPoint() const { return through_ ? position() - distance_ * axes().back : focal_; }
Vec3 OrbitCamera::up() const { return axes().up; }

double OrbitCamera::fieldOfView(double aspect) const {
    if (!through_) {
        return fov_;
    }
    const auto& c = through_->camera;
    const double videoAspect = static_cast<double>(c.width) / std::max(1, c.height);
    // The whole frame is seen: the tighter side decides.
    const double half = videoAspect > aspect ? c.width / 2.0 / aspect : c.height / 2.0;
    return 2 * std::atan(half / c.focalPx);
}

double OrbitCamera::halfHeight() const { return distance_ * std::tan(fov_ / 2); }

void OrbitCamera::leaveLookThrough() {
    if (!through_) {
        return;
    }
    const Vec3 back = axes().back, eye = position();
    through_.reset();
    pitch_ = std::clamp(std::asin(std::clamp(back.y, -1.0, 1.0)), -kSteepest, kSteepest);
    yaw_ = std::atan2(back.x, back.z);
    focal_ = eye - distance_ * axes().back;
}

void OrbitCamera::orbit(double dx, double dy) {
    leaveLookThrough();
    yaw_ = std::remainder(yaw_ - dx * kPi, 2 * kPi);
    pitch_ = std::clamp(pitch_ + dy * kPi, -kSteepest, kSteepest);
}

void OrbitCamera::pan(double dx, double dy) {
    leaveLookThrough();
    const double scale = 2 * halfHeight();
    const auto a = axes();
    focal_ = focal_ - (dx * scale) * a.right + (dy * scale) * a.up;
}

void OrbitCamera::zoom(double factor, Vec3 anchor) {
    leaveLookThrough();
    const double wanted = std::clamp(distance_ * factor, kNearest, kFarthest);
    factor = wanted / distance_;
    distance_ = wanted;
    focal_ = anchor + factor * (focal_ - anchor);
}

void OrbitCamera::setFocalPoint(Vec3 point) {
    leaveLookThrough();
    focal_ = point;
}

void OrbitCamera::setDistance(double metres) {
    leaveLookThrough();
    distance_ = std::clamp(metres, kNearest, kFarthest);
}

void OrbitCamera::setAngles(double yaw, double pitch) {
    leaveLookThrough();
    yaw_ = yaw;
    pitch_ = std::clamp(pitch, -kSteepest, kSteepest);
}

void OrbitCamera::setPreset(Preset preset) {
    switch (preset) {
    case Preset::Front: setAngles(0, 0); break;
    case Preset::Back: setAngles(kPi, 0); break;
    case Preset::Left: setAngles(-kPi / 2, 0); break;
    case Preset::Right: setAngles(kPi / 2, 0); break;
    case Preset::Top: setAngles(0, kSteepest); break;
    case Preset::ThreeQuarter: setAngles(0.5, 0.22); break;
    }
}

void OrbitCamera::fit(Vec3 low, Vec3 high, double aspect) {
    leaveLookThrough();
    focal_ = 0.5 * (low + high);
    // The box's corners as seen from this direction; each asks for a distance.
    const auto a = axes();
    const double tanV = std::tan(fov_ / 2), tanH = tanV * std::max(0.1, aspect);
    double distance = 0.5;
    for (int corner = 0; corner < 8; ++corner) {
        const Vec3 p{corner & 1 ? high.x : low.x, corner & 2 ? high.y : low.y, corner & 4 ? high.z : low.z};
        const Vec3 d = p - focal_;
        const double depth = dot(d, a.back);
        distance = std::max({distance, depth + std::abs(dot(d, a.right)) / tanH, depth + std::abs(dot(d, a.up)) / tanV});
    }
    distance_ = std::clamp(1.08 * distance, kNearest, kFarthest);
}

void OrbitCamera::fit(std::span<const Vec3> points, double aspect) {
    leaveLookThrough();
    if (points.empty()) {
        return;
    }
    Vec3 low = points.front(), high = low;
    for (const auto& p : points) {
        low = {std::min(low.x, p.x), std::min(low.y, p.y), std::min(low.z, p.z)};
        high = {std::max(high.x, p.x), std::max(high.y, p.y), std::max(high.z, p.z)};
    }
    focal_ = 0.5 * (low + high);
    const auto a = axes();
    const double tanV = std::tan(fov_ / 2), tanH = tanV * std::max(0.1, aspect);
    constexpr int kRounds = 4; // moving sideways changes how far away it has to be, a little less each time
    for (int round = 0; round < kRounds; ++round) {
        double distance = 0.5, left = 1e9, right = -1e9, bottom = 1e9, top = -1e9;
        for (const auto& p : points) {
            const Vec3 d = p - focal_;
            const double depth = dot(d, a.back);
            distance = std::max({distance, depth + std::abs(dot(d, a.right)) / tanH, depth + std::abs(dot(d, a.up)) / tanV});
        }
        distance_ = std::clamp(1.08 * distance, kNearest, kFarthest);
        for (const auto& p : points) {
            const Vec3 d = p - focal_;
            const double depth = distance_ - dot(d, a.back);
            left = std::min(left, dot(d, a.right) / depth);
            right = std::max(right, dot(d, a.right) / depth);
            bottom = std::min(bottom, dot(d, a.up) / depth);
            top = std::max(top, dot(d, a.up) / depth);
        }
        if (round + 1 < kRounds) {
            focal_ = focal_ + (0.5 * distance_ * (left + right)) * a.right + (0.5 * distance_ * (bottom + top)) * a.up;
        }
    }
}

void OrbitCamera::lookThrough(const RigidTransform& worldFromCam, const Intrinsics& camera) {
    if (camera.focalPx > 0) {
        through_ = Through{worldFromCam, camera};
    }
}

OrbitCamera::Ray OrbitCamera::ray(double x, double y, double aspect) const {
    const auto a = axes();
    const double t = std::tan(fieldOfView(aspect) / 2);
    if (orthographic_ && !through_) {
        const double h = halfHeight();
        return {position() + (x * h * aspect) * a.right + (y * h) * a.up, unit(-1.0 * a.back)};
    }
    return {position(), unit((x * t * aspect) * a.right + (y * t) * a.up - a.back)};
}

Vec3 OrbitCamera::project(Vec3 point, double aspect) const {
    const auto a = axes();
    const Vec3 d = point - position();
    const double depth = -dot(d, a.back);
    if (orthographic_ && !through_) {
        const double h = halfHeight();
        return {dot(d, a.right) / (h * aspect), dot(d, a.up) / h, depth};
    }
    const double t = std::tan(fieldOfView(aspect) / 2) * std::max(1e-6, depth);
    return {dot(d, a.right) / (t * aspect), dot(d, a.up) / t, depth};
}

} // namespace body4d::ui
