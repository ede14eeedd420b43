#pragma once

#include "base/geometry.h"
#include "body/body_model.h"

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace body4d {

/// Vertices of a mesh with one texture coordinate each, and its triangles by region.
struct SurfaceLayout {
    std::vector<std::uint32_t> vertex; ///< body vertex of each file vertex
    std::vector<float> uv;             ///< [2 N], v down; empty where the body has none
    std::map<BodyRegion, std::vector<std::uint32_t>> triangles;
};
/// Degenerate triangles are left out.
[[nodiscard]] SurfaceLayout layOut(const MeshTopology& topology, const RestBody& rest);

/// Unit normals, also where the mesh gives none.
void safeNormals(std::span<const Vec3f> vertices, const MeshTopology& topology, std::vector<Vec3f>& normals);

/// Values of the body's vertices in the file's order, three floats each, after a transform. @param out
/// overwritten
void placeVertices(const SurfaceLayout& layout, std::span<const Vec3f> values,
                   const RigidTransform& transform, std::vector<float>& out);

} // namespace body4d
