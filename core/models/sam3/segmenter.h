#pragma once

#include "models/segmenter.h"

#include <filesystem>
#include <memory>

#include "nn/runtime.h"

namespace body4d::sam3 {

/// The file in the models folder that holds the weights.
inline constexpr const char* kCheckpointFile = "sam3.pt";

/// The engine `sam3`: SAM 3's tracker. It tracks what is pointed at; it does not look for people.
/// @throws Error{MissingModel} naming the file and where it goes
[[nodiscard]] std::unique_ptr<Segmenter> makeSegmenter(const std::filesystem::path& modelsDir,
                                                       const nn::Placement& placement,
                                                       const Segmenter::Options& options);

} // namespace body4d::sam3
