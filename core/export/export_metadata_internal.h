#pragma once

#include "export/export_clip.h"

#include <nlohmann/json.hpp>

namespace body4d {

/// What every file says about itself: program, source, frames, axes, units, engines, settings, camera,
/// licences.
[[nodiscard]] nlohmann::ordered_json exportMetadata(const ExportClip& clip);
/// One target: id, name, colour, shape, runs of states.
[[nodiscard]] nlohmann::ordered_json personMetadata(const ExportClip& clip, const ExportPerson& person);
/// {"rotation": 3x3 rows, "translation": 3} of world from camera
[[nodiscard]] nlohmann::ordered_json toJson(const RigidTransform& transform);

} // namespace body4d
