#include "video/camera.h"

#include "base/log.h"
#include "video/camera_recorder_internal.h"
#include "video/camera_source_internal.h"
#include "video/frame_converter_internal.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>
#include <tuple>
#include <utility>

namespace body4d {

namespace {

constexpr const char* kTestVariable = "BODY4D_TEST_CAMERA";
constexpr std::size_t kMeasured = 30; ///< pictures that the rate is measured over

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

double secondsNow() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

} // namespace

std::vector<CameraDevice> listCameras() {
    auto cameras = listVideo4Linux();
    if (const char* graph = std::getenv(kTestVariable); graph != nullptr && *graph != '\0') {
        cameras.insert(cameras.begin(),
                       CameraDevice{std::string("lavfi:") + graph, "Test camera", "lavfi", std::nullopt});
    }
    return cameras;
}

std::vector<CameraMode> cameraModes(const std::string& id) {
    return id.starts_with("v4l2:") ? modesOfVideo4Linux(id.substr(5)) : std::vector<CameraMode>();
}

CameraMode usualMode(const std::vector<CameraMode>& modes) {
    constexpr int kFullHd = 1920 * 1080;
    constexpr double kSmooth = 24.5, kEnough = 31;
    CameraMode best;
    const auto better = [&](const CameraMode& a, const CameraMode& b) {
        const auto key = [&](const CameraMode& m) {
            const int pixels = m.width * m.height;
            // Rates beyond 30 cost light and disk.
            return std::tuple(m.fps >= kSmooth && pixels <= kFullHd, pixels <= kFullHd ? pixels : -pixels,
                              m.fps <= kEnough ? m.fps : 60 - m.fps);
        };
        return key(a) > key(b);
    };
    for (const auto& mode : modes) {
        if (best.width == 0 || better(mode, best)) {
            best = mode;
        }
    }
    return best;
}

Error noCamera() {
    return Error(ErrorCode::Input, "No camera was found.",
                 "Plug one in and try again. In a virtual machine or a container, /dev/video0 has to be "
                 "handed over to it.",
                 "no /dev/video* that captures");
}

CameraDevice findCamera(const std::string& wanted) {
    if (wanted.starts_with("v4l2:") || wanted.starts_with("lavfi:")) {
        const auto place = wanted.substr(wanted.find(':') + 1);
        return {wanted, wanted.starts_with("lavfi:") ? "Test camera" : place, place, std::nullopt};
    }
    const auto cameras = listCameras();
    if (cameras.empty()) {
        throw noCamera();
    }
    const bool number =
        !wanted.empty() && wanted.size() < 4 && wanted.find_first_not_of("0123456789") == std::string::npos;
    for (const auto& camera : cameras) {
        if (wanted.empty() ? !camera.trouble : camera.place == (number ? "/dev/video" + wanted : wanted)) {
            return camera;
        }
    }
    if (wanted.empty()) {
        return cameras.front();
    }
    for (const auto& camera : cameras) {
        if (!number && lower(camera.name).find(lower(wanted)) != std::string::npos) {
            return camera;
        }
    }
    std::string names;
    for (const auto& camera : cameras) {
        names += (names.empty() ? "" : ", ") + camera.place + " (" + camera.name + ")";
    }
    throw Error(ErrorCode::Input, "There is no camera '" + wanted + "'.", "Here are: " + names + ".", wanted);
}

struct Camera::Impl {
    Impl(std::string wanted, Options wantedOptions)
        : id(std::move(wanted)), options(std::move(wantedOptions)) {
        thread = std::jthread([this](const std::stop_token& stop) { run(stop); });
    }

    ~Impl() {
        thread.request_stop();
        thread.join();
        try {
            if (const auto left = stopRecording()) {
                logInfo("camera: recorded " + left->file.string());
            }
        } catch (const std::exception& e) {
            logWarning(std::string("camera: ") + e.what());
        }
    }

    // Camera's thread

    void run(const std::stop_token& stop) {
        std::optional<Error> trouble;
        try {
            const auto source = openDevice(id, options.mode, stop);
            {
                const std::scoped_lock lock(mutex);
                nominalFps = source->nominalFps();
            }
            CameraClock clock;
            while (const AVFrame* frame = source->next(stop)) {
                take(*frame, clock.seconds(timeOf(*frame), source->timeBase(), secondsNow()));
            }
            trouble = source->why();
        } catch (const Error& e) {
            trouble = e;
        } catch (const std::exception& e) {
            trouble = Error(ErrorCode::Input, "The camera cannot be used.", "See the details.", e.what());
        }
        endRecording(trouble ? trouble->what() : std::string());
        {
            const std::scoped_lock lock(mutex);
            told.state = State::Ended;
            told.trouble = trouble;
        }
        tellChange();
    }

    static std::int64_t timeOf(const AVFrame& frame) {
        return frame.pts != AV_NOPTS_VALUE ? frame.pts : frame.best_effort_timestamp;
    }

