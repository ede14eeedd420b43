#include "base/error.h"
#include "base/parallel.h"
#include "body/body_metrics.h"
#include "body/completion.h"
#include "body/foot_contact.h"
#include "body/frame_sampling.h"
#include "body/standing.h"
#include "body/world.h"
#include "pipeline/camera_tap.h"
#include "pipeline/job.h"
#include "pipeline/stage_keys.h"
#include "scene/camera_motion.h"
#include "video/video_reader.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <thread>

namespace body4d::detail {
namespace {

/// The whole range, absent where nothing was tracked: fits and completion want frames without holes.
TargetTrack fullTrack(const Project& project, TargetId id, FrameRange range) {
    auto track = project.track(id, range);
    TargetTrack full{id, range.begin, {}};
    full.frames.resize(static_cast<std::size_t>(range.size()));
    for (std::size_t i = 0; i < full.frames.size(); ++i) {
        full.frames[i].frame = range.begin + static_cast<std::int64_t>(i);
    }
    for (auto& frame : track.frames) {
        full.frames[static_cast<std::size_t>(frame.frame - range.begin)] = std::move(frame);
    }
    return full;
}

/// @param byMask a mask is enough
bool anyMeasured(const TargetTrack& track, bool byMask) {
    return std::any_of(track.frames.begin(), track.frames.end(), [byMask](const TargetFrame& f) {
        return f.state == FrameState::Visible && (byMask ? !f.mask.empty() : f.pose.score > 0);
    });
}

/// What turning leaves unexplained of the background's motion from which the camera must have travelled.
constexpr double kTravelsPx = 2.2; // hand-held cameras that turn about a person stay below 2

std::string sentence(const std::exception& e) {
    const auto* error = dynamic_cast<const Error*>(&e);
    return error != nullptr ? std::string(e.what()) + " " + error->remedy() : std::string(e.what());
}

class BodyStages {
public:
    BodyStages(Job& job, const BodyEstimator& estimator) : job_(job), estimator_(estimator) {
        for (const auto& target : job.document.targets) {
            if (!target.prompts.empty()) {
                targets_.push_back(target);
            }
        }
        tracks_.resize(targets_.size());
        done_.resize(targets_.size());
    }

    void run() {
        const auto key = groundKey(job_.document);
        const bool grounded =
            job_.writer.worldKey() == key &&
            std::all_of(targets_.begin(), targets_.end(), [&](const Target& t) {
                return job_.writer.bodyKey(BodyLevel::Grounded, t.id) == key || skipped(t.id);
            });
        if (grounded) {
            return;
        }
        for (std::size_t i = 0; i < targets_.size(); ++i) {
            tracks_[i] = fullTrack(job_.project, targets_[i].id, job_.document.range);
        }
        stage("reconstruct", "Fitting bodies",
              [this] {
                  if (estimator_.looksAtPictures()) {
                      fitTogether();
                  } else {
                      eachTarget("reconstruct", [this](std::size_t i) { fit(i); });
                  }
              });
        stage("complete", "Looking for hidden frames",
              [this] { eachTarget("complete", [this](std::size_t i) { complete(i); }); });
        stage("ground", "Finding the ground", [this, &key] { ground(key); });
    }

private:
    template <typename Fn>
    void stage(const std::string& name, const std::string& phase, Fn fn) {
        job_.throwIfCancelled();
        const auto start = std::chrono::steady_clock::now();
        job_.telemetry.beginStage(name);
        job_.meter.begin(name, phase);
        try {
            fn();
        } catch (...) {
            job_.telemetry.endStage();
            throw;
        }
        job_.meter.finish(name);
        job_.telemetry.endStage();
        const std::scoped_lock lock(job_.mutex);
        job_.seconds[name] += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }

    /// Targets are independent: as many at once as there are cores.
    template <typename Fn>
    void eachTarget(const std::string& stageName, Fn fn) {
        std::atomic<std::size_t> next{0};
        parallelFor(std::min<std::size_t>(targets_.size(), usableCores()),
                    [&](std::size_t begin, std::size_t end) {
                        for (std::size_t worker = begin; worker < end; ++worker) {
                            for (std::size_t i = next++; i < targets_.size(); i = next++) {
                                try {
                                    fn(i);
                                } catch (const Cancelled&) {
                                    throw;
                                } catch (const std::exception& e) {
                                    job_.writer.setFailure(stageName, targets_[i].id, sentence(e));
                                    throw;
                                }
                            }
                        }
                    });
    }

