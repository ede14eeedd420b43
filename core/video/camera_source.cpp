#include "video/camera_source_internal.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <dlfcn.h>
#include <string_view>
#include <thread>
#include <utility>

namespace body4d {

CameraSource::~CameraSource() = default;

namespace {

using Clock = std::chrono::steady_clock;

/// A camera that gives nothing for this long is stuck.
constexpr auto kPatience = std::chrono::seconds(8);
/// Between looks at a device that has nothing yet: a fraction of a frame at 120 a second.
constexpr auto kNap = std::chrono::milliseconds(2);
constexpr int kBrokenPictures = 100; ///< in a row, before it is given up

/// libavdevice and libavformat always have the same major version.
constexpr int kDeviceVersion = LIBAVFORMAT_VERSION_MAJOR;

/// The devices join FFmpeg's list of formats. The library is loaded when a camera is wanted, since it brings
/// dozens of others along that every start of the program would pay for.
bool loadDevices() {
    static const bool loaded = [] {
        const std::string library = "libavdevice.so." + std::to_string(kDeviceVersion);
        void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (handle == nullptr) {
            return false;
        }
        auto* registerAll = reinterpret_cast<void (*)()>(dlsym(handle, "avdevice_register_all"));
        if (registerAll == nullptr) {
            return false;
        }
        registerAll();
        return true;
    }();
    return loaded;
}

class DeviceSource final : public CameraSource {
public:
    DeviceSource(const std::string& id, const CameraMode& mode, const std::stop_token& stop)
        : packet_(ffmpeg::newPacket()), frame_(ffmpeg::newFrame()), stop_(stop) {
        const std::size_t colon = id.find(':');
        kind_ = id.substr(0, colon);
        place_ = colon == std::string::npos ? std::string() : id.substr(colon + 1);
        if ((kind_ != "v4l2" && kind_ != "lavfi") || place_.empty()) {
            throw Error(ErrorCode::Usage, "'" + id + "' is not a camera.",
                        "Cameras are named as in: v4l2:/dev/video0", id);
        }
        ffmpeg::quietLogging();
        if (!loadDevices()) {
            const char* reason = dlerror();
            throw Error(ErrorCode::Input, "FFmpeg's library for cameras is not installed.",
                        "Install it (Debian: apt install libavdevice" + std::to_string(kDeviceVersion) + ").",
                        reason != nullptr ? reason : "");
        }
        open(mode);
        openDecoder();
    }

    const AVFrame* next(const std::stop_token& stop) override {
        stop_ = stop;
        const auto begin = Clock::now();
        int broken = 0;
        while (!stop.stop_requested()) {
            int code = avcodec_receive_frame(decoder_.get(), frame_.get());
            if (code == 0) {
                if (frame_->width > 0 && frame_->height > 0) {
                    return frame_.get();
                }
                continue;
            }
            if (code != AVERROR(EAGAIN)) {
                why_ = gone(code);
                return nullptr;
            }
            av_packet_unref(packet_.get());
            code = av_read_frame(format_.get(), packet_.get());
            if (code == AVERROR(EAGAIN)) {
                if (Clock::now() - begin > kPatience) {
                    why_ = Error(ErrorCode::Input, "The camera " + name() + " gives no pictures.",
                                 "Unplug it and plug it in again, or choose a smaller size.", place_);
                    return nullptr;
                }
                std::this_thread::sleep_for(kNap);
                continue;
            }
            if (code < 0) {
                if (!stop.stop_requested()) {
                    why_ = gone(code);
                }
                return nullptr;
            }
            // Cables lose parts of pictures: those are passed over.
            const bool good = packet_->stream_index == stream_ && packet_->size > 0 &&
                              (packet_->flags & AV_PKT_FLAG_CORRUPT) == 0 &&
                              avcodec_send_packet(decoder_.get(), packet_.get()) >= 0;
            broken = good ? 0 : broken + 1;
            if (broken > kBrokenPictures) {
                why_ =
                    Error(ErrorCode::Input, "The camera " + name() + " gives pictures that cannot be read.",
                          "Choose another size, or try another socket or cable.", place_);
                return nullptr;
            }
        }
        return nullptr;
    }

    AVRational timeBase() const override { return format_->streams[stream_]->time_base; }
    double nominalFps() const override {
        const AVStream& stream = *format_->streams[stream_];
        const AVRational rate = stream.avg_frame_rate.num > 0 ? stream.avg_frame_rate : stream.r_frame_rate;
        return rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 0;
    }
    std::optional<Error> why() const override { return why_; }

private:
    [[nodiscard]] std::string name() const {
        std::string text("'");
        text += kind_ == "v4l2" ? place_ : std::string("test");
        return text + "'";
    }

