#pragma once

#include "device/memory_budget.h"
#include "models/scene_estimator.h"
#include "pipeline/scene_run.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace body4d::detail {

struct LoadedScene {
    std::unique_ptr<SceneEstimator> estimator;
    std::filesystem::path weights; ///< their file
};

/// Loads the network that the settings want. Where they name none and the largest that is here does not fit the
/// memory, the next smaller one is taken, and `notice` told.
/// @throws Error{MissingModel}, Error{Input}, Error{OutOfMemory} with what would fit
[[nodiscard]] LoadedScene loadSceneEstimator(const SceneSettings& settings, const std::filesystem::path& modelsDir,
                                             const MemoryBudget& budget,
                                             const std::function<void(const std::string&)>& notice);

} // namespace body4d::detail
