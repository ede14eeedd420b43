#include "base/log.h"
#include "video/camera_recorder_internal.h"
#include "video/encoder_internal.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <mutex>
#include <sys/file.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace body4d {

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

constexpr AVRational kMillisecond{1, 1000}; ///< Matroska's usual tick
constexpr auto kDiskLook = std::chrono::milliseconds(500);

std::size_t bytesOf(const AVFrame& frame) {
    std::size_t bytes = 0;
    for (const AVBufferRef* buffer : frame.buf) {
        bytes += buffer != nullptr ? buffer->size : 0;
    }
    return bytes;
}

std::uintmax_t freeBytesOf(const fs::path& folder) {
    std::error_code error;
    const auto space = fs::space(folder, error);
    return error ? UINTMAX_MAX : space.available;
}

/// "walk.part.mkv" for "walk.mkv": any player opens it.
fs::path partOf(const fs::path& file) {
    return file.parent_path() / (file.stem().string() + ".part" + file.extension().string());
}

Error cannotRecord(const fs::path& file, int error) {
    const std::string detail = file.string() + ": " + std::strerror(error);
    if (error == ENOSPC || error == EDQUOT) {
        return Error(ErrorCode::Output, "The disk is full: nothing can be recorded there.",
                     "Free some space or choose another folder.", detail);
    }
    if (error == EEXIST) {
        return Error(ErrorCode::Output, "There is a recording " + ffmpeg::quotedName(file) + " already.",
                     "Choose another name.", detail);
    }
    return Error(ErrorCode::Output,
                 "Nothing can be recorded into the folder '" + file.parent_path().string() + "'.",
                 "Choose a folder that you may write to.", detail);
}

struct Waiting {
    ffmpeg::FramePtr frame;
    std::int64_t ticks = 0;
    std::size_t bytes = 0;
};

} // namespace

struct CameraRecorder::Impl {
    Impl(const fs::path& wanted, double rate, RecordingLimits wantedLimits)
        : file(fs::absolute(wanted)), part(partOf(file)), fps(rate > 0 && rate <= 1000 ? rate : 30),
          limits(std::move(wantedLimits)) {
        if (!limits.freeBytes) {
            limits.freeBytes = freeBytesOf;
        }
        std::error_code error;
        fs::create_directories(file.parent_path(), error);
        if (fs::exists(file, error)) {
            throw cannotRecord(file, EEXIST);
        }
        // Held open and locked while it is written, so that others know that it is not left over.
        descriptor = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (descriptor < 0) {
            throw cannotRecord(file, errno);
        }
        ::flock(descriptor, LOCK_EX | LOCK_NB);
        told.freeBytes = limits.freeBytes(file.parent_path());
        if (told.freeBytes <= limits.keepFree) {
            const auto full = cannotRecord(file, ENOSPC);
            removePart();
            throw full;
        }
        thread = std::jthread([this] { run(); });
    }

    ~Impl() {
        {
            const std::scoped_lock lock(mutex);
            queue.clear();
            closed = true;
        }
        changed.notify_all();
        if (thread.joinable()) {
            thread.join();
        }
        muxer.reset();
        if (!finished) {
            removePart();
        } else if (descriptor >= 0) {
            ::close(descriptor);
        }
    }

    void removePart() {
        std::error_code ignored;
        fs::remove(part, ignored);
        if (descriptor >= 0) {
            ::close(descriptor);
            descriptor = -1;
        }
    }

    // Writer's thread

    void run() {
        try {
            auto looked = Clock::now();
            for (;;) {
                Waiting next;
                {
                    std::unique_lock lock(mutex);
                    changed.wait(lock, [this] { return closed || !queue.empty(); });
                    if (queue.empty()) {
                        break;
                    }
                    next = std::move(queue.front());
                    queue.pop_front();
                    told.waiting = static_cast<std::int64_t>(queue.size());
                }
                if (limits.beforeWrite) {
                    limits.beforeWrite();
                }
                write(*next.frame, next.ticks);
                std::optional<std::uintmax_t> left;
                if (const auto now = Clock::now(); now - looked >= kDiskLook) {
                    looked = now;
                    left = limits.freeBytes(file.parent_path());
                }
                const std::scoped_lock lock(mutex);
                queuedBytes -= next.bytes;
                ++told.written;
                told.bytes =
                    muxer ? static_cast<std::uintmax_t>(std::max<std::int64_t>(avio_tell(muxer->pb), 0)) : 0;
                if (left) {
                    told.freeBytes = *left;
                    if (*left <= limits.keepFree) {
                        throw cannotRecord(file, ENOSPC);
                    }
                }
            }
        } catch (...) {
            const std::scoped_lock lock(mutex);
            failure = std::current_exception();
            queue.clear();
            queuedBytes = 0;
            told.waiting = 0;
        }
    }

