#pragma once

#include "base/error.h"
#include "base/image.h"
#include "video/recording.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace body4d {

/// A camera of this machine.
struct CameraDevice {
    std::string id;    ///< what Camera opens: "v4l2:/dev/video0"
    std::string name;  ///< "HD Pro Webcam C920"
    std::string place; ///< "/dev/video0"
    /// Why it cannot be used now, with the remedy; it is listed so that a person sees that it was found.
    std::optional<Error> trouble;
};

/// A size and rate that a camera offers.
struct CameraMode {
    int width = 0, height = 0;
    double fps = 0;
    std::string
        format; ///< FFmpeg's name of its pixels or codec ("mjpeg", "yuyv422"); empty: the device's choice
    bool operator==(const CameraMode&) const = default;
};

/// Cameras of Video4Linux in the order of their devices. With BODY4D_TEST_CAMERA set to a source of FFmpeg's
/// lavfi device ("testsrc2=size=640x360:rate=30,realtime") that one comes first.
[[nodiscard]] std::vector<CameraDevice> listCameras();
/// Sizes and rates, largest first, one format for each: the one that keeps the picture whole where it is as
/// fast. Empty where the device does not say.
[[nodiscard]] std::vector<CameraMode> cameraModes(const std::string& id);
/// The mode that is taken when nobody chooses: the largest up to 1080p that reaches 25 frames a second.
[[nodiscard]] CameraMode usualMode(const std::vector<CameraMode>& modes);
/// A camera by its id, its place ("/dev/video0"), its number ("0") or a part of its name; the first one for
/// an empty text. @throws Error{Input}: none here, or none of that name, with those that are here
[[nodiscard]] CameraDevice findCamera(const std::string& text);
/// What is said where listCameras() is empty.
[[nodiscard]] Error noCamera();

/// One camera at work on a thread of its own: pictures to look at all the time, and a recording when asked
/// for. Safe to call from several threads. Nothing here waits for the device, except stop() and the
/// destructor; those that wait for the disk say so.
class Camera {
public:
    enum class State { Opening, Live, Ended };
    struct Status {
        State state = State::Opening;
        int width = 0, height = 0;
        double fps = 0; ///< as measured over the last pictures; 0 before
        std::int64_t pictures = 0;
        bool recording = false;
        RecordingProgress progress;   ///< of the running recording
        std::optional<Error> trouble; ///< why it ended
    };
    struct Options {
        CameraMode mode;        ///< zeros: the device's choice
        int previewWidth = 960; ///< pictures to look at are at most this wide
        RecordingLimits limits;
        /// On the camera's thread: there is a new picture to look at. Not called again before preview() took
        /// it.
        std::function<void()> onPreview;
        /// On the camera's thread: the state changed, or a recording ended by itself.
        std::function<void()> onChange;
    };

    /// Starts to open the device and returns at once.
    Camera(std::string id, Options options);
    /// Ends a running recording properly; waits for device and disk.
    ~Camera();

    [[nodiscard]] Status status() const;
    /// The newest picture, upright as it comes (not mirrored); null before the first one or when it was taken
    /// already.
    [[nodiscard]] ImagePtr preview();

    /// Makes the file (waits for the disk). @throws Error{Output}: cannot be made, or is there already;
    /// Error{Usage}: a recording runs, or there is no picture yet
    void startRecording(const std::filesystem::path& file);
    /// Ends the running recording and waits until it is on the disk; also hands out one that ended by itself
    /// (the camera is gone, the disk is full). @returns nothing when there is none
    /// @throws Error{Output}; what could be written is kept then, and the message says where
    std::optional<Recording> stopRecording();
    /// Throws the running recording away.
    void cancelRecording();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace body4d
