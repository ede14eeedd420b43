#pragma once

#include "body/body_track.h"

#include <stop_token>

namespace body4d {

struct FootContactOptions {
    double heightMetres = 0.06;   ///< lowest point of the foot over the ground or its own recent lowest level
    double speedMps = 0.45;       ///< of that point, along the ground; with hysteresis
    double minSeconds = 0.08;     ///< shorter contacts and gaps are closed
    double maxCorrectionMetres = 0.04; ///< locking moves a foot at most so far and a pixel or two; one that strays farther takes its place along
    double blendSeconds = 0.1;    ///< locking fades in and out over this time
};

/// Sets `footContact` of every frame: the foot rests or stands still near its lowest level in the world. Robust to the
/// noise of monocular depth: levels are relative to a running low of both feet, speeds to robust slopes over 0.2 s.
void detectFootContacts(BodyTrack& track, const WorldFrame& world, const FootContactOptions& options = {});

/// Keeps planted feet where they are: hip and knee turn so that the ankle stays where it came to rest, the foot keeps its
/// direction. Changes `pose` and `keypoints` only, fading in and out.
/// @param model of the track (`bodyModel`)
void lockFeet(BodyTrack& track, const WorldFrame& world, const BodyModel& model, const FootContactOptions& options = {});

/// Mean speed of planted feet along the ground, m/s; -1 when no foot is ever planted.
[[nodiscard]] double footSlide(const BodyTrack& track, const WorldFrame& world);

} // namespace body4d
