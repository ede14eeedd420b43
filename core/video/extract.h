#pragma once

#include "base/progress.h"
#include "video/video_reader.h"

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace body4d {

/// Which frames stand for "N frames a second"; the programs differ.
enum class FrameSampling {
    Ffmpeg, ///< the filter fps=N: for each tick the last frame before its middle (11, 35, 59 of 24 fps at N =
            ///< 1)
    Da3,    ///< Depth Anything 3: every floor(rate / N)-th frame from 0 (0, 24, 48)
    Vggt,   ///< VGGT's demo: every floor(rate / N)-th frame, counted from 1 (23, 47, 71)
};
enum class FrameFormat { Jpeg, Png, Raw };

struct ExtractOptions {
    double fps = 1; ///< frames per second of video; 0: every frame
    FrameSampling sampling = FrameSampling::Ffmpeg;
    FrameFormat format = FrameFormat::Jpeg;
    int jpegQuality = 92;
    std::int64_t beginFrame = 0,
                 endFrame = -1; ///< half-open range of source frames; end negative: to the end
    unsigned threads = 0;       ///< for encoding; 0: as many as the machine has
};

struct ExtractReport {
    std::vector<std::int64_t> frames;         ///< source frames in the order written
    std::vector<std::filesystem::path> files; ///< one a frame; a single one for FrameFormat::Raw
    double seconds = 0, framesPerSecond = 0;  ///< with opening the file
    std::int64_t bytes = 0;
    bool cancelled = false; ///< what was finished by then is listed and whole
};

/// Indices of source frames, rising; a frame repeats where more frames a second are asked for than the video
/// has (FrameSampling::Ffmpeg only). The range limits the samples of the whole video.
/// @throws Error{Usage} for a negative rate or an empty range
[[nodiscard]] std::vector<std::int64_t> sampleFrames(const VideoInfo& info, const ExtractOptions& options);

/// Decodes in this process and encodes on several threads through a bounded queue, so memory does not grow
/// with the length. Names carry the source frame: frame_000035.jpg; Raw gives frames_WIDTHxHEIGHT.rgb (8-bit
/// RGB, frame after frame). `frames.csv` lists file, frame and seconds.
/// @throws Error{Input, Output, Usage}
[[nodiscard]] ExtractReport extractFrames(const std::filesystem::path& video,
                                          const std::filesystem::path& folder, const ExtractOptions& options,
                                          const std::stop_token& stop = {},
                                          const ProgressFn& onProgress = {});

/// Names on the command line: "ffmpeg", "da3", "vggt" / "jpeg", "png", "raw". @throws Error{Usage}
[[nodiscard]] FrameSampling frameSamplingFromName(const std::string& name);
[[nodiscard]] FrameFormat frameFormatFromName(const std::string& name);

} // namespace body4d
