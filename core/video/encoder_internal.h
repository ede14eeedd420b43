#pragma once

#include "video/ffmpeg_internal.h"

#include <string>

namespace body4d {

struct MuxerFree {
    void operator()(AVFormatContext* context) const {
        if (context->pb != nullptr) {
            avio_closep(&context->pb);
        }
        avformat_free_context(context);
    }
};
using MuxerPtr = std::unique_ptr<AVFormatContext, MuxerFree>;

/// A picture track to be encoded as yuv420p in limited range.
struct EncoderWish {
    int width = 0, height = 0; ///< even
    double fps = 30;           ///< nominal
    int quality = 20;          ///< CRF, lower is better
    AVRational timeBase{1, 90000};
    /// Keeps up with a camera: faster, larger files, and nothing is held back for later pictures.
    bool live = false;
    AVColorSpace matrix = AVCOL_SPC_BT709;
    AVColorPrimaries primaries = AVCOL_PRI_BT709;
    AVColorTransferCharacteristic transfer = AVCOL_TRC_BT709;
};

/// H.264, or the best that this machine's FFmpeg has. The encoder's time base may differ from the wish.
/// @param path  named in the message  @throws Error{Output}
[[nodiscard]] ffmpeg::CodecPtr openEncoder(const EncoderWish& wish, const std::filesystem::path& path);

/// A muxer of FFmpeg's `format` with one picture track of square pixels, which is its first stream; nothing is opened yet.
[[nodiscard]] MuxerPtr makeMuxer(const char* format, const std::string& url, const AVCodecContext& encoder);

} // namespace body4d
