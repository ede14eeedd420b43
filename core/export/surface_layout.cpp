#include "export/surface_layout.h"

#include "export/mannequin_palette.h"

#include <cmath>
#include <utility>

namespace body4d {

SurfaceLayout layOut(const MeshTopology& topology, const RestBody& rest) {
    SurfaceLayout layout;
    const bool textured = !topology.uv.empty() && topology.triangleUv.size() == topology.triangles.size();
    const std::vector<BodyRegion> regions = triangleRegions(topology);
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> known;
    for (std::size_t t = 0; t < topology.triangles.size(); ++t) {
        const auto& corners = topology.triangles[t];
        const auto point = [&](std::size_t c) {
            const Vec3f p = rest.vertices[corners[c]];
            return Vec3{p.x, p.y, p.z};
        };
        const Vec3 u = point(1) - point(0), v = point(2) - point(0);
        const Vec3 normal{u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x};
        if (corners[0] == corners[1] || corners[1] == corners[2] || corners[0] == corners[2] ||
            norm(normal) < 1e-14) {
            continue;
        }
        auto& list = layout.triangles[regions[t]];
        for (std::size_t c = 0; c < 3; ++c) {
            const std::uint32_t uv = textured ? topology.triangleUv[t][c] : 0;
            const auto [it, isNew] =
                known.try_emplace({corners[c], uv}, static_cast<std::uint32_t>(layout.vertex.size()));
            if (isNew) {
                layout.vertex.push_back(corners[c]);
                if (textured) {
                    layout.uv.push_back(topology.uv[uv][0]);
                    layout.uv.push_back(1.F - topology.uv[uv][1]);
                }
            }
            list.push_back(it->second);
        }
    }
    return layout;
}

void safeNormals(std::span<const Vec3f> vertices, const MeshTopology& topology, std::vector<Vec3f>& normals) {
    computeNormals(vertices, topology, normals);
    for (Vec3f& n : normals) {
        const double length = std::sqrt(double{n.x} * n.x + double{n.y} * n.y + double{n.z} * n.z);
        n = length > 0.5 ? Vec3f{static_cast<float>(n.x / length), static_cast<float>(n.y / length),
                                 static_cast<float>(n.z / length)}
                         : Vec3f{0, 0, -1};
    }
}

void placeVertices(const SurfaceLayout& layout, std::span<const Vec3f> values,
                   const RigidTransform& transform, std::vector<float>& out) {
    out.clear();
    out.reserve(3 * layout.vertex.size());
    for (const std::uint32_t v : layout.vertex) {
        const Vec3 p = transform * Vec3{values[v].x, values[v].y, values[v].z};
        out.insert(out.end(), {static_cast<float>(p.x), static_cast<float>(p.y), static_cast<float>(p.z)});
    }
}

} // namespace body4d
