#pragma once

#include "base/checkpoint.h"

#include <string>
#include <vector>

#include "nn/strict_loader.h"

namespace body4d::sam3 {

/// Names of the official checkpoint, whose names the port keeps; what the tracker does not use is named.
[[nodiscard]] nn::NameTable officialNames();

/// Where the parts of a tracker of this family stand in our keys.
struct TrackerPlaces {
    std::string root, attention, memory; ///< the latter two behind the root
};
/// Names that transformers gives to all that follows the image encoder, to ours. @param theirs what stands before them
[[nodiscard]] std::vector<nn::Rename> transformersTrackerRenames(const std::string& theirs,
                                                                 const TrackerPlaces& ours);

/// The same for the model.safetensors that transformers stores of the whole video model.
[[nodiscard]] nn::NameTable transformersNames();
/// Whether a file has those names.
[[nodiscard]] bool isTransformersFile(const Checkpoint& file);

} // namespace body4d::sam3
