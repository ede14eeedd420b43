#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace body4d {

/// Decoding to RGB, all frames in order, by this program and by `ffmpeg -i VIDEO -pix_fmt rgb24 -f null -`
/// where that program is installed: run in turns, so that both meet the same load; opening the file counts
/// for both.
struct DecodeBenchmark {
    std::int64_t frames = 0;
    double framesPerSecond = 0;     ///< ours, best round
    double peerFramesPerSecond = 0; ///< ffmpeg's, best round; 0: not installed
    double cpuSeconds = 0;          ///< ours in the best round, all threads
    double peerCpuSeconds = 0;
    double seekMedianMs = 0; ///< read() of random frames on one reader
    double seekWorstMs = 0;
    double openMs = 0;
};
/// @throws Error{Input}
[[nodiscard]] DecodeBenchmark benchmarkDecode(const std::filesystem::path& video, int rounds = 3,
                                              int seeks = 40);

} // namespace body4d
