#include "base/log.h"
#include "video/sound_track_internal.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

extern "C" {
#include <libavutil/audio_fifo.h>
#include <libavutil/channel_layout.h>
}

namespace body4d {

namespace {

/// What QuickTime, browsers and phones play out of an MP4 file.
constexpr std::array kCopied = {AV_CODEC_ID_AAC, AV_CODEC_ID_MP3, AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3,
                                AV_CODEC_ID_ALAC};
struct FifoFree {
    void operator()(AVAudioFifo* fifo) const { av_audio_fifo_free(fifo); }
};

} // namespace

double firstPictureSeconds(const std::filesystem::path& path) {
    int code = 0;
    const ffmpeg::InputPtr format = ffmpeg::openFile(path, code);
    if (!format || avformat_find_stream_info(format.get(), nullptr) < 0) {
        return 0;
    }
    const int index = ffmpeg::findVideoStream(*format);
    if (index < 0) {
        return 0;
    }
    std::int64_t first = std::numeric_limits<std::int64_t>::max();
    const auto packet = ffmpeg::newPacket();
    // Reordering never reaches over more pictures than this.
    for (int pictures = 0; pictures < 64 && av_read_frame(format.get(), packet.get()) >= 0;) {
        if (packet->stream_index == index) {
            ++pictures;
            if (packet->pts != AV_NOPTS_VALUE && (packet->flags & AV_PKT_FLAG_DISCARD) == 0) {
                first = std::min(first, packet->pts);
            }
        }
        av_packet_unref(packet.get());
    }
    const AVStream& stream = *format->streams[index];
    if (first == std::numeric_limits<std::int64_t>::max()) {
        first = stream.start_time != AV_NOPTS_VALUE ? stream.start_time : 0;
    }
    return static_cast<double>(first) * av_q2d(stream.time_base);
}

struct SoundTrack::Impl {
    ffmpeg::InputPtr input;
    int inputIndex = -1;
    AVFormatContext* output = nullptr;
    AVStream* track = nullptr;
    double start = 0;                                     ///< container seconds that become 0
    double end = std::numeric_limits<double>::infinity(); ///< seconds of the output
    ffmpeg::PacketPtr packet = ffmpeg::newPacket();
    bool atEnd = false;
    double written = -std::numeric_limits<double>::infinity(); ///< seconds of the output

    // Copying
    std::int64_t lastDts = std::numeric_limits<std::int64_t>::min();
    // Coding anew
    ffmpeg::CodecPtr decoder, encoder;
    std::unique_ptr<SwrContext, ResamplerFree> resampler;
    std::unique_ptr<AVAudioFifo, FifoFree> fifo;
    ffmpeg::FramePtr frame = ffmpeg::newFrame();
    std::int64_t samplesQueued = 0; ///< from output time 0, at the encoder's rate
    std::int64_t samplesCoded = 0;

    [[nodiscard]] AVStream& source() const { return *input->streams[inputIndex]; }

    /// Next packet of the sound. @returns false at the end
    bool read() {
        av_packet_unref(packet.get());
        while (av_read_frame(input.get(), packet.get()) >= 0) {
            if (packet->stream_index == inputIndex) {
                return true;
            }
            av_packet_unref(packet.get());
        }
        return false;
    }

    int copyPacket() {
        AVStream& from = source();
        const std::int64_t time = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
        if (time == AV_NOPTS_VALUE) {
            return 0;
        }
        const double begin = static_cast<double>(time) * av_q2d(from.time_base) - start;
        const double length = static_cast<double>(packet->duration) * av_q2d(from.time_base);
        if (begin + length <= 0) {
            return 0;
        }
        if (begin >= end) {
            atEnd = true;
            return 0;
        }
        written = begin + length;
        const std::int64_t shift = std::llround(start / av_q2d(from.time_base));
        packet->pts = time - shift;
        packet->dts = packet->pts;
        av_packet_rescale_ts(packet.get(), from.time_base, track->time_base);
        packet->dts = packet->pts =
            std::max(packet->pts, lastDts + (lastDts > std::numeric_limits<std::int64_t>::min() ? 1 : 0));
        lastDts = packet->dts;
        packet->stream_index = track->index;
        packet->pos = -1;
        return av_interleaved_write_frame(output, packet.get());
    }

