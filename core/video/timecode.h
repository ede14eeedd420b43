#pragma once

#include "video/video_reader.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace body4d {

/// "HH:MM:SS.mmm", rounded to the millisecond; a minus sign in front of negative times.
[[nodiscard]] std::string formatTimecode(double seconds);
/// Reads "HH:MM:SS.mmm", "MM:SS.mmm" or plain seconds, any number of decimals.
/// @returns nothing when the text is something else
[[nodiscard]] std::optional<double> parseTimecode(std::string_view text);
/// The frame on screen at this time of the video (seconds from frame 0), clamped to the first and last frame.
[[nodiscard]] std::int64_t frameAtTime(const VideoInfo& info, double seconds);

} // namespace body4d
