#pragma once

#include "ui/controllers/project_controller.h"

#include <filesystem>
#include <vector>

namespace body4d::ui {

/// Masks made elsewhere, for a worker thread. Known are
///  - a COCO file (.json): run lengths (compressed or not) or polygons; one person a track_id, else a category;
///  - a folder of PNG files whose number is the frame: black and white (one person), or palette or grey values as object
///    numbers, as SAM-Body4D writes them;
///  - a folder of such folders, one person each.
/// Masks of another size than the video's are scaled. Frames outside of the video are left out.
/// @throws Error{Input} with what was expected
[[nodiscard]] std::vector<ProjectController::ImportedMasks> readMasks(const std::filesystem::path& path, int width, int height,
                                                                     std::int64_t frameCount);

} // namespace body4d::ui
