#include "base/error.h"
#include "pipeline/import_results.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <iostream>
#include <memory>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/json_text.h"
#include "cli/progress_display.h"
#include "cli/signals.h"

namespace body4d::cli {
namespace {

struct ImportArguments {
    std::vector<std::string> sources;
    std::string output, mesh, video, config;
    OptionFlags options;
};

int runImport(const ImportArguments& arguments, const Common& common) {
    ImportRequest request;
    request.sources.assign(arguments.sources.begin(), arguments.sources.end());
    request.mesh = arguments.mesh;
    request.video = arguments.video;
    if (!arguments.config.empty()) {
        request.options = Options::fromYaml(arguments.config);
    }
    arguments.options.applyTo(request.options);
    std::filesystem::path folder = arguments.output;
    if (folder.extension() != ".body4d") {
        folder += ".body4d";
    }
    std::stop_source stop;
    const StopOnSignal onSignal(stop);
    ProgressDisplay display(common.quiet);
    ImportSummary summary;
    try {
        summary = importResults(folder, request, stop.get_token(),
                                [&display](const Progress& p) { display.show(p); });
    } catch (...) {
        display.clear();
        throw;
    }
    display.clear();
    if (common.json) {
        const nlohmann::ordered_json json{{"project", folder.string()},
                                          {"people", summary.people},
                                          {"bodies", summary.frames},
                                          {"focal_px", summary.camera.focalPx},
                                          {"width", summary.camera.width},
                                          {"height", summary.camera.height},
                                          {"worst_keypoint_px", summary.worstKeypointPx},
                                          {"notes", summary.notes}};
        std::cout << jsonText(json) << '\n';
        return 0;
    }
    for (const auto& note : summary.notes) {
        std::cerr << note << '\n';
    }
    char text[200];
    std::snprintf(text, sizeof text, "%d %s, %lld %s; camera %d x %d, focal length %.2f px", summary.people,
                  summary.people == 1 ? "person" : "people", static_cast<long long>(summary.frames),
                  summary.frames == 1 ? "body" : "bodies", summary.camera.width, summary.camera.height,
                  summary.camera.focalPx);
    std::cout << text;
    if (summary.worstKeypointPx >= 0) {
        std::snprintf(text, sizeof text, ", keypoints within %.2g px", summary.worstKeypointPx);
        std::cout << text;
    }
    std::cout << '\n' << folder.string() << '\n';
    return 0;
}

} // namespace

void addImportCommand(CLI::App& app, Common& common, Action& action) {
    auto arguments = std::make_shared<ImportArguments>();
    auto* sub = app.add_subcommand("import", "Make a project of results of SAM 3D Body or SAM-Body4D");
    sub->add_option("results", arguments->sources,
                    ".npz files (a person each), or folders of .npz or .ply (a person each, a frame a file)")
        ->required()
        ->option_text("FILE|DIR ...");
    sub->add_option("-o,--output", arguments->output, "Project to make")
        ->required()
        ->option_text("NAME.body4d");
    sub->add_option("--video", arguments->video, "Video or picture that the results belong to")
        ->option_text("FILE");
    sub->add_option("--mesh", arguments->mesh,
                    "A PLY of the same model, for its triangles; default: found beside")
        ->option_text("FILE");
    sub->add_option("--config", arguments->config, "Options from a file: where the MHR body model lies")
        ->option_text("FILE");
    arguments->options.addTo(*sub, "paths.");
    sub->callback([arguments, &common, &action] {
        action = [arguments, &common] { return runImport(*arguments, common); };
    });
}

} // namespace body4d::cli
