#pragma once

#include "base/scene_view.h"
#include "scene/sim3.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

/// A room with a box and two balls, seen by a camera that walks through it: depths and cameras are known
/// exactly.
namespace body4d::testing {

struct Hit {
    double distance = INFINITY; ///< along the ray's own length
    std::array<std::uint8_t, 3> colour{};
};

inline Hit castRay(Vec3 origin, Vec3 direction) {
    Hit hit;
    const auto take = [&](double t, std::array<std::uint8_t, 3> colour) {
        if (t > 1e-6 && t < hit.distance) {
            hit = {t, colour};
        }
    };
    // Walls: x = -3, 3, y = -2 (ceiling), 1 (floor), z = -2, 6.
    const auto wall = [&](double at, double o, double d, std::array<std::uint8_t, 3> colour) {
        take((at - o) / d, colour);
    };
    wall(-3, origin.x, direction.x, {200, 60, 60});
    wall(3, origin.x, direction.x, {60, 200, 60});
    wall(-2, origin.y, direction.y, {230, 230, 230});
    wall(1, origin.y, direction.y, {120, 90, 60});
    wall(-2, origin.z, direction.z, {90, 90, 200});
    wall(6, origin.z, direction.z, {60, 60, 180});
    for (const auto& [centre, radius] :
         {std::pair(Vec3{-0.8, 0.4, 3}, 0.6), std::pair(Vec3{1.2, -0.3, 4}, 0.8)}) {
        const auto o = origin - centre;
        const double b = dot(o, direction), a = dot(direction, direction), c = dot(o, o) - radius * radius;
        const double under = b * b - a * c;
        if (under > 0) {
            take((-b - std::sqrt(under)) / a, {240, 200, 40});
        }
    }
    return hit;
}

/// Distance of a point to the nearest surface.
inline double surfaceDistance(Vec3 p) {
    double d = std::min({std::abs(p.x + 3), std::abs(p.x - 3), std::abs(p.y + 2), std::abs(p.y - 1),
                         std::abs(p.z + 2), std::abs(p.z - 6)});
    d = std::min(d, std::abs(norm(p - Vec3{-0.8, 0.4, 3}) - 0.6));
    return std::min(d, std::abs(norm(p - Vec3{1.2, -0.3, 4}) - 0.8));
}

inline Mat3 turnedAboutY(double angle) {
    Mat3 r;
    r.m = {std::cos(angle), 0, std::sin(angle), 0, 1, 0, -std::sin(angle), 0, std::cos(angle)};
    return r;
}

inline SceneView renderView(std::int64_t frame, int width = 84, int height = 56) {
    SceneView view;
    view.frame = frame;
    view.hasCamera = true;
    view.camera = {0.9 * width, 0.92 * width, 0.5 * width, 0.5 * height, width, height};
    const double t = static_cast<double>(frame);
    RigidTransform world; // from camera
    world.rotation = turnedAboutY(0.05 * t - 0.2);
    world.translation = {0.15 * t - 0.8, -0.1 + 0.03 * std::sin(t), 0.08 * t - 0.5};
    view.cameraFromWorld = inverse(world);
    auto image = std::make_shared<Image>(width, height);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const Vec3 ray{(x - view.camera.cx) / view.camera.fx, (y - view.camera.cy) / view.camera.fy, 1};
            const auto hit = castRay(world.translation, world.rotation * ray);
            view.depth.push_back(static_cast<float>(hit.distance)); // along z, because the ray's z is 1
            view.confidence.push_back(2);
            for (int c = 0; c < 3; ++c) {
                image->row(y)[3 * x + c] = hit.colour[static_cast<std::size_t>(c)];
            }
        }
    }
    view.image = image;
    return view;
}

/// Numbers of a fixed sequence.
class Sequence {
public:
    explicit Sequence(std::uint64_t seed) : state_(seed * 2 + 1) {}
    double uniform() { // 0..1
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<double>(state_ >> 11) / 9007199254740992.0;
    }
    double normal() { return std::sqrt(-2 * std::log(1 - uniform())) * std::cos(2 * M_PI * uniform()); }

private:
    std::uint64_t state_;
};

/// Depths with noise of a share of themselves, of which some are wrong by anything up to three times.
inline void spoil(SceneView& view, double noise, double outliers, Sequence& random) {
    for (auto& d : view.depth) {
        d *= static_cast<float>(random.uniform() < outliers ? 0.3 + 2.7 * random.uniform()
                                                            : 1 + noise * random.normal());
    }
}

/// Another world for a pass of its own, scaled by up to a fifth.
inline Sim3 someWorld(std::size_t i) {
    Sim3 s;
    s.scale = i % 2 == 0 ? 1 + 0.2 * std::sin(static_cast<double>(i) + 0.3) : 0.8;
    s.rotation = turnedAboutY(0.4 * static_cast<double>(i) - 0.3);
    s.translation = {0.7 * static_cast<double>(i), -0.2, 0.5};
    return s;
}

} // namespace body4d::testing
