#pragma once

#include <string>
#include <vector>

namespace body4d::detail {

/// A run of another program, to compare with.
struct PeerRun {
    bool good = false;     ///< it was there and ended well
    double seconds = 0;    ///< from its start to its end
    double cpuSeconds = 0; ///< user and system time of all its threads
};
/// Nothing goes in, what it prints is thrown away.
[[nodiscard]] PeerRun runPeer(const std::vector<std::string>& words);

/// User and system time of this process, all threads.
[[nodiscard]] double ownCpuSeconds();

} // namespace body4d::detail
