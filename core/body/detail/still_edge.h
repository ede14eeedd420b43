#pragma once

#include "base/image.h"

namespace body4d::detail {

/// How far a person's mask ends, along one straight line, exactly where it ended in another frame: people move and have few
/// straight edges, what stands in front of them does not move and often has.
/// @param then mask of another frame, a moment earlier or later; pictures of one size
/// @returns length of the longest such piece in sizes of the mask (longer side of its box), 0 where there is none and for
///     small masks. Ends at the picture's own border do not count.
[[nodiscard]] double stillEdge(const RleMask& mask, const RleMask& then);

} // namespace body4d::detail
