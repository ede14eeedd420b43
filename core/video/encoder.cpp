#include "base/log.h"
#include "video/encoder_internal.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

namespace body4d {

ffmpeg::CodecPtr openEncoder(const EncoderWish& wish, const std::filesystem::path& path) {
    for (const char* name : {"libx264", "libopenh264", "mpeg4"}) {
        const AVCodec* codec = avcodec_find_encoder_by_name(name);
        if (codec == nullptr) {
            continue;
        }
        ffmpeg::CodecPtr encoder(avcodec_alloc_context3(codec));
        if (!encoder) {
            throw std::bad_alloc();
        }
        encoder->width = wish.width;
        encoder->height = wish.height;
        encoder->pix_fmt = AV_PIX_FMT_YUV420P;
        encoder->time_base = wish.timeBase;
        encoder->framerate = av_d2q(wish.fps, 1001000);
        encoder->sample_aspect_ratio = {1, 1};
        encoder->color_range = AVCOL_RANGE_MPEG;
        encoder->colorspace = wish.matrix;
        encoder->color_primaries = wish.primaries;
        encoder->color_trc = wish.transfer;
        encoder->chroma_sample_location = AVCHROMA_LOC_LEFT;
        encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
        encoder->thread_count = ffmpeg::kCoderThreads;
        const bool x264 = std::strcmp(name, "libx264") == 0;
        if (x264) {
            av_opt_set(encoder->priv_data, "preset", wish.live ? "superfast" : "veryfast", 0);
            av_opt_set_double(encoder->priv_data, "crf", std::clamp(wish.quality, 0, 51), 0);
            if (wish.live) {
                av_opt_set(encoder->priv_data, "tune", "zerolatency", 0);
            }
            // One key picture every two seconds: players and this program jump quickly.
            encoder->gop_size = static_cast<int>(std::clamp(std::lround(wish.fps * 2), 12L, 250L));
        } else if (std::strcmp(name, "mpeg4") == 0) {
            encoder->flags |= AV_CODEC_FLAG_QSCALE;
            encoder->global_quality = std::clamp(wish.quality / 5, 1, 31) * FF_QP2LAMBDA;
            encoder->time_base = av_inv_q(av_d2q(wish.fps, 65535)); // its clock has 16 bits
        } else {
            encoder->bit_rate = static_cast<std::int64_t>(0.12 * wish.width * wish.height * wish.fps);
        }
        if (avcodec_open2(encoder.get(), codec, nullptr) >= 0) {
            if (!x264) {
                logWarning(std::string("video: no x264 in this machine's FFmpeg; writing with ") + name +
                           ", which gives larger files.");
            }
            return encoder;
        }
    }
    throw Error(ErrorCode::Output, "This machine's FFmpeg has no encoder for videos.",
                "Install FFmpeg with libx264 (Debian: libavcodec59).", path.string());
}

MuxerPtr makeMuxer(const char* format, const std::string& url, const AVCodecContext& encoder) {
    AVFormatContext* raw = nullptr;
    avformat_alloc_output_context2(&raw, nullptr, format, url.c_str());
    MuxerPtr muxer(raw);
    AVStream* stream = raw != nullptr ? avformat_new_stream(raw, nullptr) : nullptr;
    if (stream == nullptr || avcodec_parameters_from_context(stream->codecpar, &encoder) < 0) {
        throw std::bad_alloc();
    }
    stream->time_base = encoder.time_base;
    stream->sample_aspect_ratio = {1, 1};
    return muxer;
}

} // namespace body4d
