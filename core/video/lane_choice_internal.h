#pragma once

#include "video/frame_index_internal.h"

#include <cstdint>
#include <span>

namespace body4d {

/// Where a decoder stands.
struct LanePlace {
    std::int64_t position = -1; ///< frame that it shows next; -1 unknown
    std::uint64_t lastUse = 0;
};

/// The decoder that reaches `wanted` with the fewest frames decoded. @returns -1 where none does better than
/// the frame's key picture
/// @param shortWalk  frames that are decoded on over rather than sought
[[nodiscard]] int nearestLane(std::span<const LanePlace> lanes, const FrameIndex& index, std::int64_t wanted,
                              std::int64_t shortWalk);

/// The decoder that is least missed where it stands, when one has to start anew at the key picture of
/// `wanted`.
[[nodiscard]] int leastMissedLane(std::span<const LanePlace> lanes, const FrameIndex& index,
                                  std::int64_t wanted);

} // namespace body4d
