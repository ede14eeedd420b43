#include "base/error.h"
#include "pipeline/model_catalog.h"
#include "pipeline/run.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/json_text.h"
#include "cli/signals.h"

namespace body4d::cli {
namespace {

int list(bool json) {
    const auto folder = Engines::modelsFolder();
    const auto entries = modelCatalog(folder);
    if (json) {
        nlohmann::ordered_json out{{"folder", folder.string()}, {"models", nlohmann::json::array()}};
        for (const auto& e : entries) {
            nlohmann::json files = nlohmann::json::array();
            for (const auto& file : e.files) {
                files.push_back({{"path", file.path.string()},
                                 {"url", file.url},
                                 {"bytes", file.bytes},
                                 {"sha256", file.sha256},
                                 {"present", std::filesystem::exists(folder / file.path)}});
            }
            out["models"].push_back({{"name", e.name},
                                     {"stage", e.stage},
                                     {"title", e.title},
                                     {"licence", e.licence},
                                     {"licence_url", e.licenceUrl},
                                     {"source", e.source},
                                     {"gate", e.gate},
                                     {"needs", e.needs},
                                     {"files", files},
                                     {"parameters_millions", e.parametersMillions},
                                     {"memory_bytes", e.memoryBytes},
                                     {"implemented", e.implemented},
                                     {"present", e.present},
                                     {"missing", e.missing}});
        }
        std::cout << jsonText(out) << '\n';
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
            std::printf("%-8s %-16s %-12s %s\n         licence: %s; from: %s%s\n", mark, e.name.c_str(),
                        e.stage.c_str(), e.title.c_str(), e.licence.c_str(), e.source.c_str(),
                        e.gate.empty() ? "" : " (gated)");
            if (implemented && !e.missing.empty()) {
                std::printf("         %s\n", e.missing.c_str());
            }
        }
    }
    return 0;
}

int add(const std::string& file, const std::string& model, bool json) {
    const auto match = checkModelFile(file, model);
    const auto place = addModel(file, Engines::modelsFolder(), match.model);
    if (json) {
        std::cout << jsonText(nlohmann::ordered_json{{"model", match.model}, {"file", place.string()}}) << '\n';
    } else {
        std::cout << "It is the official file of " << match.model << "; now in " << place.string() << '\n';
    }
    return 0;
}

/// Shows what one agrees to and asks, where somebody is there to answer.
bool acceptLicence(const ModelEntry& entry, bool accepted) {
    std::cerr << entry.title << "\n  from:    " << entry.source << "\n  licence: " << entry.licence;
    if (!entry.licenceUrl.empty()) {
        std::cerr << ", " << entry.licenceUrl;
    }
    std::cerr << '\n';
    if (!entry.gate.empty()) {
        std::cerr << "  gated:   " << entry.gate << '\n';
    }
    if (accepted || isatty(STDIN_FILENO) == 0) {
        return accepted;
    }
    std::cerr << "Type yes when you have read the licence and accept it: ";
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "yes";
}

struct GetArguments {
    std::string model, token;
    bool accepted = false;
};

int get(const GetArguments& arguments, const Common& common) {
    const auto folder = Engines::modelsFolder();
    const auto entries = modelCatalog(folder);
    const auto forMachines = [&](bool downloaded, const std::vector<std::filesystem::path>& files) {
        nlohmann::ordered_json out{{"model", arguments.model}, {"downloaded", downloaded}, {"folder", folder.string()}, {"files", nlohmann::json::array()}};
        for (const auto& file : files) {
            out["files"].push_back(file.string());
        }
        std::cout << jsonText(out) << '\n';
    };
    DownloadRequest request;
    request.token = arguments.token;
    if (const char* fromEnvironment = std::getenv("HF_TOKEN");
        request.token.empty() && fromEnvironment != nullptr) {
        request.token = fromEnvironment;
    }
    for (const auto& entry : entries) {
        if (entry.name == arguments.model) {
            if (entry.present) {
                if (common.json) {
                    forMachines(false, {});
                } else {
                    std::cout << entry.name << " is here already, in " << folder.string() << '\n';
                }
                return 0;
            }
            request.licenceAccepted = acceptLicence(entry, arguments.accepted);
        }
    }
    const bool show = !common.quiet && isatty(STDERR_FILENO) != 0;
    request.progress = [show](const Progress& p) {
        if (show) {
            std::fprintf(stderr, "\r%s: %lld of %lld MiB ", p.phase.c_str(), p.done, p.total);
        }
    };
    std::stop_source stop;
    const StopOnSignal signals(stop);
    const auto files = downloadModel(arguments.model, request, folder, stop.get_token());
    if (show) {
        std::cerr << '\n';
    }
    if (common.json) {
        forMachines(true, files);
        return 0;
    }
    for (const auto& file : files) {
        std::cout << file.string() << '\n';
    }
    return 0;
}

} // namespace

void addModelsCommand(CLI::App& app, Common& common, Action& action) {
    auto* sub = app.add_subcommand("models", "What models are here, what goes where, and their licences");
    sub->require_subcommand(0, 1);
    sub->callback([&common, &action, sub] {
        if (sub->get_subcommands().empty()) {
            action = [&common] { return list(common.json); };
        }
    });

    auto* adding = sub->add_subcommand("add", "Check a model file strictly and put it in place");
    const auto file = std::make_shared<std::string>(), model = std::make_shared<std::string>();
    adding->add_option("FILE", *file, "A file that you have: .pt, .pth, .ckpt, .safetensors, .tflite")
        ->required();
    adding->add_option("--as", *model, "Name of the model, where the content does not tell");
    adding->callback([&common, &action, file, model] {
        action = [&common, file, model] { return add(*file, *model, common.json); };
    });

    auto* getting = sub->add_subcommand("get", "Download a model; a part that is there is continued");
    const auto arguments = std::make_shared<GetArguments>();
    getting->add_option("NAME", arguments->model, "As body4d models lists it")->required();
    getting->add_option("--token", arguments->token, "Access token for a gated model; else $HF_TOKEN");
    getting->add_flag("--accept-licence", arguments->accepted,
                      "I have read the model's licence and accept it");
    getting->callback(
        [&common, &action, arguments] { action = [&common, arguments] { return get(*arguments, common); }; });
}

} // namespace body4d::cli
