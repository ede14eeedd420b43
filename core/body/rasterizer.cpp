#include "body/rasterizer.h"

#include "base/error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace body4d {
namespace {

/// A vertex on the image plane.
struct ScreenPoint {
    float x, y, inverseZ;
};

constexpr float kFarAway = 1e7F; // keeps conversions to int defined; nothing that far out touches a pixel

/// The first pixel centre at or after a coordinate, between 0 and the size of the picture.
std::int32_t firstCentre(float v, int size) {
    const float shifted = std::clamp(v + 0.5F, 0.5F, static_cast<float>(size) + 0.5F); // v - 0.5 rounded up
    const auto whole = static_cast<std::int32_t>(shifted);
    return whole - (static_cast<float>(whole) == shifted && whole > 0 ? 1 : 0);
}

ScreenPoint toScreen(Vec3f p, float focal, float centreX, float centreY) {
    const float inverseZ = 1 / p.z;
    return {std::clamp(focal * p.x * inverseZ + centreX, -kFarAway, kFarAway),
            std::clamp(focal * p.y * inverseZ + centreY, -kFarAway, kFarAway), inverseZ};
}

/// Walks down one edge. Both triangles of a shared edge see the same end points in the same order, hence the
/// same values, which is what makes the picture watertight.
struct Edge {
    float x, y, slope;
    Edge(const ScreenPoint& top, const ScreenPoint& bottom)
        : x(top.x), y(top.y), slope((bottom.x - top.x) / (bottom.y - top.y)) {}
    [[nodiscard]] float at(float centreY) const { return x + (centreY - y) * slope; }
};

/// Calls span(row, begin, end) for every row of pixel centres in the triangle, clipped to the picture.
template <typename Span>
void scanTriangle(const ScreenPoint* a, const ScreenPoint* b, const ScreenPoint* c, int width, int height,
                  Span&& span) {
    if (b->y < a->y) {
        std::swap(a, b);
    }
    if (c->y < b->y) {
        std::swap(b, c);
        if (b->y < a->y) {
            std::swap(a, b);
        }
    }
    const int first = firstCentre(a->y, height), middle = firstCentre(b->y, height),
              last = firstCentre(c->y, height);
    if (first >= last) {
        return;
    }
    const Edge whole(*a, *c);
    const auto half = [&](const ScreenPoint& top, const ScreenPoint& bottom, int begin, int end) {
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
            const int x0 = firstCentre(left, width), x1 = firstCentre(right, width);
            if (x0 < x1) {
                span(row, x0, x1);
            }
        }
    };
    half(*a, *b, first, middle);
    half(*b, *c, middle, last);
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
            out[static_cast<std::size_t>(n++)] = {p.x + t * (q.x - p.x), p.y + t * (q.y - p.y),
                                                  kNearPlaneMetres};
        }
    }
    return n;
}

/// Pixel centres at or after a vertex, both coordinates in one number: most triangles of a person 160 pixels
/// tall lie between the same centres and are passed over by comparing three integers.
using Cell = std::uint32_t;
constexpr Cell kBehind = 0xffffffffU; // a vertex nearer than the near plane

/// Calls draw(a, b, c, triangle) for every piece of the mesh that may touch a pixel centre.
template <typename Draw>
void forEachTriangle(std::span<const Vec3f> vertices, const MeshTopology& topology, const Intrinsics& camera,
                     Faces faces, Draw&& draw) {
    thread_local std::vector<ScreenPoint>
        points; // reused: allocating 14k points would cost more than the drawing
    thread_local std::vector<Cell> cells;
    points.resize(vertices.size());
    cells.resize(vertices.size());
    const float focal = static_cast<float>(camera.focalPx), centreX = static_cast<float>(camera.centreX),
                centreY = static_cast<float>(camera.centreY);
    for (std::size_t i = 0; i < vertices.size(); ++i) {
        if (!(vertices[i].z >= kNearPlaneMetres)) {
            cells[i] = kBehind;
            continue;
        }
        points[i] = toScreen(vertices[i], focal, centreX, centreY);
        cells[i] = static_cast<Cell>(firstCentre(points[i].x, camera.width)) |
                   static_cast<Cell>(firstCentre(points[i].y, camera.height)) << 16;
    }
    const auto front = [&](const ScreenPoint& a, const ScreenPoint& b, const ScreenPoint& c) {
        return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x) <
               0; // y is down: counter-clockwise is negative
    };
    for (std::size_t t = 0; t < topology.triangles.size(); ++t) {
        const auto [ia, ib, ic] = topology.triangles[t];
        const Cell ca = cells[ia], cb = cells[ib], cc = cells[ic];
        if (ca == cb && cb == cc) {
            continue;
        }
        if (ca == kBehind || cb == kBehind || cc == kBehind) {
            std::array<Vec3f, 4> cut{};
            const int n = clipNear({vertices[ia], vertices[ib], vertices[ic]}, cut);
            for (int k = 2; k < n; ++k) {
                const auto corner = [&](int i) {
                    return toScreen(cut[static_cast<std::size_t>(i)], focal, centreX, centreY);
                };
                const ScreenPoint p = corner(0), q = corner(k - 1), r = corner(k);
                if (faces == Faces::Both || front(p, q, r)) {
                    draw(p, q, r, static_cast<std::int32_t>(t));
                }
            }
            continue;
        }
        const Cell same = ~((ca ^ cb) | (cb ^ cc));
        if ((same & 0xffffU) == 0xffffU || same >> 16 == 0xffffU) {
            continue; // between two columns or two rows of centres
        }
        const ScreenPoint &a = points[ia], &b = points[ib], &c = points[ic];
        if (faces == Faces::Both || front(a, b, c)) {
            draw(a, b, c, static_cast<std::int32_t>(t));
        }
    }
}

void expectSize(const Intrinsics& camera) {
    BODY4D_EXPECT(camera.width > 0 && camera.height > 0 && camera.width < 65535 && camera.height < 65535);
    BODY4D_EXPECT(camera.focalPx > 0);
}

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
               DepthImage& out, Faces faces) {
    expectSize(camera);
    out.width = camera.width;
    out.height = camera.height;
    const auto count = static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.height);
    out.z.assign(count, 0.F); // 1/z while drawing: linear on the image plane, larger is nearer
    out.triangle.assign(count, -1);
    forEachTriangle(
        verticesInCam, topology, camera, faces,
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
                const std::size_t offset =
                    static_cast<std::size_t>(row) * static_cast<std::size_t>(out.width);
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

void silhouette(std::span<const Vec3f> verticesInCam, const MeshTopology& topology, const Intrinsics& camera,
                Mask& out, Faces faces) {
    expectSize(camera);
    out.width = camera.width;
    out.height = camera.height;
    out.values.assign(static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.height), 0);
    forEachTriangle(verticesInCam, topology, camera, faces,
                    [&](const ScreenPoint& a, const ScreenPoint& b, const ScreenPoint& c, std::int32_t) {
                        scanTriangle(&a, &b, &c, out.width, out.height, [&](int row, int x0, int x1) {
                            std::fill(out.row(row) + x0, out.row(row) + x1, std::uint8_t{255});
                        });
                    });
}

Mask silhouette(std::span<const Vec3f> verticesInCam, const MeshTopology& topology, const Intrinsics& camera,
                Faces faces) {
    Mask mask;
    silhouette(verticesInCam, topology, camera, mask, faces);
    return mask;
}

} // namespace body4d
