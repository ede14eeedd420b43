#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace body4d {

/// What one stage has taken on this machine.
struct StageCost {
    double secondsPerItem = 0;  ///< an item is a frame of a person
    std::int64_t peakBytes = 0; ///< of the process while the stage ran
    int runs = 0;
};

/// What stages took in earlier runs on this machine, by stage and engine; what estimates are made from. A small file in
/// the user's cache folder: losing it costs nothing but the estimates' truth.
class CostHistory {
public:
    /// Never throws: a file that is missing or damaged is an empty history.
    [[nodiscard]] static CostHistory load(const std::filesystem::path& file = defaultFile());
    /// $XDG_CACHE_HOME/body4d/costs.json or ~/.cache/body4d/costs.json; empty without a home.
    [[nodiscard]] static std::filesystem::path defaultFile();

    /// By "stage/engine".
    [[nodiscard]] const std::map<std::string, StageCost>& all() const { return costs_; }
    [[nodiscard]] std::optional<StageCost> find(const std::string& stage, const std::string& engine) const;
    /// Takes a run in. Newer runs weigh more; the very first items of a run are start-up, so short ones are left out.
    /// @param fewest items that a run must have had
    void record(const std::string& stage, const std::string& engine, double seconds, long long items,
                std::int64_t peakBytes, long long fewest = 20);
    /// Best effort: a disk that is full or read-only is no reason to fail a run.
    void save(const std::filesystem::path& file = defaultFile()) const;

private:
    std::map<std::string, StageCost> costs_;
};

} // namespace body4d
