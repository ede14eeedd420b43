#pragma once

#include "pipeline/project.h"

#include <QString>

#include <filesystem>

namespace body4d::ui {

/// The command that does in a terminal what Run does for this document, for a shell. What has no words there
/// (painted masks, marks of absence, verdicts on completed frames) is in the project alone: the command then
/// runs that.
/// @param project its folder
[[nodiscard]] QString commandFor(const ProjectDocument& document, const std::filesystem::path& project);

} // namespace body4d::ui
