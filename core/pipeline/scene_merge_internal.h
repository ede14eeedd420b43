#pragma once

#include "device/telemetry.h"
#include "pipeline/scene_folder.h"
#include "pipeline/scene_run.h"

namespace body4d::detail {

/// Aligns the passes of a folder, makes the cloud and the files, and writes scene_report.json. Ends the
/// telemetry's stages into the report.
void mergeInto(const SceneFolder& scene, const SceneExport& wanted, const SceneEvents& events,
               const std::stop_token& stop, Telemetry& telemetry, SceneReport& report);

} // namespace body4d::detail
