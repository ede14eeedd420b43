#include "base/error.h"
#include "video/camera.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/json_text.h"
#include "cli/progress_display.h"
#include "cli/signals.h"

namespace body4d::cli {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

/// How often the limits are looked at while nothing else happens.
constexpr auto kLook = std::chrono::milliseconds(50);
/// A camera that has been found but sends no first picture.
constexpr auto kFirstPicture = std::chrono::seconds(15);

struct RecordArguments {
    std::string output, camera, size;
    double fps = 0, seconds = 0;
    bool list = false;
};

std::string sizeText(const CameraMode& mode) {
    char text[64];
    std::snprintf(text, sizeof text, "%dx%d, %g fps", mode.width, mode.height, mode.fps);
    return text;
}

int list(const Common& common) {
    const auto cameras = listCameras();
    Json out = Json::array();
    for (const auto& camera : cameras) {
        Json entry{{"place", camera.place}, {"name", camera.name}, {"modes", Json::array()}};
        const auto modes = camera.trouble ? std::vector<CameraMode>() : cameraModes(camera.id);
        for (const auto& mode : modes) {
            entry["modes"].push_back(
                {{"width", mode.width}, {"height", mode.height}, {"fps", mode.fps}, {"format", mode.format}});
        }
        if (camera.trouble) {
            entry["trouble"] = camera.trouble->what();
            entry["remedy"] = camera.trouble->remedy();
        }
        out.push_back(std::move(entry));
        if (!common.json) {
            std::printf("%s  %s\n", camera.place.c_str(), camera.name.c_str());
            for (const auto& mode : modes) {
                std::printf("  %s (%s)\n", sizeText(mode).c_str(), mode.format.c_str());
            }
            if (camera.trouble) {
                std::printf("  %s %s\n", camera.trouble->what(), camera.trouble->remedy().c_str());
            }
        }
    }
    if (common.json) {
        std::cout << jsonText(out) << '\n';
    } else if (cameras.empty()) {
        throw noCamera();
    }
    return 0;
}

/// The offered mode that fits what was asked for. @throws Error{Usage}, Error{Input}
CameraMode chooseMode(const RecordArguments& arguments, const CameraDevice& camera) {
    int width = 0, height = 0;
    if (char rest = 0; !arguments.size.empty() &&
                       (std::sscanf(arguments.size.c_str(), "%dx%d%c", &width, &height, &rest) != 2 ||
                        width < 16 || height < 16)) {
        throw Error(ErrorCode::Usage, "'" + arguments.size + "' is not a size.", "Write it as 1280x720.");
    }
    const auto modes = cameraModes(camera.id);
    std::vector<CameraMode> fitting;
    for (const auto& mode : modes) {
        if ((width == 0 || (mode.width == width && mode.height == height)) &&
            (arguments.fps == 0 || std::abs(mode.fps - arguments.fps) < 0.1)) {
            fitting.push_back(mode);
        }
    }
    if (modes.empty()) { // the device does not say what it can
        return {width, height, arguments.fps, {}};
    }
    if (fitting.empty()) {
        std::string offered;
        for (std::size_t i = 0; i < modes.size() && i < 12; ++i) {
            offered += (i > 0 ? "; " : "") + sizeText(modes[i]);
        }
        throw Error(ErrorCode::Input, "The camera '" + camera.name + "' does not offer that size and rate.",
                    "It offers: " + offered + ".", camera.place);
    }
    return usualMode(fitting);
}

int record(const RecordArguments& arguments, const Common& common) {
    if (arguments.list) {
        return list(common);
    }
    std::stop_source stop;
    const StopOnSignal onSignal(stop);
    const CameraDevice device = findCamera(arguments.camera);
    if (device.trouble) {
        throw *device.trouble;
    }
    std::mutex mutex;
    std::condition_variable_any changed;
    std::uint64_t changes = 0;
    Camera::Options options;
    options.mode = chooseMode(arguments, device);
    options.previewWidth = 160; // nobody looks
    options.onChange = [&] {
        const std::scoped_lock lock(mutex);
        ++changes;
        changed.notify_all();
    };
    fs::path file = arguments.output.empty() ? fs::current_path() : fs::path(arguments.output);
    if (std::error_code ignored; fs::is_directory(file, ignored)) {
        file = freeRecordingName(file);
    } else if (file.extension() != ".mkv") {
        throw Error(ErrorCode::Usage, "A recording is a .mkv file.",
                    "Give a folder, or a name that ends in .mkv.", file.string());
    }
    Camera camera(device.id, options);
    const auto waitUntil = [&](Clock::time_point end,
                               const std::function<bool(const Camera::Status&)>& done) {
        std::unique_lock lock(mutex);
        while (!stop.stop_requested() && Clock::now() < end) {
            const auto seen = changes;
            lock.unlock();
            const auto status = camera.status();
            if (done(status)) {
                return;
            }
            lock.lock();
            changed.wait_for(lock, stop.get_token(), kLook, [&] { return changes != seen; });
        }
    };
    const auto opened = Clock::now() + kFirstPicture;
    waitUntil(opened, [](const Camera::Status& s) { return s.state != Camera::State::Opening; });
    if (const auto status = camera.status(); status.trouble) {
        throw *status.trouble;
    } else if (stop.stop_requested()) {
        throw Cancelled();
    } else if (status.state != Camera::State::Live) {
        throw Error(ErrorCode::Input, "The camera '" + device.name + "' gives no pictures.",
                    "Unplug it and plug it in again, or choose another size.", device.place);
    }
    camera.startRecording(file);
    ProgressDisplay display(common.quiet);
    if (!common.quiet) {
        const auto status = camera.status();
        display.note("Recording " + std::to_string(status.width) + "x" + std::to_string(status.height) +
                     " from " + device.name + (arguments.seconds > 0 ? "." : "; Ctrl+C ends it."));
    }
    auto told = Clock::now();
    waitUntil(Clock::time_point::max(), [&](const Camera::Status& s) {
        if (!s.recording || s.state != Camera::State::Live) {
            return true;
        }
        if (!common.quiet && Clock::now() - told >= std::chrono::seconds(5)) {
            told = Clock::now();
            display.note(clockText(s.progress.seconds) + "  " + std::to_string(s.progress.written) +
                         " frames, " + std::to_string(s.progress.dropped) + " dropped");
        }
        return arguments.seconds > 0 && s.progress.seconds >= arguments.seconds;
    });
    const auto done = camera.stopRecording();
    if (!done) {
        throw Error(ErrorCode::Output, "Nothing was recorded.", "Try again.", file.string());
    }
    if (common.json) {
        std::cout << jsonText(Json{{"file", done->file.string()},
                                   {"seconds", done->seconds},
                                   {"frames", done->frames},
                                   {"dropped", done->dropped},
                                   {"bytes", done->bytes},
                                   {"ended_because", done->endedBecause.empty() ? Json() : Json(done->endedBecause)}})
                  << '\n';
    } else {
        std::printf("%lld frames (%.1f s, %lld dropped) in %s\n", static_cast<long long>(done->frames),
                    done->seconds, static_cast<long long>(done->dropped), done->file.c_str());
    }
    if (!done->endedBecause.empty()) {
        std::cerr << "body4d: " << done->endedBecause << '\n' << "  What was recorded until then is kept.\n";
        return exitCode(ErrorCode::Input);
    }
    return 0;
}

} // namespace

void addRecordCommand(CLI::App& app, Common& common, Action& action) {
    auto a = std::make_shared<RecordArguments>();
    auto* sub = app.add_subcommand("record", "A video from a camera of this machine");
    sub->add_option("output", a->output,
                    "File to make, or folder for it; default: here, named by date and time")
        ->option_text("FILE.mkv|DIR");
    sub->add_flag("--list", a->list, "Cameras with their sizes and rates, nothing else");
    sub->add_option("--camera", a->camera, "Number, /dev/videoN or a part of its name; default: the first")
        ->option_text("NAME");
    sub->add_option("--size", a->size, "Default: the largest up to 1080p that is smooth")->option_text("WxH");
    sub->add_option("--fps", a->fps, "Pictures a second")->option_text("N")->check(CLI::Range(1.0, 1000.0));
    sub->add_option("--seconds", a->seconds, "Ends by itself; default: Ctrl+C ends it")
        ->option_text("N")
        ->check(CLI::Range(0.1, 86400.0));
    sub->callback([a, &common, &action] { action = [a, &common] { return record(*a, common); }; });
}

} // namespace body4d::cli
