#include "video/sound_reader.h"

#include "video/ffmpeg_internal.h"
#include "video/sound_track_internal.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <vector>

extern "C" {
#include <libavutil/channel_layout.h>
}

namespace body4d {
namespace {

/// Silence that is put in for one hole at most: a time stamp that jumps by hours is damage.
constexpr double kLongestHole = 600;

} // namespace

struct SoundReader::Impl {
    ffmpeg::InputPtr input;
    int index = -1;
    int rate = 48000;
    double firstPicture = 0; ///< container seconds
    ffmpeg::CodecPtr decoder;
    std::unique_ptr<SwrContext, ResamplerFree> resampler;
    ffmpeg::PacketPtr packet = ffmpeg::newPacket();
    ffmpeg::FramePtr frame = ffmpeg::newFrame();
    std::deque<std::int16_t> ready; ///< interleaved
    std::int64_t next = 0;          ///< sample pair behind `ready`, from the first picture
    std::int64_t wanted = 0;        ///< pair that seek() asked for: what comes before is dropped
    bool placed = false; ///< whether `next` is known
    bool drained = false;

    [[nodiscard]] AVStream& stream() const { return *input->streams[index]; }

    /// Appends what lies behind the moment that was asked for. @param samples null: silence
    void append(const std::int16_t* samples, std::int64_t count) {
        const auto skip = std::clamp<std::int64_t>(wanted - next, 0, count);
        const auto kept = static_cast<std::size_t>((count - skip) * kChannels);
        if (samples != nullptr) {
            ready.insert(ready.end(), samples + skip * kChannels, samples + skip * kChannels + kept);
        } else {
            ready.insert(ready.end(), kept, 0);
        }
        next += count;
    }

    /// Where a decoded frame stands: the first one after a jump says where decoding landed, later ones may leave a hole.
    void place(std::int64_t at) {
        const auto longest = std::llround(kLongestHole * rate);
        if (!placed) {
            placed = true;
            next = std::min(at, wanted);
            if (at > wanted) { // sound that begins later
                append(nullptr, std::min<std::int64_t>(at - wanted, longest));
            }
        } else if (static_cast<double>(at - next) > kSoundHoleSeconds * rate) {
            append(nullptr, std::min<std::int64_t>(at - next, longest));
        }
    }

    void take(const AVFrame* in) {
        const int room = swr_get_out_samples(resampler.get(), in != nullptr ? in->nb_samples : 0);
        if (room <= 0) {
            return;
        }
        if (in != nullptr) {
            const auto pts = in->pts != AV_NOPTS_VALUE ? in->pts : in->best_effort_timestamp;
            if (pts != AV_NOPTS_VALUE) {
                const double delay = static_cast<double>(swr_get_delay(resampler.get(), rate)) / rate;
                place(std::llround((static_cast<double>(pts) * av_q2d(stream().time_base) - firstPicture - delay) * rate));
            } else if (!placed) {
                place(wanted);
            }
        }
        std::vector<std::int16_t> samples(static_cast<std::size_t>(room) * kChannels);
        auto* plane = reinterpret_cast<std::uint8_t*>(samples.data());
        const int count = swr_convert(resampler.get(), &plane, room,
                                      in != nullptr ? const_cast<const std::uint8_t**>(in->extended_data) : nullptr,
                                      in != nullptr ? in->nb_samples : 0);
        if (count > 0) {
            append(samples.data(), count);
        }
    }

    /// Decodes one packet more. @returns false at the end
    bool advance() {
        while (av_read_frame(input.get(), packet.get()) >= 0) {
            const bool ours = packet->stream_index == index;
            if (ours && avcodec_send_packet(decoder.get(), packet.get()) >= 0) {
                while (avcodec_receive_frame(decoder.get(), frame.get()) >= 0) {
                    take(frame.get());
                }
            }
            av_packet_unref(packet.get());
            if (ours) {
                return true;
            }
        }
        if (!drained) {
            drained = true;
            avcodec_send_packet(decoder.get(), nullptr);
            while (avcodec_receive_frame(decoder.get(), frame.get()) >= 0) {
                take(frame.get());
            }
            take(nullptr);
            return true;
        }
        return false;
    }

