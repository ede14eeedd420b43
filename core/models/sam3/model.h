#pragma once

#include "base/image.h"
#include "models/sam3/network.h"
#include "models/sam3/tracker.h"

#include <filesystem>
#include <memory>
#include <string>

#include "nn/runtime.h"

namespace body4d::sam3 {

/// A network with its weights, ready on a device, and how it wants to be used. Nothing changes after loading:
/// threads may share it.
struct Model {
    nn::Placement placement;
    std::shared_ptr<const VideoNetwork> network;
    std::string name = "sam3";   ///< of the engine
    std::string title = "SAM 3"; ///< for people
    TrackerOptions tracker;
    std::int64_t weightBytes = 0; ///< on the device

    /// @param file the official sam3.pt, the same tensors in safetensors, or the model.safetensors that
    /// transformers stores  @throws Error{Input} naming missing, surplus and wrong-shaped tensors
    [[nodiscard]] static std::shared_ptr<const Model>
    load(const std::filesystem::path& file, const nn::Placement& placement, const Config& config = {});

    /// One frame as the encoder wants it, computed on the device: squashed to a square with antialiasing.
    /// @returns [1, 3, imageSize, imageSize] in the encoder's dtype
    [[nodiscard]] at::Tensor prepare(const Image& frame) const;
};

/// What a placement means for the parts of a network.
[[nodiscard]] Precision precisionFor(const nn::Placement& placement);

} // namespace body4d::sam3
