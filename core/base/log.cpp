#include "base/log.h"

#include <cstdio>
#include <mutex>
#include <utility>

namespace body4d {
namespace {
std::mutex& sinkMutex() {
    static std::mutex mutex;
    return mutex;
}
LogSink& currentSink() {
    static LogSink sink;
    return sink;
}
} // namespace

void log(LogLevel level, std::string_view message) {
    LogSink sink;
    {
        const std::scoped_lock lock(sinkMutex());
        sink = currentSink();
    }
    if (sink) {
        sink(level, std::string(message));
    } else if (level >= LogLevel::Warning) {
        std::fprintf(stderr, "%.*s\n", static_cast<int>(message.size()), message.data());
    }
}

void setLogSink(LogSink sink) {
    const std::scoped_lock lock(sinkMutex());
    currentSink() = std::move(sink);
}

} // namespace body4d
