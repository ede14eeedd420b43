#pragma once

#include "models/edgetam/config.h"
#include "models/sam3/model.h"
#include "models/segmenter.h"

#include <filesystem>
#include <memory>

namespace body4d::edgetam {

/// The files in the models folder that may hold the weights: the official one, and the one that transformers stores.
inline constexpr const char* kCheckpointFile = "edgetam.pt";
inline constexpr const char* kTransformersFile = "edgetam.safetensors";

/// How EdgeTAM remembers: the last frames whatever they show, and every frame that was prompted.
[[nodiscard]] sam3::TrackerOptions trackerOptions();

/// @param file the official edgetam.pt, the same tensors in safetensors, or the model.safetensors that
/// transformers stores
/// @throws Error{Input} naming missing, surplus and wrong-shaped tensors
[[nodiscard]] std::shared_ptr<const sam3::Model>
load(const std::filesystem::path& file, const nn::Placement& placement, const Config& config = {});

/// The engine `edgetam`: a tracker of masks that is light enough for a CPU, with open weights.
/// @throws Error{MissingModel} naming the file and where it goes
[[nodiscard]] std::unique_ptr<Segmenter> makeSegmenter(const std::filesystem::path& modelsDir,
                                                       const nn::Placement& placement,
                                                       const Segmenter::Options& options,
                                                       double budgetGib = 0);

} // namespace body4d::edgetam
