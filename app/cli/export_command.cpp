#include "base/error.h"
#include "export/exporter.h"
#include "pipeline/export_scene.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>
#include <memory>
#include <sstream>

#include "cli/commands.h"
#include "cli/progress_display.h"
#include "cli/signals.h"

namespace body4d::cli {
namespace {

struct ExportArguments {
    std::string project, output, frames;
    std::vector<std::string> formats, settings;
    std::vector<int> targets;
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
        std::cout << out.dump(2) << '\n';
    }
    return 0;
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
    for (const auto& setting : arguments.settings) {
        const auto at = setting.find('=');
        document.options.setFromText(setting.substr(0, at),
                                     at == std::string::npos ? "" : setting.substr(at + 1));
    }
    std::vector<std::string> formats;
    for (const auto& list : arguments.formats) {
        std::istringstream in(list);
        for (std::string name; std::getline(in, name, ',');) {
            formats.push_back(exportFormat(name).name);
        }
    }
    if (formats.empty()) {
        for (const auto& format : exportFormats()) {
            if (format.byDefault) {
                formats.push_back(format.name);
            }
        }
    }
    auto options = exportOptions(document);
    if (!arguments.frames.empty()) {
        const auto colon = arguments.frames.find(':');
        try {
            options.beginFrame = std::stoll(arguments.frames.substr(0, colon));
            options.endFrame =
                std::stoll(arguments.frames.substr(colon == std::string::npos ? colon : colon + 1));
        } catch (const std::exception&) {
            throw Error(ErrorCode::Usage, "'" + arguments.frames + "' is no range of frames.",
                        "Give A:B, from frame A up to but without frame B.");
        }
    }
    options.targets.assign(arguments.targets.begin(), arguments.targets.end());
    Engines engines;
    const auto scene = exportScene(*project, engines);
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
    if (common.json) {
        nlohmann::ordered_json json{{"files", nlohmann::json::array()}, {"notes", result.notes}};
        for (const auto& file : result.files) {
            json["files"].push_back(file.string());
        }
        std::cout << json.dump(2) << '\n';
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
    sub->add_option("--set", arguments->settings, "An option, such as export.axes=z_up")
        ->option_text("KEY=VALUE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    sub->add_flag("--list", arguments->list, "All formats");
    sub->callback([arguments, &common, &action] {
        action = [arguments, &common] { return runExport(*arguments, common); };
    });
}

} // namespace body4d::cli
