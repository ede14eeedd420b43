#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace body4d {

enum class LogLevel { Debug, Info, Warning, Error };

/// Thread-safe. Lines go to the installed sinks; without one, warnings and errors go to stderr.
void log(LogLevel level, std::string_view message);
inline void logInfo(std::string_view message) { log(LogLevel::Info, message); }
inline void logWarning(std::string_view message) { log(LogLevel::Warning, message); }

using LogSink = std::function<void(LogLevel, const std::string&)>;
/// Replaces the sink; an empty function restores the default.
void setLogSink(LogSink sink);

} // namespace body4d