    void start(const AVFrame& picture) {
        EncoderWish wish;
        width = picture.width / 2 * 2;
        height = picture.height / 2 * 2;
        wish.width = width;
        wish.height = height;
        wish.fps = fps;
        wish.quality = 20;
        wish.timeBase = kMillisecond;
        wish.live = true;
        // Cameras' pictures keep their own colours: only the range and the sampling change. No tag means
        // BT.601, as when they are looked at.
        const bool rgb = isRgb(picture);
        wish.matrix =
            rgb || picture.colorspace == AVCOL_SPC_UNSPECIFIED ? AVCOL_SPC_SMPTE170M : picture.colorspace;
        wish.primaries = picture.color_primaries;
        wish.transfer = picture.color_trc;
        encoder = openEncoder(wish, file);
        const std::string url = "file:" + part.string();
        muxer = makeMuxer("matroska", url, *encoder);
        AVFormatContext* raw = muxer.get();
        stream = raw->streams[0];
        require(avio_open(&raw->pb, url.c_str(), AVIO_FLAG_WRITE));
        raw->flags |= AVFMT_FLAG_FLUSH_PACKETS;
        AVDictionary* options = nullptr;
        av_dict_set(&options, "cluster_time_limit", "1000", 0); // ms that a killed program loses at most
        const int code = avformat_write_header(raw, &options);
        av_dict_free(&options);
        require(code);
        headerWritten = true;
    }

    static bool isRgb(const AVFrame& frame) {
        const AVPixFmtDescriptor* description = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
        return description != nullptr &&
               (description->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0;
    }

    void write(const AVFrame& picture, std::int64_t ticks) {
        if (!headerWritten) {
            start(picture);
        }
        auto frame = ffmpeg::newFrame();
        frame->width = width;
        frame->height = height;
        frame->format = AV_PIX_FMT_YUV420P;
        frame->color_range = encoder->color_range;
        frame->colorspace = encoder->colorspace;
        if (av_frame_get_buffer(frame.get(), 0) < 0) {
            throw std::bad_alloc();
        }
        convert(picture, *frame);
        const std::int64_t at = av_rescale_q(ticks, kMillisecond, encoder->time_base);
        lastTicks = lastTicks ? std::max(at, *lastTicks + 1) : at;
        frame->pts = *lastTicks;
        require(avcodec_send_frame(encoder.get(), frame.get()));
        drain();
    }

    void convert(const AVFrame& from, AVFrame& to) {
        auto format = static_cast<AVPixelFormat>(from.format);
        // Cameras may change their size in the middle; the file keeps the first one.
        const bool same = from.width / 2 * 2 == width && from.height / 2 * 2 == height;
        const int fromWidth = same ? width : from.width, fromHeight = same ? height : from.height;
        if (!scaler || sourceFormat != format || sourceWidth != fromWidth || sourceHeight != fromHeight) {
            scaler.reset(sws_getContext(fromWidth, fromHeight, format, width, height, AV_PIX_FMT_YUV420P,
                                        SWS_BICUBIC | SWS_ACCURATE_RND, nullptr, nullptr, nullptr));
            if (!scaler) {
                throw Error(ErrorCode::Output, "The camera's pictures cannot be recorded.",
                            "Choose another size: cameras often have another format for it.",
                            av_get_pix_fmt_name(format) != nullptr ? av_get_pix_fmt_name(format) : "");
            }
            const bool full = from.color_range == AVCOL_RANGE_JPEG || isRgb(from) ||
                              format == AV_PIX_FMT_YUVJ420P || format == AV_PIX_FMT_YUVJ422P ||
                              format == AV_PIX_FMT_YUVJ444P;
            const int* matrix = sws_getCoefficients(encoder->colorspace);
            sws_setColorspaceDetails(scaler.get(), matrix, full ? 1 : 0, matrix, 0, 0, 1 << 16, 1 << 16);
            sourceFormat = format;
            sourceWidth = fromWidth;
            sourceHeight = fromHeight;
        }
        sws_scale(scaler.get(), from.data, from.linesize, 0, fromHeight, to.data, to.linesize);
    }

    void drain() {
        for (;;) {
            auto packet = ffmpeg::newPacket();
            const int code = avcodec_receive_packet(encoder.get(), packet.get());
            if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) {
                return;
            }
            require(code);
            if (held) { // the last packet waits for its length
                mux(*held);
            }
            held = std::move(packet);
        }
    }

    void mux(AVPacket& packet) {
        av_packet_rescale_ts(&packet, encoder->time_base, stream->time_base);
        packet.stream_index = stream->index;
        require(av_write_frame(muxer.get(), &packet));
        if (muxer->pb->error < 0) {
            require(muxer->pb->error);
        }
        ++muxed;
    }

    void require(int code) const {
        if (code < 0) {
            throw cannotRecord(file, AVUNERROR(code) > 0 ? AVUNERROR(code) : EIO);
        }
    }

