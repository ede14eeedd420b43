#include "base/error.h"
#include "export/exporter.h"
#include "pipeline/export_scene.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>
#include <memory>

#include "cli/arguments.h"
#include "cli/clicks.h"
#include "cli/commands.h"
#include "cli/json_text.h"
#include "cli/progress_display.h"
#include "cli/signals.h"

namespace body4d::cli {
namespace {

struct ExportArguments {
    std::string project, output, frames;
    std::vector<std::string> formats;
    std::vector<int> targets;
    OptionFlags options;
    bool list = false;
};

int listFormats(bool json) {
    auto out = nlohmann::ordered_json::array();
    for (const auto& format : exportFormats()) {
        if (json) {
            out.push_back({{"name", format.name},
                           {"title", format.title},
                           {"description", format.description},
                           {"files", format.fileNames},
                           {"default", format.byDefault}});
        } else {
            std::cout << format.name << (format.byDefault ? " (default)" : "") << ": " << format.title << ". "
                      << format.description << '\n';
        }
    }
    if (json) {
        std::cout << jsonText(out) << '\n';
    }
    return 0;
}

/// What the files do not say: whose results are missing or older than what is asked for now.
std::vector<std::string> unfinished(const Project& project) {
    std::vector<std::string> notes;
    for (const auto& target : project.document().targets) {
        const auto status = project.stage("ground", target.id).status;
        if (!target.prompts.empty() && status != StageStatus::Done) {
            notes.push_back(target.name + " is " + (project.bodyStates(target.id) ? "not up to date" : "left out") +
                            ": run the project again (body4d run " + project.folder().filename().string() +
                            ").");
        }
    }
    return notes;
}

int runExport(const ExportArguments& arguments, const Common& common) {
    if (arguments.list) {
        return listFormats(common.json);
    }
    if (arguments.project.empty()) {
        throw Error(ErrorCode::Usage, "There is no project to export.",
                    "Name one: body4d export PROJECT.body4d.");
    }
    std::stop_source stop;
    const StopOnSignal onSignal(stop);
    const auto project = Project::open(arguments.project, Project::Access::ReadOnly);
    auto document = project->document();
    arguments.options.applyTo(document.options);
    const auto formats = exportFormatNames(arguments.formats);
    auto options = exportOptions(document);
    if (!arguments.frames.empty()) {
        const auto range = parseFrames(arguments.frames, document.video.frameCount);
        options.beginFrame = range.begin;
        options.endFrame = range.end;
    }
    options.targets.assign(arguments.targets.begin(), arguments.targets.end());
    Engines engines;
    auto scene = exportScene(*project, engines);
    takeMeshLevel(scene, document.options);
    const std::filesystem::path out =
        arguments.output.empty() ? project->folder().parent_path() : std::filesystem::path(arguments.output);
    ProgressDisplay display(common.quiet);
    ExportResult result;
    try {
        result = exportAll(scene, formats, out, options, stop.get_token(),
                           [&display](const Progress& p) { display.show(p); });
    } catch (...) {
        display.clear();
        throw;
    }
    display.clear();
    for (auto& note : unfinished(*project)) {
        result.notes.push_back(std::move(note));
    }
    if (common.json) {
        nlohmann::ordered_json json{{"files", nlohmann::json::array()}, {"notes", result.notes}};
        for (const auto& file : result.files) {
            json["files"].push_back(file.string());
        }
        std::cout << jsonText(json) << '\n';
        return 0;
    }
    for (const auto& note : result.notes) {
        std::cerr << note << '\n';
    }
    std::cout << result.files.size() << (result.files.size() == 1 ? " file" : " files") << " in "
              << out.string() << '\n';
    return 0;
}

} // namespace

void addExportCommand(CLI::App& app, Common& common, Action& action) {
    auto arguments = std::make_shared<ExportArguments>();
    auto* sub = app.add_subcommand("export", "Write files for other programs from a finished project");
    sub->add_option("project", arguments->project, "NAME.body4d")->option_text("PROJECT.body4d");
    sub->add_option("-f,--format", arguments->formats, "Formats; --list names them")
        ->option_text("FORMAT,...")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    sub->add_option("-o,--output", arguments->output, "Folder; default: where the project lies")
        ->option_text("DIR");
    sub->add_option("--frames", arguments->frames, "Frames A up to but without B")->option_text("A:B");
    sub->add_option("--target", arguments->targets, "Only these people; repeatable")
        ->option_text("ID")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    arguments->options.addTo(*sub, "export.");
    sub->add_flag("--list", arguments->list, "All formats");
    sub->callback([arguments, &common, &action] {
        action = [arguments, &common] { return runExport(*arguments, common); };
    });
}

} // namespace body4d::cli
