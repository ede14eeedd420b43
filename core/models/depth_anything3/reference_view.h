#pragma once

#include <cstdint>
#include <string>

#include "nn/fields.h"

namespace body4d::da3 {

/// Which frame the others are related to; depths depend on it visibly.
enum class ReferenceView { SaddleBalanced, SaddleSimRange, First, Middle };
/// Official names: "saddle_balanced", "saddle_sim_range", "first", "middle". @throws Error{Usage}
[[nodiscard]] ReferenceView referenceViewFromName(const std::string& name);

/// @param tokens float32 [frames, C], each frame's first token; at least 2 frames
[[nodiscard]] std::int64_t chooseReference(const at::Tensor& tokens, ReferenceView strategy);

} // namespace body4d::da3
