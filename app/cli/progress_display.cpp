#include "cli/progress_display.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <sys/ioctl.h>
#include <unistd.h>

namespace body4d::cli {
namespace {

int columns() {
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string rateText(double perSecond) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f/s", perSecond);
    return perSecond > 0 ? text : "";
}

} // namespace

std::string clockText(double seconds) {
    const auto s = static_cast<long long>(seconds + 0.5);
    char text[40];
    if (s >= 3600) {
        std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
    } else {
        std::snprintf(text, sizeof text, "%lld:%02lld", s / 60, s % 60);
    }
    return text;
}

ProgressDisplay::ProgressDisplay(bool quiet) : quiet_(quiet), terminal_(::isatty(STDERR_FILENO) == 1) {}

void ProgressDisplay::show(const Progress& p) {
    if (quiet_) {
        return;
    }
    const std::scoped_lock lock(mutex_);
    const double share = p.total > 0 ? static_cast<double>(p.done) / static_cast<double>(p.total) : 0;
    const std::string what = p.phase.empty() ? p.stage : p.phase;
    std::string tail;
    if (p.total > 0) {
        tail += " " + std::to_string(p.done) + "/" + std::to_string(p.total);
    }
    if (const auto rate = rateText(p.perSecond); !rate.empty()) {
        tail += "  " + rate;
    }
    if (p.etaSeconds >= 0) {
        tail += "  " + clockText(p.etaSeconds) + " left";
    }
    if (terminal_) {
        const int width = std::clamp(columns() - static_cast<int>(what.size() + tail.size()) - 12, 5, 40);
        std::string bar(static_cast<std::size_t>(width), ' ');
        std::fill_n(bar.begin(), static_cast<std::ptrdiff_t>(share * width + 0.5), '#');
        char percent[16];
        std::snprintf(percent, sizeof percent, "] %3.0f %%", 100 * share);
        // A line that is too long would wrap, and every next one would start below it.
        auto line = what + " [" + bar + percent + tail;
        line.resize(std::min(line.size(), static_cast<std::size_t>(std::max(1, columns() - 1))));
        std::fprintf(stderr, "\r\033[K%s", line.c_str());
        std::fflush(stderr);
        drawn_ = true;
        return;
    }
    const auto now = std::chrono::steady_clock::now();
    const int tenth = static_cast<int>(share * 10);
    const bool news = what != stage_ || tenth != tenth_;
    if (!news || (what == stage_ && now - last_ < std::chrono::seconds(1) && tenth < 10)) {
        return;
    }
    stage_ = what;
    tenth_ = tenth;
    last_ = now;
    std::fprintf(stderr, "%s: %.0f %%%s\n", what.c_str(), 100 * share, tail.c_str());
}

void ProgressDisplay::erase() {
    if (drawn_) {
        std::fprintf(stderr, "\r\033[K");
        std::fflush(stderr);
        drawn_ = false;
    }
}

void ProgressDisplay::note(const std::string& sentence) {
    if (quiet_) {
        return;
    }
    const std::scoped_lock lock(mutex_);
    erase();
    std::fprintf(stderr, "%s\n", sentence.c_str());
}

void ProgressDisplay::clear() {
    const std::scoped_lock lock(mutex_);
    erase();
}

} // namespace body4d::cli
