#pragma once

#include "video/ffmpeg_internal.h"
#include "video/picture_colour.h"

namespace body4d {

/// From a decoded frame; what it does not say is taken from its stream.
[[nodiscard]] PictureColour colourOf(const AVFrame& frame, const AVStream& stream);

} // namespace body4d
