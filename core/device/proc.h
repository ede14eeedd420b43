#pragma once

#include <cstdint>
#include <string>

namespace body4d::detail {

/// What the kernel says of this process and machine; zeros where it does not.
struct ProcessUse {
    std::int64_t residentBytes = 0;
    double cpuSeconds = 0; ///< user and system time of all threads
};
[[nodiscard]] ProcessUse processUse();

struct SystemMemory {
    std::int64_t totalBytes = 0, availableBytes = 0;
};
/// Main memory, limited by the control group that this process runs in.
[[nodiscard]] SystemMemory systemMemory();

[[nodiscard]] std::string cpuModel();

/// Forgets the process's peak of resident memory. @returns whether the kernel let us
bool resetPeakResident();
/// Peak since the start of the process or the last reset; 0: not known.
[[nodiscard]] std::int64_t peakResidentBytes();

} // namespace body4d::detail
