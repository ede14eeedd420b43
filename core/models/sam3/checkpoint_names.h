#pragma once

#include "base/checkpoint.h"

#include "nn/strict_loader.h"

namespace body4d::sam3 {

/// Names of the official checkpoint, whose names the port keeps; what the tracker does not use is named.
[[nodiscard]] nn::NameTable officialNames();

/// The same for the model.safetensors that transformers stores of the whole video model.
[[nodiscard]] nn::NameTable transformersNames();
/// Whether a file has those names.
[[nodiscard]] bool isTransformersFile(const Checkpoint& file);

} // namespace body4d::sam3