    void take(const AVFrame& frame, double seconds) {
        bool wanted = false, first = false, over = false;
        std::shared_ptr<CameraRecorder> recording;
        {
            const std::scoped_lock lock(mutex);
            first = told.state == State::Opening;
            told.state = State::Live;
            told.width = frame.width;
            told.height = frame.height;
            ++told.pictures;
            times.push_back(seconds);
            if (times.size() > kMeasured) {
                times.pop_front();
            }
            if (times.size() > 1 && times.back() > times.front()) {
                told.fps = static_cast<double>(times.size() - 1) / (times.back() - times.front());
            }
            wanted = !newest;
            recording = recorder;
        }
        if (recording) {
            recording->offer(frame, seconds);
            over = recording->ended();
            recording.reset();
        }
        if (over) {
            endRecording({});
        }
        if (first || over) {
            tellChange();
        }
        if (!wanted) {
            return; // nobody has looked at the one before
        }
        auto picture = shrink(frame);
        {
            const std::scoped_lock lock(mutex);
            newest = std::move(picture);
        }
        if (options.onPreview) {
            options.onPreview();
        }
    }

    ImagePtr shrink(const AVFrame& frame) {
        if (!converter || frame.width != shrunkFrom.first || frame.height != shrunkFrom.second) {
            auto size = uprightSize(frame.width, frame.height, frame.sample_aspect_ratio, {});
            if (size.width > options.previewWidth && options.previewWidth > 0) {
                size.height = std::max(1, size.height * options.previewWidth / size.width);
                size.width = options.previewWidth;
            }
            converter = std::make_unique<FrameConverter>(size, ffmpeg::Orientation(), false);
            shrunkFrom = {frame.width, frame.height};
        }
        return converter->convert(frame);
    }

    /// The recording cannot go on; stopRecording() hands it out.
    void endRecording(const std::string& because) {
        std::shared_ptr<CameraRecorder> ending;
        {
            const std::scoped_lock lock(mutex);
            if (!recorder) {
                return;
            }
            ending = std::move(recorder);
            recorder = nullptr;
            finishing = true;
        }
        finish(*ending, because);
    }

    /// Stores the outcome for the one who asks.
    void finish(CameraRecorder& ending, const std::string& because) {
        std::optional<Recording> done;
        std::exception_ptr error;
        try {
            done = ending.finish(because);
        } catch (...) {
            error = std::current_exception();
        }
        {
            const std::scoped_lock lock(mutex);
            finished = std::move(done);
            failure = error;
            finishing = false;
            told.progress = ending.progress();
        }
        changed.notify_all();
    }

    void tellChange() const {
        if (options.onChange) {
            options.onChange();
        }
    }

    // Callers' threads

    void startRecording(const std::filesystem::path& file) {
        double fps = 0;
        {
            const std::scoped_lock lock(mutex);
            if (told.state != State::Live) {
                throw Error(ErrorCode::Usage, "The camera gives no picture yet.",
                            "Wait for the picture, then record.");
            }
            requireIdle();
            fps = nominalFps > 0 ? nominalFps : told.fps;
        }
        auto made = std::make_shared<CameraRecorder>(file, fps, options.limits);
        const std::scoped_lock lock(mutex);
        requireIdle();
        if (told.state != State::Live) {
            throw Error(ErrorCode::Input, "The camera is gone.",
                        "Plug it in again, then choose it from the list.", id);
        }
        recorder = std::move(made);
    }

    void requireIdle() const {
        if (recorder || finishing || finished || failure) {
            throw Error(ErrorCode::Usage, "A recording is under way already.", "Stop it first.");
        }
    }

    std::optional<Recording> stopRecording() {
        std::shared_ptr<CameraRecorder> ending;
        {
            std::unique_lock lock(mutex);
            if (recorder) {
                ending = std::move(recorder);
                recorder = nullptr;
                finishing = true;
            }
        }
        if (ending) {
            finish(*ending, {});
        }
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return !finishing; });
        auto done = std::exchange(finished, std::nullopt);
        if (const auto error = std::exchange(failure, nullptr)) {
            lock.unlock();
            std::rethrow_exception(error);
        }
        return done;
    }

    void cancelRecording() {
        std::shared_ptr<CameraRecorder> thrownAway; // after the lock: its end waits for the disk
        const std::scoped_lock lock(mutex);
        thrownAway.swap(recorder);
    }

    const std::string id;
    const Options options;

    mutable std::mutex mutex;
    std::condition_variable changed;
    Status told;
    double nominalFps = 0;
    std::deque<double> times; ///< of the newest pictures
    ImagePtr newest;
    std::shared_ptr<CameraRecorder> recorder; ///< the camera's thread may still offer it a picture
    bool finishing = false;
    std::optional<Recording> finished;
    std::exception_ptr failure;

    std::unique_ptr<FrameConverter> converter; ///< camera's thread
    std::pair<int, int> shrunkFrom;
    std::jthread thread; ///< last: joined before the rest goes
};

Camera::Camera(std::string id, Options options)
    : impl_(std::make_unique<Impl>(std::move(id), std::move(options))) {}
Camera::~Camera() = default;

Camera::Status Camera::status() const {
    std::shared_ptr<CameraRecorder> recording;
    Status status;
    {
        const std::scoped_lock lock(impl_->mutex);
        status = impl_->told;
        recording = impl_->recorder;
    }
    if (recording) {
        status.recording = true;
        status.progress = recording->progress();
    }
    return status;
}

ImagePtr Camera::preview() {
    const std::scoped_lock lock(impl_->mutex);
    return std::exchange(impl_->newest, nullptr);
}

void Camera::startRecording(const std::filesystem::path& file) {
    impl_->startRecording(file);
}
std::optional<Recording> Camera::stopRecording() {
    return impl_->stopRecording();
}
void Camera::cancelRecording() {
    impl_->cancelRecording();
}

} // namespace body4d
