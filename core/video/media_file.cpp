#include "base/log.h"
#include "video/media_file_internal.h"
#include "video/timecode.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string_view>
#include <vector>

extern "C" {
#include <libavutil/hwcontext.h>
}

namespace body4d {

using ffmpeg::Orientation;

namespace {

/// Longest side that is believed; larger figures come from damaged headers.
constexpr int kLargestSide = 32768;

bool isHiddenVp8(const AVCodecParameters& codec, const AVPacket& packet) {
    return codec.codec_id == AV_CODEC_ID_VP8 && packet.size > 0 && (packet.data[0] & 0x10) == 0;
}

/// MPEG-4 part 2 says "as before" with a picture of a few bytes, for which the decoder shows nothing.
bool isEmptyMpeg4(const AVCodecParameters& codec, const AVPacket& packet) {
    return codec.codec_id == AV_CODEC_ID_MPEG4 && packet.size < 16;
}

} // namespace

MediaFile::MediaFile(const std::filesystem::path& path, const VideoReader::Options& options)
    : path_(path), options_(options), packet_(ffmpeg::newPacket()), frame_(ffmpeg::newFrame()) {
    ffmpeg::requireReadableFile(path);
    open();
}

std::unique_ptr<MediaFile> MediaFile::another() const {
    VideoReader::Options options = options_;
    options.hardware = false;
    auto file = std::make_unique<MediaFile>(path_, options);
    if (file->streamIndex_ != streamIndex_) {
        throw ffmpeg::unusableFile(path_, 0); // another file lies there by now
    }
    return file;
}

int MediaFile::heldFrames() const {
    return std::max(decoder_->refs, 1) + decoder_->has_b_frames + decoder_->thread_count + 1;
}

void MediaFile::open() {
    decoder_.reset();
    int code = 0;
    format_ = ffmpeg::openFile(path_, code);
    if (!format_) {
        throw ffmpeg::unusableFile(path_, code);
    }
    format_->flags |= AVFMT_FLAG_GENPTS;
    std::vector<decltype(tags_)> tags;
    for (unsigned i = 0; i < format_->nb_streams; ++i) {
        const AVCodecParameters& said = *format_->streams[i]->codecpar;
        tags.push_back({said.color_trc, said.color_primaries, said.color_space, said.color_range});
    }
    code = avformat_find_stream_info(format_.get(), nullptr);
    streamIndex_ = ffmpeg::findVideoStream(*format_);
    tags_ = streamIndex_ >= 0 && static_cast<std::size_t>(streamIndex_) < tags.size()
                ? tags[static_cast<std::size_t>(streamIndex_)]
                : decltype(tags_)();
    if (streamIndex_ < 0) {
        const bool sound =
            std::any_of(format_->streams, format_->streams + format_->nb_streams,
                        [](const AVStream* s) { return s->codecpar->codec_type == AVMEDIA_TYPE_AUDIO; });
        if (sound) {
            throw Error(ErrorCode::Input,
                        "The file '" + path_.filename().string() + "' holds sound but no picture.",
                        "Choose a file with a video track.", path_.string());
        }
        throw ffmpeg::unusableFile(path_, code);
    }
    for (unsigned i = 0; i < format_->nb_streams; ++i) {
        format_->streams[i]->discard =
            static_cast<int>(i) == streamIndex_ ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    }
    openDecoder();
    packetWaiting_ = false;
    draining_ = false;
    followed_ = nullptr;
    derailed_ = false;
    ordinal_ = 0;
}

void MediaFile::openDecoder() {
    const AVCodecParameters& parameters = *stream().codecpar;
    const AVCodec* codec = avcodec_find_decoder(parameters.codec_id);
    // FFmpeg's own VP8 and VP9 decoders leave the alpha layer of WebM out.
    if (const AVDictionaryEntry* alpha = av_dict_get(stream().metadata, "alpha_mode", nullptr, 0);
        alpha != nullptr && std::string_view(alpha->value) == "1") {
        const AVCodec* withAlpha =
            parameters.codec_id == AV_CODEC_ID_VP9   ? avcodec_find_decoder_by_name("libvpx-vp9")
            : parameters.codec_id == AV_CODEC_ID_VP8 ? avcodec_find_decoder_by_name("libvpx")
                                                     : nullptr;
        codec = withAlpha != nullptr ? withAlpha : codec;
    }
    const std::string codecName = avcodec_get_name(parameters.codec_id);
    if (codec == nullptr) {
        throw Error(ErrorCode::Input,
                    "The video '" + path_.filename().string() + "' is coded as " + codecName +
                        ", which this machine's FFmpeg cannot decode.",
                    "Convert it to H.264 with another program.", path_.string());
    }
    const auto prepare = [&] {
        decoder_.reset(avcodec_alloc_context3(codec));
        if (!decoder_ || avcodec_parameters_to_context(decoder_.get(), &parameters) < 0) {
            throw std::bad_alloc();
        }
        decoder_->pkt_timebase = stream().time_base;
        decoder_->thread_count =
            options_.threads > 0 && ffmpeg::kCoderThreads == 0 ? options_.threads : ffmpeg::kCoderThreads;
        decoder_->thread_type = FF_THREAD_FRAME | FF_THREAD_SLICE;
    };
    prepare();
    hardwareFormat_ = AV_PIX_FMT_NONE;
    if (options_.hardware && openHardware(*codec)) {
        return;
    }
    prepare();
    if (const int code = avcodec_open2(decoder_.get(), codec, nullptr); code < 0) {
        throw Error(ErrorCode::Input,
                    "The video '" + path_.filename().string() + "' (" + codecName + ") cannot be decoded.",
                    "Convert it: ffmpeg -i IN -c:v libx264 OUT.mp4",
                    path_.string() + ": " + ffmpeg::message(code));
    }
}

bool MediaFile::openHardware(const AVCodec& codec) {
    for (int i = 0;; ++i) {
        const AVCodecHWConfig* config = avcodec_get_hw_config(&codec, i);
        if (config == nullptr) {
            return false;
        }
        if ((config->methods & AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX) == 0) {
            continue;
        }
        AVBufferRef* device = nullptr;
        if (av_hwdevice_ctx_create(&device, config->device_type, nullptr, nullptr, 0) < 0) {
            continue;
        }
        device_.reset(device);
        decoder_->hw_device_ctx = av_buffer_ref(device);
        decoder_->opaque = this;
        decoder_->get_format = &MediaFile::chooseFormat;
        decoder_->thread_count = 1;
        hardwareFormat_ = config->pix_fmt;
        if (avcodec_open2(decoder_.get(), &codec, nullptr) >= 0) {
            logInfo(std::string("video: decoding with ") + av_hwdevice_get_type_name(config->device_type));
            return true;
        }
        hardwareFormat_ = AV_PIX_FMT_NONE;
        return false;
    }
}

AVPixelFormat MediaFile::chooseFormat(AVCodecContext* context, const AVPixelFormat* offered) {
    const auto* self = static_cast<const MediaFile*>(context->opaque);
    for (const AVPixelFormat* format = offered; *format != AV_PIX_FMT_NONE; ++format) {
        if (*format == self->hardwareFormat_) {
            return *format;
        }
    }
    // The card does not know this profile: the first software format goes on without it.
    for (const AVPixelFormat* format = offered; *format != AV_PIX_FMT_NONE; ++format) {
        const AVPixFmtDescriptor* description = av_pix_fmt_desc_get(*format);
        if (description != nullptr && (description->flags & AV_PIX_FMT_FLAG_HWACCEL) == 0) {
            return *format;
        }
    }
    return AV_PIX_FMT_NONE;
}

void MediaFile::dropHardware() {
    options_.hardware = false;
    restart();
}

bool MediaFile::isStill() const {
    const std::string_view name = format_->iformat->name;
    return name.ends_with("_pipe") || name == "image2" || name == "ico";
}

bool MediaFile::canSeek() const {
    const AVCodecID codec = stream().codecpar->codec_id;
    return codec != AV_CODEC_ID_GIF && codec != AV_CODEC_ID_APNG && codec != AV_CODEC_ID_WEBP &&
           (format_->pb == nullptr || (format_->pb->seekable & AVIO_SEEKABLE_NORMAL) != 0);
}

Orientation MediaFile::orientation() const {
    const auto* matrix = reinterpret_cast<const std::int32_t*>(
        av_stream_get_side_data(&stream(), AV_PKT_DATA_DISPLAYMATRIX, nullptr));
    return matrix != nullptr ? ffmpeg::orientationFromMatrix(matrix) : Orientation();
}

AVRational MediaFile::sampleAspect() const {
    return av_guess_sample_aspect_ratio(format_.get(), format_->streams[streamIndex_], nullptr);
}

bool MediaFile::readPacket() {
    for (int busy = 0; busy < 1000;) {
        av_packet_unref(packet_.get());
        const int code = av_read_frame(format_.get(), packet_.get());
        if (code == AVERROR(EAGAIN)) {
            ++busy;
            continue;
        }
        if (code < 0) {
            return false;
        }
        if (packet_->stream_index == streamIndex_) {
            if (packet_->size > 0) {
                return true;
            }
            ++emptyPackets_; // AVI's way to say that the last picture stays
        }
    }
    return false;
}

void MediaFile::scan(FrameIndex& index) {
    const AVCodecParameters& codec = *stream().codecpar;
    emptyPackets_ = 0;
    std::int64_t first = std::numeric_limits<std::int64_t>::max(),
                 last = std::numeric_limits<std::int64_t>::min();
    while (readPacket()) {
        PacketRecord record{packet_->pts,
                            packet_->dts,
                            packet_->pos,
                            packet_->duration,
                            packet_->size,
                            (packet_->flags & AV_PKT_FLAG_KEY) != 0,
                            (packet_->flags & AV_PKT_FLAG_DISCARD) == 0};
        if ((packet_->flags & AV_PKT_FLAG_CORRUPT) != 0) {
            index.damaged = true;
        }
        record.shown = record.shown && !isHiddenVp8(codec, *packet_);
        if (isEmptyMpeg4(codec, *packet_)) {
            index.countNeeded = true;
        }
        index.packets.push_back(record);
        if (record.pts != AV_NOPTS_VALUE) {
            first = std::min(first, record.pts);
            last = std::max(last, record.pts + record.duration);
        }
    }
    index.countNeeded = index.countNeeded || !timesTellTheOrder(index);
    if (format_->pb != nullptr && format_->pb->error < 0) {
        index.damaged = true;
    }
    if (stream().nb_frames > static_cast<std::int64_t>(index.packets.size()) + emptyPackets_) {
        index.damaged = true;
    }
    if (first <= last) {
        // The last frame's own length is not always known: two frames of grace.
        const double tick = av_q2d(stream().time_base);
        const double grace =
            0.1 + 2 * static_cast<double>(last - first) * tick / static_cast<double>(index.packets.size());
        if (promisedSeconds() > static_cast<double>(last) * tick + grace) {
            index.damaged = true;
        }
    }
}

bool MediaFile::timesTellTheOrder(const FrameIndex& index) const {
    // AVI and bare streams have no times of showing. What the demuxer makes up for B-frames follows the order of decoding
    // unless a parser knew better.
    const bool stored = std::string_view(format_->iformat->name) != "avi" && (format_->iformat->flags & AVFMT_NOTIMESTAMPS) == 0;
    return stored || stream().codecpar->video_delay == 0 ||
           !std::is_sorted(index.packets.begin(), index.packets.end(),
                           [](const PacketRecord& a, const PacketRecord& b) { return a.pts < b.pts; });
}

double MediaFile::promisedSeconds() const {
    // Matroska may write the length of each track.
    if (const AVDictionaryEntry* tag = av_dict_get(stream().metadata, "DURATION", nullptr, 0)) {
        return parseTimecode(tag->value).value_or(0);
    }
    // The length of the whole file may be that of its sound.
    const bool alone = format_->nb_streams == 1;
    return alone && format_->duration_estimation_method == AVFMT_DURATION_FROM_STREAM && format_->duration > 0
               ? static_cast<double>(format_->duration) / AV_TIME_BASE
               : 0;
}

void MediaFile::tagColours(AVFrame& frame) const {
    if (frame.color_trc == AVCOL_TRC_UNSPECIFIED) {
        frame.color_trc = tags_.transfer;
    }
    if (frame.color_primaries == AVCOL_PRI_UNSPECIFIED) {
        frame.color_primaries = tags_.primaries;
    }
    if (frame.colorspace == AVCOL_SPC_UNSPECIFIED) {
        frame.colorspace = tags_.matrix;
    }
    if (frame.color_range == AVCOL_RANGE_UNSPECIFIED) {
        frame.color_range = tags_.range;
    }
}

void MediaFile::restart() {
    open();
}

bool MediaFile::seekTo(const FrameIndex& index, int packet) {
    const PacketRecord& wanted = index.packets[static_cast<std::size_t>(packet)];
    // Containers store one of the two times with each seek point; the earlier one is never behind the key
    // picture.
    std::int64_t ticks = wanted.dts != AV_NOPTS_VALUE ? wanted.dts : wanted.pts;
    if (ticks == AV_NOPTS_VALUE) {
        return false;
    }
    const auto arrives = [&](int code) {
        avcodec_flush_buffers(decoder_.get());
        draining_ = false;
        packetWaiting_ = false;
        followed_ = nullptr;
        derailed_ = false;
        if (code < 0) {
            return false;
        }
        // Up to two groups of pictures before the key packet are passed over unread by the decoder.
        while (readPacket()) {
            const int at = index.findPacket(packet_->pts, packet_->pos);
            if (at == packet) {
                packetWaiting_ = true;
                followed_ = &index;
                expected_ = static_cast<std::size_t>(packet);
                return packet_->size == wanted.size;
            }
            if (at > packet) {
                return false;
            }
        }
        return false;
    };
    if (arrives(av_seek_frame(format_.get(), streamIndex_, ticks, AVSEEK_FLAG_BACKWARD))) {
        return true;
    }
    if (wanted.pts != AV_NOPTS_VALUE && wanted.pts != ticks &&
        arrives(av_seek_frame(format_.get(), streamIndex_, wanted.pts, AVSEEK_FLAG_BACKWARD))) {
        return true;
    }
    const int earlier = index.keyBefore(packet);
    if (earlier < packet && index.packets[static_cast<std::size_t>(earlier)].dts != AV_NOPTS_VALUE &&
        arrives(av_seek_frame(format_.get(), streamIndex_,
                              index.packets[static_cast<std::size_t>(earlier)].dts, AVSEEK_FLAG_BACKWARD))) {
        return true;
    }
    if (wanted.position >= 0 && (format_->iformat->flags & AVFMT_NO_BYTE_SEEK) == 0 &&
        (format_->iformat->flags & AVFMT_TS_DISCONT) != 0) {
        return arrives(av_seek_frame(format_.get(), streamIndex_, wanted.position, AVSEEK_FLAG_BYTE));
    }
    return false;
}

const AVFrame* MediaFile::next() {
    for (int failures = 0; failures < 1000;) {
        const int code = avcodec_receive_frame(decoder_.get(), frame_.get());
        if (code == 0) {
            if (frame_->width <= 0 || frame_->height <= 0 || frame_->width > kLargestSide ||
                frame_->height > kLargestSide) {
                ++failures;
                continue;
            }
            ++ordinal_;
            tagColours(*frame_);
            return frame_.get();
        }
        if (code == AVERROR_EOF) {
            return nullptr;
        }
        if (code != AVERROR(EAGAIN)) {
            ++failures;
            continue;
        }
        if (draining_) {
            return nullptr;
        }
        if (packetWaiting_ || readPacket()) {
            packetWaiting_ = false;
            if (followed_ != nullptr) {
                const std::size_t at = expected_++;
                derailed_ = derailed_ || at >= followed_->packets.size() ||
                            followed_->packets[at].pts != packet_->pts ||
                            followed_->packets[at].size != packet_->size;
            }
            decoder_->skip_frame = packet_->pts != AV_NOPTS_VALUE && packet_->pts < skipBefore_
                                       ? AVDISCARD_NONREF
                                       : AVDISCARD_DEFAULT;
            if (avcodec_send_packet(decoder_.get(), packet_.get()) < 0) {
                ++failures;
            } else {
                failures = 0;
            }
            av_packet_unref(packet_.get());
        } else {
            draining_ = true;
            avcodec_send_packet(decoder_.get(), nullptr);
        }
    }
    return nullptr;
}

} // namespace body4d