    int drainEncoder() {
        for (;;) {
            const int code = avcodec_receive_packet(encoder.get(), packet.get());
            if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) {
                return 0;
            }
            if (code < 0) {
                return code;
            }
            av_packet_rescale_ts(packet.get(), encoder->time_base, track->time_base);
            packet->stream_index = track->index;
            if (const int written_ = av_interleaved_write_frame(output, packet.get()); written_ < 0) {
                return written_;
            }
        }
    }

    int encodeQueued(bool all) {
        const int size = encoder->frame_size > 0 ? encoder->frame_size : 1024;
        while (av_audio_fifo_size(fifo.get()) >= size || (all && av_audio_fifo_size(fifo.get()) > 0)) {
            const int count = std::min(size, av_audio_fifo_size(fifo.get()));
            const auto block = ffmpeg::newFrame();
            block->nb_samples = count;
            block->format = encoder->sample_fmt;
            block->sample_rate = encoder->sample_rate;
            av_channel_layout_copy(&block->ch_layout, &encoder->ch_layout);
            int code = av_frame_get_buffer(block.get(), 0);
            if (code < 0) {
                return code;
            }
            av_audio_fifo_read(fifo.get(), reinterpret_cast<void**>(block->extended_data), count);
            block->pts = samplesCoded;
            samplesCoded += count;
            code = avcodec_send_frame(encoder.get(), block.get());
            if (code < 0 || (code = drainEncoder()) < 0) {
                return code;
            }
        }
        return 0;
    }

    /// Appends resampled sound: `count` samples of which the first `skip` are left out.
    void queue(std::uint8_t** planes, int count, int skip) {
        if (count <= skip) {
            return;
        }
        const int planeCount =
            av_sample_fmt_is_planar(encoder->sample_fmt) != 0 ? encoder->ch_layout.nb_channels : 1;
        const int step = av_get_bytes_per_sample(encoder->sample_fmt) *
                         (planeCount > 1 ? 1 : encoder->ch_layout.nb_channels);
        std::vector<void*> from;
        for (int i = 0; i < planeCount; ++i) {
            from.push_back(planes[i] + static_cast<std::ptrdiff_t>(skip) * step);
        }
        av_audio_fifo_write(fifo.get(), from.data(), count - skip);
        samplesQueued += count - skip;
    }

    int resampleFrame(const AVFrame* in) {
        const int room = swr_get_out_samples(resampler.get(), in != nullptr ? in->nb_samples : 0);
        if (room <= 0) {
            return 0;
        }
        const auto out = ffmpeg::newFrame();
        out->nb_samples = room;
        out->format = encoder->sample_fmt;
        av_channel_layout_copy(&out->ch_layout, &encoder->ch_layout);
        if (const int code = av_frame_get_buffer(out.get(), 0); code < 0) {
            return code;
        }
        double begin = static_cast<double>(samplesQueued) / encoder->sample_rate;
        if (in != nullptr && in->pts != AV_NOPTS_VALUE) {
            begin = static_cast<double>(in->pts) * av_q2d(source().time_base) - start -
                    static_cast<double>(swr_get_delay(resampler.get(), encoder->sample_rate)) /
                        encoder->sample_rate;
        }
        const int count =
            swr_convert(resampler.get(), out->extended_data, room,
                        in != nullptr ? const_cast<const std::uint8_t**>(in->extended_data) : nullptr,
                        in != nullptr ? in->nb_samples : 0);
        if (count <= 0) {
            return count;
        }
        const std::int64_t at = std::llround(begin * encoder->sample_rate);
        const double last = std::min(end, 1e9) * encoder->sample_rate;
        int kept = count;
        if (static_cast<double>(at + count) > last) {
            kept = static_cast<int>(std::max(0.0, last - static_cast<double>(at)));
            atEnd = true;
        }
        int skip = 0;
        if (samplesQueued == 0 && at < 0) {
            skip = static_cast<int>(std::min<std::int64_t>(-at, kept));
        } else if (static_cast<double>(at - samplesQueued) > kSoundHoleSeconds * encoder->sample_rate) {
            fillHole(at - samplesQueued);
        }
        queue(out->extended_data, kept, skip);
        written = static_cast<double>(samplesQueued) / encoder->sample_rate;
        return 0;
    }

