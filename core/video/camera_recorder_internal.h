#pragma once

#include "base/error.h"
#include "video/ffmpeg_internal.h"
#include "video/recording.h"

#include <filesystem>
#include <memory>
#include <optional>

namespace body4d {

/// Writes live pictures as they come: H.264 in Matroska, which can be read up to its last second when the
/// program or the machine dies. The file is named NAME.part.mkv until it is finished. Pictures wait in a
/// bounded queue; those that find no room are dropped and counted.
class CameraRecorder {
public:
    /// Makes the file. @param fps  as promised by the device, for the distance of key pictures
    /// @throws Error{Output}
    CameraRecorder(const std::filesystem::path& file, double fps, RecordingLimits limits);
    /// Without finish(): the file is removed.
    ~CameraRecorder();

    /// Never waits. Takes a reference to the picture. @param seconds  rising
    void offer(const AVFrame& frame, double seconds);
    [[nodiscard]] RecordingProgress progress() const;
    /// It cannot go on (disk, encoder): finish() is due.
    [[nodiscard]] bool ended() const;
    /// Writes what waits, ends the file and gives it its name. @param because  see Recording::endedBecause
    /// @throws Error{Output}; what is on the disk stays there under its present name
    [[nodiscard]] Recording finish(const std::string& because = {});

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace body4d
