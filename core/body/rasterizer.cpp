#include "body/rasterizer.h"

#include "base/error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace body4d {
namespace {

/// A vertex on the image plane; `row` and `column` are the first pixel centres at or after it.
struct ScreenPoint {
    float x, y, inverseZ;
    std::int32_t column, row;
};

constexpr float kFarAway = 1e7F; // keeps conversions to int defined; nothing that far out touches a pixel

ScreenPoint toScreen(Vec3f p, const Intrinsics& camera) {
    ScreenPoint s{};
    s.inverseZ = 1 / p.z;
    const float f = static_cast<float>(camera.focalPx);
    s.x = std::clamp(f * p.x * s.inverseZ + static_cast<float>(camera.centreX), -kFarAway, kFarAway);
    s.y = std::clamp(f * p.y * s.inverseZ + static_cast<float>(camera.centreY), -kFarAway, kFarAway);
    s.column = static_cast<std::int32_t>(std::ceil(s.x - 0.5F));
    s.row = static_cast<std::int32_t>(std::ceil(s.y - 0.5F));
    return s;
}

/// Walks down one edge. Both triangles of a shared edge see the same end points in the same order, hence the same
/// values, which is what makes the picture watertight.
struct Edge {
    float x, y, slope;
    Edge(const ScreenPoint& top, const ScreenPoint& bottom)
        : x(top.x), y(top.y), slope((bottom.x - top.x) / (bottom.y - top.y)) {}
    [[nodiscard]] float at(float centreY) const { return x + (centreY - y) * slope; }
};

/// Calls span(row, begin, end) for every row of pixel centres in the triangle, clipped to the picture.
template <typename Span>
void scanTriangle(const ScreenPoint* a, const ScreenPoint* b, const ScreenPoint* c, int width, int height, Span&& span) {
    if (b->y < a->y) {
        std::swap(a, b);
    }
    if (c->y < b->y) {
        std::swap(b, c);
        if (b->y < a->y) {
            std::swap(a, b);
        }
    }
    const int first = std::max(a->row, 0), last = std::min(c->row, height);
    if (first >= last) {
        return;
    }
    const Edge whole(*a, *c);
    const auto half = [&](const ScreenPoint& top, const ScreenPoint& bottom) {
        const int begin = std::max(top.row, 0), end = std::min(bottom.row, height);
        if (begin >= end) {
            return;
        }
        const Edge side(top, bottom);
        for (int row = begin; row < end; ++row) {
            const float y = static_cast<float>(row) + 0.5F;
            float left = whole.at(y), right = side.at(y);
            if (right < left) {
                std::swap(left, right);
            }
            const int x0 = static_cast<int>(std::ceil(std::max(left, 0.F) - 0.5F));
            const int x1 = static_cast<int>(std::ceil(std::min(right, static_cast<float>(width)) - 0.5F));
            if (x0 < x1) {
                span(row, x0, x1);
            }
        }
    };
    half(*a, *b);
    half(*b, *c);
}

/// Cuts a triangle at the near plane. @returns number of corners left: 0, 3 or 4
int clipNear(const std::array<Vec3f, 3>& corners, std::array<Vec3f, 4>& out) {
    int n = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        const Vec3f &p = corners[i], &q = corners[(i + 1) % 3];
        const bool pIn = p.z >= kNearPlaneMetres, qIn = q.z >= kNearPlaneMetres;
        if (pIn) {
            out[static_cast<std::size_t>(n++)] = p;
        }
        if (pIn != qIn) {
            const float t = (kNearPlaneMetres - p.z) / (q.z - p.z);
            out[static_cast<std::size_t>(n++)] = {p.x + t * (q.x - p.x), p.y + t * (q.y - p.y), kNearPlaneMetres};
        }
    }
    return n;
}

/// Calls draw(a, b, c, triangle) for every visible piece of the mesh that may touch a pixel centre.
template <typename Draw>
void forEachTriangle(std::span<const Vec3f> vertices, const MeshTopology& topology, const Intrinsics& camera,
                     Draw&& draw) {
    thread_local std::vector<ScreenPoint> points; // reused: a 14k vertex array a call would cost more than the drawing
    points.resize(vertices.size());
    bool allInFront = true;
    for (std::size_t i = 0; i < vertices.size(); ++i) {
        const bool inFront = vertices[i].z >= kNearPlaneMetres;
        allInFront = allInFront && inFront;
        if (inFront) {
            points[i] = toScreen(vertices[i], camera);
        } else {
            points[i].inverseZ = 0; // marks a vertex behind the near plane
        }
    }
    for (std::size_t t = 0; t < topology.triangles.size(); ++t) {
        const auto [ia, ib, ic] = topology.triangles[t];
        const ScreenPoint &a = points[ia], &b = points[ib], &c = points[ic];
        if (!allInFront && (a.inverseZ == 0 || b.inverseZ == 0 || c.inverseZ == 0)) {
            std::array<Vec3f, 4> cut{};
            const int n = clipNear({vertices[ia], vertices[ib], vertices[ic]}, cut);
            for (int k = 2; k < n; ++k) {
                const ScreenPoint p = toScreen(cut[0], camera), q = toScreen(cut[static_cast<std::size_t>(k - 1)], camera),
                                  r = toScreen(cut[static_cast<std::size_t>(k)], camera);
                draw(p, q, r, static_cast<std::int32_t>(t));
            }
            continue;
        }
        // Most triangles of a person 160 pixels tall cover no pixel centre: integers tell before any edge is set up.
        const int top = std::min({a.row, b.row, c.row}), bottom = std::max({a.row, b.row, c.row});
        const int left = std::min({a.column, b.column, c.column}), right = std::max({a.column, b.column, c.column});
        if (top == bottom || left == right || bottom <= 0 || right <= 0 || top >= camera.height || left >= camera.width) {
            continue;
        }
        draw(a, b, c, static_cast<std::int32_t>(t));
    }
}

