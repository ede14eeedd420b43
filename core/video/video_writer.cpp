#include "video/video_writer.h"

#include "base/bounded_queue.h"
#include "base/error.h"
#include "base/files.h"
#include "video/encoder_internal.h"
#include "video/sound_track_internal.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>
#include <unistd.h>

namespace body4d {

namespace fs = std::filesystem;

namespace {

/// Ticks that divide the usual frame rates, so that a constant rate stays exactly constant.
AVRational timeBaseFor(double fps) {
    const double thousand = fps * 1001 / 1000;
    if (std::abs(fps - std::round(fps)) > 1e-4 && std::abs(thousand - std::round(thousand)) < 1e-3) {
        return {1, 120000}; // 23.976, 29.97, 59.94
    }
    return {1, 90000};
}

struct Job {
    std::vector<std::uint8_t> rgb;
    std::int64_t ticks = 0;
};

} // namespace

struct VideoWriter::Impl {
    Impl(const fs::path& target, const Options& wanted) : path(target), options(wanted) {
        if (options.width <= 0 || options.height <= 0 || !(options.fps > 0) || options.fps > 10000) {
            throw Error(ErrorCode::Usage, "A video needs a size and a frame rate above zero.",
                        "Give width, height and frames per second.", path.string());
        }
        ffmpeg::quietLogging();
        std::error_code error;
        if (path.has_parent_path()) {
            fs::create_directories(path.parent_path(), error);
        }
        // Its own name, so that two writers of one file do not meet in it.
        static std::atomic<unsigned> counter = 0;
        std::string name(".");
        name += path.filename().string();
        name += ".part" + std::to_string(getpid()) + "-" + std::to_string(counter++);
        partial = path.parent_path() / name;
        try {
            openEncoder();
            openMuxer();
        } catch (...) {
            discard();
            throw;
        }
        thread = std::jthread([this](const std::stop_token& stop) { run(stop); });
    }

    ~Impl() {
        if (!finished) {
            thread.request_stop();
            queue.close();
            if (thread.joinable()) {
                thread.join();
            }
            discard();
        }
    }

    void discard() {
        sound.reset();
        muxer.reset();
        std::error_code ignored;
        fs::remove(partial, ignored);
    }

    [[nodiscard]] Error cannotWrite(int code) const {
        const std::string file = ffmpeg::quotedName(path);
        if (code == AVERROR(ENOSPC)) {
            return Error(ErrorCode::Output, "The disk is full: the video " + file + " cannot be written.",
                         "Free some space or choose another folder.", path.string());
        }
        if (code == AVERROR(EACCES) || code == AVERROR(EROFS) || code == AVERROR(EPERM) ||
            code == AVERROR(ENOENT)) {
            return Error(ErrorCode::Output, "The video " + file + " cannot be written into this folder.",
                         "Choose a folder that you may write to.",
                         path.string() + ": " + ffmpeg::message(code));
        }
        return Error(ErrorCode::Output, "The video " + file + " cannot be written.", "See the details.",
                     path.string() + ": " + ffmpeg::message(code));
    }

    void openEncoder() {
        width = (options.width + 1) / 2 * 2;
        height = (options.height + 1) / 2 * 2;
        EncoderWish wish;
        wish.width = width;
        wish.height = height;
        wish.fps = options.fps;
        wish.quality = options.quality;
        wish.timeBase = timeBaseFor(options.fps);
        encoder = body4d::openEncoder(wish, path);
        timeBase = encoder->time_base;
    }

    void openMuxer() {
        const std::string url = "file:" + partial.string();
        muxer = makeMuxer("mp4", url, *encoder);
        AVFormatContext* raw = muxer.get();
        stream = raw->streams[0];
        stream->avg_frame_rate = encoder->framerate;
        if (!options.soundFrom.empty()) {
            sound =
                SoundTrack::add(*raw, options.soundFrom, options.soundStartSeconds, options.soundEndSeconds);
        }
        if (!options.comment.empty()) {
            av_dict_set(&raw->metadata, "comment", options.comment.c_str(), 0);
        }
        int code = avio_open(&raw->pb, url.c_str(), AVIO_FLAG_WRITE);
        if (code < 0) {
            throw cannotWrite(code);
        }
        AVDictionary* flags = nullptr;
        av_dict_set(&flags, "movflags", "+faststart", 0);
        code = avformat_write_header(raw, &flags);
        av_dict_free(&flags);
        if (code < 0) {
            throw cannotWrite(code);
        }
    }

