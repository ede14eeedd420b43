#pragma once

#include "export/export_types.h"
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
    double lens = 1; ///< focal length of the scene's cameras over the bodies'
    /// What the ground was found from: "place", the floor among the scene's points; "feet", the lowest points
    /// of the bodies, where the place shows no floor below them.
    std::string ground;
    double groundTiltRadians = 0;  ///< of the floor against the vertical that the bodies stand by
    double groundSpreadMetres = 0; ///< robust standard deviation of what it was found from
    std::size_t points = 0;
    PathList files;
    std::vector<std::string> notes;

    /// All of it as a JSON object, angles in degrees.
    [[nodiscard]] std::string json(bool withFiles) const;
};

/// Bodies and place in one world: brings a scene that was made of the bodies' video to metres by the depth of
/// the bodies, lets the scene's cameras carry them (between its frames, the bodies' own camera path is bent
/// to pass through the scene's cameras), puts the ground at 0, and writes one GLB with the points, the moving
/// people and the moving camera, beside bodies_in_scene.json with the scale and its uncertainty.
///
/// Where the scene sees through another lens than the bodies were fitted with, bodies move along the line of
/// sight until they fill the same pixels.
/// @param bodies people with their measured masks and their world; `wanted.people` may name more masks
/// @throws Error{Input} when the scene has other frames or no cameras, or shows no body; Cancelled
SceneBodiesReport placeBodies(ExportScene bodies, ExportOptions options,
                              const std::filesystem::path& sceneFolder, const SceneExport& wanted,
                              const SceneEvents& events, const std::stop_token& stop);

/// The same for a project's bodies. @throws Error{Input} also when the scene was made of another video
SceneBodiesReport placeBodies(const Project& project, Engines& engines,
                              const std::filesystem::path& sceneFolder, const SceneExport& wanted,
                              const SceneEvents& events, const std::stop_token& stop);

} // namespace body4d
