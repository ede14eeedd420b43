#pragma once

#include "pipeline/run.h"

namespace body4d {

class SceneEstimator;

/// Runs just the scene stage, which run() does last where an engine is chosen for it: the project's video, over its
/// range, becomes views in the project's folder. It needs nobody to be selected, and goes on where it was interrupted.
/// Its state is that of Project::stage("scene", 0).
/// @param estimator for tests; null: the one of the options
/// @throws Error; on cancel, what is finished is kept
RunSummary runSceneOnly(Project& project, Engines& engines, Telemetry& telemetry, const RunEvents& events,
                        const std::stop_token& stop, SceneEstimator* estimator = nullptr);

} // namespace body4d
