#pragma once

// Inside core/video and core/export only: owners for FFmpeg's handles.

#include "base/error.h"

#include <filesystem>
#include <memory>
#include <string>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

namespace body4d::ffmpeg {

struct FormatCloser {
    void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
};
struct CodecFree {
    void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
struct PacketFree {
    void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
struct FrameFree {
    void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
struct ScalerFree {
    void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
};
struct BufferUnref {
    void operator()(AVBufferRef* buffer) const { av_buffer_unref(&buffer); }
};
struct DictionaryFree {
    void operator()(AVDictionary* dictionary) const { av_dict_free(&dictionary); }
};

using InputPtr = std::unique_ptr<AVFormatContext, FormatCloser>;
using CodecPtr = std::unique_ptr<AVCodecContext, CodecFree>;
using PacketPtr = std::unique_ptr<AVPacket, PacketFree>;
using FramePtr = std::unique_ptr<AVFrame, FrameFree>;
using ScalerPtr = std::unique_ptr<SwsContext, ScalerFree>;
using BufferPtr = std::unique_ptr<AVBufferRef, BufferUnref>;

/// @throws std::bad_alloc
[[nodiscard]] FramePtr newFrame();
[[nodiscard]] PacketPtr newPacket();
/// A second reference to the same pixels. @throws std::bad_alloc
[[nodiscard]] FramePtr share(const AVFrame& frame);

/// Threads asked of FFmpeg's coders where nobody says otherwise; 0 leaves it to them. ThreadSanitizer does
/// not see how the uninstrumented library hands frames from thread to thread and would call it a race.
#ifdef __SANITIZE_THREAD__
inline constexpr int kCoderThreads = 1;
#else
inline constexpr int kCoderThreads = 0;
#endif

/// FFmpeg's sentence for one of its error codes.
[[nodiscard]] std::string message(int code);

/// The file's name in quotes, for sentences.
[[nodiscard]] std::string quotedName(const std::filesystem::path& path);

/// Silences the libraries' own lines on stderr, once a process; what matters comes as Error or through log().
void quietLogging();

/// Opens a local file (never a URL: names with a colon stay names, playlists cannot reach the network).
/// @returns empty with `code` set on failure
[[nodiscard]] InputPtr openFile(const std::filesystem::path& path, int& code);

/// A file that cannot be used as a video, said in one sentence. Looks at the file to say what is wrong with
/// it.
[[nodiscard]] Error unusableFile(const std::filesystem::path& path, int code);
/// Missing, empty, unreadable. Does nothing when the file is there and has bytes.
void requireReadableFile(const std::filesystem::path& path);

/// Best stream of the picture, cover art left out. @returns -1 when there is none
[[nodiscard]] int findVideoStream(const AVFormatContext& format);

/// How stored pixels become upright: mirrored left-right first, then turned clockwise in quarter turns.
struct Orientation {
    bool mirror = false;
    int quarterTurns = 0; ///< 0..3, clockwise
    [[nodiscard]] bool identity() const { return !mirror && quarterTurns == 0; }
    [[nodiscard]] bool swapsSides() const { return quarterTurns % 2 == 1; }
};
/// @param matrix nine 16.16 numbers as in AV_PKT_DATA_DISPLAYMATRIX; angles are rounded to quarter turns
[[nodiscard]] Orientation orientationFromMatrix(const std::int32_t* matrix);
/// @param value EXIF's orientation, 1..8
[[nodiscard]] Orientation orientationFromExif(int value);

} // namespace body4d::ffmpeg
