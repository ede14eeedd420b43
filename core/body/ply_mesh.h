#pragma once

#include "base/geometry.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace body4d {

/// A triangle mesh as it stands in a file.
struct PlyMesh {
    std::vector<Vec3f> vertices;
    std::vector<std::array<std::uint32_t, 3>> triangles; ///< polygons come as fans
};

/// Reads positions and faces of a .ply, text or binary little-endian; other properties are passed over.
/// @throws Error{Input} naming the file and the flaw
[[nodiscard]] PlyMesh readPly(const std::filesystem::path& file);

} // namespace body4d
