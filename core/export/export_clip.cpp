#include "export/export_clip.h"

#include "base/error.h"
#include "export/exporter.h"

#include <algorithm>
#include <limits>

namespace body4d {

const BodyFrame* ExportPerson::at(std::int64_t frame) const {
    const std::int64_t index = frame - track().firstFrame;
    const auto& frames = track().frames;
    return index >= 0 && index < static_cast<std::int64_t>(frames.size())
               ? &frames[static_cast<std::size_t>(index)]
               : nullptr;
}

const BodyFrame* ExportPerson::shown(std::int64_t frame) const {
    const BodyFrame* body = at(frame);
    return body != nullptr && isShown(*body) && body->pose.rotations.size() == model().joints().size() ? body
                                                                                                    : nullptr;
}

FrameState ExportPerson::state(std::int64_t frame) const {
    const BodyFrame* body = at(frame);
    return body != nullptr ? body->state : FrameState::Absent;
}

ExportClip::ExportClip(const ExportScene& scene_, const ExportOptions& options_)
    : scene(scene_), options(options_) {
    for (const TargetId id : options.targets) {
        if (std::none_of(scene.targets.begin(), scene.targets.end(),
                         [&](const ExportTarget& t) { return t.target.id == id; })) {
            throw Error(ErrorCode::Usage, "There is no target " + std::to_string(id) + " to export.",
                        "Choose one of the project's targets.");
        }
    }
    begin = std::numeric_limits<std::int64_t>::max();
    end = std::numeric_limits<std::int64_t>::min();
    for (const ExportTarget& target : scene.targets) {
        BODY4D_EXPECT(target.body != nullptr && target.model != nullptr);
        const bool wanted = options.targets.empty() ||
                            std::find(options.targets.begin(), options.targets.end(), target.target.id) !=
                                options.targets.end();
        if (!wanted || target.body->frames.empty()) {
            continue;
        }
        ExportPerson person;
        person.source = &target;
        person.rest = std::make_shared<const RestBody>(target.model->shaped(target.body->shape));
        begin = std::min(begin, target.body->firstFrame);
        end = std::max(end, target.body->firstFrame + static_cast<std::int64_t>(target.body->frames.size()));
        people.push_back(std::move(person));
    }
    if (people.empty()) {
        throw Error(ErrorCode::Input, "There is no reconstructed person to export.",
                    "Run the reconstruction first, or choose other targets.");
    }
    begin = std::max(begin, options.beginFrame);
    if (options.endFrame >= 0) {
        end = std::min(end, options.endFrame);
    }
    if (begin >= end) {
        throw Error(ErrorCode::Input, "The chosen frames hold no reconstructed person.",
                    "Choose a range that was processed.");
    }
    camera = people.front().track().camera;
    if (camera.width <= 0 || camera.height <= 0) {
        camera.width = scene.source.width;
        camera.height = scene.source.height;
    }
    const BodyTrack& first = people.front().track();
    shots = {{begin, first.cameraAt(begin).focalPx}};
    for (const ShotCamera& shot : first.shots) {
        if (shot.firstFrame > begin && shot.firstFrame < end && shot.focalPx != shots.back().focalPx) {
            shots.push_back(shot);
        }
    }
}

Intrinsics ExportClip::cameraAt(std::int64_t frame) const {
    Intrinsics lens = camera;
    for (const ShotCamera& shot : shots) {
        if (shot.firstFrame <= frame) {
            lens.focalPx = shot.focalPx;
        }
    }
    return lens;
}

double ExportClip::seconds(std::int64_t frame) const {
    const auto& times = scene.source.frameTimes;
    if (frame >= 0 && frame < static_cast<std::int64_t>(times.size())) {
        return times[static_cast<std::size_t>(frame)];
    }
    const double fps = scene.source.fps > 0 ? scene.source.fps : 30;
    if (times.empty()) {
        return static_cast<double>(frame) / fps;
    }
    return times.back() + static_cast<double>(frame - static_cast<std::int64_t>(times.size()) + 1) / fps;
}

double ExportClip::rate() const {
    if (frameCount() > 1) {
        const double span = seconds(end - 1) - seconds(begin);
        if (span > 0) {
            return static_cast<double>(frameCount() - 1) / span;
        }
    }
    return scene.source.fps > 0 ? scene.source.fps : 30;
}

RigidTransform ExportClip::worldFromCam(std::int64_t frame) const {
    const WorldFrame& world = scene.world;
    if (world.worldFromCam.empty()) {
        return {gltfFromOpenCv(), {}};
    }
    const std::int64_t index = std::clamp<std::int64_t>(
        frame - world.firstFrame, 0, static_cast<std::int64_t>(world.worldFromCam.size()) - 1);
    return world.worldFromCam[static_cast<std::size_t>(index)];
}

RigidTransform ExportClip::fileFromCam(std::int64_t frame, ExportSpace space, ExportAxes axes) const {
    // Every space is first brought to y up, then turned.
    const RigidTransform up =
        space == ExportSpace::World ? worldFromCam(frame) : RigidTransform{gltfFromOpenCv(), {}};
    RigidTransform turn;
    if (axes == ExportAxes::OpenCv) {
        turn.rotation = gltfFromOpenCv();
    } else if (axes == ExportAxes::ZUp) {
        turn.rotation = Mat3{{1, 0, 0, 0, 0, -1, 0, 1, 0}};
    }
    return turn * up;
}

std::vector<StateRun> ExportClip::stateRuns(const ExportPerson& person) const {
    std::vector<StateRun> runs;
    for (std::int64_t frame = begin; frame < end; ++frame) {
        const FrameState state = person.state(frame);
        if (runs.empty() || runs.back().state != state) {
            runs.push_back({frame, frame, state});
        }
        runs.back().end = frame + 1;
    }
    return runs;
}

bool ExportClip::isCut(std::int64_t frame) const {
    return std::binary_search(scene.cuts.begin(), scene.cuts.end(), frame);
}

std::string ExportClip::generator() const {
    return "Body4D Studio" + (scene.programVersion.empty() ? std::string() : " " + scene.programVersion);
}

std::string ExportClip::fileStem() const {
    return fileNamePart(scene.name);
}

std::string ExportClip::fileStem(const ExportPerson& person) const {
    return fileStem() + "_" + std::to_string(person.id());
}

std::string ExportClip::engineText() const {
    std::string text;
    for (const auto& [stage, engine] : scene.engines) {
        text += (text.empty() ? "" : "; ") + stage + ": " + engine;
    }
    return text.empty() ? people.front().track().engine : text;
}

std::string ExportClip::worldText() const {
    if (!hasWorld()) {
        return "origin in the camera, which looks along -z; y up in the picture";
    }
    return scene.world.cameraMoves ? "gravity-aligned, y up, ground at 0; the camera moves"
                                   : "gravity-aligned, y up, ground at 0; the camera stands";
}

Mat3 gltfFromOpenCv() {
    return Mat3{{1, 0, 0, 0, -1, 0, 0, 0, -1}};
}

const char* describe(ExportAxes axes) {
    switch (axes) {
    case ExportAxes::OpenCv:
        return "x right, y down, z forward (OpenCV)";
    case ExportAxes::ZUp:
        return "x right, y forward, z up";
    case ExportAxes::Gltf:
        break;
    }
    return "x right, y up, z towards the viewer (glTF)";
}

void throwIfStopped(const std::stop_token& stop) {
    if (stop.stop_requested()) {
        throw Cancelled();
    }
}

} // namespace body4d
