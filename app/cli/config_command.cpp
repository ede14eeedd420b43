#include "pipeline/options.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>

#include "cli/commands.h"
#include "cli/json_text.h"

namespace body4d::cli {
namespace {

int config(bool json) {
    if (!json) {
        std::cout << defaultConfigYaml();
        return 0;
    }
    auto out = nlohmann::ordered_json::array();
    for (const auto& spec : optionSpecs()) {
        nlohmann::ordered_json entry{{"key", spec.key}, {"label", spec.label}, {"help", spec.help}};
        std::visit([&entry](const auto& value) { entry["default"] = value; }, spec.defaultValue);
        if (!spec.unit.empty()) {
            entry["unit"] = spec.unit;
        }
        if (spec.minimum != spec.maximum) {
            entry["range"] = {spec.minimum, spec.maximum};
        }
        if (!spec.choices.empty()) {
            entry["choices"] = spec.choices;
        }
        entry["makes_stale"] = spec.stages;
        if (!spec.cliFlag.empty()) {
            entry["flag"] = spec.cliFlag;
        }
        out.push_back(std::move(entry));
    }
    std::cout << jsonText(out) << '\n';
    return 0;
}

} // namespace

void addConfigCommand(CLI::App& app, Common& common, Action& action) {
    auto* sub = app.add_subcommand("config", "All options with their defaults, as a file for --config");
    sub->callback([&common, &action] { action = [&common] { return config(common.json); }; });
}

} // namespace body4d::cli
