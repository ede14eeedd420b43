#include "base/error.h"
#include "device/telemetry.h"
#include "pipeline/run.h"
#include "video/decode_benchmark.h"
#include "video/video_reader.h"
#include "video/video_writer.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <sstream>
#include <vector>

#include "cli/arguments.h"
#include "cli/bench_parts.h"
#include "cli/child_process.h"
#include "cli/clicks.h"
#include "cli/commands.h"
#include "cli/cpu_clock.h"
#include "cli/json_text.h"
#include "cli/latency_bench.h"
#include "cli/progress_display.h"
#include "cli/signals.h"

namespace body4d::cli {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr int kPeerRounds = 2; ///< of the peer; ours has one more

/// Time and processor time from the first tracked frame to the last: what comes before the first, finding the
/// person who was clicked, is left out for the peer, too. Thread-safe.
class TrackingClock {
public:
    void frame() {
        const auto now = std::chrono::steady_clock::now();
        const double cpu = cpuSeconds();
        const std::scoped_lock lock(mutex_);
        if (frames_++ == 0) {
            first_ = now;
            firstCpu_ = cpu;
        }
        last_ = now;
        lastCpu_ = cpu;
    }
    [[nodiscard]] double framesPerSecond() const {
        const double seconds = std::chrono::duration<double>(last_ - first_).count();
        return seconds > 0 ? static_cast<double>(frames_ - 1) / seconds : 0;
    }
    [[nodiscard]] double cpuMs() const {
        return frames_ > 1 ? 1e3 * (lastCpu_ - firstCpu_) / static_cast<double>(frames_ - 1) : 0;
    }

private:
    std::mutex mutex_;
    long long frames_ = 0;
    std::chrono::steady_clock::time_point first_, last_;
    double firstCpu_ = 0, lastCpu_ = 0;
};

struct BenchArguments {
    std::string input, frames, mediapipePython;
    std::vector<std::string> clicks;
    bool noPeers = false;
};

Json benchDecode(const BenchArguments& arguments) {
    const auto decode = benchmarkDecode(arguments.input, arguments.noPeers ? 1 : 3);
    Json out{{"frames_per_second", decode.framesPerSecond},
             {"cpu_seconds", decode.cpuSeconds},
             {"open_ms", decode.openMs},
             {"random_seek_mebibytes", decode.seekMiB}};
    for (const auto& [name, seeks] :
         {std::pair{"first", decode.firstSeeks}, std::pair{"random", decode.seeks},
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

/// The peer: MediaPipe's own Pose with segmentation, one person, on the same frames. Prints frames a second
/// and milliseconds of processor time a frame.
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
start, cpu, count = time.perf_counter(), time.process_time(), 0
for _ in range(first + 1, last):
    good, frame = capture.read()
    if not good:
        break
    pose.process(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
    count += 1
print(count / (time.perf_counter() - start), 1e3 * (time.process_time() - cpu) / count)
)";

/// Person-frames a second and milliseconds of processor time for each.
struct Speed {
    double framesPerSecond = 0, cpuMs = 0;
};

/// Of an even number the mean of the two in the middle. @param speeds not empty
Speed median(const std::vector<Speed>& speeds) {
    const auto middle = [&](double Speed::*which) {
        std::vector<double> values;
        for (const Speed& speed : speeds) {
            values.push_back(speed.*which);
        }
        std::sort(values.begin(), values.end());
        return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
    };
    return {middle(&Speed::framesPerSecond), middle(&Speed::cpuMs)};
}

std::vector<double> framesPerSecond(const std::vector<Speed>& speeds) {
    std::vector<double> out;
    std::transform(speeds.begin(), speeds.end(), std::back_inserter(out),
                   [](const Speed& speed) { return speed.framesPerSecond; });
    return out;
}

/// @returns nothing where the peer is not installed
std::optional<Speed> trackByMediaPipe(const BenchArguments& arguments, FrameRange range) {
    const auto python =
        arguments.mediapipePython.empty() ? std::string("python3") : arguments.mediapipePython;
    const auto ran = runChild(
        {python, "-c", kMediaPipe, arguments.input, std::to_string(range.begin), std::to_string(range.end)});
    std::istringstream numbers(ran.output);
    Speed speed;
    if (ran.code != 0 || !(numbers >> speed.framesPerSecond >> speed.cpuMs) || speed.framesPerSecond <= 0) {
        return std::nullopt;
    }
    return speed;
}

/// One run of the pipeline.
struct Tracked {
    Json metrics;
    double cpuSeconds = 0;                                   ///< of the whole run
    Speed tracking;
    std::vector<std::pair<std::string, std::int64_t>> peaks; ///< bytes by stage
    std::int64_t personFrames = 0;
};

Tracked track(const BenchArguments& arguments, FrameRange range,
              const std::vector<std::pair<std::string, std::string>>& settings, Engines& engines,
              ProgressDisplay& display, const std::stop_token& stop) {
    const Scratch scratch("body4d-bench");
    const auto project = Project::create(scratch.path() / "bench.body4d", arguments.input);
    auto document = project->document();
    document.range = range;
    for (const auto& [key, value] : settings) {
        document.options.setFromText(key, value);
    }
    std::vector<Click> clicks;
    for (const auto& click : arguments.clicks) {
        clicks.push_back(parseClick(click));
    }
    applyClicks(document, clicks, {});
    project->setDocument(document);
    (void)engines.segmenter(document.options);
    (void)engines.bodyModel("anny");
    RunRequest request;
    request.autoSelect = clicks.empty();
    request.exportFolder = scratch.path();
    TrackingClock clock;
    RunEvents events;
    events.progress = [&display](const Progress& p) { display.show(p); };
    events.frameTracked = [&clock](TargetId, const auto&, const auto&) { clock.frame(); };
    Telemetry telemetry;
    const double cpu = cpuSeconds();
    const auto summary = run(*project, engines, request, telemetry, events, stop);
    display.clear();
    if (summary.cancelled) {
        throw Cancelled();
    }
    std::ifstream in(scratch.path() / "metrics.json");
    Tracked out;
    out.metrics = Json::parse(in);
    out.cpuSeconds = cpuSeconds() - cpu;
    out.tracking = {clock.framesPerSecond(), clock.cpuMs()};
    for (const auto& peak : telemetry.stagePeaks()) {
        out.peaks.emplace_back(peak.stage, peak.processPeakBytes);
    }
    out.personFrames = summary.personFrames;
    return out;
}

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

    Engines engines;
    const Tracked whole = track(arguments, range, {}, engines, display, stop.get_token());
    out["targets"] = whole.metrics["targets"].size();
    out["pipeline"] = whole.metrics["timing"];
    out["pipeline"]["cpu_seconds"] = whole.cpuSeconds;
    for (const auto& [stage, bytes] : whole.peaks) {
        out["pipeline"]["peak_mebibytes"][stage] = bytes >> 20;
    }
    out["tracking_person_frames_per_second"] = whole.tracking.framesPerSecond;
    out["tracking_cpu_ms"] = whole.tracking.cpuMs;
    display.note("Pose and mask ...");
    // In turns, ours first and last: a machine's speed wanders from one run to the next.
    std::vector<Speed> ours, peers;
    for (int round = 0;; ++round) {
        // What the peer does, and no more: no fingers, no motion of the camera.
        ours.push_back(track(arguments, range, {{"hands", "off"}, {"world.camera", "static"}}, engines,
                             display, stop.get_token())
                           .tracking);
        if (arguments.noPeers || round == kPeerRounds) {
            break;
        }
        const auto peer = trackByMediaPipe(arguments, range);
        if (stop.stop_requested()) {
            throw Cancelled();
        }
        if (!peer) {
            break;
        }
        peers.push_back(*peer);
    }
    const Speed our = median(ours);
    out["pose_and_mask_person_frames_per_second"] = our.framesPerSecond;
    out["pose_and_mask_cpu_ms"] = our.cpuMs;
    out["pose_and_mask_rounds"] = framesPerSecond(ours);
    if (!peers.empty()) {
        const Speed peer = median(peers);
        out["mediapipe_pose_frames_per_second"] = peer.framesPerSecond;
        out["mediapipe_pose_cpu_ms"] = peer.cpuMs;
        out["mediapipe_pose_rounds"] = framesPerSecond(peers);
        out["ratio_to_mediapipe"] = our.framesPerSecond / peer.framesPerSecond;
    } else if (!arguments.noPeers) {
        out["mediapipe_pose_frames_per_second"] = nullptr;
    }
    if (common.json) {
        std::cout << jsonText(out) << '\n';
        return 0;
    }
    const auto& decode = out["decode"];
    std::printf("Decoding         %8.1f frames/s", decode["frames_per_second"].get<double>());
    if (decode.contains("share_of_ffmpeg")) {
        std::printf("   (%.2f of ffmpeg's %.1f)", decode["share_of_ffmpeg"].get<double>(),
                    decode["ffmpeg_frames_per_second"].get<double>());
    }
    std::printf("\nRandom seek      %8.1f ms median without kept frames (%.0f MiB), %.1f the first in a "
                "file, %.1f with the "
                "window's cache\n",
                decode["random_seek_median_ms"].get<double>(), decode["random_seek_mebibytes"].get<double>(),
                decode["first_seek_median_ms"].get<double>(), decode["window_seek_median_ms"].get<double>());
    std::printf("Tracking         %8.1f person-frames/s, %.1f ms of processor time each (pose, mask, hands, "
                "camera)\n",
                out["tracking_person_frames_per_second"].get<double>(), out["tracking_cpu_ms"].get<double>());
    std::printf("Pose and mask    %8.1f person-frames/s, %.1f ms of processor time each",
                out["pose_and_mask_person_frames_per_second"].get<double>(),
                out["pose_and_mask_cpu_ms"].get<double>());
    if (out.contains("ratio_to_mediapipe")) {
        std::printf("   (%.2f times MediaPipe's %.1f, %.1f ms)", out["ratio_to_mediapipe"].get<double>(),
                    out["mediapipe_pose_frames_per_second"].get<double>(),
                    out["mediapipe_pose_cpu_ms"].get<double>());
        std::printf("\n  in turns      ");
        for (const char* who : {"pose_and_mask_rounds", "mediapipe_pose_rounds"}) {
            for (const auto& round : out[who]) {
                std::printf(" %7.1f", round.get<double>());
            }
            std::printf(who == std::string_view("pose_and_mask_rounds") ? "  against" : "");
        }
    }
    std::printf(
        "\nWhole pipeline   %8.1f person-frames/s, %.1f s for %lld person-frames, %.1f s of processor time\n",
        out["pipeline"]["person_frames_per_second"].get<double>(), out["pipeline"]["seconds"].get<double>(),
        static_cast<long long>(whole.personFrames), out["pipeline"]["cpu_seconds"].get<double>());
    for (const auto& [stage, seconds] : out["pipeline"]["stages"].items()) {
        const auto& peaks = out["pipeline"]["peak_mebibytes"];
        std::printf("  %-14s %8.2f s", stage.c_str(), seconds.get<double>());
        std::printf(peaks.contains(stage) ? ", %lld MiB at most\n" : "\n", peaks.value(stage, 0LL));
    }
    return 0;
}

} // namespace

void addBenchCommand(CLI::App& app, Common& common, Action& action) {
    auto a = std::make_shared<BenchArguments>();
    auto* sub =
        app.add_subcommand("bench", "Speed of every part on a clip, beside peers where they are installed");
    sub->add_option("input", a->input, "Video")->option_text("VIDEO");
    sub->add_option("--click", a->clicks, "A person, as for run; default: everybody found")
        ->option_text("FRAME:X,Y[:+|-][@TARGET]")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    sub->add_option("--frames", a->frames, "Frames A up to but without B")->option_text("A:B");
    sub->add_option("--mediapipe-python", a->mediapipePython,
                    "Python with mediapipe and cv2; default: python3")
        ->option_text("FILE");
    sub->add_flag("--no-peers", a->noPeers, "Only this program");
    auto latency = std::make_shared<LatencyArguments>();
    auto flags = std::make_shared<OptionFlags>();
    auto* few = sub->add_subcommand("latency", "SAM 3D Body on a few frames at once, with random weights where there are no others");
    few->add_option("--frames", latency->frames, "Frames at once")->option_text("N")->check(CLI::Range(1, 256))->capture_default_str();
    few->add_option("--people", latency->people, "People on each")->option_text("N")->check(CLI::Range(1, 64))->capture_default_str();
    few->add_option("--rounds", latency->rounds, "Repetitions after the first")->option_text("N")->check(CLI::Range(1, 1000))->capture_default_str();
    flags->addTo(*few, "sam_3d_body.");
    few->callback([latency, flags, &common, &action] {
        action = [latency, flags, &common] {
            flags->applyTo(latency->options);
            return benchLatency(*latency, common.json, common.quiet);
        };
    });
    addVramBench(*sub, common, action,
                 [](const fs::path& path, const Image& image) { writeImage(path, image); });
    addInferenceBench(*sub, common, action);
    addExtractBench(*sub, common, action);
    sub->callback([a, sub, &common, &action] {
        if (!sub->get_subcommands().empty()) {
            return;
        }
        if (a->input.empty()) {
            throw CLI::RequiredError("VIDEO, latency, vram, inference or extract");
        }
        action = [a, &common] { return bench(*a, common); };
    });
}

} // namespace body4d::cli
