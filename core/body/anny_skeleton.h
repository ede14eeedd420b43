#pragma once

#include <cstddef>

namespace body4d {

/// Joints of every pose of the body model "anny"; poses with another number come from another version of this program.
[[nodiscard]] std::size_t annyJointCount();

} // namespace body4d
