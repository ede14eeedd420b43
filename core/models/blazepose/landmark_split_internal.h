#pragma once

#include "models/blazepose/wide_layers.h"

#include <openvino/core/model.hpp>

#include <memory>
#include <optional>

namespace body4d::blazepose {

/// The landmark network without the layers of WideLayers.
struct SplitLandmarks {
    /// Takes [1, 24, 64, 64]; gives what the whole network gives, with [1, 8, 64, 64] in place of the mask.
    std::shared_ptr<ov::Model> narrow;
    WideWeights wide;
};

/// Cuts the landmark network where its planes become small and where they grow again; layers are recognised
/// by how they hang together. The model given is used up.
/// @returns nothing where the network is built differently
[[nodiscard]] std::optional<SplitLandmarks> splitLandmarks(const std::shared_ptr<ov::Model>& model);

} // namespace body4d::blazepose