    // Encoder's thread from here

    void run(const std::stop_token& stop) {
        try {
            while (auto job = queue.pop(stop)) {
                encode(*job);
                const std::scoped_lock lock(mutex);
                if (spare.size() < 4) {
                    spare.push_back(std::move(job->rgb));
                }
            }
        } catch (...) {
            const std::scoped_lock lock(mutex);
            failure = std::current_exception();
            queue.close();
        }
    }

    void encode(const Job& job) {
        if (!scaler) {
            scaler.reset(sws_getContext(options.width, options.height, AV_PIX_FMT_RGB24, options.width,
                                        options.height, AV_PIX_FMT_YUV420P, SWS_BICUBIC | SWS_ACCURATE_RND,
                                        nullptr, nullptr, nullptr));
            if (!scaler) {
                throw cannotWrite(AVERROR(EINVAL));
            }
            sws_setColorspaceDetails(scaler.get(), sws_getCoefficients(SWS_CS_ITU709), 1,
                                     sws_getCoefficients(SWS_CS_ITU709), 0, 0, 1 << 16, 1 << 16);
        }
        auto frame = ffmpeg::newFrame();
        frame->width = width;
        frame->height = height;
        frame->format = AV_PIX_FMT_YUV420P;
        frame->color_range = encoder->color_range;
        frame->colorspace = encoder->colorspace;
        frame->color_primaries = encoder->color_primaries;
        frame->color_trc = encoder->color_trc;
        if (const int code = av_frame_get_buffer(frame.get(), 0); code < 0) {
            throw std::bad_alloc();
        }
        const std::uint8_t* planes[1] = {job.rgb.data()};
        const int strides[1] = {options.width * 3};
        sws_scale(scaler.get(), planes, strides, 0, options.height, frame->data, frame->linesize);
        padEdges(*frame);
        frame->pts = job.ticks;
        if (const int code = avcodec_send_frame(encoder.get(), frame.get()); code < 0) {
            throw cannotWrite(code);
        }
        drain();
    }

    /// Odd sizes: the last column and row are repeated.
    void padEdges(AVFrame& frame) const {
        if (width != options.width) {
            for (int y = 0; y < options.height; ++y) {
                std::uint8_t* row = frame.data[0] + std::ptrdiff_t{y} * frame.linesize[0];
                row[width - 1] = row[width - 2];
            }
        }
        if (height != options.height) {
            std::memcpy(frame.data[0] + std::ptrdiff_t{height - 1} * frame.linesize[0],
                        frame.data[0] + std::ptrdiff_t{height - 2} * frame.linesize[0],
                        static_cast<std::size_t>(width));
        }
    }

    void drain() {
        for (;;) {
            auto packet = ffmpeg::newPacket();
            const int code = avcodec_receive_packet(encoder.get(), packet.get());
            if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) {
                return;
            }
            if (code < 0) {
                throw cannotWrite(code);
            }
            // The last packet waits for its duration.
            if (held) {
                mux(*held);
            }
            held = std::move(packet);
        }
    }

    void mux(AVPacket& packet) {
        const double seconds = static_cast<double>(packet.dts) * av_q2d(timeBase);
        av_packet_rescale_ts(&packet, timeBase, stream->time_base);
        packet.stream_index = stream->index;
        if (const int code = av_interleaved_write_frame(muxer.get(), &packet); code < 0) {
            throw cannotWrite(code);
        }
        // Sound keeps pace, so that the muxer never holds much.
        if (sound) {
            if (const int code = sound->writeUntil(seconds + 0.5); code < 0) {
                throw cannotWrite(code);
            }
        }
    }

    // Caller's thread from here

