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
    std::optional<std::int64_t> allocatorBytes,
        allocatorPeakBytes;           ///< LibTorch's, where an engine reports it
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
    /// Engines on a GPU plug their allocator's numbers in: {current, peak} bytes.
    void setAllocatorProbe(std::function<std::pair<std::int64_t, std::int64_t>()> probe);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace body4d
