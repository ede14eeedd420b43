#pragma once

#include "base/geometry.h"
#include "body/world.h"
#include "pipeline/run.h"
#include "pipeline/project.h"
#include "pipeline/scene_run.h"
#include "scene/body_scale.h"
#include "scene/point_cloud.h"

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace body4d {

/// A scene in the world of a project's bodies: y up, metres, ground at 0.
struct PlacedScene {
    std::string variant, weightsNote; ///< of the network, see SceneReport
    PointCloud cloud;                 ///< with colours and, where the network gives them, confidences
    WorldFrame world;                 ///< the project's world, its camera moved by the scene's cameras
    std::vector<RigidTransform> cameras; ///< worldFromCam of the frames that the network saw
    Intrinsics camera;                ///< of the first of them, pixels of the video
    BodyScale scale;                  ///< frames 0: no body decided, and the cloud keeps the network's unit
    bool metres = false;              ///< the unit is a metre, by bodies or by the network itself
};

/// What becomes points.
struct PlacingOptions {
    std::size_t maxPoints = 1'000'000;
    double voxel = 0;           ///< metres; 0: no cells
    double percentile = -1;     ///< of the confidence, as SceneExport has it; negative: every point
    bool dropSky = true, align = true, withoutPeople = true;
    int peopleGrowth = 4;       ///< pixels by which masks of people grow
};

/// Brings a scene that was made of the project's video beside its bodies: to metres by the depth of the bodies, its first
/// camera looking as the ground's solution has it, and the floor that the place shows under the feet at 0 (where it shows
/// none, the feet); the scene's cameras then carry the bodies. Without bodies the first camera is taken as level and the
/// lowest points as the ground.
/// @throws Error{Input} when the scene belongs to other frames, is not complete or has no cameras; Cancelled
[[nodiscard]] PlacedScene placeScene(const Project& project, Engines& engines, const std::filesystem::path& sceneFolder,
                                     const PlacingOptions& options, const SceneEvents& events,
                                     const std::stop_token& stop);
/// The scene that the project's own scene stage has made, as its options want it; nothing: there is none.
[[nodiscard]] std::shared_ptr<const PlacedScene> placedScene(const Project& project, Engines& engines,
                                                             const std::stop_token& stop);

} // namespace body4d
