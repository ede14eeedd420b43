#pragma once

#include "export/export_types.h"
#include "pipeline/options.h"
#include "pipeline/project.h"
#include "pipeline/run.h"

namespace body4d {

/// Everything that exports say of a project, from its saved results. The project must outlive the scene:
/// masks are read when they are asked for. @throws Error{Input} when nothing was reconstructed yet
[[nodiscard]] ExportScene exportScene(const Project& project, Engines& engines);

/// The options' choices for exports, over the document's range.
[[nodiscard]] ExportOptions exportOptions(const ProjectDocument& document);

/// Gives MHR's bodies the mesh of the level of detail that the options name; nothing happens where they name none.
/// @throws Error{Input} where the level's files cannot be read or do not fit
void takeMeshLevel(ExportScene& scene, const Options& options);

} // namespace body4d
