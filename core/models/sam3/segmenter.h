#pragma once

#include "models/model_folder.h"
#include "models/sam3/model.h"
#include "models/segmenter.h"

#include <filesystem>
#include <memory>

namespace body4d::sam3 {

/// The files in the models folder that may hold SAM 3's weights: Meta's, and the one that transformers
/// stores.
inline constexpr const char* kCheckpointFile = "sam3.pt";
inline constexpr const char* kTransformersFile = "sam3.safetensors";

/// The engine `sam3`: SAM 3's tracker. It tracks what is pointed at; it does not look for people.
/// @throws Error{MissingModel} naming the file and where it goes
[[nodiscard]] std::unique_ptr<Segmenter> makeSegmenter(const ModelFolder& modelsDir,
                                                       const nn::Placement& placement,
                                                       const Segmenter::Options& options,
                                                       double budgetGib = 0);

/// An engine on any network of this family that is loaded.
[[nodiscard]] std::unique_ptr<Segmenter>
makeSegmenter(std::shared_ptr<const Model> model, const Segmenter::Options& options, double budgetGib = 0);

} // namespace body4d::sam3