    void rethrow() {
        std::exception_ptr error;
        {
            const std::scoped_lock lock(mutex);
            error = failure;
        }
        if (error) {
            std::rethrow_exception(error);
        }
    }

    void write(const Image& frame, double seconds) {
        BODY4D_EXPECT(!finished);
        if (frame.width != options.width || frame.height != options.height ||
            frame.rgb.size() != static_cast<std::size_t>(options.width) * options.height * 3) {
            throw Error(ErrorCode::Usage, "A frame has another size than the video that it is written to.",
                        "All frames of a video have one size.", path.string());
        }
        if (!(seconds > lastSeconds)) {
            throw Error(ErrorCode::Usage, "The times of the frames of a video have to rise.",
                        "Write frames in the order of their times.", path.string());
        }
        rethrow();
        Job job;
        {
            const std::scoped_lock lock(mutex);
            if (!spare.empty()) {
                job.rgb = std::move(spare.back());
                spare.pop_back();
            }
        }
        // swscale reads whole vectors and so past the last pixel.
        job.rgb.resize(frame.rgb.size() + AV_INPUT_BUFFER_PADDING_SIZE);
        std::copy(frame.rgb.begin(), frame.rgb.end(), job.rgb.begin());
        job.ticks = std::llround(seconds / av_q2d(timeBase));
        if (lastTicks) {
            job.ticks = std::max(job.ticks, *lastTicks + 1);
        }
        lastSeconds = seconds;
        lastTicks = job.ticks;
        if (!queue.push(std::move(job))) {
            rethrow();
            throw cannotWrite(AVERROR_EXIT);
        }
    }

    void finish(double endSeconds) {
        BODY4D_EXPECT(!finished);
        queue.close();
        if (thread.joinable()) {
            thread.join();
        }
        rethrow();
        if (!lastTicks) {
            throw Error(ErrorCode::Usage, "A video needs at least one frame.",
                        "Write frames before finishing.", path.string());
        }
        const std::int64_t end = endSeconds > lastSeconds
                                     ? std::llround(endSeconds / av_q2d(timeBase))
                                     : *lastTicks + std::llround(1 / (options.fps * av_q2d(timeBase)));
        avcodec_send_frame(encoder.get(), nullptr);
        drain();
        if (held) {
            held->duration = std::max<std::int64_t>(end - *lastTicks, 1);
            mux(*held);
            held.reset();
        }
        int code = sound ? sound->writeUntil(std::numeric_limits<double>::infinity()) : 0;
        if (code >= 0) {
            code = av_write_trailer(muxer.get());
        }
        if (code >= 0) {
            code = avio_closep(&muxer->pb);
        }
        if (code < 0) {
            throw cannotWrite(code);
        }
        writeFileAtomically(path, [&](const fs::path& temporary) { fs::rename(partial, temporary); });
        finished = true;
    }

    fs::path path, partial;
    Options options;
    int width = 0, height = 0; ///< even
    AVRational timeBase{1, 90000};
    ffmpeg::CodecPtr encoder;
    MuxerPtr muxer;
    AVStream* stream = nullptr;
    std::unique_ptr<SoundTrack> sound;
    ffmpeg::ScalerPtr scaler;
    ffmpeg::PacketPtr held;
    BoundedQueue<Job> queue{4};
    std::mutex mutex;
    std::exception_ptr failure;                   ///< under mutex
    std::vector<std::vector<std::uint8_t>> spare; ///< under mutex
    double lastSeconds = -std::numeric_limits<double>::infinity();
    std::optional<std::int64_t> lastTicks;
    bool finished = false;
    std::jthread thread; ///< last: joined before the rest goes
};

VideoWriter::VideoWriter(const fs::path& path, const Options& options)
    : impl_(std::make_unique<Impl>(path, options)) {}
VideoWriter::~VideoWriter() = default;
void VideoWriter::write(const Image& frame, double seconds) {
    impl_->write(frame, seconds);
}
void VideoWriter::finish(double endSeconds) {
    impl_->finish(endSeconds);
}

} // namespace body4d
