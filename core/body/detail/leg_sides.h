#pragma once

#include "base/pose_track.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace body4d::detail {

/// BlazePose's points of the legs below the hip; left ones are odd, each right one follows its left one.
inline constexpr std::size_t kFirstLegPoint = 25, kLastLegPoint = 32;

/// The same point of the other leg; points that are not of a leg stay.
[[nodiscard]] constexpr std::size_t onOtherLeg(std::size_t point) {
    return point < kFirstLegPoint || point > kLastLegPoint ? point : point % 2 == 1 ? point + 1 : point - 1;
}

/// Frames in which the network took the left leg for the right one: seen from the side it changes its mind
/// from one frame to the next. Found as the sides by which legs move least over the whole stretch of frames.
/// @param track frames of one shot  @returns 1 where left and right must be exchanged
[[nodiscard]] std::vector<std::uint8_t> exchangedLegs(std::span<const TargetFrame> track, double fps);

} // namespace body4d::detail
