#pragma once

#include "pipeline/scene_run.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace body4d {

/// An order to see a place, as it is sent to a running server.
struct SceneJob {
    SceneInput input;
    SceneSettings settings;
    SceneExport wanted; ///< without `people`, which stands in peopleProject
    std::filesystem::path exportDir;
    std::filesystem::path peopleProject; ///< whose people are left out; may be empty
};

/// Names are those of Depth Anything 3's service where it has them ("process_res", "export_dir", ...).
[[nodiscard]] std::string toJson(const SceneJob& job);
/// Fields that are not there keep their defaults. Paths have to be absolute: the server runs elsewhere.
/// @throws Error{Usage} naming what is no JSON, unknown, of the wrong type or missing
[[nodiscard]] SceneJob sceneJobFromJson(std::string_view text);

/// What the command line prints of a run; the rest stands in scene_report.json.
[[nodiscard]] std::string toJson(const SceneReport& report);
[[nodiscard]] SceneReport sceneReportFromJson(std::string_view text);

} // namespace body4d
