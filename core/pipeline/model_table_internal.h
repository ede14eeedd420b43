#pragma once

#include "pipeline/model_catalog.h"

#include <string_view>
#include <utility>
#include <vector>

namespace body4d::detail {

/// All entries, as if no file were there.
[[nodiscard]] std::vector<ModelEntry> modelTable();
/// Name and text of the manifests that the build took in.
[[nodiscard]] const std::vector<std::pair<std::string_view, std::string_view>>& embeddedManifests();

} // namespace body4d::detail
