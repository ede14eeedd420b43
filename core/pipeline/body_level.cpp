#include "pipeline/body_level.h"

#include "base/error.h"
#include "base/npz.h"
#include "body/ply_mesh.h"
#include "pipeline/export_scene.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

namespace body4d::detail {
namespace {

[[noreturn]] void doesNotFit(const std::filesystem::path& file, const std::string& why) {
    throw Error(ErrorCode::Input, "The level of detail does not fit the body.",
                "Give lod1_to_lodK_mapping.npz of MHR's release (--mhr-lod-map) and the mesh of that "
                "level as .ply "
                "(--mhr-lod-mesh).",
                file.string() + ": " + why);
}

std::vector<Vec3f> verticesAt(const std::vector<Vec3f>& first, const MeshLevel& level) {
    std::vector<Vec3f> out(level.corners.size());
    for (std::size_t v = 0; v < out.size(); ++v) {
        for (std::size_t c = 0; c < 3; ++c) {
            const auto& corner = first[level.corners[v][c]];
            const float w = level.weights[v][c];
            out[v].x += w * corner.x;
            out[v].y += w * corner.y;
            out[v].z += w * corner.z;
        }
    }
    return out;
}

/// Joints of the three corners, the heaviest first and as many as the first level ties to a vertex.
SkinWeights skinAt(const SkinWeights& first, const MeshLevel& level) {
    SkinWeights out;
    const auto each = static_cast<std::size_t>(first.perVertex);
    out.perVertex = first.perVertex;
    for (std::size_t v = 0; each > 0 && v < level.corners.size(); ++v) {
        std::map<std::uint16_t, float> byJoint;
        for (std::size_t c = 0; c < 3; ++c) {
            for (std::size_t k = 0; k < each; ++k) {
                const auto at = level.corners[v][c] * each + k;
                byJoint[first.joint[at]] += level.weights[v][c] * first.weight[at];
            }
        }
        std::vector<std::pair<float, std::uint16_t>> sorted;
        for (const auto& [joint, weight] : byJoint) {
            sorted.emplace_back(weight, joint);
        }
        std::sort(sorted.rbegin(), sorted.rend());
        sorted.resize(each, {0.0F, std::uint16_t{0}});
        float sum = 0;
        for (const auto& [weight, joint] : sorted) {
            sum += weight;
        }
        for (const auto& [weight, joint] : sorted) {
            out.weight.push_back(sum > 0 ? weight / sum : 0);
            out.joint.push_back(joint);
        }
    }
    return out;
}

} // namespace

MeshLevel readMeshLevel(const std::filesystem::path& map, const std::filesystem::path& mesh,
                        const BodyModel& first) {
    const auto arrays = readNpz(map);
    const auto ids = arrays.find("triangle_ids"), places = arrays.find("baryc_coords");
    if (ids == arrays.end() || places == arrays.end()) {
        doesNotFit(map, "no triangle_ids or no baryc_coords");
    }
    const auto triangleOf = ids->second.as<std::int64_t>();
    const auto coordinates = places->second.as<float>();
    if (coordinates.size() != 3 * triangleOf.size() || triangleOf.empty()) {
        doesNotFit(map, "three coordinates belong to each vertex");
    }
    const auto& triangles = first.topology().triangles;
    MeshLevel level;
    for (std::size_t v = 0; v < triangleOf.size(); ++v) {
        const auto id = triangleOf[v];
        if (id < 0 || id >= static_cast<std::int64_t>(triangles.size())) {
            doesNotFit(map, "there is no triangle " + std::to_string(id) + " among " +
                                std::to_string(triangles.size()));
        }
        const std::array<float, 3> weights = {coordinates[3 * v], coordinates[3 * v + 1],
                                              coordinates[3 * v + 2]};
        if (!(std::abs(weights[0] + weights[1] + weights[2] - 1) < 1e-3F)) {
            doesNotFit(map, "coordinates of vertex " + std::to_string(v) + " do not add up to one");
        }
        level.corners.push_back(triangles[static_cast<std::size_t>(id)]);
        level.weights.push_back(weights);
    }
    const auto own = readPly(mesh);
    if (own.vertices.size() != level.corners.size() || own.triangles.empty()) {
        doesNotFit(mesh, std::to_string(own.vertices.size()) + " vertices, the map has " +
                             std::to_string(level.corners.size()));
    }
    level.triangles = own.triangles; // readPly() has seen to it that they name vertices that are there
    return level;
}

ExportTarget atLevel(const ExportTarget& target, const MeshLevel& level) {
    const auto& track = *target.body;
    BODY4D_EXPECT(track.ownModel != nullptr);
    const auto& first = *track.ownModel;
    auto rest = first.shaped(track.shape);
    rest.vertices = verticesAt(rest.vertices, level);
    auto body = std::make_shared<BodyTrack>(track);
    body->frames.clear();
    body->ownModel = makeMeasuredBody(first.name(), {first.joints().begin(), first.joints().end()}, level.triangles,
                                      std::move(rest), skinAt(first.skin(), level));
    ExportTarget out = target;
    out.paged = std::make_shared<const BodyFrames>(target.frames(), [level](BodyFrame& frame) {
        if (frame.pose.surface) {
            auto surface = std::make_shared<MeasuredSurface>(*frame.pose.surface);
            surface->vertices = verticesAt(surface->vertices, level);
            frame.pose.surface = std::move(surface);
        }
    });
    out.model = body->ownModel;
    out.body = std::move(body);
    return out;
}

} // namespace body4d::detail

namespace body4d {

void takeMeshLevel(ExportScene& scene, const Options& options) {
    const auto map = options.text("export.mhr_lod_map");
    std::optional<detail::MeshLevel> level;
    for (auto& target : scene.targets) {
        if (map.empty() || !target.body->ownModel || target.body->bodyModel != "mhr") {
            continue;
        }
        if (!level) {
            level = detail::readMeshLevel(map, options.text("export.mhr_lod_mesh"), *target.body->ownModel);
        }
        target = detail::atLevel(target, *level);
    }
}

} // namespace body4d