    [[nodiscard]] bool skipped(TargetId id) const {
        return job_.writer.bodyKey(BodyLevel::Fitted, id).empty();
    }

    /// Frames of a target that the reconstruct stage makes bodies of.
    [[nodiscard]] std::int64_t bodiesOfRange() const {
        const auto& document = job_.document;
        return sampledCount(document.range.size(), document.video.fps, document.options.number("reconstruct.fps"));
    }

    ProgressFn progressOf(const std::string& stageName) {
        // Each target counts its own steps; the meter wants frames of all.
        auto last = std::make_shared<long long>(0);
        const auto frames = job_.document.range.size();
        return [this, stageName, last, frames](const Progress& p) {
            if (p.total > 0) {
                const auto now = std::clamp<long long>(p.done * frames / p.total, *last, frames);
                job_.meter.advance(stageName, now - *last);
                *last = now;
            }
        };
    }

    void tell(const std::shared_ptr<const BodyTrack>& body) const {
        if (job_.events.bodyReady) {
            job_.events.bodyReady(body->id, body);
        }
    }

    /// Whether a target has to be fitted: it is neither up to date nor nowhere to be seen.
    bool needsFit(std::size_t i, const std::string& key) {
        const auto& target = targets_[i];
        if (job_.writer.bodyKey(BodyLevel::Fitted, target.id) == key) {
            done_[i] = job_.writer.body(BodyLevel::Fitted, target.id);
            if (done_[i]) {
                return false;
            }
        }
        if (!anyMeasured(tracks_[i], estimator_.looksAtPictures())) {
            job_.writer.setFailure(
                "segment", target.id,
                "Nobody was found where this target was clicked. Click the middle of the person.");
            job_.notice(target.name + " was not found in any frame.");
            return false;
        }
        return true;
    }

    /// Networks that look at pictures take whoever is on a frame in one batch.
    void fitTogether() {
        std::vector<std::size_t> open;
        std::vector<const TargetTrack*> tracks;
        for (std::size_t i = 0; i < targets_.size(); ++i) {
            if (needsFit(i, reconstructKey(job_.document, targets_[i].id))) {
                open.push_back(i);
                tracks.push_back(&tracks_[i]);
            }
        }
        if (open.empty()) {
            return;
        }
        const auto& video = job_.document.video;
        PictureFit fit{std::move(tracks), video.width, video.height, video.fps, everyShot(), pictures()};
        auto bodies = estimator_.fitTogether(fit, job_.stop, progressOf("reconstruct"));
        for (std::size_t k = 0; k < open.size(); ++k) {
            const auto i = open[k];
            bodies[k].accelerationRaw = landmarkAcceleration(tracks_[i], video.fps);
            done_[i] = std::make_shared<const BodyTrack>(std::move(bodies[k]));
            job_.writer.saveBody(BodyLevel::Fitted, done_[i], reconstructKey(job_.document, targets_[i].id));
            tell(done_[i]);
            const std::scoped_lock lock(job_.mutex);
            job_.profile["reconstruct"].items += bodiesOfRange();
        }
    }

    void fit(std::size_t i) {
        const auto& target = targets_[i];
        const auto key = reconstructKey(job_.document, target.id);
        if (!needsFit(i, key)) {
            return;
        }
        const auto& video = job_.document.video;
        auto body =
            std::make_shared<BodyTrack>(estimator_.fit(tracks_[i], target.traits, video.width, video.height,
                                                       video.fps, job_.stop, progressOf("reconstruct")));
        done_[i] = std::move(body);
        job_.writer.saveBody(BodyLevel::Fitted, done_[i], key);
        tell(done_[i]);
        const std::scoped_lock lock(job_.mutex);
        job_.profile["reconstruct"].items += bodiesOfRange();
    }

