#pragma once

#include "pipeline/project.h"
#include "pipeline/run.h"
#include "pipeline/scene_run.h"
#include "scene/body_scale.h"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace body4d {

/// Masks of all people of a project, by frame, for SceneExport::people. The project must outlive it.
[[nodiscard]] std::function<Mask(std::int64_t)> peopleOf(const Project& project);

struct SceneBodiesReport {
    BodyScale scale;
    std::size_t points = 0;
    std::vector<std::filesystem::path> files;
    std::vector<std::string> notes;
};

/// Bodies and place in one world: brings a scene that was made of the project's video to metres by the depth
/// of its bodies, lets the scene's cameras carry the bodies, and writes one GLB with the points, the moving
/// people and the moving camera, beside bodies_in_scene.json with the scale and its uncertainty. The ground
/// is the one that was found from the feet in the scene's first frame.
/// @throws Error{Input} when the scene belongs to other frames, has no cameras, or shows no body; Cancelled
SceneBodiesReport placeBodies(const Project& project, Engines& engines,
                              const std::filesystem::path& sceneFolder, const SceneExport& wanted,
                              const SceneEvents& events, const std::stop_token& stop);

} // namespace body4d
