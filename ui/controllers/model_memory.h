#pragma once

#include <cstdint>

namespace body4d::ui {

/// What a backend whose models can be unloaded offers beside Backend; the window asks for it by dynamic_cast.
class ModelMemory {
public:
    virtual ~ModelMemory() = default;
    /// Lets go of networks and body models; whoever needs one loads it again, and what a job still works with
    /// stays until the job is over. Blocks, for worker threads.
    /// @returns memory of this process that the system has back, bytes
    virtual std::int64_t unloadModels() = 0;
};

} // namespace body4d::ui
