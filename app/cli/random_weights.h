#pragma once

#include "base/manifest.h"

#include <filesystem>

namespace body4d::cli {

/// Files with the official tensors' names, shapes and types and values without meaning, for measuring speed where the
/// published weights are not here: as many operations, no bodies. Constants that lead to memory (indices, parents) are
/// sound, and key points hang on as few vertices as in the release.
/// A network of a small size (see smallBodyManifest()) is told from an official one by its tensors.
/// @param weights of model.ckpt, see officialManifest()  @param checkpoint, bodyModel receive the files
/// @throws Error{Output}
void writeRandomBodyWeights(const Manifest& weights, const std::filesystem::path& checkpoint,
                            const std::filesystem::path& bodyModel);

/// The tensors of the same network, tiny: for trying out what runs it.
[[nodiscard]] Manifest smallBodyManifest(const Manifest& official);

} // namespace body4d::cli