    void complete(std::size_t i) {
        if (!done_[i]) {
            return;
        }
        const auto& target = targets_[i];
        const auto key = completeKey(job_.document, target.id);
        if (job_.writer.bodyKey(BodyLevel::Completed, target.id) == key) {
            if (auto body = job_.writer.body(BodyLevel::Completed, target.id)) {
                done_[i] = std::move(body);
                return;
            }
        }
        CompletionOptions options;
        options.fill = job_.document.options.boolean("completion.enable");
        options.visibleShare = job_.document.options.number("completion.visible_share");
        options.maxGapSeconds = job_.document.options.number("completion.max_gap_seconds");
        options.camera = cameraPath();
        const auto& video = job_.document.video;
        const bool fromPictures = estimator_.looksAtPictures();
        if (!fromPictures) {
            options.refit = [&](const TargetTrack& cleaned) {
                return estimator_.fit(cleaned, target.traits, video.width, video.height, video.fps, job_.stop, {});
            };
        }
        std::vector<const TargetTrack*> others;
        for (std::size_t k = 0; k < tracks_.size(); ++k) {
            if (k != i) {
                others.push_back(&tracks_[k]);
            }
        }
        const auto model = fromPictures ? done_[i]->ownModel : estimator_.model();
        if (!model) { // nobody was read on any frame
            job_.writer.saveBody(BodyLevel::Completed, done_[i], key);
            return;
        }
        auto result = job_.engines.completer(job_.document.options)
                          ->complete(*done_[i], tracks_[i], others, *model, options, pictures(), job_.stop,
                                     progressOf("complete"));
        if (fromPictures) {
            result.body = estimator_.withoutHidden(*done_[i], tracks_[i], result, options.camera, job_.stop);
        }
        job_.writer.saveAmodal(target.id, result.amodal);
        done_[i] = std::make_shared<const BodyTrack>(std::move(result.body));
        job_.writer.saveBody(BodyLevel::Completed, done_[i], key, result.hint);
        if (!result.hint.empty()) {
            job_.notice(target.name + ": " + result.hint);
        }
        tell(done_[i]);
        const std::scoped_lock lock(job_.mutex);
        job_.profile["complete"].items += job_.document.range.size();
    }

    /// Pictures by rising frame number, from a reader that is opened when the first one is asked for.
    [[nodiscard]] std::function<ImagePtr(std::int64_t)> pictures() const {
        VideoReader::Options options;
        options.hardware = job_.document.options.boolean("video.hardware");
        options.keepBytes = 0;
        return [path = job_.document.video.path, options,
                reader = std::shared_ptr<VideoReader>()](std::int64_t frame) mutable -> ImagePtr {
            if (!reader) {
                reader = VideoReader::open(path, options);
            }
            return reader->read(frame);
        };
    }

    /// Measured once, by whichever target asks first.
    const CameraPath& cameraPath() {
        std::call_once(cameraOnce_, [this] { camera_ = measuredCameraPath(); });
        return camera_;
    }

    CameraPath measuredCameraPath() {
        const auto& document = job_.document;
        if (document.options.text("world.camera") == "static") {
            CameraPath path;
            path.firstFrame = document.range.begin;
            for (const auto cut : job_.project.sceneCuts()) {
                if (cut > document.range.begin && cut < document.range.end) {
                    path.shotStarts.push_back(cut);
                }
            }
            path.shotFromCam.resize(static_cast<std::size_t>(document.range.size()));
            return path;
        }
        const auto key = cameraKey(document);
        if (auto path = job_.writer.cameraPath(key)) {
            return *std::move(path);
        }
        // What was measured while tracking ran is what a pass of its own gives: a run that was killed ends like any other.
        // It knew one lens for the whole clip, though: nobody had found the cuts.
        CameraPath path = job_.cameraPath && job_.shots.size() <= 1 ? *job_.cameraPath : cameraPathOfTracks();
        job_.writer.saveCameraPath(path, key);
        return path;
    }

    /// A track of nobody that knows the clip's lens on every frame.
    [[nodiscard]] BodyTrack clipLenses() const {
        BodyTrack lenses;
        lenses.camera = estimator_.camera(job_.document.video.width, job_.document.video.height);
        lenses.shots = job_.shots;
        return lenses;
    }

    /// The cameras by frames, and every cut with the lens behind it: nothing is smoothed over a cut, though the
    /// lens be the same.
    [[nodiscard]] std::vector<ShotCamera> everyShot() const {
        auto shots = job_.shots;
        const auto lenses = clipLenses();
        for (const auto cut : job_.project.sceneCuts()) {
            const auto place = std::lower_bound(shots.begin(), shots.end(), cut,
                                                [](const ShotCamera& s, std::int64_t at) { return s.firstFrame < at; });
            if (place == shots.end() || place->firstFrame != cut) {
                shots.insert(place, {cut, lenses.cameraAt(cut).focalPx});
            }
        }
        return shots;
    }

