#pragma once

#include "export/export_types.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace body4d {

/// What one kind of exported file turned out to hold when it was read again, by code that knows the file format and
/// not the writer. Numbers that a format does not have stay at their defaults.
struct ExportCheck {
    std::string format;
    std::filesystem::path file;   ///< the first one
    int files = 0;
    int people = 0;
    std::int64_t frames = 0;      ///< rows, keys or pictures of the longest of them
    std::int64_t vertices = 0, triangles = 0; ///< of everybody, in one frame
    double seconds = -1;          ///< length of the clip; negative: the format has no time
    Vec3 low, high;               ///< bounds of the frames looked at, metres in the file's axes; equal: none
    /// Distance to the body model's own mesh (joints, for formats without a mesh) in the frames looked at, mm;
    /// negative: nothing to compare.
    double meanMm = -1, maxMm = -1;
    std::vector<std::string> problems; ///< sentences; empty: sound
};

/// Reads again what exportAll() has written with the same scene and options, and compares it with the bodies.
/// @param files as exportAll() returned them  @param progress counted in files
/// @returns one entry a format, in the order of the files; a file that cannot be read is a problem, not an exception
/// @throws Cancelled
[[nodiscard]] std::vector<ExportCheck> checkExports(const ExportScene& scene, const ExportOptions& options,
                                                    const PathList& files,
                                                    const std::stop_token& stop, const ProgressFn& progress);

/// What a format would take and how true it would be.
struct ExportForecast {
    std::string format;
    std::uint64_t bytes = 0;
    double meanMm = -1, maxMm = -1; ///< skin against the exact mesh; negative: the format has no error of its own
};
/// Computes the skins that GLB would get: for a worker thread. @throws Cancelled; Error as exportAll()
[[nodiscard]] std::vector<ExportForecast> forecastExports(const ExportScene& scene,
                                                          std::span<const std::string> formats,
                                                          const ExportOptions& options, const std::stop_token& stop);

} // namespace body4d
