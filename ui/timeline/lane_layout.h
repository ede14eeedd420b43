#pragma once

/// Where the parts of the timeline's painted half stand, in pixels; LaneView draws and hears clicks by it.
namespace body4d::ui::lane_layout {

inline constexpr int kLabels = 172, kRight = 14; ///< left and right of the frames
inline constexpr int kRuler = 24, kFrames = 38, kGap = 6, kLane = 19, kQuality = 24; ///< heights

} // namespace body4d::ui::lane_layout
