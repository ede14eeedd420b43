#pragma once

#include "base/image.h"
#include "models/sam3/network.h"

#include <filesystem>

#include "nn/runtime.h"

namespace body4d::sam3 {

/// The network with its weights, ready on a device. Thread-safe: nothing changes after loading.
struct Model {
    nn::Placement placement;
    Network network;

    /// @param file the official sam3.pt, or the same tensors in safetensors
    /// @throws Error{Input} naming missing, surplus and wrong-shaped tensors
    [[nodiscard]] static std::shared_ptr<const Model>
    load(const std::filesystem::path& file, const nn::Placement& placement, const Config& config = {});

    /// One frame as the trunk wants it, computed on the device: squashed to a square with antialiasing, in
    /// -1..1.
    /// @returns [1, 3, imageSize, imageSize] in the trunk's dtype
    [[nodiscard]] at::Tensor prepare(const Image& frame) const;
};

} // namespace body4d::sam3
