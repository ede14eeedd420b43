#include "cli/arguments.h"

#include "base/error.h"
#include "export/exporter.h"

#include <CLI/CLI.hpp>

#include <sstream>

namespace body4d::cli {
namespace fs = std::filesystem;
namespace {

/// What a flag takes, for the help: "on|off", "skinned|exact", "GiB", "N".
std::string valueText(const OptionSpec& spec) {
    if (std::holds_alternative<bool>(spec.defaultValue)) {
        return "on|off";
    }
    std::string text;
    for (const auto& choice : spec.choices) {
        text += (text.empty() ? "" : "|") + choice;
    }
    return !text.empty() ? text : spec.unit == "GiB" ? "GiB" : "N";
}

} // namespace

bool isProject(const fs::path& path) {
    std::error_code ec;
    return fs::exists(path / "project.yaml", ec) || path.extension() == ".body4d";
}

void OptionFlags::addTo(CLI::App& command, const std::string& prefix) {
    for (const auto& spec : optionSpecs()) {
        if (!spec.cliFlag.empty() && spec.key.starts_with(prefix)) {
            command.add_option(spec.cliFlag, flags[spec.key], spec.help)->option_text(valueText(spec));
        }
    }
    command.add_option("--set", settings, "Any option; body4d config lists them")
        ->option_text("KEY=VALUE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void OptionFlags::applyTo(Options& options) const {
    for (const auto& [key, text] : flags) {
        if (!text.empty()) {
            options.setFromText(key, text);
        }
    }
    for (const auto& setting : settings) {
        const auto at = setting.find('=');
        if (at == std::string::npos) {
            throw Error(ErrorCode::Usage, "'" + setting + "' sets no option.",
                        "Give KEY=VALUE, for example --set smoothing.arms=2; body4d config lists all keys.");
        }
        options.setFromText(setting.substr(0, at), setting.substr(at + 1));
    }
}

std::vector<std::string> exportFormatNames(const std::vector<std::string>& lists) {
    std::vector<std::string> names;
    for (const auto& list : lists) {
        std::istringstream in(list);
        for (std::string name; std::getline(in, name, ',');) {
            names.push_back(exportFormat(name).name);
        }
    }
    if (lists.empty()) {
        for (const auto& format : exportFormats()) {
            if (format.byDefault) {
                names.push_back(format.name);
            }
        }
    }
    return names;
}

} // namespace body4d::cli
