#pragma once

#include "base/progress.h"

#include <chrono>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace body4d::detail {

/// Adds the work of all stages up to one progress with rate and time left. Thread-safe; reports at most 20
/// times a second.
class ProgressMeter {
public:
    explicit ProgressMeter(ProgressFn report) : report_(std::move(report)) {}

    /// Announces a stage before the job begins. @param secondsPerUnit first guess, replaced by what is
    /// measured
    void plan(const std::string& stage, long long units, double secondsPerUnit);
    void begin(const std::string& stage, const std::string& phase);
    void advance(const std::string& stage, long long units);
    /// Sets what is done of a stage that counts by itself.
    void set(const std::string& stage, long long done, long long total);
    void finish(const std::string& stage);

private:
    using Clock = std::chrono::steady_clock;
    struct Stage {
        std::string name, phase;
        long long done = 0, total = 0;
        double guess = 0; ///< seconds a unit
        Clock::time_point started, ended;
        bool running = false, finished = false;
        std::deque<std::pair<Clock::time_point, long long>> recent;
    };
    Stage& stage(const std::string& name);
    void tell(Stage& stage, bool force);
    [[nodiscard]] double eta(Clock::time_point now) const;

    ProgressFn report_;
    std::mutex mutex_;
    std::vector<Stage> stages_;
    Clock::time_point last_{};
};

} // namespace body4d::detail
