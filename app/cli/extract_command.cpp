#include "cli/clicks.h"
#include "cli/commands.h"
#include "cli/progress_display.h"
#include "cli/signals.h"

#include "base/error.h"
#include "base/files.h"
#include "video/video_reader.h"
#include "video/video_writer.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <memory>

namespace body4d::cli {
namespace fs = std::filesystem;
namespace {

struct ExtractArguments {
    std::string input, output, frames, format = "png", sampling = "ffmpeg";
    double fps = 1;
    int quality = 92;
};

/// Which frames stand for `fps` pictures a second. The tools that read such pictures differ in their choice:
/// ffmpeg's fps filter takes the last frame before the middle of each interval, Depth Anything 3 the first of each
/// stride, VGGT's demo the last of each stride.
std::vector<std::int64_t> chooseFrames(const VideoInfo& info, FrameRange range, double fps,
                                       const std::string& sampling) {
    std::vector<std::int64_t> chosen;
    if (fps <= 0 || info.fps <= 0) {
        for (auto i = range.begin; i < range.end; ++i) {
            chosen.push_back(i);
        }
        return chosen;
    }
    if (sampling == "ffmpeg") {
        const auto timeOf = [&](std::int64_t i) {
            return info.frameTimes.empty() ? static_cast<double>(i) / info.fps
                                           : info.frameTimes[static_cast<std::size_t>(i)];
        };
        const double start = timeOf(range.begin), end = timeOf(range.end - 1) + 1 / info.fps - start;
        auto at = range.begin;
        for (std::int64_t k = 0; static_cast<double>(k) / fps < end - 1e-9; ++k) {
            const double limit = start + (static_cast<double>(k) + 0.5) / fps - 1e-9;
            while (at + 1 < range.end && timeOf(at + 1) < limit) {
                ++at;
            }
            chosen.push_back(at);
        }
        return chosen;
    }
    const auto stride = std::max<std::int64_t>(1, static_cast<std::int64_t>(info.fps / fps + 1e-6));
    for (auto i = range.begin + (sampling == "vggt" ? stride - 1 : 0); i < range.end; i += stride) {
        chosen.push_back(i);
    }
    return chosen;
}

int extract(const ExtractArguments& arguments, const Common& common) {
    std::stop_source stop;
    const StopOnSignal onSignal(stop);
    const auto start = std::chrono::steady_clock::now();
    const auto reader = VideoReader::open(arguments.input);
    const auto& info = reader->info();
    const auto range = arguments.frames.empty() ? FrameRange{0, info.frameCount}
                                                : parseFrames(arguments.frames, info.frameCount);
    const auto frames = chooseFrames(info, range, arguments.fps, arguments.sampling);
    const fs::path out = arguments.output;
    ProgressDisplay display(common.quiet);
    for (std::size_t k = 0; k < frames.size(); ++k) {
        if (stop.stop_requested()) {
            display.clear();
            throw Cancelled();
        }
        const auto image = reader->read(frames[k]);
        char name[48];
        std::snprintf(name, sizeof name, "%06lld.%s", static_cast<long long>(frames[k]),
                      arguments.format == "raw" ? "rgb" : arguments.format.c_str());
        if (arguments.format == "raw") {
            writeFileAtomically(out / name, std::as_bytes(std::span(image->rgb)));
        } else {
            writeImage(out / name, *image, arguments.quality);
        }
        Progress p;
        p.stage = "extract";
        p.phase = "Extracting";
        p.done = static_cast<long long>(k + 1);
        p.total = static_cast<long long>(frames.size());
        const double spent = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        p.perSecond = static_cast<double>(p.done) / std::max(spent, 1e-6);
        p.etaSeconds = static_cast<double>(p.total - p.done) / p.perSecond;
        display.show(p);
    }
    display.clear();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const double rate = static_cast<double>(frames.size()) / std::max(seconds, 1e-6);
    const char* verdict = seconds < 5 ? "excellent" : seconds < 10 ? "good" : "slow";
    if (common.json) {
        std::cout << nlohmann::ordered_json{{"frames", frames},
                                            {"folder", out.string()},
                                            {"seconds", seconds},
                                            {"frames_per_second", rate},
                                            {"verdict", verdict},
                                            {"width", info.width},
                                            {"height", info.height}}
                         .dump(2)
                  << '\n';
    } else {
        std::printf("%zu frames in %.2f s (%.1f frames/s, %s) in %s\n", frames.size(), seconds, rate, verdict,
                    out.c_str());
    }
    return 0;
}

} // namespace

void addExtractCommand(CLI::App& app, Common& common, Action& action) {
    auto a = std::make_shared<ExtractArguments>();
    auto* sub = app.add_subcommand("extract", "Frames of a video as pictures");
    sub->add_option("input", a->input, "Video or image folder")->required()->option_text("VIDEO");
    sub->add_option("-o,--output", a->output, "Folder")->required()->option_text("DIR");
    sub->add_option("--fps", a->fps, "Pictures a second; 0: every frame. Default 1")
        ->option_text("N")
        ->check(CLI::Range(0.0, 1000.0));
    sub->add_option("--format", a->format, "png (default), jpg, or raw (rgb24 without header)")
        ->option_text("FORMAT")
        ->check(CLI::IsMember({"png", "jpg", "raw"}));
    sub->add_option("--sampling", a->sampling, "Whose choice of frames: ffmpeg (default), da3, vggt")
        ->option_text("NAME")
        ->check(CLI::IsMember({"ffmpeg", "da3", "vggt"}));
    sub->add_option("--quality", a->quality, "Of jpg, 1 to 100")->option_text("N")->check(CLI::Range(1, 100));
    sub->add_option("--frames", a->frames, "Frames A up to but without B")->option_text("A:B");
    sub->callback([a, &common, &action] { action = [a, &common] { return extract(*a, common); }; });
}

} // namespace body4d::cli
