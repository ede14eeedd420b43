#pragma once

#include <memory>
#include <stop_token>

namespace body4d::cli {

/// While it lives, Ctrl+C and SIGTERM ask the source to stop; a second one ends the process at once. Make it
/// before the threads of a job start: they inherit that the signals are blocked, and leave them to the one
/// that waits here.
class StopOnSignal {
public:
    explicit StopOnSignal(std::stop_source source);
    ~StopOnSignal();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace body4d::cli