    void fillHole(std::int64_t samples) {
        const auto silence = ffmpeg::newFrame();
        silence->nb_samples = 4096;
        silence->format = encoder->sample_fmt;
        av_channel_layout_copy(&silence->ch_layout, &encoder->ch_layout);
        if (av_frame_get_buffer(silence.get(), 0) < 0) {
            throw std::bad_alloc();
        }
        av_samples_set_silence(silence->extended_data, 0, 4096, encoder->ch_layout.nb_channels,
                               encoder->sample_fmt);
        // A time stamp that jumps by hours is damage, not a pause.
        samples = std::min<std::int64_t>(samples, std::int64_t{encoder->sample_rate} * 600);
        while (samples > 0) {
            const int count = static_cast<int>(std::min<std::int64_t>(samples, 4096));
            queue(silence->extended_data, count, 0);
            samples -= count;
        }
    }

    int recodePacket(const AVPacket* in) {
        if (avcodec_send_packet(decoder.get(), in) < 0) {
            return 0; // a broken packet leaves a hole
        }
        while (!atEnd && avcodec_receive_frame(decoder.get(), frame.get()) >= 0) {
            // The guessed time does not know of samples that the decoder cut off at the start.
            frame->pts = frame->pts != AV_NOPTS_VALUE ? frame->pts : frame->best_effort_timestamp;
            if (const int code = resampleFrame(frame.get()); code < 0) {
                return code;
            }
            if (const int code = encodeQueued(false); code < 0) {
                return code;
            }
        }
        return 0;
    }

    int finishRecoding() {
        if (!atEnd) {
            if (const int code = recodePacket(nullptr); code < 0) {
                return code;
            }
            if (const int code = resampleFrame(nullptr); code < 0) {
                return code;
            }
        }
        atEnd = true;
        if (const int code = encodeQueued(true); code < 0) {
            return code;
        }
        avcodec_send_frame(encoder.get(), nullptr);
        return drainEncoder();
    }

    /// Decoder, resampler and AAC encoder. @returns false where one of them is missing
    bool prepareRecoding() {
        const AVCodecParameters& parameters = *source().codecpar;
        const AVCodec* from = avcodec_find_decoder(parameters.codec_id);
        const AVCodec* to = avcodec_find_encoder(AV_CODEC_ID_AAC);
        if (from == nullptr || to == nullptr) {
            return false;
        }
        decoder.reset(avcodec_alloc_context3(from));
        encoder.reset(avcodec_alloc_context3(to));
        if (!decoder || !encoder || avcodec_parameters_to_context(decoder.get(), &parameters) < 0) {
            return false;
        }
        decoder->pkt_timebase = source().time_base;
        if (avcodec_open2(decoder.get(), from, nullptr) < 0 || decoder->sample_rate <= 0 ||
            decoder->ch_layout.nb_channels <= 0) {
            return false;
        }
        if (decoder->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC) {
            av_channel_layout_default(&decoder->ch_layout, decoder->ch_layout.nb_channels);
        }
        encoder->sample_fmt = AV_SAMPLE_FMT_FLTP;
        encoder->sample_rate = decoder->sample_rate;
        if (to->supported_samplerates != nullptr) {
            int best = 48000;
            for (const int* rate = to->supported_samplerates; *rate != 0; ++rate) {
                if (*rate == decoder->sample_rate) {
                    best = *rate;
                }
            }
            encoder->sample_rate = best;
        }
        av_channel_layout_default(&encoder->ch_layout, decoder->ch_layout.nb_channels == 1 ? 1 : 2);
        encoder->bit_rate = encoder->ch_layout.nb_channels == 1 ? 96000 : 160000;
        encoder->time_base = {1, encoder->sample_rate};
        encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
        if (avcodec_open2(encoder.get(), to, nullptr) < 0) {
            return false;
        }
        SwrContext* raw = nullptr;
        if (swr_alloc_set_opts2(&raw, &encoder->ch_layout, encoder->sample_fmt, encoder->sample_rate,
                                &decoder->ch_layout, decoder->sample_fmt, decoder->sample_rate, 0,
                                nullptr) < 0) {
            return false;
        }
        resampler.reset(raw);
        fifo.reset(av_audio_fifo_alloc(encoder->sample_fmt, encoder->ch_layout.nb_channels, 8192));
        return fifo && swr_init(raw) >= 0;
    }
};

