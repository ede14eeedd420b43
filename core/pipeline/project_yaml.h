#pragma once

#include "pipeline/project.h"

#include <filesystem>
#include <map>
#include <string>
#include <utility>

namespace body4d::detail {

/// Failures that the last run left, by (stage, target).
using StageFailures = std::map<std::pair<std::string, TargetId>, std::string>;

/// @param folder of the project; the video's place is also written relative to it, so that both can move
/// together
[[nodiscard]] std::string projectToYaml(const ProjectDocument& document, const StageFailures& failures,
                                        const std::filesystem::path& folder);

struct LoadedProject {
    ProjectDocument document;
    StageFailures failures;
    std::filesystem::path relativeVideo; ///< as written, relative to the project folder; may be empty
};
/// @throws Error{Input} naming file and line
[[nodiscard]] LoadedProject projectFromYaml(const std::filesystem::path& file);

} // namespace body4d::detail
