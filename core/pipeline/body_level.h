#pragma once

#include "body/body_track.h"
#include "body/measured_body.h"
#include "export/export_types.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

namespace body4d::detail {

/// Another level of detail of MHR's mesh: where its vertices lie in the triangles of the first level, and its
/// own triangles.
struct MeshLevel {
    std::vector<std::array<std::uint32_t, 3>> corners; ///< by vertex: three vertices of the first level
    std::vector<std::array<float, 3>> weights;         ///< of those, sum 1
    std::vector<std::array<std::uint32_t, 3>> triangles;
};

/// Reads a level from the files of MHR's release.
/// @param map lod1_to_lodK_mapping.npz: triangle_ids [n] and baryc_coords [n, 3]
/// @param mesh the level's mesh as .ply, of which the triangles are taken
/// @param first the first level's mesh
/// @throws Error{Input} naming the file and what does not fit
[[nodiscard]] MeshLevel readMeshLevel(const std::filesystem::path& map, const std::filesystem::path& mesh,
                                      const BodyModel& first);

/// The same person with a mesh of another level, skin included. @param target with a model of its own
[[nodiscard]] ExportTarget atLevel(const ExportTarget& target, const MeshLevel& level);

} // namespace body4d::detail
