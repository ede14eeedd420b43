#pragma once

#include "models/blazepose/pose_nets.h"
#include "models/torch_engines.h"

#include <memory>

namespace body4d::blazepose {

/// Both networks on LibTorch, batched over whatever crops one call brings: targets, hypotheses, sides.
/// Batches differ from single crops by rounding only (1e-4 of a pixel). @throws Error{MissingModel}
[[nodiscard]] std::shared_ptr<PoseNetworks> makeTorchNetworks(const TorchEngineOptions& options);

} // namespace body4d::blazepose