    CameraPath cameraPathOfTracks() {
        const auto& document = job_.document;
        const auto cuts = job_.project.sceneCuts();
        const auto lenses = clipLenses();
        CameraMotionEstimator estimator(lenses.camera, cameraMotionOptions(document.options));
        VideoReader::Options options;
        options.hardware = document.options.boolean("video.hardware");
        options.keepBytes = 0;
        const auto reader = VideoReader::open(document.video.path, options);
        for (auto i = document.range.begin; i < document.range.end; ++i) {
            job_.throwIfCancelled();
            std::vector<const RleMask*> people;
            for (const auto& track : tracks_) {
                people.push_back(&track.frames[static_cast<std::size_t>(i - track.firstFrame)].mask);
            }
            estimator.push(i, *reader->read(i), people, std::binary_search(cuts.begin(), cuts.end(), i),
                           lenses.cameraAt(i).focalPx);
            job_.meter.advance("ground", 1);
        }
        return estimator.path();
    }

    void ground(const std::string& key) {
        std::vector<const BodyTrack*> bodies;
        for (const auto& body : done_) {
            if (body) {
                bodies.push_back(body.get());
            }
        }
        if (bodies.empty()) {
            throw Error(ErrorCode::Input, "None of the selected people was found in the video.",
                        "Click the middle of a person who is clearly visible.");
        }
        WorldOptions options;
        for (std::size_t i = 0; i < done_.size(); ++i) {
            if (done_[i]) {
                options.sizeKnown.push_back(targets_[i].traits.heightMetres > 0);
            }
        }
        WorldReport report;
        auto world = solveWorld(bodies, cameraPath(), options, &report);
        std::vector<std::shared_ptr<BodyTrack>> grounded(done_.size());
        StandingOptions standing;
        standing.groundSigmaFactor = report.disagreement;
        double residual = 0;
        std::size_t solved = 0;
        for (std::size_t i = 0; i < done_.size(); ++i) {
            if (!done_[i]) {
                continue;
            }
            auto body = std::make_shared<BodyTrack>(*done_[i]);
            // Several people stand on one ground: what one view cannot tell of their sizes and distances, their feet tell
            // together.
            const double scale = report.targetScale[solved++];
            if (bodies.size() > 1 && targets_[i].traits.heightMetres <= 0) {
                scaleTrack(*body, scale);
            }
            if (!estimator_.looksAtPictures()) {
                const auto stood = standOnGround(*body, world, cameraPath().shotStarts, standing);
                residual = std::max(residual, stood.contacts > 0 ? stood.residualMetres : 0);
            }
            grounded[i] = std::move(body);
        }
        world.groundUncertaintyMetres = std::hypot(report.planeSigmaMetres, std::max(residual, report.disagreement > 2 ? report.contactResidualMetres : 0));
        const auto shared = std::make_shared<const WorldFrame>(std::move(world));
        job_.writer.saveWorld(shared, key);
        if (cameraPath().parallaxPx > kTravelsPx) {
            job_.notice("The camera seems to travel, not only to turn. Its travel is not measured: people's paths in the world "
                        "contain it.");
        }
        const bool lock = job_.document.options.boolean("ground.foot_lock");
        for (std::size_t i = 0; i < done_.size(); ++i) {
            if (!grounded[i]) {
                continue;
            }
            detectFootContacts(*grounded[i], *shared);
            if (lock && !estimator_.looksAtPictures()) {
                lockFeet(*grounded[i], *shared, *estimator_.model());
            }
            if (!estimator_.looksAtPictures()) {
                remeasure(*grounded[i], tracks_[i]);
            }
            done_[i] = std::move(grounded[i]);
            job_.writer.saveBody(BodyLevel::Grounded, done_[i], key);
            tell(done_[i]);
        }
    }

    /// Errors of frames that were measured, after the body was moved.
    static void remeasure(BodyTrack& body, const TargetTrack& measured) {
        for (std::size_t i = 0; i < body.frames.size(); ++i) {
            if (body.frames[i].reprojectionPercent >= 0) {
                body.frames[i].reprojectionPercent =
                    static_cast<float>(reprojectionPercent(
                        body.frames[i], measured.frames[i], body.cameraAt(body.frames[i].frame)));
            }
        }
    }

    Job& job_;
    const BodyEstimator& estimator_;
    std::vector<Target> targets_;
    std::vector<TargetTrack> tracks_;
    std::vector<std::shared_ptr<const BodyTrack>> done_; ///< farthest body of each target so far
    std::once_flag cameraOnce_;
    CameraPath camera_;
};

} // namespace

void runBodyStages(Job& job, const BodyEstimator& estimator) {
    BodyStages(job, estimator).run();
}

} // namespace body4d::detail
