#include "body/detail/surface_colour.h"

#include "base/error.h"
#include "base/order_statistics.h"
#include "base/parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace body4d::detail {

namespace {

constexpr float kFewestPixels = 2;      // of a patch, below which its colour says nothing
constexpr std::size_t kFewestViews = 8; // of a patch, below which nobody knows how it usually looks
constexpr float kSpreadFloor = 0.035F;  // of colours, RGB of 0..1: noise, shading
constexpr float kForeignSpreads = 3.5F;
constexpr float kForeignLeast = 0.12F; // two greys that differ by less may be light and shadow

float squaredDistance(const Vec3f& a, const Vec3f& b) {
    const float x = a.x - b.x, y = a.y - b.y, z = a.z - b.z;
    return x * x + y * y + z * z;
}

float colourDistance(const std::array<float, 3>& a, const std::array<float, 3>& b) {
    return std::sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) +
                     (a[2] - b[2]) * (a[2] - b[2]));
}

} // namespace

std::vector<std::uint16_t> cutIntoPatches(std::span<const Vec3f> vertices, const MeshTopology& topology,
                                          std::span<const std::uint8_t> groups) {
    const auto& triangles = topology.triangles;
    BODY4D_EXPECT(groups.size() == triangles.size());
    std::vector<Vec3f> centres;
    for (const auto& t : triangles) {
        const Vec3f &a = vertices[t[0]], &b = vertices[t[1]], &c = vertices[t[2]];
        centres.push_back({(a.x + b.x + c.x) / 3, (a.y + b.y + c.y) / 3, (a.z + b.z + c.z) / 3});
    }
    // Farthest-point seeds: each new one is the triangle that lies farthest from all before; of another group
    // is far.
    std::vector<std::uint16_t> patch(triangles.size(), 0);
    std::vector<float> distance(triangles.size(), std::numeric_limits<float>::max());
    std::size_t seed = 0;
    const std::size_t count = std::min(kSurfacePatches, triangles.size());
    for (std::size_t p = 0; p < count; ++p) {
        std::size_t farthest = 0;
        for (std::size_t i = 0; i < triangles.size(); ++i) {
            const float d =
                squaredDistance(centres[i], centres[seed]) + (groups[i] == groups[seed] ? 0.F : 100.F);
            if (d < distance[i]) {
                distance[i] = d;
                patch[i] = static_cast<std::uint16_t>(p);
            }
            farthest = distance[i] > distance[farthest] ? i : farthest;
        }
        seed = farthest;
    }
    return patch;
}

namespace {

/// How a patch usually looks around a frame; spread < 0 where nobody knows.
struct UsualLook {
    std::array<float, 3> colour{};
    float spread = -1;
};

UsualLook usualLook(std::span<const PatchViews> views, std::span<const std::uint8_t> usable,
                    std::size_t patch, std::size_t begin, std::size_t end, std::vector<std::size_t>& known,
                    std::vector<float>& values) {
    for (const bool only : {true, false}) {
        known.clear();
        for (std::size_t k = begin; k < end; ++k) {
            if (views[k][patch].seen >= kFewestPixels && (usable[k] != 0 || !only)) {
                known.push_back(k);
            }
        }
        if (known.size() >= kFewestViews) {
            break;
        }
    }
    UsualLook out;
    if (known.size() < kFewestViews) {
        return out;
    }
    for (std::size_t c = 0; c < 3; ++c) {
        values.clear();
        for (const std::size_t k : known) {
            values.push_back(views[k][patch].colour[c]);
        }
        out.colour[c] = upperMedian(values);
    }
    values.clear();
    for (const std::size_t k : known) {
        values.push_back(colourDistance(views[k][patch].colour, out.colour));
    }
    out.spread = std::max(kSpreadFloor, upperMedian(values));
    return out;
}

float brightness(const std::array<float, 3>& c) {
    return c[0] + c[1] + c[2];
}

} // namespace

std::vector<ForeignPatches> foreignPatches(std::span<const PatchViews> views,
                                           std::span<const std::uint8_t> usable, std::size_t reach) {
    BODY4D_EXPECT(views.size() == usable.size());
    std::vector<ForeignPatches> out(views.size());
    parallelFor(views.size(), [&](std::size_t beginFrame, std::size_t endFrame) {
        std::vector<std::size_t> known; // frames
        std::vector<float> values, ratios;
        std::array<UsualLook, kSurfacePatches> usual;
        for (std::size_t i = beginFrame; i < endFrame; ++i) {
            ratios.clear();
            for (std::size_t p = 0; p < kSurfacePatches; ++p) {
                usual[p] = {};
                if (views[i][p].seen >= kFewestPixels) {
                    usual[p] = usualLook(views, usable, p, i > reach ? i - reach : 0,
                                         std::min(views.size(), i + reach + 1), known, values);
                }
                if (usual[p].spread >= 0) {
                    ratios.push_back((brightness(views[i][p].colour) + 0.05F) /
                                     (brightness(usual[p].colour) + 0.05F));
                }
            }
            if (ratios.empty()) {
                continue;
            }
            // Stepping into the shade darkens everything alike and hides nothing.
            const float gain = std::clamp(upperMedian(ratios), 0.4F, 2.5F);
            for (std::size_t p = 0; p < kSurfacePatches; ++p) {
                if (usual[p].spread < 0) {
                    continue;
                }
                std::array<float, 3> lit = usual[p].colour;
                for (float& c : lit) {
                    c = std::min(1.F, c * gain);
                }
                const std::array<float, 3>& now = views[i][p].colour;
                const float off = std::min(colourDistance(now, usual[p].colour), colourDistance(now, lit));
                out[i][p] = off > std::max(kForeignLeast, kForeignSpreads * usual[p].spread) ? 1 : 0;
            }
        }
    });
    return out;
}

} // namespace body4d::detail
