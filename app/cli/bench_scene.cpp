#include "base/error.h"
#include "base/files.h"
#include "base/npz.h"
#include "device/telemetry.h"
#include "pipeline/scene_speed.h"
#include "pipeline/scene_sweep.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <memory>

#include "cli/bench_parts.h"
#include "cli/json_text.h"
#include "cli/progress_display.h"
#include "cli/signals.h"

namespace body4d::cli {
namespace {

using Json = nlohmann::ordered_json;

struct NetworkArguments {
    SceneBenchOptions network;
    std::string weights;
    double budgetGib = 0;
    int warmUps = 2, repeats = 5;
};

void addNetworkOptions(CLI::App& sub, NetworkArguments& a, const char* model) {
    a.network.model = model;
    a.network.device = -2;
    sub.add_option("--model", a.network.model, std::string("tiny, vggt-1b or a da3-*. Default ") + model)
        ->option_text("NAME")
        ->check(CLI::IsMember(sceneBenchModels()));
    sub.add_option("--weights", a.weights, "File of the weights. Default: random ones")
        ->option_text("FILE");
    sub.add_option("--device", a.network.device,
                   "Index of a CUDA device; -1: the CPU. Default: the first there is")
        ->option_text("N");
    sub.add_option("--threads", a.network.threads, "On the CPU. Default: all cores")->option_text("N");
    sub.add_option("--dtype", a.network.dtype, "float32, bfloat16, or auto (default): what the engine takes")
        ->option_text("NAME")
        ->check(CLI::IsMember({"auto", "float32", "bfloat16"}));
    sub.add_option("--budget", a.budgetGib, "On the CPU: memory runs out here, as on a device of that size")
        ->option_text("GiB")
        ->check(CLI::PositiveNumber);
    sub.add_option("--warm-ups", a.warmUps, "Runs before the timed ones. Default 2")
        ->option_text("N")
        ->check(CLI::Range(0, 100));
    sub.add_option("--repeats", a.repeats, "Timed runs. Default 5")
        ->option_text("N")
        ->check(CLI::Range(1, 1000));
}

/// What figures depend on beside the network's name, the machine and the sweep's own options.
std::string circumstances(const NetworkArguments& a) {
    std::string words = std::to_string(a.network.device) + " " + std::to_string(a.network.threads) + " " +
                        std::to_string(a.budgetGib) + " " + a.weights;
    std::error_code code;
    if (const auto time = std::filesystem::last_write_time(a.weights, code); !code) {
        words += " " + std::to_string(time.time_since_epoch().count());
    }
    return words;
}

std::unique_ptr<SceneBench> load(NetworkArguments& a) {
    a.network.limitBytes = static_cast<std::int64_t>(a.budgetGib * 1024 * 1024 * 1024);
    a.network.weights = a.weights;
    return makeSceneBench(a.network);
}

/// Whether the network runs on a GPU: only there CUDA has a version.
bool onGpu(const SceneBenchConditions& conditions) {
    return !conditions.cuda.empty();
}

std::string stamp() {
    const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm local{};
    ::localtime_r(&now, &local);
    char text[32];
    std::strftime(text, sizeof text, "%Y%m%d_%H%M%S", &local);
    return text;
}

struct VramArguments : NetworkArguments {
    std::vector<std::string> rows;
    std::string output = ".";
    SweepOptions sweep;
    bool correctedOnly = false, restart = false;
    std::function<void(const std::filesystem::path&, const Image&)> writePicture;
};

Json figuresOf(const SweepFigures& f) {
    return f.measured ? Json{{"ms", f.milliseconds},
                             {"ms_deviation", f.deviation},
                             {"peak_bytes", f.peakBytes},
                             {"kept_bytes", f.keptBytes}}
                      : Json{{"failure", f.failure}};
}

int vram(VramArguments a, const Common& common) {
    std::stop_source stop;
    const StopOnSignal onSignal(stop);
    ProgressDisplay display(common.quiet);
    if (!a.rows.empty()) {
        a.sweep.rows = sweepRows(a.rows);
    }
    a.sweep.warmUps = a.warmUps;
    a.sweep.repeats = a.repeats;
    a.sweep.asInNote = !a.correctedOnly;
    const auto bench = load(a);
    auto report = beginSweep(*bench, a.network.model, onGpu(bench->conditions(1, 14, 14)), a.sweep, circumstances(a));
    auto name = a.restart ? std::string() : resumeSweep(report, a.output);
    if (name.empty()) {
        name = stamp();
    } else {
        display.note("Going on with a sweep that ended early: " + std::to_string(report.results.size()) + " of " +
                     std::to_string(report.options.rows.size()) + " rows are there (--restart measures all again).");
    }
    try {
        keepSweep(report, a.output, name); // a folder that takes no files is told before anything is measured
        continueSweep(
            report, *bench, [&display](const Progress& p) { display.show(p); }, stop.get_token(),
            [&](const SweepReport& r) { keepSweep(r, a.output, name); });
    } catch (const Cancelled&) {
        display.clear();
        std::fprintf(stderr,
                     "%zu of %zu rows are in %s. The same command goes on with the next one.\n",
                     report.results.size(), report.options.rows.size(),
                     (std::filesystem::path(a.output) / ("benchmark_vram_sweep_" + name + ".csv")).c_str());
        throw;
    } catch (...) {
        display.clear();
        throw;
    }
    display.clear();
    const auto files = writeSweep(report, a.output, name, a.writePicture);
    if (!common.json) {
        std::fputs(sweepMarkdown(report).c_str(), stdout);
        std::printf("\n");
        for (const auto& file : files) {
            std::printf("%s\n", file.c_str());
        }
        return 0;
    }
    Json out{{"model", report.model},
             {"random_weights", report.conditions.randomWeights},
             {"memory", report.conditions.memory},
             {"rows", Json::array()},
             {"files", Json::array()}};
    for (const auto& r : report.results) {
        Json row{{"name", r.row.name}, {"batch", r.row.scenes}, {"seq", r.row.frames}, {"side", r.side}};
        if (!r.skipped.empty()) {
            row["skipped"] = r.skipped;
        } else {
            row["everything_kept"] = figuresOf(r.everything);
            row["kept_outputs"] = figuresOf(r.kept);
        }
        out["rows"].push_back(std::move(row));
    }
    for (const auto& file : files) {
        out["files"].push_back(file.string());
    }
    std::cout << jsonText(out) << '\n';
    return 0;
}

struct InferenceArguments : NetworkArguments {
    std::vector<int> frames;
    std::string size = "518x392", output, depths;
};

/// Depths of as many frames as were measured last, with the pictures that they belong to, for other programs.
void writeDepths(SceneBench& bench, const InferenceArguments& a, int width, int height, const std::stop_token& stop) {
    SceneBenchRequest request;
    request.frames = a.frames.back();
    request.width = width;
    request.height = height;
    request.depths = true;
    const auto pass = bench.run(request, stop);
    NpzWriter out;
    const std::int64_t n = request.frames, h = height, w = width;
    out.add("image", pass.pictures, {n, h, w, 3});
    out.add("depth", pass.depths, {n, h, w});
    out.write(a.depths);
}

int inference(InferenceArguments a, const Common& common) {
    int width = 0, height = 0, used = 0;
    if (std::sscanf(a.size.c_str(), "%dx%d%n", &width, &height, &used) != 2 ||
        used != static_cast<int>(a.size.size())) {
        throw Error(ErrorCode::Usage, "'" + a.size + "' is no size.",
                    "Use --size WIDTHxHEIGHT, such as 518x392.");
    }
    std::stop_source stop;
    const StopOnSignal onSignal(stop);
    ProgressDisplay display(common.quiet);
    const auto bench = load(a);
    const auto conditions = bench->conditions(8, width, height);
    if (a.frames.empty()) {
        a.frames =
            onGpu(conditions) ? std::vector<int>{1, 8, 20, 50, 100, 200} : std::vector<int>{1, 2, 4, 8};
    }
    const auto device = describeDevice();
    const auto machine = onGpu(conditions) ? device.gpu + ", driver " + device.driver
                                           : device.cpu + ", " + std::to_string(device.cores) + " cores";
    std::vector<SpeedRow> rows;
    std::string text;
    try {
        measureSpeed(
            *bench, a.frames, width, height, a.warmUps, a.repeats,
            [&display](const Progress& p) { display.show(p); }, stop.get_token(),
            [&](const std::vector<SpeedRow>& sofar) {
                rows = sofar;
                text = speedMarkdown(a.network.model, machine, width, height, conditions, rows);
                if (!a.output.empty()) {
                    writeFileAtomically(a.output, text);
                }
            });
        if (!a.depths.empty()) {
            writeDepths(*bench, a, width, height, stop.get_token());
        }
    } catch (...) {
        display.clear();
        if (stop.stop_requested() && !common.json) {
            std::fputs(text.c_str(), stdout); // the rows that were done
        }
        throw;
    }
    display.clear();
    if (!common.json) {
        std::fputs(text.c_str(), stdout);
        return 0;
    }
    Json out{{"model", a.network.model},
             {"random_weights", conditions.randomWeights},
             {"machine", machine},
             {"width", width},
             {"height", height},
             {"dtype", conditions.dtype},
             {"attention", conditions.attention},
             {"rows", Json::array()},
             {"published", Json::array()}};
    for (const auto& row : rows) {
        out["rows"].push_back(row.failure.empty() ? Json{{"frames", row.frames},
                                                         {"seconds", row.seconds},
                                                         {"seconds_deviation", row.deviation},
                                                         {"processor_seconds", row.processorSeconds},
                                                         {"frames_per_second", row.frames / row.seconds},
                                                         {"peak_bytes", row.peakBytes},
                                                         {"process_peak_bytes", row.processPeakBytes}}
                                                  : Json{{"frames", row.frames}, {"failure", row.failure}});
    }
    for (const auto& published : publishedSpeeds()) {
        Json seconds;
        for (const auto& [frames, s] : published.secondsByFrames) {
            seconds[std::to_string(frames)] = s;
        }
        out["published"].push_back({{"machine", published.machine},
                                    {"source", published.source},
                                    {"model", "vggt-1b"},
                                    {"seconds", seconds}});
    }
    std::cout << jsonText(out) << '\n';
    return 0;
}

} // namespace

void addVramBench(CLI::App& bench, Common& common, Action& action,
                  const std::function<void(const std::filesystem::path&, const Image&)>& writePicture) {
    auto a = std::make_shared<VramArguments>();
    a->writePicture = writePicture;
    auto* sub = bench.add_subcommand("vram", "Memory and time of a scene network: keeping everything, as the "
                                             "official program, against keeping what is read");
    addNetworkOptions(*sub, *a, "tiny");
    sub->add_option("--rows", a->rows, "Names of the sweep's rows, or SCENESxFRAMESxSIDE. Default: all 17")
        ->option_text("A,B")
        ->delimiter(',');
    sub->add_option("--shrink", a->sweep.shrink, "Divides the pictures' sides: a sweep in small")
        ->option_text("N")
        ->check(CLI::Range(1, 37));
    sub->add_option("--most-frames", a->sweep.mostFrames, "Rows with more are skipped")
        ->option_text("N")
        ->check(CLI::PositiveNumber);
    sub->add_flag("--corrected-only", a->correctedOnly,
                  "Without the columns as in the founding note: half the time");
    sub->add_option("-o,--output", a->output,
                    "Folder of CSV, summary and plots. Default: here. Rows are there as soon as they are done, and a "
                    "sweep that ended early goes on")
        ->option_text("DIR");
    sub->add_flag("--restart", a->restart, "Measures all rows, whatever an earlier sweep left in that folder");
    sub->callback([a, &common, &action] { action = [a, &common] { return vram(*a, common); }; });
}

void addInferenceBench(CLI::App& bench, Common& common, Action& action) {
    auto a = std::make_shared<InferenceArguments>();
    auto* sub = bench.add_subcommand(
        "inference", "Time and memory of a scene network by frames, beside published figures");
    addNetworkOptions(*sub, *a, "vggt-1b");
    sub->add_option("--frames", a->frames, "Numbers of frames. Default 1,8,20,50,100,200; on a CPU 1,2,4,8")
        ->option_text("A,B")
        ->delimiter(',');
    sub->add_option("--size", a->size, "Of the pictures. Default 518x392")->option_text("WxH");
    sub->add_option("-o,--output", a->output, "Markdown file")->option_text("FILE");
    sub->add_option("--depths", a->depths, "npz of the last row's pictures and depths, to compare with other programs")
        ->option_text("FILE");
    sub->callback([a, &common, &action] { action = [a, &common] { return inference(*a, common); }; });
}

} // namespace body4d::cli
