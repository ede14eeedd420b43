#pragma once

#include <cstdint>
#include <filesystem>
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

/// The lowest memory limit of a process's control group (version 2) and the groups around it, with what that
/// group uses; limit 0: none.
/// @param membership  /proc/self/cgroup
/// @param mount  where the hierarchy is mounted, /sys/fs/cgroup
struct GroupMemory {
    std::int64_t limitBytes = 0, usedBytes = 0;
};
[[nodiscard]] GroupMemory groupMemory(const std::filesystem::path& membership,
                                      const std::filesystem::path& mount);

[[nodiscard]] std::string cpuModel();

/// Forgets the process's peak of resident memory. @returns whether the kernel let us
bool resetPeakResident();
/// Peak since the start of the process or the last reset; 0: not known.
[[nodiscard]] std::int64_t peakResidentBytes();

} // namespace body4d::detail
