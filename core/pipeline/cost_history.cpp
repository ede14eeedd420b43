#include "pipeline/cost_history.h"

#include "base/files.h"
#include "base/log.h"

#include <nlohmann/json.hpp>

#include <cstdlib>

namespace body4d {
namespace fs = std::filesystem;
namespace {
constexpr double kNewest = 0.4; ///< weight of the latest run
} // namespace

fs::path CostHistory::defaultFile() {
    const char* cache = std::getenv("XDG_CACHE_HOME");
    const char* home = std::getenv("HOME");
    if (cache != nullptr && *cache != '\0') {
        return fs::path(cache) / "body4d" / "costs.json";
    }
    return home != nullptr && *home != '\0' ? fs::path(home) / ".cache" / "body4d" / "costs.json" : fs::path();
}

CostHistory CostHistory::load(const fs::path& file) {
    CostHistory history;
    std::error_code ec;
    if (file.empty() || !fs::exists(file, ec)) {
        return history;
    }
    try {
        const auto json = nlohmann::json::parse(readTextFile(file));
        for (const auto& [key, value] : json.at("stages").items()) {
            StageCost cost;
            cost.secondsPerItem = value.at("seconds_per_item").get<double>();
            cost.peakBytes = value.at("peak_bytes").get<std::int64_t>();
            cost.runs = value.at("runs").get<int>();
            if (cost.secondsPerItem > 0 && cost.runs > 0) {
                history.costs_[key] = cost;
            }
        }
    } catch (const std::exception& e) {
        logWarning(std::string("Earlier run times cannot be read: ") + e.what());
        history.costs_.clear();
    }
    return history;
}

std::optional<StageCost> CostHistory::find(const std::string& stage, const std::string& engine) const {
    const auto it = costs_.find(stage + "/" + engine);
    return it == costs_.end() ? std::nullopt : std::optional(it->second);
}

void CostHistory::record(const std::string& stage, const std::string& engine, double seconds, long long items,
                         std::int64_t peakBytes, long long fewest) {
    if (items < fewest || seconds <= 0) {
        return;
    }
    auto& cost = costs_[stage + "/" + engine];
    const double weight = cost.runs == 0 ? 1 : kNewest;
    cost.secondsPerItem += weight * (seconds / static_cast<double>(items) - cost.secondsPerItem);
    cost.peakBytes += static_cast<std::int64_t>(weight * static_cast<double>(peakBytes - cost.peakBytes));
    ++cost.runs;
}

void CostHistory::save(const fs::path& file) const {
    if (file.empty()) {
        return;
    }
    nlohmann::ordered_json json;
    json["stages"] = nlohmann::ordered_json::object();
    for (const auto& [key, cost] : costs_) {
        json["stages"][key] = {{"seconds_per_item", cost.secondsPerItem}, {"peak_bytes", cost.peakBytes}, {"runs", cost.runs}};
    }
    try {
        fs::create_directories(file.parent_path());
        writeFileAtomically(file, json.dump(2) + "\n");
    } catch (const std::exception& e) {
        log(LogLevel::Info, std::string("Run times were not kept: ") + e.what());
    }
}

} // namespace body4d
