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

} // namespace body4d
