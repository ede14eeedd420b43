#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

namespace body4d {

/// The sound of a video as samples for loudspeakers: 16 bit, two channels interleaved, at one rate, in step with the
/// pictures. One thread at a time.
class SoundReader {
public:
    static constexpr int kChannels = 2;

    /// @returns null where the file has no sound, or none that can be decoded
    [[nodiscard]] static std::unique_ptr<SoundReader> open(const std::filesystem::path& path, int samplesPerSecond = 48000);
    ~SoundReader();

    /// The next samples are those from this moment on, in seconds from the first picture.
    void seek(double seconds);
    /// Holes in the file are silence. @param out room for kChannels * count values
    /// @returns how many pairs were written: fewer than `count` only at the end of the sound
    [[nodiscard]] std::size_t read(std::int16_t* out, std::size_t count);

private:
    struct Impl;
    explicit SoundReader(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace body4d
