#pragma once

#include "base/pose_track.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace body4d::blazepose {

/// Some of at most 256 places spread over a person's mask, the same ones for all options of a frame.
using MaskPlaces = std::array<std::uint64_t, 4>;

/// How a leg of an option lies on the person's mask.
struct LegSight {
    double inside = 0;   ///< share of thigh and shin on the mask, 0..1
    MaskPlaces covers{}; ///< near thigh, shin or foot
};

/// One of the poses that a target may have on a frame whose skeleton is in doubt.
struct PoseOption {
    PoseLandmarks pose;
    double cost = 0; ///< as far as the picture of this frame tells, 0 at best; -log of a likelihood
    std::array<LegSight, 2> legs{}; ///< left, right
    MaskPlaces open{};              ///< what neither trunk, head nor arms cover: the legs should
};
using PoseOptions = std::vector<PoseOption>;

/// Adds to every option's cost how few of the others show about the same pose, and leaves out all but the
/// best and what repeats a better one.
void settleOptions(PoseOptions& options);

/// The cheapest way through the options of successive frames: each frame's own costs, and between frames how
/// far the points move in the picture and about the hips. @param frames each with at least one option
/// @returns the option of every frame
[[nodiscard]] std::vector<std::size_t> cheapestPath(std::span<const PoseOptions> frames);

} // namespace body4d::blazepose
