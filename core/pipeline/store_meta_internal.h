#pragma once

#include "base/safetensors.h"

#include <nlohmann/json.hpp>

#include <filesystem>

namespace body4d::detail {

/// What a result's file says of itself. @throws Error{Input} where this program did not write it
[[nodiscard]] nlohmann::json metaOf(const SafetensorsFile& file, const std::filesystem::path& path);

} // namespace body4d::detail
