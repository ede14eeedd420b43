#include "pipeline/camera_stage.h"

#include "pipeline/camera_tap.h"
#include "pipeline/stage_keys.h"
#include "scene/camera_motion.h"
#include "video/video_reader.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace body4d::detail {
namespace {

/// A track of nobody that knows the clip's lens on every frame.
BodyTrack clipLenses(const Job& job, const BodyEstimator& bodies) {
    BodyTrack lenses;
    lenses.camera = bodies.camera(job.document.video.width, job.document.video.height);
    lenses.shots = job.shots;
    return lenses;
}

CameraPath cameraPathOfTracks(Job& job, const BodyEstimator& bodies) {
    const auto& document = job.document;
    const auto cuts = job.project.sceneCuts();
    const auto lenses = clipLenses(job, bodies);
    CameraMotionEstimator estimator(lenses.camera, cameraMotionOptions(document.options));
    VideoReader::Options options;
    options.hardware = document.options.boolean("video.hardware");
    options.keepBytes = 0;
    const auto reader = VideoReader::open(document.video.path, options);
    for (auto i = document.range.begin; i < document.range.end; ++i) {
        job.throwIfCancelled();
        std::vector<TargetFrame> seen;
        for (const auto& target : job.document.targets) {
            if (target.prompts.empty()) {
                continue;
            }
            seen.push_back(job.project.trackFrame(target.id, i).value_or(TargetFrame{}));
        }
        std::vector<const RleMask*> people;
        for (const auto& frame : seen) {
            people.push_back(&frame.mask);
        }
        estimator.push(i, *reader->read(i), people, std::binary_search(cuts.begin(), cuts.end(), i),
                       lenses.cameraAt(i).focalPx);
        job.meter.advance("ground", 1);
    }
    return estimator.path();
}

} // namespace

CameraPath measuredCameraPath(Job& job, const BodyEstimator& bodies) {
    const auto& document = job.document;
    if (document.options.text("world.camera") == "static") {
        CameraPath path;
        path.firstFrame = document.range.begin;
        for (const auto cut : job.project.sceneCuts()) {
            if (cut > document.range.begin && cut < document.range.end) {
                path.shotStarts.push_back(cut);
            }
        }
        path.shotFromCam.resize(static_cast<std::size_t>(document.range.size()));
        return path;
    }
    const auto key = cameraKey(document);
    if (auto path = job.writer.cameraPath(key)) {
        return *std::move(path);
    }
    // What was measured while tracking ran is what a pass of its own gives: a run that was killed ends like any other.
    // It knew one lens for the whole clip, though: nobody had found the cuts.
    CameraPath path = job.cameraPath && job.shots.size() <= 1 ? *job.cameraPath : cameraPathOfTracks(job, bodies);
    job.writer.saveCameraPath(path, key);
    return path;
}

std::vector<ShotCamera> everyShot(const Job& job, const BodyEstimator& bodies) {
    auto shots = job.shots;
    const auto lenses = clipLenses(job, bodies);
    for (const auto cut : job.project.sceneCuts()) {
        const auto place = std::lower_bound(shots.begin(), shots.end(), cut,
                                            [](const ShotCamera& s, std::int64_t at) { return s.firstFrame < at; });
        if (place == shots.end() || place->firstFrame != cut) {
            shots.insert(place, {cut, lenses.cameraAt(cut).focalPx});
        }
    }
    return shots;
}

std::function<ImagePtr(std::int64_t)> pictures(const Job& job) {
    VideoReader::Options options;
    options.hardware = job.document.options.boolean("video.hardware");
    options.keepBytes = 0;
    return [path = job.document.video.path, options,
            reader = std::shared_ptr<VideoReader>()](std::int64_t frame) mutable -> ImagePtr {
        if (!reader) {
            reader = VideoReader::open(path, options);
        }
        return reader->read(frame);
    };
}

} // namespace body4d::detail
