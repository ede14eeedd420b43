#pragma once

#include "base/image.h"

#include <filesystem>
#include <memory>
#include <string>

namespace body4d {

/// Encodes H.264 yuv420p MP4 with the given time stamps; odd sizes are padded by one pixel. Atomic: the file appears
/// under its name when finish() returns.
class VideoWriter {
public:
    struct Options {
        int width = 0, height = 0;
        double fps = 30;                     ///< for the track's nominal rate
        int quality = 20;                    ///< CRF, lower is better
        std::filesystem::path soundFrom = {};     ///< copies (or re-encodes to AAC) the sound of this file; empty: none
        double soundStartSeconds = 0;        ///< source time of the first written frame
        double soundEndSeconds = -1;         ///< source time where the last frame ends; negative: to the end
        std::string comment = {};            ///< goes into the metadata
    };
    /// @throws Error{Output}, Error{Usage}
    VideoWriter(const std::filesystem::path& path, const Options& options);
    ~VideoWriter(); ///< without finish(): removes what was written
    /// @param seconds presentation time from the first frame, strictly rising
    void write(const Image& frame, double seconds);
    void finish(double endSeconds = -1);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// One still: PNG or JPEG by extension. Atomic. @throws Error{Output}
void writeImage(const std::filesystem::path& path, const Image& image, int jpegQuality = 92);
/// 8-bit grey PNG (1 bit when `binary`).
void writeMaskPng(const std::filesystem::path& path, const Mask& mask, bool binary = false);
/// 16-bit grey PNG. @param values width * height
void writeGrey16Png(const std::filesystem::path& path, int width, int height, const std::vector<std::uint16_t>& values);
/// With alpha: rgba 8 bit, 4 * width * height bytes.
void writeRgbaPng(const std::filesystem::path& path, int width, int height, const std::vector<std::uint8_t>& rgba);
/// Any image FFmpeg reads, upright (EXIF orientation applied). @throws Error{Input}
[[nodiscard]] Image readImage(const std::filesystem::path& path);

} // namespace body4d
