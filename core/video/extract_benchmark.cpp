#include "video/extract_benchmark.h"

#include "base/error.h"
#include "base/order_statistics.h"
#include "video/peer_program_internal.h"

#include <cstdio>
#include <system_error>
#include <unistd.h>

namespace body4d {
namespace fs = std::filesystem;
namespace {

/// OpenCV: frames that are not wanted are grabbed and never converted. Every floor(rate / N)-th, as with
/// Depth Anything 3: OpenCV has no filter of its own.
constexpr const char* kOpenCv = R"(
import sys, cv2
video, folder, fps, kind = sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4]
capture = cv2.VideoCapture(video)
stride = max(1, int(capture.get(cv2.CAP_PROP_FPS) / fps))
raw = open(folder + "/frames.rgb", "wb") if kind == "raw" else None
index = 0
while capture.grab():
    if index % stride == 0:
        _, frame = capture.retrieve()
        if raw:
            raw.write(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB).tobytes())
        elif kind == "jpeg":
            cv2.imwrite("%s/%06d.jpg" % (folder, index), frame, [cv2.IMWRITE_JPEG_QUALITY, 92])
        else:
            cv2.imwrite("%s/%06d.png" % (folder, index), frame)
    index += 1
)";

/// A folder that is gone at the end of a round.
class Folder {
public:
    Folder() {
        auto pattern = (fs::temp_directory_path() / "body4d-extract-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            throw Error(ErrorCode::Output, "Cannot create a temporary folder.",
                        "Set TMPDIR to a folder with room.");
        }
        path_ = pattern;
    }
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

/// What lies in a folder. @param pictureBytes of a raw picture, several of which make one file
void countPictures(const Folder& folder, std::int64_t pictureBytes, ExtractBenchmark::Side& side) {
    side.pictures = side.bytes = 0;
    for (const auto& entry : fs::directory_iterator(folder.path())) {
        if (entry.path().extension() != ".csv") {
            const auto bytes = static_cast<std::int64_t>(entry.file_size());
            side.bytes += bytes;
            side.pictures += entry.path().extension() == ".rgb" ? bytes / pictureBytes : 1;
        }
    }
}

void keepBest(ExtractBenchmark::Side& best, const ExtractBenchmark::Side& round) {
    if (round.seconds > 0 && (best.seconds == 0 || round.seconds < best.seconds)) {
        best = round;
    }
}

ExtractBenchmark::Side ours(const fs::path& video, const ExtractBenchmark& job, std::int64_t pictureBytes,
                            const std::stop_token& stop) {
    const Folder folder;
    ExtractOptions options;
    options.fps = job.fps;
    options.format = job.format;
    const double cpu = detail::ownCpuSeconds();
    const auto report = extractFrames(video, folder.path(), options, stop);
    if (report.cancelled) {
        throw Cancelled();
    }
    ExtractBenchmark::Side side;
    side.seconds = report.seconds;
    side.cpuSeconds = detail::ownCpuSeconds() - cpu;
    countPictures(folder, pictureBytes, side);
    return side;
}

ExtractBenchmark::Side peer(const std::vector<std::string>& words, const Folder& folder,
                            std::int64_t pictureBytes) {
    const auto run = detail::runPeer(words);
    ExtractBenchmark::Side side;
    if (run.good) {
        side.seconds = run.seconds;
        side.cpuSeconds = run.cpuSeconds;
        countPictures(folder, pictureBytes, side);
    }
    return side;
}

ExtractBenchmark::Side besideFfmpeg(const fs::path& video, const ExtractBenchmark& job, std::int64_t pictureBytes) {
    const Folder folder;
    char rate[40];
    std::snprintf(rate, sizeof rate, "fps=%.10g", job.fps);
    std::vector<std::string> words = {"ffmpeg", "-v",    "quiet", "-nostdin", "-i", "file:" + video.string(),
                                      "-map",   "0:v:0", "-vf",   rate};
    const auto end = [&](std::initializer_list<std::string> more) { words.insert(words.end(), more); };
    switch (job.format) {
    case FrameFormat::Raw:
        end({"-pix_fmt", "rgb24", "-f", "rawvideo", folder.path() / "frames.rgb"});
        break;
    case FrameFormat::Jpeg:
        end({"-q:v", "2", folder.path() / "%06d.jpg"});
        break;
    case FrameFormat::Png:
        end({folder.path() / "%06d.png"});
        break;
    }
    return peer(words, folder, pictureBytes);
}

ExtractBenchmark::Side openCv(const fs::path& video, const ExtractBenchmark& job, std::int64_t pictureBytes,
                              const std::string& python) {
    const Folder folder;
    return peer({python, "-c", kOpenCv, video.string(), folder.path(), std::to_string(job.fps),
                 frameFormatName(job.format)},
                folder, pictureBytes);
}

} // namespace

const char* frameFormatName(FrameFormat format) {
    return format == FrameFormat::Raw ? "raw" : format == FrameFormat::Jpeg ? "jpeg" : "png";
}

std::vector<ExtractBenchmark> benchmarkExtract(const fs::path& video, const ExtractBenchmarkOptions& options,
                                               const std::stop_token& stop,
                                               const std::function<void(const std::string&)>& tell) {
    const auto info = VideoReader::open(video)->info();
    const std::int64_t pictureBytes = std::int64_t{3} * info.width * info.height;
    const bool cv = options.peers && detail::runPeer({options.python, "-c", "import cv2"}).good;
    std::vector<ExtractBenchmark> all;
    for (const auto format : options.formats) {
        for (const double fps : options.fps) {
            ExtractBenchmark job;
            job.fps = fps;
            job.format = format;
            if (tell) {
                char text[64];
                std::snprintf(text, sizeof text, "%s at %g frames a second ...", frameFormatName(format),
                              fps);
                tell(text);
            }
            std::vector<double> overFfmpeg, overOpencv;
            for (int round = 0; round < options.rounds; ++round) {
                if (stop.stop_requested()) {
                    throw Cancelled();
                }
                const auto mine = ours(video, job, pictureBytes, stop);
                keepBest(job.ours, mine);
                const auto against = [&](ExtractBenchmark::Side& best, std::vector<double>& times,
                                         const ExtractBenchmark::Side& other) {
                    keepBest(best, other);
                    if (other.seconds > 0) {
                        times.push_back(other.seconds / mine.seconds);
                    }
                };
                if (options.peers) {
                    against(job.ffmpeg, overFfmpeg, besideFfmpeg(video, job, pictureBytes));
                }
                if (cv) {
                    against(job.opencv, overOpencv, openCv(video, job, pictureBytes, options.python));
                }
            }
            job.timesFfmpeg = overFfmpeg.empty() ? 0 : median(overFfmpeg);
            job.timesOpencv = overOpencv.empty() ? 0 : median(overOpencv);
            all.push_back(job);
        }
    }
    return all;
}

} // namespace body4d
