#include "base/error.h"
#include "video/extract.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <iostream>
#include <memory>

#include "cli/clicks.h"
#include "cli/commands.h"
#include "cli/json_text.h"
#include "cli/progress_display.h"
#include "cli/signals.h"

namespace body4d::cli {
namespace {

struct ExtractArguments {
    std::string input, output, frames, format = "jpeg", sampling = "ffmpeg";
    double fps = 1;
    int quality = 92;
};

int extract(const ExtractArguments& arguments, const Common& common) {
    std::stop_source stop;
    const StopOnSignal onSignal(stop);
    ExtractOptions options;
    options.fps = arguments.fps;
    options.sampling = frameSamplingFromName(arguments.sampling);
    options.format = frameFormatFromName(arguments.format == "jpg" ? "jpeg" : arguments.format);
    options.jpegQuality = arguments.quality;
    if (!arguments.frames.empty()) {
        const auto range =
            parseFrames(arguments.frames, VideoReader::open(arguments.input)->info().frameCount);
        options.beginFrame = range.begin;
        options.endFrame = range.end;
    }
    ProgressDisplay display(common.quiet);
    ExtractReport report;
    try {
        report = extractFrames(arguments.input, arguments.output, options, stop.get_token(),
                               [&display](const Progress& p) { display.show(p); });
    } catch (...) {
        display.clear();
        throw;
    }
    display.clear();
    const char* verdict = report.seconds < 5 ? "excellent" : report.seconds < 10 ? "good" : "slow";
    if (common.json) {
        nlohmann::ordered_json out{
            {"frames", report.frames},      {"files", nlohmann::json::array()},
            {"seconds", report.seconds},    {"frames_per_second", report.framesPerSecond},
            {"bytes", report.bytes},        {"verdict", verdict},
            {"cancelled", report.cancelled}};
        for (const auto& file : report.files) {
            out["files"].push_back(file.string());
        }
        std::cout << jsonText(out) << '\n';
    } else {
        std::printf("%zu frames in %.2f s (%.1f frames/s, %s) in %s\n", report.frames.size(), report.seconds,
                    report.framesPerSecond, verdict, arguments.output.c_str());
    }
    return report.cancelled ? 130 : 0;
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
    sub->add_option("--format", a->format, "jpeg (default), png, or raw (8-bit RGB in one file)")
        ->option_text("FORMAT")
        ->check(CLI::IsMember({"jpeg", "jpg", "png", "raw"}));
    sub->add_option("--sampling", a->sampling, "Whose choice of frames: ffmpeg (default), da3, vggt")
        ->option_text("NAME")
        ->check(CLI::IsMember({"ffmpeg", "da3", "vggt"}));
    sub->add_option("--quality", a->quality, "Of jpeg, 1 to 100")
        ->option_text("N")
        ->check(CLI::Range(1, 100));
    sub->add_option("--frames", a->frames, "Frames A up to but without B")->option_text("A:B");
    sub->callback([a, &common, &action] { action = [a, &common] { return extract(*a, common); }; });
}

} // namespace body4d::cli
