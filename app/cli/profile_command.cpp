// The table of SAM-Body4D's resources document (targets, frames, completion, batch, peak and time of masklets
// and of the 4D stage), measured here. Every row is a run in a process of its own, so that no row inherits
// another one's memory.
#include "base/error.h"
#include "base/files.h"
#include "device/telemetry.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <set>

#include "cli/arguments.h"
#include "cli/child_process.h"
#include "cli/commands.h"
#include "cli/json_text.h"
#include "cli/progress_display.h"
#include "cli/signals.h"

namespace body4d::cli {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

struct ProfileArguments {
    std::vector<std::string> inputs, clicks, boxes, engines, settings, completion;
    std::vector<int> batches;
    std::string frames, config, output;
    bool autoSelect = false;
};

/// One line of the table.
struct Row {
    std::string example, input;
    std::string completion; ///< "on", "off"
    int batch = 0;
};

/// Memory and time of some stages of a run.
struct Part {
    double seconds = 0;
    std::int64_t process = 0;
    std::optional<std::int64_t> device;
};

Part partOf(const Json& profile, std::initializer_list<const char*> stages) {
    Part part;
    for (const auto& stage : profile.at("stages")) {
        const auto name = stage.at("stage").get<std::string>();
        if (std::find(stages.begin(), stages.end(), name) == stages.end()) {
            continue;
        }
        part.seconds += stage.at("seconds").get<double>();
        part.process = std::max(part.process, stage.at("process_peak_bytes").get<std::int64_t>());
        // The allocator's own figure is the reference's; what the driver says is there without it, too.
        for (const char* key : {"allocator_peak_bytes", "device_peak_bytes"}) {
            if (stage.contains(key)) {
                part.device = std::max(part.device.value_or(0), stage.at(key).get<std::int64_t>());
                break;
            }
        }
    }
    return part;
}

std::string gigabytes(std::int64_t bytes) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f GB", static_cast<double>(bytes) / 1e9);
    return text;
}

std::string duration(double seconds) {
    char text[40];
    if (seconds < 60) {
        std::snprintf(text, sizeof text, "%.2f s", seconds);
    } else {
        const auto minutes = std::floor(seconds / 60);
        std::snprintf(text, sizeof text, "%.0fm %.1fs", minutes, seconds - 60 * minutes);
    }
    return text;
}

Json jsonOf(const Part& part) {
    return {{"seconds", part.seconds},
            {"process_peak_bytes", part.process},
            {"device_peak_bytes", part.device ? Json(*part.device) : Json()}};
}

/// Runs a row and reads what the run wrote of itself.
Json measured(const ProfileArguments& arguments, const Row& row, const fs::path& program, int number,
              const std::stop_token& stop) {
    const Scratch scratch("body4d-profile");
    std::vector<std::string> command = {program.string(),        "run",         row.input, "-o",
                                        scratch.path().string(), "--no-export", "--json",  "-q",
                                        "--completion",          row.completion};
    const auto add = [&](const char* flag, const std::vector<std::string>& values) {
        for (const auto& value : values) {
            command.insert(command.end(), {flag, value});
        }
    };
    if (row.batch > 0) {
        add("--batch", {std::to_string(row.batch)});
    }
    add("--click", arguments.clicks);
    add("--box", arguments.boxes);
    add("--engine", arguments.engines);
    add("--set", arguments.settings);
    if (!arguments.frames.empty()) {
        add("--frames", {arguments.frames});
    }
    if (!arguments.config.empty()) {
        add("--config", {arguments.config});
    }
    if (arguments.autoSelect) {
        command.push_back("--auto");
    }
    const auto complaints = scratch.path() / "complaints.txt";
    const auto ran = runChild(command, complaints);
    if (ran.code != 0) {
        if (ran.code == 130 || stop.stop_requested()) {
            throw Cancelled();
        }
        auto why = readTextFile(complaints);
        why = why.substr(0, why.find_last_not_of('\n') + 1);
        const auto code = ran.code == 2   ? ErrorCode::Usage
                          : ran.code == 3 ? ErrorCode::Input
                          : ran.code == 4 ? ErrorCode::MissingModel
                          : ran.code == 5 ? ErrorCode::OutOfMemory
                                          : ErrorCode::Internal;
        throw Error(code, "Run " + std::to_string(number) + " failed.", "Its own words stand below.", why);
    }
    const auto summary = Json::parse(ran.output);
    const auto project = fs::path(summary.at("project").get<std::string>());
    auto profile = Json::parse(std::ifstream(project / "profile.json"));
    const auto metrics = Json::parse(std::ifstream(scratch.path() / "metrics.json"));
    Json out;
    out["example"] = row.example;
    out["video"] = metrics.at("video");
    out["targets"] = metrics.at("targets").size();
    const auto& range = metrics.at("video").at("frames");
    out["frames"] = range.at(1).get<long long>() - range.at(0).get<long long>();
    out["person_frames"] = summary.at("person_frames");
    out["completion"] = row.completion == "on";
    out["batch_size"] = profile.at("batch_size");
    out["masklets"] = jsonOf(partOf(profile, {"segment"}));
    out["four_d"] = jsonOf(partOf(profile, {"intrinsics", "reconstruct", "complete", "ground"}));
    out["versions"] = profile.at("versions");
    out["device"] = profile.at("device");
    out["stages"] = profile.at("stages");
    return out;
}

