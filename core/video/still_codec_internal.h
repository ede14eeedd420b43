#pragma once

#include "base/image.h"
#include "video/ffmpeg_internal.h"

#include <vector>

namespace body4d {

/// Compresses one picture. Each call has its own encoder: any thread may call.
/// @param options  private options of the encoder, "name=value:name=value"
/// @throws Error{Output}
[[nodiscard]] std::vector<std::byte> encodeStill(AVCodecID codec, const AVFrame& frame, const char* options);
[[nodiscard]] std::vector<std::byte> encodePng(const Image& image, bool fast);
enum class JpegColour {
    ByQuality, ///< in full resolution where quality is asked for (90 and above)
    Half       ///< in half of it, as most videos and cameras have it
};
/// @param quality 1..100 on the scale of libjpeg, roughly
[[nodiscard]] std::vector<std::byte> encodeJpeg(const Image& image, int quality,
                                                JpegColour colour = JpegColour::ByQuality);

} // namespace body4d
