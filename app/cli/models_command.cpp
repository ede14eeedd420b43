#include "pipeline/model_catalog.h"
#include "pipeline/run.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <iostream>

#include "cli/commands.h"

namespace body4d::cli {
namespace {

int models(bool json) {
    const auto folder = Engines::modelsFolder();
    const auto entries = modelCatalog(folder);
    if (json) {
        nlohmann::ordered_json out{{"folder", folder.string()}, {"models", nlohmann::json::array()}};
        for (const auto& e : entries) {
            std::vector<std::string> files;
            for (const auto& file : e.files) {
                files.push_back(file.string());
            }
            out["models"].push_back({{"name", e.name},
                                     {"stage", e.stage},
                                     {"title", e.title},
                                     {"licence", e.licence},
                                     {"source", e.source},
                                     {"files", files},
                                     {"parameters_millions", e.parametersMillions},
                                     {"memory_bytes", e.memoryBytes},
                                     {"implemented", e.implemented},
                                     {"present", e.present},
                                     {"missing", e.missing}});
        }
        std::cout << out.dump(2) << '\n';
        return 0;
    }
    std::cout << "Models folder: " << folder.string() << "\n\n";
    for (const bool implemented : {true, false}) {
        if (!implemented) {
            std::cout << "\nKnown, not yet part of this program:\n";
        }
        for (const auto& e : entries) {
            if (e.implemented != implemented) {
                continue;
            }
            const char* mark = !implemented ? "-" : e.present ? "ready" : "missing";
            std::printf("%-8s %-16s %-12s %s\n         licence: %s; from: %s\n", mark, e.name.c_str(),
                        e.stage.c_str(), e.title.c_str(), e.licence.c_str(), e.source.c_str());
            if (implemented && !e.missing.empty()) {
                std::printf("         %s\n", e.missing.c_str());
            }
        }
    }
    return 0;
}

} // namespace

void addModelsCommand(CLI::App& app, Common& common, Action& action) {
    auto* sub = app.add_subcommand("models", "What models are here, what goes where, and their licences");
    sub->callback([&common, &action] { action = [&common] { return models(common.json); }; });
}

} // namespace body4d::cli