    bool prepare() {
        const AVCodecParameters& parameters = *stream().codecpar;
        const AVCodec* codec = avcodec_find_decoder(parameters.codec_id);
        if (codec == nullptr) {
            return false;
        }
        decoder.reset(avcodec_alloc_context3(codec));
        if (!decoder || avcodec_parameters_to_context(decoder.get(), &parameters) < 0) {
            return false;
        }
        decoder->pkt_timebase = stream().time_base;
        if (avcodec_open2(decoder.get(), codec, nullptr) < 0 || decoder->sample_rate <= 0 ||
            decoder->ch_layout.nb_channels <= 0) {
            return false;
        }
        if (decoder->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC) {
            av_channel_layout_default(&decoder->ch_layout, decoder->ch_layout.nb_channels);
        }
        return prepareResampler();
    }

    bool prepareResampler() {
        AVChannelLayout stereo{};
        av_channel_layout_default(&stereo, kChannels);
        SwrContext* raw = nullptr;
        const int code = swr_alloc_set_opts2(&raw, &stereo, AV_SAMPLE_FMT_S16, rate, &decoder->ch_layout, decoder->sample_fmt,
                                             decoder->sample_rate, 0, nullptr);
        av_channel_layout_uninit(&stereo);
        resampler.reset(raw);
        return code >= 0 && swr_init(raw) >= 0;
    }
};

SoundReader::SoundReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SoundReader::~SoundReader() = default;

std::unique_ptr<SoundReader> SoundReader::open(const std::filesystem::path& path, int samplesPerSecond) {
    auto impl = std::make_unique<Impl>();
    impl->rate = samplesPerSecond;
    int code = 0;
    impl->input = ffmpeg::openFile(path, code);
    if (!impl->input || avformat_find_stream_info(impl->input.get(), nullptr) < 0) {
        return nullptr;
    }
    AVFormatContext& input = *impl->input;
    impl->index = av_find_best_stream(&input, AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
    if (impl->index < 0) {
        return nullptr;
    }
    for (unsigned i = 0; i < input.nb_streams; ++i) {
        input.streams[i]->discard = static_cast<int>(i) == impl->index ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    }
    impl->firstPicture = firstPictureSeconds(path);
    if (!impl->prepare()) {
        return nullptr;
    }
    return std::unique_ptr<SoundReader>(new SoundReader(std::move(impl)));
}

void SoundReader::seek(double seconds) {
    Impl& self = *impl_;
    const double target = std::max(0.0, seconds);
    // Decoders need a run-up, and some containers only seek roughly.
    const double from = self.firstPicture + target - 0.5;
    if (av_seek_frame(self.input.get(), self.index, static_cast<std::int64_t>(from / av_q2d(self.stream().time_base)),
                      AVSEEK_FLAG_BACKWARD) < 0) {
        av_seek_frame(self.input.get(), self.index, 0, AVSEEK_FLAG_BACKWARD | AVSEEK_FLAG_ANY);
    }
    avcodec_flush_buffers(self.decoder.get());
    (void)self.prepareResampler(); // forgets what it held back
    self.ready.clear();
    self.drained = false;
    self.wanted = std::llround(target * self.rate);
    self.placed = false;
}

std::size_t SoundReader::read(std::int16_t* out, std::size_t count) {
    Impl& self = *impl_;
    while (self.ready.size() < count * kChannels && self.advance()) {
    }
    const std::size_t values = std::min(self.ready.size(), count * kChannels);
    std::copy_n(self.ready.begin(), values, out);
    self.ready.erase(self.ready.begin(), self.ready.begin() + static_cast<std::ptrdiff_t>(values));
    return values / kChannels;
}

} // namespace body4d
