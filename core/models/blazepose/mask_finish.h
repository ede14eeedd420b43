#pragma once

#include "models/blazepose/observation.h"

namespace body4d::blazepose {

/// Mask of a person at the frame's full resolution: the crop's own mask turned back into the frame. With
/// `sharpen` the edge may move by a few crop pixels to where the frame's colours change (guided filter, K. He
/// et al., computed on the crop and applied to the frame's pixels near the edge only).
[[nodiscard]] RleMask finishMask(const Observation& o, const Image& frame, bool sharpen);

} // namespace body4d::blazepose
