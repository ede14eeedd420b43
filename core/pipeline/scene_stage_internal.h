#pragma once

#include "pipeline/job.h"
#include "pipeline/project.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace body4d {
class SceneEstimator;
}

namespace body4d::detail {

/// Whether an engine is chosen for the scene.
[[nodiscard]] bool sceneWanted(const ProjectDocument& document);
/// Where a project keeps its scene.
[[nodiscard]] std::filesystem::path sceneFolderOf(const std::filesystem::path& project);
/// Missing where nothing is wanted, or nothing is there.
[[nodiscard]] StageStatus sceneStatus(const std::filesystem::path& project, const ProjectDocument& document);

/// What the scene stage takes when nothing of it is there.
struct SceneCost {
    std::int64_t frames = 0; ///< that the network sees
    double secondsPerFrame = 0;
    std::int64_t peakBytes = 0;
    bool measured = false; ///< from earlier runs with the same engine and resolution; else a first guess
};
[[nodiscard]] SceneCost sceneCost(const ProjectDocument& document);

/// Cameras and depths of the place, into the project's folder, unless they are there and up to date.
/// @param estimator null: the network that the options name  @throws Error, Cancelled
void runSceneStage(Job& job, SceneEstimator* estimator);

} // namespace body4d::detail