SoundTrack::SoundTrack(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SoundTrack::~SoundTrack() = default;

std::unique_ptr<SoundTrack> SoundTrack::add(AVFormatContext& output, const std::filesystem::path& source,
                                            double startSeconds, double endSeconds) {
    auto impl = std::make_unique<Impl>();
    int code = 0;
    impl->input = ffmpeg::openFile(source, code);
    if (!impl->input || avformat_find_stream_info(impl->input.get(), nullptr) < 0) {
        logWarning("The sound of " + ffmpeg::quotedName(source) +
                   " cannot be read; the video is written without sound.");
        return nullptr;
    }
    AVFormatContext& input = *impl->input;
    impl->inputIndex = av_find_best_stream(&input, AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
    if (impl->inputIndex < 0) {
        return nullptr; // silent clips are common and need no words
    }
    for (unsigned i = 0; i < input.nb_streams; ++i) {
        input.streams[i]->discard =
            static_cast<int>(i) == impl->inputIndex ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    }
    impl->output = &output;
    impl->start = firstPictureSeconds(source) + startSeconds;
    if (endSeconds >= 0) {
        impl->end = endSeconds - startSeconds;
    }
    const AVCodecParameters& parameters = *impl->source().codecpar;
    const bool copied = std::find(kCopied.begin(), kCopied.end(), parameters.codec_id) != kCopied.end();
    if (!copied && !impl->prepareRecoding()) {
        logWarning("The sound of " + ffmpeg::quotedName(source) + " (" +
                   avcodec_get_name(parameters.codec_id) +
                   ") cannot be decoded; the video is written without sound.");
        return nullptr;
    }
    impl->track = avformat_new_stream(&output, nullptr);
    if (impl->track == nullptr) {
        throw std::bad_alloc();
    }
    if (copied) {
        avcodec_parameters_copy(impl->track->codecpar, &parameters);
        impl->track->codecpar->codec_tag = 0; // the other container's mark
        impl->track->time_base = impl->source().time_base;
    } else {
        avcodec_parameters_from_context(impl->track->codecpar, impl->encoder.get());
        impl->track->time_base = impl->encoder->time_base;
    }
    // A second early: sound decoders need a run-up, and some containers only seek roughly.
    const double from = impl->start - 1;
    if (startSeconds > 1) {
        av_seek_frame(&input, impl->inputIndex,
                      static_cast<std::int64_t>(from / av_q2d(impl->source().time_base)),
                      AVSEEK_FLAG_BACKWARD);
    }
    return std::unique_ptr<SoundTrack>(new SoundTrack(std::move(impl)));
}

int SoundTrack::writeUntil(double seconds) {
    Impl& self = *impl_;
    while (!self.atEnd && self.written < seconds) {
        const bool got = self.read();
        int code = 0;
        if (self.encoder) {
            code = got ? self.recodePacket(self.packet.get()) : 0;
            if (code >= 0 && (!got || self.atEnd)) {
                return self.finishRecoding();
            }
        } else if (got) {
            code = self.copyPacket();
        }
        if (code < 0) {
            return code;
        }
        self.atEnd = self.atEnd || !got;
    }
    return 0;
}

} // namespace body4d
