#include "base/error.h"
#include "device/memory_budget.h"
#include "device/telemetry.h"
#include "models/torch_engines.h"
#include "pipeline/model_catalog.h"
#include "pipeline/run.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/json_text.h"

namespace body4d::cli {
namespace {

struct Check {
    std::string what, result, remedy;
    bool good = true;
    ErrorCode code = ErrorCode::MissingModel; ///< what the exit code says where it is not good
};

std::string gib(std::int64_t bytes) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f GiB", static_cast<double>(bytes) / (1024.0 * 1024 * 1024));
    return text;
}

/// Loads an engine for real: a file that is there may still be damaged.
template <typename Fn>
Check tryLoading(const std::string& what, Fn load) {
    try {
        load();
        return {what, "loads", "", true};
    } catch (const Error& e) {
        return {what, e.what(), e.remedy(), false, e.code()};
    } catch (const std::exception& e) {
        return {what, e.what(), "Run packaging/setup.sh again, or install the package again.", false,
                ErrorCode::Internal};
    }
}

/// The engines on LibTorch, where they are installed: what they run on.
void checkTorch(std::vector<Check>& checks) {
    if (!torchEnginesInstalled()) {
        return;
    }
    const auto& torch = torchPlugin();
    if (torch.plugin == nullptr) {
        checks.push_back({"LibTorch", torch.reason, torch.remedy, false});
        return;
    }
    std::string where;
    for (const auto& device : torch.plugin->devices()) {
        where += (where.empty() ? ", on " : " and ") + device.name;
    }
    checks.push_back({"LibTorch", torch.plugin->version() + (where.empty() ? ", on the processor" : where), "", true});
    checks.push_back(
        {"crops of people", torch.plugin->engines().cropMethod(preferredTorchDevice()), "", true});
}

int doctor(bool json) {
    std::vector<Check> checks;
    const auto device = describeDevice();
    checks.push_back(
        {"processor", device.cpu + ", " + std::to_string(device.cores) + " cores usable", "", true});
    const auto budget = MemoryBudget().bytes();
    checks.push_back({"memory", gib(device.memoryBytes) + ", budget by default " + gib(budget),
                      budget < (1LL << 30) ? "Close other programs: less than 1 GiB is free." : "",
                      budget >= (1LL << 30), ErrorCode::OutOfMemory});
    checks.push_back({"graphics",
                      device.gpu.empty()
                          ? "no NVIDIA GPU seen (none is needed)"
                          : device.gpu + ", " + gib(device.gpuMemoryBytes) + ", driver " + device.driver,
                      "", true});
    checkTorch(checks);
    for (const auto& entry : modelCatalog(Engines::modelsFolder())) {
        if (entry.implemented && !entry.files.empty()) {
            // Engines on LibTorch are a choice: without them the machine is as it should be.
            const bool optional = !entry.needs.empty();
            checks.push_back({"model " + entry.name,
                              entry.present ? "present" : optional ? "missing (optional)" : "missing", entry.missing,
                              entry.present || optional});
        }
    }
    Engines engines;
    checks.push_back(tryLoading("segmenter", [&] { (void)engines.segmenter(Options()); }));
    checks.push_back(tryLoading("body model", [&] { (void)engines.bodyModel("anny"); }));
    const auto bad = std::find_if(checks.begin(), checks.end(), [](const Check& c) { return !c.good; });
    const bool good = bad == checks.end();
    if (json) {
        nlohmann::ordered_json out{{"good", good}, {"checks", nlohmann::json::array()}};
        for (const auto& c : checks) {
            out["checks"].push_back(
                {{"what", c.what}, {"good", c.good}, {"result", c.result}, {"remedy", c.remedy}});
        }
        std::cout << jsonText(out) << '\n';
    } else {
        for (const auto& c : checks) {
            std::cout << (c.good ? "ok    " : "BAD   ") << c.what << ": " << c.result << '\n';
            if (!c.remedy.empty()) {
                std::cout << "      " << c.remedy << '\n';
            }
        }
    }
    return good ? 0 : exitCode(bad->code);
}

} // namespace

void addDoctorCommand(CLI::App& app, Common& common, Action& action) {
    auto* sub = app.add_subcommand("doctor", "Whether everything that is needed is here and works");
    sub->callback([&common, &action] { action = [&common] { return doctor(common.json); }; });
}

} // namespace body4d::cli
