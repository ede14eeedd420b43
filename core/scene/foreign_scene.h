#pragma once

#include "base/geometry.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace body4d {

/// A camera that a file knows. Camera axes: x right, y down, z away.
struct ForeignCamera {
    std::string name;
    RigidTransform worldFromCam;
    Intrinsics intrinsics; ///< focalPx 0: direction only
};

/// A mesh or a cloud of a file, at one moment, in the scene's world.
struct ForeignObject {
    std::string name;
    std::vector<Vec3f> points;
    std::vector<Vec3f> normals;                       ///< empty or one a point
    std::vector<std::array<std::uint8_t, 3>> colours; ///< sRGB; empty or one a point
    std::vector<float> confidence; ///< as in the file, larger is better; empty or one a point
    std::vector<std::array<std::uint32_t, 3>> triangles; ///< empty: a cloud
};

/// What foreign 3D files hold, turned so that y is up and, as far as that can be known, the floor is at 0.
struct ForeignScene {
    std::string name; ///< of the file or folder
    std::string kind; ///< "PLY point cloud"
    std::string note; ///< what was done to it: "turned upright by its cameras"; may be empty
    std::vector<ForeignObject> objects; ///< of the first moment
    std::vector<ForeignCamera> cameras;

    /// Meshes that come as one file a frame, by the frame's number; empty: nothing moves.
    struct Sequence {
        std::string name;
        std::map<std::int64_t, std::filesystem::path> files;
    };
    std::vector<Sequence> sequences;
    RigidTransform worldFromFile; ///< what turned the files' axes into the world's

    [[nodiscard]] std::size_t pointCount() const;
    [[nodiscard]] std::size_t triangleCount() const;
    /// First and one past the last frame of all sequences; equal where there are none.
    [[nodiscard]] std::pair<std::int64_t, std::int64_t> frames() const;
};

/// Which axis of a file points up.
enum class UpAxis {
    AsDeclared, ///< what the file says, or its format, or its cameras
    Y,
    MinusY, ///< x right, y down, z away
    Z,
};

/// Whether readForeignScene() is the one to ask, judged by names only: PLY, OBJ, GLB, NPZ, the files of a
/// COLMAP model, folders with a COLMAP model or with meshes numbered by frame (SAM-Body4D's results, our own
/// PLY export).
[[nodiscard]] bool isForeignScene(const std::filesystem::path& path);

/// Reads one scene; several files are one scene (the people of one picture, say). For a worker thread: takes
/// about a second for five million points.
/// - .ply: ASCII and binary; colours as bytes or floats, spherical harmonics of splats, confidence by its
/// usual names
/// - .obj: triangles and polygons, colours behind the coordinates
/// - .glb: still meshes and points, nodes applied, linear colours become sRGB; skins and animations are left
/// at rest
/// - .npz: results of SAM 3D Body (pred_vertices, pred_cam_t; triangles from a PLY of as many vertices beside
/// it or one
///   folder up), point clouds, depth maps with cameras (Depth Anything 3), point maps (VGGT)
/// - COLMAP: text and binary; all camera models, distortion ignored
/// @throws Error{Input} with what is wrong and what to do
[[nodiscard]] ForeignScene readForeignScene(std::span<const std::filesystem::path> paths,
                                            UpAxis up = UpAxis::AsDeclared);
/// A moment of its sequences; a sequence without this frame gives an object without points.
/// @throws Error{Input}
[[nodiscard]] std::vector<ForeignObject> readForeignFrame(const ForeignScene& scene, std::int64_t frame);

/// Whether a GLB has skins or animations, which readForeignScene() does not pose. @throws Error{Input}
[[nodiscard]] bool glbMoves(const std::filesystem::path& file);

} // namespace body4d
