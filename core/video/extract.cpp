#include "video/extract.h"

#include "base/bounded_queue.h"
#include "base/error.h"
#include "base/files.h"
#include "base/parallel.h"
#include "video/still_codec_internal.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <fstream>
#include <mutex>
#include <thread>

namespace body4d {

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

[[nodiscard]] Error cannotWrite(const fs::path& path) {
    return Error(ErrorCode::Output, "The frames cannot be written to '" + path.parent_path().string() + "'.",
                 "Check that the folder may be written to and that the disk has room.", path.string());
}

/// A still under its final name or not at all. Frames can be extracted again, so nothing waits for the disk.
void writeWhole(const fs::path& path, const std::vector<std::byte>& bytes) {
    fs::path temporary = path;
    temporary += ".part";
    {
        std::ofstream out(temporary, std::ios::binary);
        out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        out.close();
        if (out) {
            std::error_code error;
            fs::rename(temporary, path, error);
            if (!error) {
                return;
            }
        }
    }
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw cannotWrite(path);
}

std::vector<std::int64_t> ffmpegSamples(const VideoInfo& info, double fps) {
    // The filter moves each frame to the nearest tick and shows, at every tick, the last frame that has come.
    // Halves go up; times are quotients, so a half may lie a hair below.
    const auto tick = [fps](double seconds) {
        return static_cast<std::int64_t>(std::floor(seconds * fps + 0.5 + 1e-7));
    };
    std::vector<std::int64_t> result;
    const auto count = static_cast<std::int64_t>(info.frameTimes.size());
    const std::int64_t end = std::max<std::int64_t>(tick(info.durationSeconds), 1);
    std::int64_t frame = 0;
    for (std::int64_t n = 0; n < end; ++n) {
        while (frame + 1 < count && tick(info.frameTimes[static_cast<std::size_t>(frame + 1)]) <= n) {
            ++frame;
        }
        result.push_back(frame);
    }
    return result;
}

} // namespace

std::vector<std::int64_t> sampleFrames(const VideoInfo& info, const ExtractOptions& options) {
    if (!(options.fps >= 0) || options.fps > 10000) {
        throw Error(ErrorCode::Usage, "Frames per second cannot be negative or above 10000.",
                    "Give a number such as 1 or 2.5, or 0 for every frame.");
    }
    const std::int64_t end =
        options.endFrame < 0 ? info.frameCount : std::min(options.endFrame, info.frameCount);
    if (options.beginFrame < 0 || options.beginFrame >= end) {
        throw Error(ErrorCode::Usage,
                    "The range of frames " + std::to_string(options.beginFrame) + ":" + std::to_string(end) +
                        " is empty.",
                    "The video has the frames 0:" + std::to_string(info.frameCount) + ".");
    }
    std::vector<std::int64_t> all;
    if (options.fps > 0 && options.sampling == FrameSampling::Ffmpeg && info.frameCount > 1) {
        all = ffmpegSamples(info, options.fps);
    } else {
        const double rate = info.fps > 0 ? info.fps : 1;
        // A hair above: 24 / 8 is not to fall to 2 by rounding.
        const std::int64_t stride =
            options.fps > 0 ? std::max<std::int64_t>(1, static_cast<std::int64_t>(rate / options.fps + 1e-9))
                            : 1;
        const bool countsFromOne = options.fps > 0 && options.sampling == FrameSampling::Vggt;
        for (std::int64_t i = countsFromOne ? stride - 1 : 0; i < info.frameCount; i += stride) {
            all.push_back(i);
        }
    }
    std::erase_if(all, [&](std::int64_t i) { return i < options.beginFrame || i >= end; });
    return all;
}

