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
/// @param quality 1..100 on the scale of libjpeg, roughly
/// @param fast equal pixels in a twentieth less time and a twentieth more bytes
[[nodiscard]] std::vector<std::byte> encodeJpeg(const Image& image, int quality, bool fast = false);

} // namespace body4d
