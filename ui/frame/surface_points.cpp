#include "ui/frame/surface_points.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace body4d::ui {
namespace {

constexpr int kDepthWidth = 640;         ///< of the picture in which hiding is decided
constexpr float kDepthTolerance = 0.02F; ///< metres that a sample may lie behind the depth of its pixel
constexpr int kInside = 128;             ///< of a mask's coverage

Vec3f sub(Vec3f a, Vec3f b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
Vec3f cross(Vec3f a, Vec3f b) { return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }
float dot(Vec3f a, Vec3f b) { return a.x * b.x + a.y * b.y + a.z * b.z; }

Vec3f at(std::span<const Vec3f> v, const std::array<std::uint32_t, 3>& t, const SurfaceSample& s) {
    const float c = 1 - s.a - s.b;
    const Vec3f &p = v[t[0]], &q = v[t[1]], &r = v[t[2]];
    return {c * p.x + s.a * q.x + s.b * r.x, c * p.y + s.a * q.y + s.b * r.y, c * p.z + s.a * q.z + s.b * r.z};
}

std::array<std::uint8_t, 3> bilinear(const Image& picture, double u, double v) {
    const double x = std::clamp(u - 0.5, 0.0, picture.width - 1.0), y = std::clamp(v - 0.5, 0.0, picture.height - 1.0);
    const int x0 = static_cast<int>(x), y0 = static_cast<int>(y);
    const int x1 = std::min(x0 + 1, picture.width - 1), y1 = std::min(y0 + 1, picture.height - 1);
    const double fx = x - x0, fy = y - y0;
    std::array<std::uint8_t, 3> out{};
    for (int c = 0; c < 3; ++c) {
        const double top = (1 - fx) * picture.row(y0)[3 * x0 + c] + fx * picture.row(y0)[3 * x1 + c];
        const double bottom = (1 - fx) * picture.row(y1)[3 * x0 + c] + fx * picture.row(y1)[3 * x1 + c];
        out[static_cast<std::size_t>(c)] = static_cast<std::uint8_t>(std::lround((1 - fy) * top + fy * bottom));
    }
    return out;
}

bool covered(const MaskOverlay& mask, double u, double v) {
    const int x = static_cast<int>(std::floor(u)) - mask.box.x(), y = static_cast<int>(std::floor(v)) - mask.box.y();
    return x >= 0 && y >= 0 && x < mask.coverage.width() && y < mask.coverage.height() && mask.coverage.constScanLine(y)[x] >= kInside;
}

} // namespace

std::vector<SurfaceSample> sampleSurface(std::span<const Vec3f> vertices, const MeshTopology& topology, std::size_t count) {
    const auto& triangles = topology.triangles;
    std::vector<double> upTo;
    double total = 0;
    for (const auto& t : triangles) {
        const Vec3f n = cross(sub(vertices[t[1]], vertices[t[0]]), sub(vertices[t[2]], vertices[t[0]]));
        total += 0.5 * std::sqrt(static_cast<double>(dot(n, n)));
        upTo.push_back(total);
    }
    std::vector<SurfaceSample> samples;
    if (total <= 0) {
        return samples;
    }
    samples.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        // Area in even steps; within the triangle a sequence that leaves no clumps (plastic number).
        const double area = (static_cast<double>(i) + 0.5) / static_cast<double>(count) * total;
        const auto triangle = static_cast<std::uint32_t>(
            std::min<std::ptrdiff_t>(std::lower_bound(upTo.begin(), upTo.end(), area) - upTo.begin(), static_cast<std::ptrdiff_t>(triangles.size()) - 1));
        double a = std::fmod(0.5 + 0.7548776662466927 * static_cast<double>(i), 1.0);
        double b = std::fmod(0.5 + 0.5698402909980532 * static_cast<double>(i), 1.0);
        if (a + b > 1) {
            a = 1 - a;
            b = 1 - b;
        }
        samples.push_back({triangle, static_cast<float>(a), static_cast<float>(b)});
    }
    return samples;
}

std::vector<std::shared_ptr<const CloudData>> SurfacePainter::paint(std::span<const Body> bodies, const Image& picture, const Intrinsics& camera,
                                                                    const RigidTransform& worldFromCam) {
    const double scale = std::min(1.0, static_cast<double>(kDepthWidth) / std::max(1, camera.width));
    const Intrinsics small = windowed(camera, {0, 0, static_cast<double>(camera.width), static_cast<double>(camera.height)}, scale);
    const auto back = inverse(worldFromCam);
    nearest_.assign(static_cast<std::size_t>(small.width) * static_cast<std::size_t>(small.height), std::numeric_limits<float>::infinity());
    inCam_.resize(bodies.size());
    for (std::size_t k = 0; k < bodies.size(); ++k) {
        auto& vertices = inCam_[k];
        vertices.clear();
        vertices.reserve(bodies[k].world.size());
        for (const auto& v : bodies[k].world) {
            const Vec3 p = back * Vec3{v.x, v.y, v.z};
            vertices.push_back({static_cast<float>(p.x), static_cast<float>(p.y), static_cast<float>(p.z)});
        }
        rasterize(vertices, *bodies[k].topology, small, depth_, Faces::Front);
        for (std::size_t i = 0; i < nearest_.size(); ++i) {
            nearest_[i] = std::min(nearest_[i], depth_.z[i]);
        }
    }
    std::vector<std::shared_ptr<const CloudData>> clouds;
    for (std::size_t k = 0; k < bodies.size(); ++k) {
        const auto& body = bodies[k];
        auto cloud = std::make_shared<CloudData>();
        cloud->positions.reserve(body.samples.size());
        cloud->colours.reserve(body.samples.size());
        cloud->rank.reserve(body.samples.size());
        const auto& vertices = inCam_[k];
        for (const auto& sample : body.samples) {
            const auto& t = body.topology->triangles[sample.triangle];
            cloud->positions.push_back(at(body.world, t, sample));
            auto colour = kUnseenColour;
            const Vec3f p = at(vertices, t, sample);
            const Vec3f normal = cross(sub(vertices[t[1]], vertices[t[0]]), sub(vertices[t[2]], vertices[t[0]]));
            bool seen = body.mask != nullptr && !body.mask->box.isEmpty() && p.z > kNearPlaneMetres && dot(normal, p) < 0;
            if (seen) {
                const double u = camera.focalPx * p.x / p.z + camera.centreX, v = camera.focalPx * p.y / p.z + camera.centreY;
                const int x = static_cast<int>(std::floor(u * scale)), y = static_cast<int>(std::floor(v * scale));
                // A steep surface runs through much depth within a pixel.
                const float steep = std::sqrt(dot(normal, normal) * dot(p, p)) / std::max(1e-9F, -dot(normal, p));
                const float pixel = p.z / static_cast<float>(small.focalPx);
                seen = u >= 0 && v >= 0 && x < small.width && y < small.height && covered(*body.mask, u, v) &&
                       p.z <= nearest_[static_cast<std::size_t>(y) * static_cast<std::size_t>(small.width) + static_cast<std::size_t>(x)] +
                                  kDepthTolerance + std::min(steep, 4.0F) * pixel;
                if (seen) {
                    colour = bilinear(picture, u, v);
                }
            }
            cloud->colours.push_back(colour);
            cloud->rank.push_back(seen ? 1.0F : 0.0F);
        }
        clouds.push_back(std::move(cloud));
    }
    return clouds;
}

} // namespace body4d::ui
