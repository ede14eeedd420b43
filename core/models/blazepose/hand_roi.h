#pragma once

#include "base/pose_track.h"

#include <array>
#include <cstddef>

namespace body4d::blazepose {

using HandPoints = std::array<Vec2, kHandLandmarkCount>;

/// Where the body says that a hand is; pixels of the upright frame, pixel centres at integer + 0.5.
struct HandPlace {
    bool visible = false; ///< large enough, inside the picture, and the wrist is certain
    Vec2 wrist, knuckles; ///< the wrist and about the base of the middle finger
    Roi roi;              ///< a generous square around the hand, its top towards the fingers
};

/// @param side 0 left, 1 right, the person's own
[[nodiscard]] HandPlace handPlace(const PoseLandmarks& pose, std::size_t side, int frameWidth,
                                  int frameHeight);

/// Square around a hand's own points for the next look, its top towards the fingers.
[[nodiscard]] Roi handRoi(const HandPoints& points);

} // namespace body4d::blazepose
