#pragma once

#include "body/body_model.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace body4d::detail {

/// Parts of a body that are hidden, seen or smoothed as a whole.
enum class Limb : std::uint8_t { Torso = 0, Head, LeftArm, RightArm, LeftLeg, RightLeg };
inline constexpr std::size_t kLimbCount = 6;
/// Which limb a joint moves, by its name; fingers belong to the arms.
[[nodiscard]] std::vector<Limb> limbsOfJoints(std::span<const BodyJoint> joints);

} // namespace body4d::detail
