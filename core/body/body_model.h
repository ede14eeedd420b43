#pragma once

#include "base/annotation.h"
#include "base/geometry.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace body4d {

/// One joint of a body's skeleton; parents come before children, the root's parent is -1.
struct BodyJoint {
    std::string name;
    int parent = -1;
};

/// What stays the same for every person and frame.
struct MeshTopology {
    std::vector<std::array<std::uint32_t, 3>> triangles;  ///< counter-clockwise seen from outside
    std::vector<std::array<float, 2>> uv;                 ///< texture coordinates, v up
    std::vector<std::array<std::uint32_t, 3>> triangleUv; ///< indices into uv, per corner
    std::vector<std::uint8_t> region;                     ///< per vertex: BodyRegion
    std::vector<std::uint8_t> triangleRegion; ///< per triangle: BodyRegion, with crisp seams; may be empty
};
enum class BodyRegion : std::uint8_t { Head = 0, Suit = 1, SuitAccent = 2, Hands = 3, Feet = 4, Eyes = 5 };

/// Skinning: `perVertex` (joint, weight) pairs a vertex, weights sum to 1, unused pairs are (0, 0).
struct SkinWeights {
    int perVertex = 0;
    std::vector<std::uint16_t> joint; ///< [V * perVertex]
    std::vector<float> weight;        ///< [V * perVertex]
};

/// Phenotype of a parametric body, each in 0..1.
struct BodyShape {
    double gender = 0.5, age = 2.0 / 3, muscle = 0.5, weight = 0.5, height = 0.42, proportions = 0.5;
    double scale = 1; ///< uniform, for "is N cm tall" beyond the phenotype's reach
};

/// A shaped body at rest in camera-aligned axes (x right as seen by the camera = the person's left, y down, z
/// away; the identity pose faces the camera), metres, pelvis near the origin.
struct RestBody {
    std::vector<Vec3f> vertices; ///< [V] as displayed: a neutral mannequin
    std::vector<Vec3> joints;    ///< [J] joint centres
    double heightMetres = 0;
};

/// A body that was measured as a mesh, or that no model here can pose from rotations alone: what a BodyPose shows
/// instead. Camera axes, metres, relative to the pose's translation.
struct MeasuredSurface {
    std::vector<Vec3f> vertices;
    std::vector<Vec3> joints;
    std::vector<Mat3> rotations; ///< joints' frames, camera axes
    /// What else was said of this body and frame, under the names of the official output ("pred_pose_raw", ...).
    std::map<std::string, std::vector<float>> fields;
};

/// Pose of one frame. World position of a vertex: sum_b w_b (R_b (v - J_b) + o_b), with R_root = D_root,
/// R_b = R_parent D_b, o_root = translation, o_b = o_parent + R_parent (J_b - J_parent).
struct BodyPose {
    Vec3 translation;            ///< root joint in camera space, metres
    std::vector<Mat3> rotations; ///< [J] D_b, identity = rest
    std::shared_ptr<const MeasuredSurface> surface = {}; ///< where there is one, it is what is shown
};

/// Joint frames of a pose.
struct PosedSkeleton {
    std::vector<Mat3> rotations; ///< R_b
    std::vector<Vec3> joints;    ///< o_b
};

/// A parametric body: phenotype to rest mesh, pose to vertices. Immutable, safe to share between threads.
class BodyModel {
public:
    virtual ~BodyModel();
    [[nodiscard]] virtual const std::string& name() const = 0; ///< "anny"
    [[nodiscard]] virtual const MeshTopology& topology() const = 0;
    [[nodiscard]] virtual std::span<const BodyJoint> joints() const = 0;
    [[nodiscard]] virtual const SkinWeights& skin() const = 0;
    [[nodiscard]] virtual RestBody shaped(const BodyShape& shape) const = 0;
    /// @param vertices resized to [V], camera space; a measured surface as it is
    void pose(const RestBody& rest, const BodyPose& pose, std::vector<Vec3f>& vertices) const;
    [[nodiscard]] PosedSkeleton skeleton(const RestBody& rest, const BodyPose& pose) const;

    /// Reads the embedded body written by set-up. @param file anny.safetensors
    /// @throws Error{MissingModel} when absent, Error{Input} when damaged
    [[nodiscard]] static std::shared_ptr<const BodyModel> loadAnny(const std::filesystem::path& file);
};

/// Area-weighted smooth vertex normals, unit length. @param normals resized to [V]
void computeNormals(std::span<const Vec3f> vertices, const MeshTopology& topology,
                    std::vector<Vec3f>& normals);

} // namespace body4d
