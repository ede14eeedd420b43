#include "base/error.h"
#include "device/telemetry.h"
#include "pipeline/run.h"
#include "video/decode_benchmark.h"
#include "video/video_reader.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/clicks.h"
#include "cli/commands.h"
#include "cli/progress_display.h"
#include "cli/signals.h"

namespace body4d::cli {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

double since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

double cpuSeconds() {
    rusage use{};
    ::getrusage(RUSAGE_SELF, &use);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return seconds(use.ru_utime) + seconds(use.ru_stime);
}

struct BenchArguments {
    std::string input, frames, mediapipePython;
    std::vector<std::string> clicks;
    bool noPeers = false;
};

/// A folder for the run, removed at the end.
class Scratch {
public:
    Scratch() {
        auto pattern = (fs::temp_directory_path() / "body4d-bench-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            throw Error(ErrorCode::Output, "Cannot create a temporary folder.",
                        "Set TMPDIR to a folder with room.");
        }
        path_ = pattern;
    }
    ~Scratch() {
        std::error_code ec;
        fs::remove_all(path_, ec);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

/// Runs a program, its own output discarded. @returns seconds, negative when it failed or is not there
double timeOf(const std::vector<std::string>& command, std::string* output = nullptr) {
    int pipeEnds[2] = {-1, -1};
    if (::pipe(pipeEnds) != 0) {
        return -1;
    }
    const auto start = Clock::now();
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(pipeEnds[1], STDOUT_FILENO);
        if (std::freopen("/dev/null", "r", stdin) == nullptr ||
            std::freopen("/dev/null", "w", stderr) == nullptr) {
            ::_exit(127);
        }
        ::close(pipeEnds[0]);
        std::vector<char*> argv;
        for (const auto& word : command) {
            argv.push_back(const_cast<char*>(word.c_str()));
        }
        argv.push_back(nullptr);
        ::execvp(argv[0], argv.data());
        ::_exit(127);
    }
    ::close(pipeEnds[1]);
    char buffer[4096];
    for (ssize_t n = 0; child > 0 && (n = ::read(pipeEnds[0], buffer, sizeof buffer)) > 0;) {
        if (output != nullptr) {
            output->append(buffer, static_cast<std::size_t>(n));
        }
    }
    ::close(pipeEnds[0]);
    int status = 0;
    if (child <= 0 || ::waitpid(child, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return -1;
    }
    return since(start);
}

Json benchDecode(const BenchArguments& arguments) {
    const auto decode = benchmarkDecode(arguments.input, arguments.noPeers ? 1 : 3);
    Json out{{"frames_per_second", decode.framesPerSecond},
             {"cpu_seconds", decode.cpuSeconds},
             {"open_ms", decode.openMs},
             {"random_seek_mebibytes", decode.seekMiB}};
    for (const auto& [name, seeks] : {std::pair{"first", decode.firstSeeks}, std::pair{"random", decode.seeks},
                                      std::pair{"window", decode.windowSeeks}}) {
        const std::string key = std::string(name) + "_seek_";
        out[key + "median_ms"] = seeks.medianMs;
        out[key + "worst_ms"] = seeks.worstMs;
        out[key + "cpu_ms"] = seeks.cpuMs;
    }
    if (decode.peerFramesPerSecond > 0) {
        out["ffmpeg_frames_per_second"] = decode.peerFramesPerSecond;
        out["ffmpeg_cpu_seconds"] = decode.peerCpuSeconds;
        out["share_of_ffmpeg"] = decode.framesPerSecond / decode.peerFramesPerSecond;
    }
    return out;
}

/// The peer: MediaPipe's own Pose with segmentation, one person, on the same frames. Prints seconds.
constexpr const char* kMediaPipe = R"(
import sys, time
import cv2, mediapipe as mp
video, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
capture = cv2.VideoCapture(video)
pose = mp.solutions.pose.Pose(static_image_mode=False, model_complexity=1, enable_segmentation=True)
for _ in range(first):
    capture.grab()
good, frame = capture.read()
pose.process(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
start, count = time.perf_counter(), 0
for _ in range(first + 1, last):
    good, frame = capture.read()
    if not good:
        break
    pose.process(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
    count += 1
print(count / (time.perf_counter() - start))
)";

int bench(const BenchArguments& arguments, const Common& common) {
    std::stop_source stop;
    const StopOnSignal onSignal(stop);
    ProgressDisplay display(common.quiet);
    const auto info = VideoReader::open(arguments.input)->info();
    const auto range = arguments.frames.empty() ? FrameRange{0, info.frameCount}
                                                : parseFrames(arguments.frames, info.frameCount);
    Json out;
    const auto device = describeDevice();
    out["device"] = {{"cpu", device.cpu}, {"cores", device.cores}};
    out["video"] = {{"file", fs::path(arguments.input).filename().string()},
                    {"width", info.width},
                    {"height", info.height},
                    {"frames", {range.begin, range.end}}};
    display.note("Decoding ...");
    out["decode"] = benchDecode(arguments);

    const Scratch scratch;
    const auto project = Project::create(scratch.path() / "bench.body4d", arguments.input);
    auto document = project->document();
    document.range = range;
    std::vector<Click> clicks;
    for (const auto& click : arguments.clicks) {
        clicks.push_back(parseClick(click));
    }
    applyClicks(document, clicks, {});
    project->setDocument(document);

    Engines engines;
    (void)engines.segmenter(document.options);
    (void)engines.bodyModel("anny");
    RunRequest request;
    request.autoSelect = clicks.empty();
    request.exportFolder = scratch.path();
    RunEvents events;
    events.progress = [&display](const Progress& p) { display.show(p); };
    Telemetry telemetry;
    const double cpu = cpuSeconds();
    const auto summary = run(*project, engines, request, telemetry, events, stop.get_token());
    display.clear();
    if (summary.cancelled) {
        throw Cancelled();
    }
    std::ifstream in(scratch.path() / "metrics.json");
    const auto metrics = Json::parse(in);
    out["targets"] = metrics["targets"].size();
    out["pipeline"] = metrics["timing"];
    out["pipeline"]["cpu_seconds"] = cpuSeconds() - cpu;
    const double tracking = metrics["timing"]["stages"].value("segment", 0.0);
    out["pose_and_mask_person_frames_per_second"] =
        tracking > 0 ? static_cast<double>(summary.personFrames) / tracking : 0;
    if (!arguments.noPeers) {
        display.note("Peers ...");
        const auto python =
            arguments.mediapipePython.empty() ? std::string("python3") : arguments.mediapipePython;
        std::string text;
        if (timeOf({python, "-c", kMediaPipe, arguments.input, std::to_string(range.begin),
                    std::to_string(range.end)},
                   &text) > 0) {
            const double peer = std::atof(text.c_str());
            out["mediapipe_pose_frames_per_second"] = peer;
            out["ratio_to_mediapipe"] = out["pose_and_mask_person_frames_per_second"].get<double>() / peer;
        } else {
            out["mediapipe_pose_frames_per_second"] = nullptr;
        }
    }
    if (common.json) {
        std::cout << out.dump(2) << '\n';
        return 0;
    }
    const auto& decode = out["decode"];
    std::printf("Decoding         %8.1f frames/s", decode["frames_per_second"].get<double>());
    if (decode.contains("share_of_ffmpeg")) {
        std::printf("   (%.2f of ffmpeg's %.1f)", decode["share_of_ffmpeg"].get<double>(),
                    decode["ffmpeg_frames_per_second"].get<double>());
    }
    std::printf("\nRandom seek      %8.1f ms median without kept frames (%.0f MiB), %.1f the first in a file, %.1f with the "
                "window's cache\n",
                decode["random_seek_median_ms"].get<double>(), decode["random_seek_mebibytes"].get<double>(),
                decode["first_seek_median_ms"].get<double>(), decode["window_seek_median_ms"].get<double>());
    std::printf("Pose and mask    %8.1f person-frames/s",
                out["pose_and_mask_person_frames_per_second"].get<double>());
    if (out.contains("ratio_to_mediapipe")) {
        std::printf("   (%.2f times MediaPipe's %.1f)", out["ratio_to_mediapipe"].get<double>(),
                    out["mediapipe_pose_frames_per_second"].get<double>());
    }
    std::printf(
        "\nWhole pipeline   %8.1f person-frames/s, %.1f s for %lld person-frames, %.1f s of processor time\n",
        out["pipeline"]["person_frames_per_second"].get<double>(), out["pipeline"]["seconds"].get<double>(),
        static_cast<long long>(summary.personFrames), out["pipeline"]["cpu_seconds"].get<double>());
    for (const auto& [stage, seconds] : out["pipeline"]["stages"].items()) {
        std::printf("  %-14s %8.2f s\n", stage.c_str(), seconds.get<double>());
    }
    return 0;
}

} // namespace

void addBenchCommand(CLI::App& app, Common& common, Action& action) {
    auto a = std::make_shared<BenchArguments>();
    auto* sub =
        app.add_subcommand("bench", "Speed of every part on a clip, beside peers where they are installed");
    sub->add_option("input", a->input, "Video")->required()->option_text("VIDEO");
    sub->add_option("--click", a->clicks, "A person, as for run; default: everybody found")
        ->option_text("FRAME:X,Y[:+|-][@TARGET]")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    sub->add_option("--frames", a->frames, "Frames A up to but without B")->option_text("A:B");
    sub->add_option("--mediapipe-python", a->mediapipePython,
                    "Python with mediapipe and cv2; default: python3")
        ->option_text("FILE");
    sub->add_flag("--no-peers", a->noPeers, "Only this program");
    sub->callback([a, &common, &action] { action = [a, &common] { return bench(*a, common); }; });
}

} // namespace body4d::cli
