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

/// Wrist and bases of the little and the index finger: among the body's points of either side, and among a
/// hand's.
inline constexpr std::array<std::array<std::size_t, 3>, 2> kHandInPose{{{15, 17, 19}, {16, 18, 20}}};
inline constexpr std::array<std::size_t, 3> kPoseInHand{0, 17, 5};

/// Pixels per metre at the person's distance; 0 where it cannot be told.
[[nodiscard]] double pixelsPerMetre(const PoseLandmarks& pose);

/// @param side 0 left, 1 right, the person's own
[[nodiscard]] HandPlace handPlace(const PoseLandmarks& pose, std::size_t side, int frameWidth,
                                  int frameHeight);

/// Square around a hand's own points for the next look, its top towards the fingers.
[[nodiscard]] Roi handRoi(const HandPoints& points);

} // namespace body4d::blazepose
