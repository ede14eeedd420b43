#pragma once

#include "nn/strict_loader.h"

namespace body4d::sam3 {

/// Which tensors of the official sam3.pt the tracker leaves alone; the others have the port's names.
[[nodiscard]] nn::NameTable officialNames();

} // namespace body4d::sam3
