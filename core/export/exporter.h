#pragma once

#include "export/export_types.h"

#include <span>
#include <string>
#include <string_view>

namespace body4d {

/// One kind of file that can be written.
struct ExportFormat {
    std::string name;        ///< for --format: "glb"
    std::string title;       ///< for menus: "GLB (animated skeleton)"
    std::string description; ///< one sentence
    std::string fileNames;   ///< pattern: "<project>.glb", "ply/<project>_<target>_<frame:06>.ply"
    bool perTarget = false;
    bool perFrame = false;
    bool byDefault = false; ///< written when nothing was asked for
};

/// All formats, in the order of menus: glb ply npz overlay masks coco obj bvh csv.
[[nodiscard]] std::span<const ExportFormat> exportFormats();
/// @throws Error{Usage} naming the nearest known format
[[nodiscard]] const ExportFormat& exportFormat(std::string_view name);

/// Bytes that exportAll would write for one format, roughly; for dialogs.
[[nodiscard]] std::uint64_t estimateBytes(const ExportScene& scene, std::string_view format,
                                          const ExportOptions& options);

/// Writes every format into `dir` (created where missing). Files appear whole under their names or not at
/// all.
/// @param progress counted in frames of the format at work; its phase names the format
/// @throws Cancelled, keeping files that are finished; Error{Output}; Error{Usage} for an unknown format;
/// Error{Input} where nothing is there to export
ExportResult exportAll(const ExportScene& scene, std::span<const std::string> formats,
                       const std::filesystem::path& dir, const ExportOptions& options,
                       const std::stop_token& stop, const ProgressFn& progress);

/// "Anna_2" from "Anna 2": what file names may carry of a name; never empty.
[[nodiscard]] std::string fileNamePart(std::string_view text);

} // namespace body4d
