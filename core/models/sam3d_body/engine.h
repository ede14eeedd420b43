#pragma once

#include "body/mhr_model.h"
#include "models/body_network.h"
#include "models/model_folder.h"

#include <filesystem>
#include <memory>

#include "nn/runtime.h"

namespace body4d::sam3d_body {

/// Files in the models folder.
inline constexpr const char *kCheckpointFile = "sam3d_body/model.ckpt", *kBodyModelFile = kMhrAssetFile;

/// The engine `sam3d_body`, with both of its modes. @throws Error{MissingModel} naming the file and where it
/// goes, Error{Input}
[[nodiscard]] std::unique_ptr<BodyNetwork> makeBodyNetwork(const ModelFolder& modelsDir,
                                                           const nn::Placement& placement);

} // namespace body4d::sam3d_body
