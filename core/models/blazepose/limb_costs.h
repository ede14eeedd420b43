#pragma once

#include "models/blazepose/pose_path.h"

#include <cstddef>

namespace body4d::blazepose {

/// Landmarks of an arm or a leg.
struct Limb {
    std::size_t root, middle, end;
};

/// How well the network sees the middle and the end, 0..1.
[[nodiscard]] double limbSeen(const PoseLandmarks& pose, const Limb& limb);

/// Cost of giving `option`'s limb to `trunk`'s pose: its root lies elsewhere, and the pose that it comes from
/// is worse than the best one of its frame, whose cost is `least`.
[[nodiscard]] double graftCost(const PoseOption& option, const PoseOption& trunk, const Limb& limb,
                               double least);

/// Cost of its motion from one frame to the next.
[[nodiscard]] double limbStepCost(const PoseLandmarks& before, const PoseLandmarks& now, const Limb& limb);

/// Cost of the best option as far as the picture tells.
[[nodiscard]] double leastCost(const PoseOptions& options);

} // namespace body4d::blazepose
