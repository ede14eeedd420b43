#pragma once

#include "models/scene_estimator.h"

#include <filesystem>
#include <memory>

#include "nn/runtime.h"

namespace body4d::vggt {

/// The engine `vggt`. @param file model.safetensors or model.pt of VGGT-1B or VGGT-1B-Commercial
/// @throws Error{Input}
[[nodiscard]] std::unique_ptr<SceneEstimator> makeEstimator(const std::filesystem::path& file,
                                                            const nn::Placement& placement);

} // namespace body4d::vggt
