#pragma once

namespace body4d {

class TorchEngines;

namespace detail {
/// Defined with the engines, which know more of the program than this folder may.
[[nodiscard]] TorchEngines& torchEngines();
} // namespace detail

} // namespace body4d
