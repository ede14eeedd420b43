#pragma once

#include "video/video_writer.h"

#include <cstdint>
#include <filesystem>

namespace body4d::test {

/// A short moving pattern as MP4: every frame differs, with one hard cut at `cutAt` (negative: none).
inline std::filesystem::path writeClip(const std::filesystem::path& file, int frames, int cutAt = -1,
                                       int width = 64, int height = 48) {
    VideoWriter::Options options;
    options.width = width;
    options.height = height;
    options.fps = 25;
    VideoWriter writer(file, options);
    for (int f = 0; f < frames; ++f) {
        Image image(width, height);
        const bool second = cutAt >= 0 && f >= cutAt;
        for (int y = 0; y < height; ++y) {
            for (int x = 0; x < width; ++x) {
                auto* p = image.row(y) + 3 * x;
                const int wave = (x * 3 + y * 2 + 5 * f) & 127;
                p[0] = static_cast<std::uint8_t>(second ? 255 - wave : wave);
                p[1] = static_cast<std::uint8_t>(second ? 200 : 40 + (y & 31));
                p[2] = static_cast<std::uint8_t>((x * y + f) & 63);
            }
        }
        writer.write(image, f / options.fps);
    }
    writer.finish();
    return file;
}

} // namespace body4d::test
