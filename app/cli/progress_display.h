#pragma once

#include "base/progress.h"

#include <chrono>
#include <mutex>
#include <string>

namespace body4d::cli {

/// "0:07", "1:02:03".
[[nodiscard]] std::string clockText(double seconds);

/// Draws progress on stderr: a bar on a terminal, plain lines otherwise. Thread-safe.
class ProgressDisplay {
public:
    explicit ProgressDisplay(bool quiet);
    void show(const Progress& progress);
    /// A sentence above the bar.
    void note(const std::string& sentence);
    void clear();

private:
    void erase();
    std::mutex mutex_;
    bool quiet_ = false, terminal_ = false, drawn_ = false;
    std::string stage_;
    int tenth_ = -1;
    std::chrono::steady_clock::time_point last_{};
};

} // namespace body4d::cli
