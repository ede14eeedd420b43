#pragma once

#include "pipeline/scene_sweep.h"

namespace body4d::detail {

/// What the device of a sweep is called.
[[nodiscard]] std::string machineOf(const SweepReport& report);
/// How the names of a sweep's files begin.
[[nodiscard]] std::string sweepStem(const std::string& stamp);
/// The table and the summary of the rows so far. @returns both files
std::vector<std::filesystem::path> writeSweepTables(const SweepReport& report, const std::filesystem::path& folder,
                                                    const std::string& stamp);
/// Removes what a sweep would go on from.
void forgetSweep(const std::filesystem::path& folder, const std::string& stamp);

} // namespace body4d::detail
