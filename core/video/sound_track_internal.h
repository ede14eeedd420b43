#pragma once

#include "video/ffmpeg_internal.h"

#include <cstdint>
#include <filesystem>
#include <memory>

extern "C" {
#include <libswresample/swresample.h>
}

namespace body4d {

/// Time stamps of sound that differ by less are rounding; longer holes are filled with silence.
constexpr double kSoundHoleSeconds = 0.05;

struct ResamplerFree {
    void operator()(SwrContext* context) const { swr_free(&context); }
};

/// Time of the first picture that is shown, in seconds of the container; 0 when there is none.
[[nodiscard]] double firstPictureSeconds(const std::filesystem::path& path);

/// The sound of one file from a moment on, as packets of a track of an MP4 file that is being written: copied
/// where MP4 players know the codec, else coded anew as AAC. One thread at a time.
class SoundTrack {
public:
    /// Adds the track to `output` before its header is written.
    /// @param startSeconds, endSeconds  range in seconds from the first picture of the file; end negative:
    /// all
    /// @returns empty when the file has no sound that can be used; says why by logWarning
    [[nodiscard]] static std::unique_ptr<SoundTrack>
    add(AVFormatContext& output, const std::filesystem::path& source, double startSeconds, double endSeconds);
    ~SoundTrack();
    /// Writes all sound before this moment of the output; infinity: to the end of the range.
    /// @returns FFmpeg's code, negative on failure to write
    [[nodiscard]] int writeUntil(double seconds);

private:
    struct Impl;
    explicit SoundTrack(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace body4d
