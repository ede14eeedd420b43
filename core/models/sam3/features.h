#pragma once

#include <cstdint>

#include "nn/fields.h"

namespace body4d::sam3 {

/// What the tracker needs of a batch of frames.
struct Features {
    at::Tensor top;                                     ///< [B, width, grid, grid]
    at::Tensor s1;                                      ///< [B, width / 4, 2 grid, 2 grid]
    at::Tensor s0;                                      ///< [B, width / 8, 4 grid, 4 grid]
    [[nodiscard]] Features frame(std::int64_t i) const; ///< views with B = 1
    [[nodiscard]] std::int64_t bytes() const;
};

} // namespace body4d::sam3
