#pragma once

#include "models/model_folder.h"
#include "models/fov_network.h"

#include <filesystem>
#include <memory>

#include "nn/runtime.h"

namespace body4d::moge2 {

/// The file in the models folder that holds the weights.
inline constexpr const char* kCheckpointFile = "moge2.pt";

/// The engine `moge2`. @param tokens patches that a picture is cut into, about; the official count is 3600
/// @throws Error{MissingModel} naming the file and where it goes, Error{Input}
[[nodiscard]] std::unique_ptr<FovNetwork> makeFovNetwork(const ModelFolder& modelsDir,
                                                         const nn::Placement& placement, int tokens);

} // namespace body4d::moge2
