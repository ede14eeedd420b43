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
    /// read() of random frames.
    struct Seeks {
        double medianMs = 0, worstMs = 0;
        double cpuMs = 0; ///< mean processor time of one, all threads: what a busy machine does not change
    };
    Seeks firstSeeks;   ///< each on a reader of its own, opened before: nothing helps
    Seeks seeks;        ///< one after the other on one reader that keeps no frames, only decoders
    Seeks windowSeeks;  ///< on a frame source as the window has it: with its cache
    double seekMiB = 0; ///< what the process grew by in `seeks`
    double openMs = 0;
};
/// @throws Error{Input}
[[nodiscard]] DecodeBenchmark benchmarkDecode(const std::filesystem::path& video, int rounds = 3,
                                              int seeks = 40);

} // namespace body4d
