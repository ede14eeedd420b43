#pragma once

#include "video/camera.h"
#include "video/ffmpeg_internal.h"

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace body4d {

/// Where live pictures come from. One thread at a time.
class CameraSource {
public:
    virtual ~CameraSource();
    /// Waits for the next picture, which is valid until the next call. @returns null when there will be none:
    /// asked to stop, or the device ended (see why())
    [[nodiscard]] virtual const AVFrame* next(const std::stop_token& stop) = 0;
    /// Of the pictures' times. 0/1: they have none.
    [[nodiscard]] virtual AVRational timeBase() const = 0;
    /// As the device promises; 0: unknown.
    [[nodiscard]] virtual double nominalFps() const = 0;
    /// What ended it; nothing when it was asked to stop.
    [[nodiscard]] virtual std::optional<Error> why() const = 0;
};

/// A device of FFmpeg's libavdevice, which is loaded here: "v4l2:/dev/video0", or "lavfi:GRAPH" for tests.
/// @throws Error{Input}
[[nodiscard]] std::unique_ptr<CameraSource> openDevice(const std::string& id, const CameraMode& mode,
                                                       const std::stop_token& stop);

/// Real times of pictures, rising, from 0 at the first one: the device's own where they make sense, else
/// those of arrival.
class CameraClock {
public:
    /// @param ticks  of the picture, or AV_NOPTS_VALUE  @param arrival  seconds of any steady clock
    [[nodiscard]] double seconds(std::int64_t ticks, AVRational timeBase, double arrival);

private:
    std::optional<double> last_;
    double offset_ = 0;     ///< of the device's clock to ours
    bool anchored_ = false; ///< `offset_` holds
    double firstArrival_ = 0;
};

/// Devices of Video4Linux, see listCameras() and cameraModes().
[[nodiscard]] std::vector<CameraDevice> listVideo4Linux();
[[nodiscard]] std::vector<CameraMode> modesOfVideo4Linux(const std::string& place);
/// Permission denied, with the group that has it.
[[nodiscard]] Error cameraNotAllowed(const std::string& name, const std::string& place);

} // namespace body4d