std::string peakOf(const Json& part, bool device) {
    const auto& bytes = part.at(device ? "device_peak_bytes" : "process_peak_bytes");
    return bytes.is_null() ? std::string("-") : gigabytes(bytes.get<std::int64_t>());
}

std::string markdown(const Json& report) {
    const auto& device = report.at("device");
    const bool gpu = report.at("device_memory").get<bool>();
    std::string out = "# Memory and time\n\n";
    out += "Device: " +
           (device.at("gpu").is_null() ? std::string("no GPU") : device.at("gpu").get<std::string>());
    out += ", " + device.at("cpu").get<std::string>() + " (" + std::to_string(device.at("cores").get<int>()) +
           " cores), " + gigabytes(device.at("memory_bytes").get<std::int64_t>()) + " of main memory";
    if (!device.at("driver").is_null()) {
        out += ", driver " + device.at("driver").get<std::string>();
    }
    out += ".\nPeaks are " +
           std::string(gpu ? "of the GPU's memory" : "of the process's main memory: no stage used a GPU") +
           ". 4D is everything after the masks.\n\n";
    out += "| Example | Targets | Frames | Completion | Batch size | Masklets peak | Masklets time | 4D peak "
           "| 4D time |\n";
    out += "|---|---:|---:|:---:|---:|---:|---:|---:|---:|\n";
    for (const auto& row : report.at("rows")) {
        out += "| " + row.at("example").get<std::string>() + " | " +
               std::to_string(row.at("targets").get<int>()) + " | " +
               std::to_string(row.at("frames").get<long long>()) + " | " +
               (row.at("completion").get<bool>() ? "on" : "off") + " | " +
               std::to_string(row.at("batch_size").get<long long>()) + " | " +
               peakOf(row.at("masklets"), gpu) + " | " +
               duration(row.at("masklets").at("seconds").get<double>()) + " | " +
               peakOf(row.at("four_d"), gpu) + " | " +
               duration(row.at("four_d").at("seconds").get<double>()) + " |\n";
    }
    out += "\n";
    std::set<std::string> told;
    for (const auto& row : report.at("rows")) {
        const auto example = row.at("example").get<std::string>();
        if (told.insert(example).second) {
            out += example + ": " + row.at("video").at("file").get<std::string>() + "  \n";
        }
    }
    // The last row is one with completion, where there are any.
    out += "\n| Stage | Engine |\n|---|---|\n";
    for (const auto& [stage, version] : report.at("rows").back().at("versions").items()) {
        out += "| " + stage + " | " + version.get<std::string>() + " |\n";
    }
    return out;
}