    void open(const CameraMode& mode) {
        const AVInputFormat* kind = av_find_input_format(kind_.c_str());
        if (kind == nullptr) {
            throw Error(ErrorCode::Input, "This machine's FFmpeg cannot read cameras.",
                        "Install Debian's FFmpeg libraries.", kind_);
        }
        AVFormatContext* raw = avformat_alloc_context();
        if (raw == nullptr) {
            throw std::bad_alloc();
        }
        // Reading never waits in the driver, where nobody could call it back.
        raw->flags |= AVFMT_FLAG_NONBLOCK;
        raw->interrupt_callback = {
            [](void* self) { return static_cast<DeviceSource*>(self)->stop_.stop_requested() ? 1 : 0; },
            this};
        AVDictionary* options = nullptr;
        if (kind_ == "v4l2") {
            if (mode.width > 0 && mode.height > 0) {
                av_dict_set(&options, "video_size",
                            (std::to_string(mode.width) + "x" + std::to_string(mode.height)).c_str(), 0);
            }
            if (mode.fps > 0) {
                const AVRational rate = av_d2q(mode.fps, 100000);
                av_dict_set(&options, "framerate",
                            (std::to_string(rate.num) + "/" + std::to_string(rate.den)).c_str(), 0);
            }
            if (!mode.format.empty()) {
                av_dict_set(&options, "input_format", mode.format.c_str(), 0);
            }
        }
        const int code =
            avformat_open_input(&raw, place_.c_str(), kind, &options); // frees `raw` when it fails
        av_dict_free(&options);
        if (code < 0) {
            throw cannotOpen(code);
        }
        format_.reset(raw);
        stream_ = ffmpeg::findVideoStream(*format_);
        if (stream_ < 0) {
            throw cannotOpen(AVERROR_STREAM_NOT_FOUND);
        }
    }

    void openDecoder() {
        const AVCodecParameters& parameters = *format_->streams[stream_]->codecpar;
        const AVCodec* codec = avcodec_find_decoder(parameters.codec_id);
        decoder_.reset(codec != nullptr ? avcodec_alloc_context3(codec) : nullptr);
        if (decoder_) {
            decoder_->thread_count = 1; // threads would hold pictures back
            decoder_->pkt_timebase = timeBase();
        }
        int code = AVERROR_DECODER_NOT_FOUND;
        if (!decoder_ || (code = avcodec_parameters_to_context(decoder_.get(), &parameters)) < 0 ||
            (code = avcodec_open2(decoder_.get(), codec, nullptr)) < 0) {
            throw Error(ErrorCode::Input,
                        "The camera " + name() + " sends " + avcodec_get_name(parameters.codec_id) +
                            ", which this machine's FFmpeg cannot decode.",
                        "Choose another size: cameras often have another format for it.",
                        place_ + ": " + ffmpeg::message(code));
        }
    }

    [[nodiscard]] Error cannotOpen(int code) const {
        const std::string detail = place_ + ": " + ffmpeg::message(code);
        switch (code) {
        case AVERROR(EACCES):
        case AVERROR(EPERM):
            return cameraNotAllowed(name(), place_);
        case AVERROR(EBUSY):
            return Error(ErrorCode::Input, "The camera " + name() + " is in use by another program.",
                         "Close that program (a call, a tab of the browser), then try again.", detail);
        case AVERROR(ENOENT):
        case AVERROR(ENODEV):
        case AVERROR(ENXIO):
            return Error(ErrorCode::Input, "The camera " + name() + " is not there any more.",
                         "Plug it in again, then choose it from the list.", detail);
        default:
            return Error(ErrorCode::Input, "The camera " + name() + " cannot be opened.",
                         "Choose another size, or unplug it and plug it in again.", detail);
        }
    }

    [[nodiscard]] Error gone(int code) const {
        return Error(ErrorCode::Input, "The camera " + name() + " is gone.",
                     "Plug it in again, then choose it from the list.",
                     place_ + ": " + ffmpeg::message(code));
    }

    std::string kind_, place_;
    ffmpeg::InputPtr format_;
    int stream_ = -1;
    ffmpeg::CodecPtr decoder_;
    ffmpeg::PacketPtr packet_;
    ffmpeg::FramePtr frame_;
    std::stop_token stop_;
    std::optional<Error> why_;
};

} // namespace

std::unique_ptr<CameraSource> openDevice(const std::string& id, const CameraMode& mode,
                                         const std::stop_token& stop) {
    return std::make_unique<DeviceSource>(id, mode, stop);
}

double CameraClock::seconds(std::int64_t ticks, AVRational timeBase, double arrival) {
    /// A clock that goes back, or ahead of the arrival by more than this, was set anew. Pictures that come
    /// late are just late: their times hold.
    constexpr double kJump = 2;
    constexpr double kLeast = 0.001;
    if (!last_) {
        firstArrival_ = arrival;
    }
    double now = arrival - firstArrival_;
    if (ticks != AV_NOPTS_VALUE && timeBase.num > 0 && timeBase.den > 0) {
        const double device = static_cast<double>(ticks) * av_q2d(timeBase);
        if (!anchored_ || device + offset_ < *last_ || device + offset_ > now + kJump) {
            offset_ = now - device;
            anchored_ = true;
        }
        now = device + offset_;
    }
    last_ = last_ ? std::max(now, *last_ + kLeast) : 0;
    return *last_;
}

} // namespace body4d