void expectSize(const Intrinsics& camera) { BODY4D_EXPECT(camera.width > 0 && camera.height > 0 && camera.focalPx > 0); }

} // namespace

Intrinsics windowed(const Intrinsics& camera, const Box& region, double scale) {
    BODY4D_EXPECT(scale > 0);
    Intrinsics part;
    part.focalPx = camera.focalPx * scale;
    part.centreX = (camera.centreX - region.x0) * scale;
    part.centreY = (camera.centreY - region.y0) * scale;
    part.width = std::max(1, static_cast<int>(std::ceil(region.width() * scale - 1e-9)));
    part.height = std::max(1, static_cast<int>(std::ceil(region.height() * scale - 1e-9)));
    return part;
}

void rasterize(std::span<const Vec3f> verticesInCam, const MeshTopology& topology, const Intrinsics& camera,
               DepthImage& out) {
    expectSize(camera);
    out.width = camera.width;
    out.height = camera.height;
    const auto count = static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.height);
    out.z.assign(count, 0.F); // 1/z while drawing: linear on the image plane, larger is nearer
    out.triangle.assign(count, -1);
    forEachTriangle(verticesInCam, topology, camera,
                    [&](const ScreenPoint& a, const ScreenPoint& b, const ScreenPoint& c, std::int32_t triangle) {
                        const float abx = b.x - a.x, aby = b.y - a.y, acx = c.x - a.x, acy = c.y - a.y;
                        const float det = abx * acy - aby * acx;
                        if (std::fabs(det) < 1e-12F) {
                            return;
                        }
                        const float db = b.inverseZ - a.inverseZ, dc = c.inverseZ - a.inverseZ;
                        const float dx = (db * acy - dc * aby) / det, dy = (dc * abx - db * acx) / det;
                        const float low = std::min({a.inverseZ, b.inverseZ, c.inverseZ});
                        const float high = std::max({a.inverseZ, b.inverseZ, c.inverseZ});
                        scanTriangle(&a, &b, &c, out.width, out.height, [&](int row, int x0, int x1) {
                            const std::size_t offset = static_cast<std::size_t>(row) * static_cast<std::size_t>(out.width);
                            float* z = out.z.data() + offset;
                            std::int32_t* id = out.triangle.data() + offset;
                            const float base = a.inverseZ + (static_cast<float>(row) + 0.5F - a.y) * dy;
                            for (int x = x0; x < x1; ++x) {
                                // clamped: a sliver's gradient extrapolates wildly within its own pixel
                                const float value =
                                    std::clamp(base + (static_cast<float>(x) + 0.5F - a.x) * dx, low, high);
                                if (value > z[x]) {
                                    z[x] = value;
                                    id[x] = triangle;
                                }
                            }
                        });
                    });
    for (float& z : out.z) {
        z = z > 0 ? 1 / z : std::numeric_limits<float>::infinity();
    }
}

void silhouette(std::span<const Vec3f> verticesInCam, const MeshTopology& topology, const Intrinsics& camera, Mask& out) {
    expectSize(camera);
    out.width = camera.width;
    out.height = camera.height;
    out.values.assign(static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.height), 0);
    forEachTriangle(verticesInCam, topology, camera,
                    [&](const ScreenPoint& a, const ScreenPoint& b, const ScreenPoint& c, std::int32_t) {
                        scanTriangle(&a, &b, &c, out.width, out.height, [&](int row, int x0, int x1) {
                            std::fill(out.row(row) + x0, out.row(row) + x1, std::uint8_t{255});
                        });
                    });
}

Mask silhouette(std::span<const Vec3f> verticesInCam, const MeshTopology& topology, const Intrinsics& camera) {
    Mask mask;
    silhouette(verticesInCam, topology, camera, mask);
    return mask;
}

} // namespace body4d
