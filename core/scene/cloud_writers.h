#pragma once

#include "base/scene_view.h"
#include "scene/point_cloud.h"

#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace body4d {

/// Binary little-endian PLY: x y z, then nx ny nz, red green blue, confidence where the cloud has them. Axes
/// as in the cloud. Atomic. @param note for whoever opens the file, as a comment; may be empty  @throws Error{Output}
void writeCloudPly(const std::filesystem::path& path, const PointCloud& cloud, const std::string& note = {});

/// A camera to draw.
struct CameraFrame {
    PinholeCamera camera;
    RigidTransform cameraFromWorld;
    std::string name; ///< "frame 35"
};

/// Row-major 4x4.
using Mat4 = std::array<double, 16>;
/// From the cloud's world to glTF's axes seen from the first camera, with the middle of the points in the
/// origin: what Depth Anything 3's program calls hf_alignment.
[[nodiscard]] Mat4 gltfFromWorld(const PointCloud& cloud, const RigidTransform& firstCameraFromWorld);

/// Points and one wire frame a camera, as Depth Anything 3's program lays them out; the transform is kept in
/// the scene's extras. @param cameras may be empty: then none are drawn, and the first is taken to stand in
/// the origin  @param note for whoever opens the file, in the asset's extras; may be empty
/// @throws Error{Output}
void writeCloudGlb(const std::filesystem::path& path, const PointCloud& cloud,
                   std::span<const CameraFrame> cameras, bool showCameras = true, const std::string& note = {});

} // namespace body4d
