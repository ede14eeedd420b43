#include "video/extract_benchmark.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <iostream>
#include <memory>
#include <tuple>

#include "cli/bench_parts.h"
#include "cli/json_text.h"
#include "cli/progress_display.h"
#include "cli/signals.h"

namespace body4d::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ExtractBenchArguments {
    std::string input;
    std::vector<std::string> formats;
    ExtractBenchmarkOptions options;
    bool noPeers = false;
};

Json sideOf(const ExtractBenchmark::Side& side) {
    return side.seconds > 0 ? Json{{"seconds", side.seconds},
                                   {"cpu_seconds", side.cpuSeconds},
                                   {"pictures", side.pictures},
                                   {"bytes", side.bytes}}
                            : Json();
}

void print(const ExtractBenchmark& job) {
    std::printf("%-5s %5g fps  %7.3f s (%6.3f s of processor time), %lld pictures, %.1f MiB",
                frameFormatName(job.format), job.fps, job.ours.seconds, job.ours.cpuSeconds,
                static_cast<long long>(job.ours.pictures), static_cast<double>(job.ours.bytes) / (1 << 20));
    for (const auto& [name, side, times] : {std::tuple{"ffmpeg", &job.ffmpeg, job.timesFfmpeg},
                                            std::tuple{"OpenCV", &job.opencv, job.timesOpencv}}) {
        if (side->seconds > 0) {
            std::printf("; %s %.3f s (%.3f s), %lld pictures, %.1f MiB: %.2f times as fast", name,
                        side->seconds, side->cpuSeconds, static_cast<long long>(side->pictures),
                        static_cast<double>(side->bytes) / (1 << 20), times);
        }
    }
    std::printf("\n");
}

int bench(ExtractBenchArguments a, const Common& common) {
    std::stop_source stop;
    const StopOnSignal onSignal(stop);
    ProgressDisplay display(common.quiet);
    if (!a.formats.empty()) {
        a.options.formats.clear();
        for (const auto& name : a.formats) {
            a.options.formats.push_back(frameFormatFromName(name));
        }
    }
    a.options.peers = !a.noPeers;
    const auto jobs = benchmarkExtract(a.input, a.options, stop.get_token(),
                                       [&display](const std::string& sentence) { display.note(sentence); });
    display.clear();
    if (!common.json) {
        for (const auto& job : jobs) {
            print(job);
        }
        return 0;
    }
    Json out = Json::array();
    for (const auto& job : jobs) {
        Json row{{"format", frameFormatName(job.format)},
                 {"fps", job.fps},
                 {"ours", sideOf(job.ours)},
                 {"ffmpeg", sideOf(job.ffmpeg)},
                 {"opencv", sideOf(job.opencv)}};
        for (const auto& [name, times] :
             {std::pair{"ffmpeg", job.timesFfmpeg}, std::pair{"opencv", job.timesOpencv}}) {
            if (times > 0) {
                row[std::string("times_as_fast_as_") + name] = times;
            }
        }
        out.push_back(std::move(row));
    }
    std::cout << jsonText(out) << '\n';
    return 0;
}

} // namespace

void addExtractBench(CLI::App& parent, Common& common, Action& action) {
    auto a = std::make_shared<ExtractBenchArguments>();
    auto* sub =
        parent.add_subcommand("extract", "Pictures out of a video, beside ffmpeg and OpenCV doing the same");
    sub->add_option("input", a->input, "Video")->required()->option_text("VIDEO");
    sub->add_option("--fps", a->options.fps, "Pictures a second. Default 1,2,10")
        ->option_text("A,B")
        ->delimiter(',')
        ->check(CLI::Range(0.001, 1000.0));
    sub->add_option("--format", a->formats, "raw,jpeg,png (default: all)")
        ->option_text("A,B")
        ->delimiter(',')
        ->check(CLI::IsMember({"raw", "jpeg", "png"}));
    sub->add_option("--rounds", a->options.rounds,
                    "Each in turn; ratios are medians, times the best. Default 3")
        ->option_text("N")
        ->check(CLI::Range(1, 100));
    sub->add_option("--opencv-python", a->options.python, "Python with cv2. Default: python3")
        ->option_text("FILE");
    sub->add_flag("--no-peers", a->noPeers, "Only this program");
    sub->callback([a, &common, &action] { action = [a, &common] { return bench(*a, common); }; });
}

} // namespace body4d::cli