ExtractReport extractFrames(const fs::path& video, const fs::path& folder, const ExtractOptions& options,
                            const std::stop_token& stop, const ProgressFn& onProgress) {
    const auto start = Clock::now();
    const auto reader = VideoReader::open(video);
    const VideoInfo& info = reader->info();
    ExtractReport report;
    const std::vector<std::int64_t> wanted = sampleFrames(info, options);
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) {
        throw cannotWrite(folder / "frames.csv");
    }

    const bool raw = options.format == FrameFormat::Raw;
    fs::path rawPath =
        folder / ("frames_" + std::to_string(info.width) + "x" + std::to_string(info.height) + ".rgb");
    fs::path rawPart = rawPath;
    rawPart += ".part";
    std::ofstream rawFile;
    if (raw) {
        rawFile.open(rawPart, std::ios::binary);
        report.files.push_back(rawPath);
    }

    struct Job {
        ImagePtr image;
        std::size_t at = 0; ///< place in the list
        fs::path path;
    };
    const unsigned threads = options.threads > 0 ? options.threads : usableCores();
    BoundedQueue<Job> queue(2 * threads);
    std::mutex mutex;
    std::exception_ptr failure;            // under mutex
    std::vector<char> done(wanted.size()); // under mutex
    std::atomic<std::int64_t> bytes = 0;
    long long finished = 0; // under mutex
    const auto write = [&](const Job& job) {
        if (raw) {
            const auto& rgb = job.image->rgb;
            rawFile.write(reinterpret_cast<const char*>(rgb.data()),
                          static_cast<std::streamsize>(rgb.size()));
            if (!rawFile) {
                throw cannotWrite(rawPath);
            }
            return rgb.size();
        }
        const auto data = options.format == FrameFormat::Png
                              ? encodePng(*job.image, true)
                              : encodeJpeg(*job.image, options.jpegQuality, true);
        writeWhole(job.path, data);
        return data.size();
    };
    const auto work = [&] {
        while (auto job = queue.pop()) {
            try {
                bytes += static_cast<std::int64_t>(write(*job));
                const std::scoped_lock lock(mutex);
                done[job->at] = 1;
                ++finished;
            } catch (...) {
                const std::scoped_lock lock(mutex);
                failure = failure ? failure : std::current_exception();
                queue.close();
            }
        }
    };
    const auto tell = [&] {
        if (onProgress) {
            Progress progress;
            progress.stage = "extract";
            {
                const std::scoped_lock lock(mutex);
                progress.done = finished;
            }
            progress.total = static_cast<long long>(wanted.size());
            progress.perSecond = static_cast<double>(progress.done) / std::max(since(start), 1e-6);
            progress.etaSeconds =
                progress.done > 0 ? static_cast<double>(progress.total - progress.done) / progress.perSecond
                                  : -1;
            onProgress(progress);
        }
    };
    std::vector<fs::path> paths(wanted.size());
    {
        std::vector<std::jthread> workers;
        // Whatever happens below, the workers see the end of the queue before they are joined.
        struct Closer {
            BoundedQueue<Job>& queue;
            ~Closer() { queue.close(); }
        };
        for (unsigned i = 0; i < (raw ? 1 : threads); ++i) { // one file is written in order
            workers.emplace_back(work);
        }
        const Closer closer{queue};
        ImagePtr image;
        int repeat = 1;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            if (stop.stop_requested()) {
                report.cancelled = true;
                break;
            }
            const bool again = i > 0 && wanted[i] == wanted[i - 1];
            repeat = again ? repeat + 1 : 1;
            if (!again) {
                image = reader->read(wanted[i]);
            }
            paths[i] = rawPath;
            if (!raw) {
                char name[48];
                std::snprintf(name, sizeof name, "frame_%06lld", static_cast<long long>(wanted[i]));
                std::string file = name;
                if (repeat > 1) {
                    file += "-" + std::to_string(repeat);
                }
                file += options.format == FrameFormat::Png ? ".png" : ".jpg";
                paths[i] = folder / file;
            }
            if (!queue.push({image, i, paths[i]})) {
                break;
            }
            tell();
        }
    }
    if (failure) {
        rawFile.close();
        fs::remove(rawPart, error);
        std::rethrow_exception(failure);
    }
    if (raw) {
        rawFile.close();
        if (rawFile) {
            fs::rename(rawPart, rawPath, error);
        }
        if (!rawFile || error) {
            fs::remove(rawPart, error);
            throw cannotWrite(rawPath);
        }
    }
    std::string table = "file,frame,seconds\n";
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (done[i] == 0) {
            continue;
        }
        report.frames.push_back(wanted[i]);
        if (!raw) {
            report.files.push_back(paths[i]);
        }
        char line[48];
        std::snprintf(line, sizeof line, ",%lld,%.6f\n", static_cast<long long>(wanted[i]),
                      info.frameTimes[static_cast<std::size_t>(wanted[i])]);
        table += paths[i].filename().string() + line;
    }
    writeFileAtomically(folder / "frames.csv", table);
    tell();
    report.bytes = bytes;
    report.seconds = since(start);
    report.framesPerSecond = static_cast<double>(report.frames.size()) / std::max(report.seconds, 1e-9);
    return report;
}

FrameSampling frameSamplingFromName(const std::string& name) {
    if (name == "ffmpeg") {
        return FrameSampling::Ffmpeg;
    }
    if (name == "da3") {
        return FrameSampling::Da3;
    }
    if (name == "vggt") {
        return FrameSampling::Vggt;
    }
    throw Error(ErrorCode::Usage, "There is no sampling '" + name + "'.", "Choose ffmpeg, da3 or vggt.");
}

FrameFormat frameFormatFromName(const std::string& name) {
    if (name == "jpeg" || name == "jpg") {
        return FrameFormat::Jpeg;
    }
    if (name == "png") {
        return FrameFormat::Png;
    }
    if (name == "raw") {
        return FrameFormat::Raw;
    }
    throw Error(ErrorCode::Usage, "Frames cannot be written as '" + name + "'.", "Choose jpeg, png or raw.");
}

} // namespace body4d
