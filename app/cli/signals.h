#pragma once

#include <memory>
#include <stop_token>

namespace body4d::cli {

/// Blocks SIGINT and SIGTERM in this thread and all that it starts.
void blockSignals();

/// While it lives, Ctrl+C and SIGTERM ask the source to stop; a second one ends the process at once.
class StopOnSignal {
public:
    explicit StopOnSignal(std::stop_source source);
    ~StopOnSignal();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace body4d::cli
