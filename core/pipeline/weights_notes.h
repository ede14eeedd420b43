#pragma once

#include "pipeline/options.h"

#include <string>

namespace body4d {

/// What the weights of a stage's chosen engine say of themselves, such as "random weights"; mostly nothing.
/// @param stage "segment", "intrinsics" or "reconstruct"; others have no such weights
[[nodiscard]] std::string stageWeightsNote(const Options& options, const std::string& stage);
/// The notes of all stages that people's bodies come from, each once: "random weights"; mostly empty.
[[nodiscard]] std::string bodyWeightsNote(const Options& options);
/// A name with what is to be known about its weights: "SAM 3D Body (random weights)".
[[nodiscard]] std::string withNote(const std::string& name, const std::string& note);

} // namespace body4d
