#pragma once

#include "video/extract.h"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace body4d {

/// Pictures of a video at N a second, written to disk: by this program, by the `ffmpeg` program with its
/// filter fps=N, and by OpenCV's reader in Python. Run in turns, so that all meet the same load; starting up
/// and opening the file counts for all.
struct ExtractBenchmark {
    double fps = 1;
    FrameFormat format = FrameFormat::Raw;
    struct Side {
        double seconds = 0;    ///< best round; 0: not there or failed
        double cpuSeconds = 0; ///< of that round, all threads
        std::int64_t pictures = 0, bytes = 0;
    };
    Side ours, ffmpeg, opencv;
    /// Times as fast as the other: the median over rounds, each compared with the other's turn beside it; 0:
    /// not there.
    double timesFfmpeg = 0, timesOpencv = 0;
};

struct ExtractBenchmarkOptions {
    std::vector<double> fps = {1, 2, 10};
    std::vector<FrameFormat> formats = {FrameFormat::Raw, FrameFormat::Jpeg, FrameFormat::Png};
    int rounds = 3;
    bool peers = true;
    std::string python = "python3"; ///< with cv2, where it has it
};

/// @param tell a sentence before each measurement; may be empty
/// @throws Error{Input, Output}, Cancelled
[[nodiscard]] std::vector<ExtractBenchmark>
benchmarkExtract(const std::filesystem::path& video, const ExtractBenchmarkOptions& options,
                 const std::stop_token& stop, const std::function<void(const std::string&)>& tell);

/// "raw", "jpeg", "png".
[[nodiscard]] const char* frameFormatName(FrameFormat format);

} // namespace body4d