    // Callers' threads

    void offer(const AVFrame& frame, double seconds) {
        const std::size_t bytes = bytesOf(frame);
        {
            const std::scoped_lock lock(mutex);
            if (closed || failure) {
                return;
            }
            if (!first) {
                first = seconds;
            }
            told.seconds = seconds - *first;
            // One picture always has room.
            if (queuedBytes > 0 && queuedBytes + bytes > limits.queueBytes) {
                ++told.dropped;
                return;
            }
            queue.push_back({ffmpeg::share(frame), std::llround(told.seconds * 1000), bytes});
            queuedBytes += bytes;
            told.waiting = static_cast<std::int64_t>(queue.size());
        }
        changed.notify_one();
    }

    Recording finish(std::string because) {
        BODY4D_EXPECT(!finished);
        {
            const std::scoped_lock lock(mutex);
            closed = true;
        }
        changed.notify_all();
        thread.join();
        std::exception_ptr error = failure; // nobody else is left
        try {
            if (!failure && encoder) {
                avcodec_send_frame(encoder.get(), nullptr);
                drain();
            }
            if (held && headerWritten) {
                held->duration = std::max<std::int64_t>(
                    av_rescale_q(std::llround(1000 / fps), kMillisecond, encoder->time_base), 1);
                mux(*held);
                held.reset();
            }
        } catch (...) {
            error = error ? error : std::current_exception();
        }
        int code = 0;
        if (headerWritten) {
            // Also after a failure: what is on the disk gets its length and its index where there is room for
            // them.
            code = av_write_trailer(muxer.get());
            const int closing = avio_closep(&muxer->pb);
            code = code < 0 ? code : closing;
        }
        muxer.reset();
        if (muxed == 0) {
            if (error) {
                std::rethrow_exception(error); // the destructor removes the empty file
            }
            throw Error(ErrorCode::Output, "Nothing was recorded: no picture came.",
                        "Record a little longer.", file.string());
        }
        if (error) {
            because = reasonOf(error);
        } else if (code < 0) {
            because =
                std::string("The end of the recording could not be written (") + ffmpeg::message(code) + ").";
        }
        finished = true; // from here on nothing may remove it
        publish();
        std::error_code ignored;
        return {file, told.seconds + 1 / fps, muxed, told.dropped, fs::file_size(file, ignored), because};
    }

    static std::string reasonOf(const std::exception_ptr& error) {
        try {
            std::rethrow_exception(error);
        } catch (const std::exception& e) {
            return e.what();
        } catch (...) {
            return "The recording failed.";
        }
    }

    /// The name stays with the content through a loss of power.
    void publish() {
        ::fsync(descriptor);
        if (::renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, file.c_str(), RENAME_NOREPLACE) != 0) {
            std::error_code error;
            if (errno == EEXIST) {
                file = freeRecordingName(file.parent_path());
            }
            fs::rename(part, file, error);
            if (error) {
                throw Error(ErrorCode::Output, "The recording could not get its name.",
                            "It is whole; rename it by hand: " + part.string(), error.message());
            }
        }
        if (const int folder = ::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            folder >= 0) {
            ::fsync(folder);
            ::close(folder);
        }
    }

    fs::path file, part;
    const double fps;
    RecordingLimits limits;
    int descriptor = -1;

    mutable std::mutex mutex;
    std::condition_variable changed;
    std::deque<Waiting> queue;
    std::size_t queuedBytes = 0; ///< waiting or being written
    bool closed = false;
    std::exception_ptr failure;
    std::optional<double> first;
    RecordingProgress told;

    // Writer's thread; finish() after it has ended.
    int width = 0, height = 0;
    ffmpeg::CodecPtr encoder;
    MuxerPtr muxer;
    AVStream* stream = nullptr;
    ffmpeg::ScalerPtr scaler;
    AVPixelFormat sourceFormat = AV_PIX_FMT_NONE;
    int sourceWidth = 0, sourceHeight = 0;
    ffmpeg::PacketPtr held;
    std::optional<std::int64_t> lastTicks;
    std::int64_t muxed = 0; ///< pictures handed to the file
    bool headerWritten = false, finished = false;
    std::jthread thread; ///< last: joined before the rest goes
};

CameraRecorder::CameraRecorder(const fs::path& file, double fps, RecordingLimits limits)
    : impl_(std::make_unique<Impl>(file, fps, std::move(limits))) {}
CameraRecorder::~CameraRecorder() = default;
void CameraRecorder::offer(const AVFrame& frame, double seconds) {
    impl_->offer(frame, seconds);
}
RecordingProgress CameraRecorder::progress() const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->told;
}
bool CameraRecorder::ended() const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->failure != nullptr;
}
Recording CameraRecorder::finish(const std::string& because) {
    return impl_->finish(because);
}

} // namespace body4d
