#pragma once

#include "models/scene_estimator.h"

#include <filesystem>
#include <memory>

#include "nn/runtime.h"

namespace body4d::da3 {

/// The engine `da3`. @param file model.safetensors of any released variant
/// @throws Error{MissingModel, Input}
[[nodiscard]] std::unique_ptr<SceneEstimator> makeEstimator(const std::filesystem::path& file,
                                                            const nn::Placement& placement);

} // namespace body4d::da3
