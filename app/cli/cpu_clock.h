#pragma once

#include <sys/resource.h>

namespace body4d::cli {

/// Processor time of this process so far, all threads.
inline double cpuSeconds() {
    rusage use{};
    ::getrusage(RUSAGE_SELF, &use);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return seconds(use.ru_utime) + seconds(use.ru_stime);
}

} // namespace body4d::cli
