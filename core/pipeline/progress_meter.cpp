#include "pipeline/progress_meter.h"

#include <algorithm>

namespace body4d::detail {
namespace {

constexpr double kReportEvery = 0.05, kRateWindow = 3.0;

double seconds(std::chrono::steady_clock::duration d) {
    return std::chrono::duration<double>(d).count();
}

} // namespace

ProgressMeter::Stage& ProgressMeter::stage(const std::string& name) {
    for (auto& s : stages_) {
        if (s.name == name) {
            return s;
        }
    }
    stages_.push_back({});
    stages_.back().name = name;
    return stages_.back();
}

void ProgressMeter::plan(const std::string& name, long long units, double secondsPerUnit) {
    const std::scoped_lock lock(mutex_);
    auto& s = stage(name);
    s.total = units;
    s.guess = secondsPerUnit;
}

void ProgressMeter::begin(const std::string& name, const std::string& phase) {
    const std::scoped_lock lock(mutex_);
    auto& s = stage(name);
    s.phase = phase;
    if (!s.running) {
        s.running = true;
        s.started = Clock::now();
        s.recent.assign(1, {s.started, s.done});
    }
    tell(s, true);
}

void ProgressMeter::advance(const std::string& name, long long units) {
    const std::scoped_lock lock(mutex_);
    auto& s = stage(name);
    s.done += units;
    tell(s, false);
}

void ProgressMeter::set(const std::string& name, long long done, long long total) {
    const std::scoped_lock lock(mutex_);
    auto& s = stage(name);
    s.done = done;
    s.total = total;
    tell(s, false);
}

void ProgressMeter::finish(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    auto& s = stage(name);
    s.done = s.total;
    tell(s, true);
    s.running = false;
    s.finished = true;
    s.ended = Clock::now();
}

double ProgressMeter::eta(Clock::time_point now) const {
    // How this machine compares with the guesses, from what has been measured so far.
    double measured = 0, guessed = 0;
    for (const auto& s : stages_) {
        if ((s.running || s.finished) && s.done > 0 && s.guess > 0) {
            measured += seconds((s.finished ? s.ended : now) - s.started);
            guessed += s.guess * static_cast<double>(s.done);
        }
    }
    const double factor = guessed > 0 && measured > 0.2 ? measured / guessed : 1;
    double left = 0;
    for (const auto& s : stages_) {
        if (s.finished) {
            continue;
        }
        if (s.total <= 0) {
            return -1;
        }
        const double elapsed = s.running ? seconds(now - s.started) : 0;
        const double perUnit = s.running && s.done > 0 && elapsed > 0.3
                                   ? elapsed / static_cast<double>(s.done)
                                   : s.guess * factor;
        left += perUnit * static_cast<double>(std::max(0LL, s.total - s.done));
    }
    return left;
}

void ProgressMeter::tell(Stage& s, bool force) {
    if (!report_) {
        return;
    }
    const auto now = Clock::now();
    if (!force && seconds(now - last_) < kReportEvery) {
        return;
    }
    last_ = now;
    s.recent.emplace_back(now, s.done);
    while (s.recent.size() > 2 && seconds(now - s.recent.front().first) > kRateWindow) {
        s.recent.pop_front();
    }
    Progress p;
    p.stage = s.name;
    p.phase = s.phase;
    p.done = std::min(s.done, s.total > 0 ? s.total : s.done);
    p.total = s.total;
    const double span = seconds(now - s.recent.front().first);
    p.perSecond = span > 0.05 ? static_cast<double>(s.done - s.recent.front().second) / span : 0;
    p.etaSeconds = eta(now);
    report_(p);
}

} // namespace body4d::detail
