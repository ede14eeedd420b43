#pragma once

#include <cstdint>

namespace body4d::nn {

/// What LibTorch takes from main memory, counted as the caching allocator of a GPU counts: bytes asked for by
/// tensors and by the scratch memory of operators that comes from the same allocator. What libraries below
/// (oneDNN, OpenMP) take by themselves is not seen.
struct CpuBytes {
    std::int64_t current = 0, peak = 0;
};

/// Begins to count, for the rest of the process; later calls change nothing. Memory taken before is unknown.
void countCpuMemory();
/// Zeros before countCpuMemory().
[[nodiscard]] CpuBytes cpuBytes();
/// The peak begins anew at what is held now.
void resetCpuPeak();
/// From now on an allocation that would bring the sum above this fails, as on a device of that size. 0: no
/// limit
void limitCpuMemory(std::int64_t bytes);

} // namespace body4d::nn
