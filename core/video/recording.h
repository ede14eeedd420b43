#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace body4d {

/// What a recording may use.
struct RecordingLimits {
    std::size_t queueBytes = std::size_t{192} << 20; ///< pictures that wait for the encoder; more are dropped
    std::uintmax_t keepFree = std::uintmax_t{256}
                              << 20; ///< the recording ends when the disk has no more than this
    /// Free bytes of the disk that holds this folder; for tests.
    std::function<std::uintmax_t(const std::filesystem::path& folder)> freeBytes;
    /// Called before each picture is written; for tests of slow disks.
    std::function<void()> beforeWrite;
};

struct RecordingProgress {
    double seconds = 0;       ///< of the newest picture that was taken
    std::int64_t written = 0; ///< pictures in the file
    std::int64_t dropped = 0; ///< pictures that had no room in the queue
    std::int64_t waiting = 0; ///< pictures in the queue
    std::uintmax_t bytes = 0; ///< of the file
    std::uintmax_t freeBytes = 0;
};

/// A recording that is on the disk under its name.
struct Recording {
    std::filesystem::path file;
    double seconds = 0;
    std::int64_t frames = 0, dropped = 0;
    std::uintmax_t bytes = 0;
    std::string endedBecause; ///< a sentence where it ended by itself; empty: it was stopped
};

/// "Camera 2026-11-21 22.05.13.mkv" in the folder; a number is added when the name is taken.
[[nodiscard]] std::filesystem::path freeRecordingName(const std::filesystem::path& folder);
/// Recordings in the folder whose program was killed, newest first. Those that are being written are left
/// out.
[[nodiscard]] std::vector<std::filesystem::path> unfinishedRecordings(const std::filesystem::path& folder);
/// Gives an unfinished recording its name, once it is seen to be readable. @returns the file
/// @throws Error{Input}: nothing in it can be shown (it stays where it is); Error{Output}
std::filesystem::path recoverRecording(const std::filesystem::path& unfinished);

} // namespace body4d
