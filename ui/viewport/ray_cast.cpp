#include "ui/viewport/ray_cast.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace body4d::ui {
namespace {

bool meetsBox(const OrbitCamera::Ray& ray, Vec3f low, Vec3f high) {
    double near = 0, far = std::numeric_limits<double>::max();
    const double o[3] = {ray.origin.x, ray.origin.y, ray.origin.z};
    const double d[3] = {ray.direction.x, ray.direction.y, ray.direction.z};
    const double l[3] = {low.x, low.y, low.z}, h[3] = {high.x, high.y, high.z};
    for (int i = 0; i < 3; ++i) {
        const double inverse = 1 / (std::abs(d[i]) < 1e-12 ? std::copysign(1e-12, d[i]) : d[i]);
        double a = (l[i] - o[i]) * inverse, b = (h[i] - o[i]) * inverse;
        if (a > b) {
            std::swap(a, b);
        }
        near = std::max(near, a);
        far = std::min(far, b);
    }
    return near <= far;
}

Vec3f sub(Vec3f a, Vec3f b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
Vec3f cross(Vec3f a, Vec3f b) { return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }
float dot(Vec3f a, Vec3f b) { return a.x * b.x + a.y * b.y + a.z * b.z; }

} // namespace

std::optional<BodyHit> castRay(const OrbitCamera::Ray& ray, const FrameSnapshot& snapshot) {
    std::optional<BodyHit> best;
    const Vec3f o{static_cast<float>(ray.origin.x), static_cast<float>(ray.origin.y), static_cast<float>(ray.origin.z)};
    const Vec3f d{static_cast<float>(ray.direction.x), static_cast<float>(ray.direction.y),
                  static_cast<float>(ray.direction.z)};
    for (const auto& target : snapshot.targets) {
        if (!target.mesh || !meetsBox(ray, target.mesh->low, target.mesh->high)) {
            continue;
        }
        const auto& v = target.mesh->vertices;
        for (const auto& triangle : target.mesh->model->topology().triangles) {
            // Möller and Trumbore's test.
            const Vec3f a = v[triangle[0]], e1 = sub(v[triangle[1]], a), e2 = sub(v[triangle[2]], a);
            const Vec3f p = cross(d, e2);
            const float det = dot(e1, p);
            if (std::abs(det) < 1e-12F) {
                continue;
            }
            const float inverse = 1 / det;
            const Vec3f s = sub(o, a);
            const float u = dot(s, p) * inverse;
            if (u < 0 || u > 1) {
                continue;
            }
            const Vec3f q = cross(s, e1);
            const float w = dot(d, q) * inverse;
            const float t = dot(e2, q) * inverse;
            if (w < 0 || u + w > 1 || t <= 0 || (best && t >= best->distance)) {
                continue;
            }
            best = BodyHit{target.id, ray.origin + static_cast<double>(t) * ray.direction, t};
        }
    }
    return best;
}

std::optional<Vec3> groundHit(const OrbitCamera::Ray& ray) {
    if (ray.direction.y >= -1e-3 || ray.origin.y <= 0) {
        return std::nullopt;
    }
    const double t = -ray.origin.y / ray.direction.y;
    return t < 100 ? std::optional(ray.origin + t * ray.direction) : std::nullopt;
}

} // namespace body4d::ui