int profile(const ProfileArguments& arguments, const Common& common) {
    std::stop_source stop;
    const StopOnSignal onSignal(stop);
    ProgressDisplay display(common.quiet);
    std::error_code ec;
    const auto program = fs::read_symlink("/proc/self/exe", ec);
    for (const auto& input : arguments.inputs) {
        if (isProject(input)) {
            throw Error(ErrorCode::Usage, "A project keeps what is done: nothing would be measured.",
                        "Give its video.", input);
        }
    }
    std::vector<Row> rows;
    for (std::size_t i = 0; i < arguments.inputs.size(); ++i) {
        char name[32];
        std::snprintf(name, sizeof name, "EX-%02zu", i + 1);
        for (const auto& completion :
             arguments.completion.empty() ? std::vector<std::string>{"off", "on"} : arguments.completion) {
            for (const int batch : arguments.batches.empty() ? std::vector<int>{0} : arguments.batches) {
                rows.push_back({name, arguments.inputs[i], completion, batch});
            }
        }
    }
    Json report;
    report["rows"] = Json::array();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (stop.stop_requested()) {
            throw Cancelled();
        }
        display.note("Run " + std::to_string(i + 1) + " of " + std::to_string(rows.size()) + ": " +
                     rows[i].input + ", completion " + rows[i].completion +
                     (rows[i].batch > 0 ? ", batch " + std::to_string(rows[i].batch) : std::string()));
        report["rows"].push_back(
            measured(arguments, rows[i], program, static_cast<int>(i) + 1, stop.get_token()));
    }
    report["device"] = report["rows"].front()["device"];
    report["device_memory"] = std::any_of(report["rows"].begin(), report["rows"].end(), [](const Json& row) {
        return !row.at("four_d").at("device_peak_bytes").is_null();
    });
    const auto table = markdown(report);
    if (!arguments.output.empty()) {
        fs::create_directories(arguments.output);
        writeFileAtomically(fs::path(arguments.output) / "profile.md", table);
        writeFileAtomically(fs::path(arguments.output) / "profile.json", jsonText(report) + "\n");
    }
    std::cout << (common.json ? jsonText(report) + "\n" : table);
    return 0;
}

template <typename Value>
CLI::Option* repeated(CLI::App* sub, const std::string& name, Value& values, const std::string& help,
                      const std::string& form) {
    return sub->add_option(name, values, help)
        ->option_text(form)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

} // namespace

void addProfileCommand(CLI::App& app, Common& common, Action& action) {
    auto a = std::make_shared<ProfileArguments>();
    auto* sub = app.add_subcommand(
        "profile",
        "Peak memory and time of masks and bodies, a table row for every clip, completion and batch size");
    sub->add_option("input", a->inputs, "Videos; clicks are for all of them")
        ->required()
        ->option_text("VIDEO...");
    repeated(sub, "--click", a->clicks, "A person, as for run", "FRAME:X,Y[:+|-][@TARGET]");
    repeated(sub, "--box", a->boxes, "Limits the search, as for run", "FRAME:X,Y,W,H[@TARGET]");
    sub->add_flag("--auto", a->autoSelect, "Everybody who is found");
    repeated(sub, "--completion", a->completion, "Rows with and without completion; default: both", "on|off")
        ->check(CLI::IsMember({"on", "off"}));
    sub->add_option("--batch", a->batches, "Rows for these batch sizes; default: the option's")
        ->option_text("N,N...")
        ->delimiter(',')
        ->check(CLI::Range(1, 1024));
    sub->add_option("--frames", a->frames, "Frames A up to but without B")->option_text("A:B");
    repeated(sub, "--engine", a->engines, "Engine of a stage; body4d models lists them", "STAGE=NAME");
    sub->add_option("--config", a->config, "Options from a file, as for run")->option_text("FILE");
    repeated(sub, "--set", a->settings, "Any option; body4d config lists them", "KEY=VALUE");
    sub->add_option("-o,--output", a->output, "Receives profile.md and profile.json")->option_text("DIR");
    sub->callback([a, &common, &action] { action = [a, &common] { return profile(*a, common); }; });
}

} // namespace body4d::cli
