#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace body4d {

/// Memory and load at one moment. Bytes; unset where the machine does not tell.
struct TelemetrySample {
    double seconds = 0;            ///< since the sampler's start
    std::int64_t processBytes = 0; ///< resident set of this process
    std::int64_t systemTotalBytes = 0, systemAvailableBytes = 0;
    double cpuLoad = 0;                                            ///< of this process, in cores
    std::optional<std::int64_t> deviceUsedBytes, deviceTotalBytes; ///< GPU, by NVML
    /// GPU memory of this process in the driver's books: tensors, the allocator's store, context and libraries.
    std::optional<std::int64_t> deviceProcessBytes;
    std::optional<std::int64_t> allocatorBytes,
        allocatorPeakBytes; ///< tensors in LibTorch's allocator, where an engine reports it
    std::optional<std::int64_t> allocatorReservedBytes; ///< what that allocator holds, tensors included
    std::optional<double> deviceLoad; ///< 0..1
};

struct DeviceDescription {
    std::string cpu; ///< model name
    unsigned cores = 1;
    std::int64_t memoryBytes = 0;
    std::string gpu; ///< empty: none seen
    std::int64_t gpuMemoryBytes = 0;
    std::string driver;
};
/// NVML is loaded at run time; its absence is fine.
[[nodiscard]] DeviceDescription describeDevice();

/// What an engine's allocator on a GPU holds, bytes.
struct AllocatorUse {
    std::int64_t current = 0, peak = 0;
    std::int64_t reserved = 0; ///< current and what is kept for later
};

/// Samples at 10 Hz on its own thread and keeps a history of the last minutes and peaks per stage.
/// Thread-safe.
class Telemetry {
public:
    Telemetry();
    ~Telemetry();
    [[nodiscard]] TelemetrySample latest() const;
    /// Newest last, at most `seconds` back.
    [[nodiscard]] std::vector<TelemetrySample> history(double seconds) const;
    void beginStage(const std::string& stage);
    void endStage();
    struct StagePeak {
        std::string stage;
        double seconds = 0;
        std::int64_t processPeakBytes = 0;
        std::optional<std::int64_t> devicePeakBytes, allocatorPeakBytes;
    };
    [[nodiscard]] std::vector<StagePeak> stagePeaks() const;
    /// Engines on a GPU plug their allocator's numbers in.
    void setAllocatorProbe(std::function<AllocatorUse()> probe);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace body4d
