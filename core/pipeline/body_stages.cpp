#include "base/error.h"
#include "base/parallel.h"
#include "body/body_metrics.h"
#include "body/completion.h"
#include "body/foot_contact.h"
#include "body/frame_sampling.h"
#include "body/standing.h"
#include "body/world.h"
#include "pipeline/camera_stage.h"
#include "pipeline/job.h"
#include "pipeline/stage_keys.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <utility>

namespace body4d::detail {
namespace {

// Everything about a long track is done piece by piece, so that memory does not grow with it. Completion sees the frames
// around a piece, too: what is usual of a person, and how long somebody may be hidden, are matters of seconds.
constexpr std::size_t kPieceFrames = 2048, kLookFrames = 1024;
constexpr double kCompletionContextSeconds = 8;

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

/// Hands masks over that are in memory.
std::function<void(const MaskSink&)> sinkOf(const std::vector<std::pair<std::int64_t, RleMask>>& masks) {
    return [&masks](const MaskSink& sink) {
        for (const auto& [frame, mask] : masks) {
            sink(frame, mask);
        }
    };
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
        ready_.resize(targets_.size());
    }

    void run() {
        const auto computed = groundKey(job_.writer.asComputed(job_.document));
        const bool grounded =
            job_.writer.worldKey() == computed &&
            std::all_of(targets_.begin(), targets_.end(), [&](const Target& t) {
                return job_.writer.bodyKey(BodyLevel::Grounded, t.id) == computed || skipped(t.id);
            });
        if (grounded) {
            return;
        }
        const auto key = groundKey(job_.document);
        for (std::size_t i = 0; estimator_.looksAtPictures() && i < targets_.size(); ++i) {
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
    /// Reads a body that was written piece by piece, if somebody wants to see it.
    void tell(BodyLevel level, TargetId id) const {
        if (job_.events.bodyReady) {
            if (const auto body = job_.writer.body(level, id)) {
                job_.events.bodyReady(id, body);
            }
        }
    }

    [[nodiscard]] std::size_t frameCount() const { return static_cast<std::size_t>(job_.document.range.size()); }
    /// Frames [begin, end) of a target, counted from the first of the range.
    [[nodiscard]] TargetTrack stretch(TargetId id, std::size_t begin, std::size_t end) const {
        const auto first = job_.document.range.begin;
        return fullTrack(job_.project, id,
                         {first + static_cast<std::int64_t>(begin), first + static_cast<std::int64_t>(end)});
    }
    [[nodiscard]] TrackSource sourceOf(TargetId id) const {
        return {id, job_.document.range.begin, frameCount(),
                [this, id](std::size_t begin, std::size_t end) { return stretch(id, begin, end).frames; }};
    }

    /// @param byMask a mask is enough
    [[nodiscard]] bool anyMeasured(TargetId id, bool byMask) const {
        for (std::size_t at = 0; at < frameCount(); at += kLookFrames) {
            const auto track = stretch(id, at, std::min(frameCount(), at + kLookFrames));
            if (std::any_of(track.frames.begin(), track.frames.end(), [byMask](const TargetFrame& f) {
                    return f.state == FrameState::Visible && (byMask ? !f.mask.empty() : f.pose.score > 0);
                })) {
                return true;
            }
        }
        return false;
    }

    /// Whether a level of a target is on disk as it should be; it becomes the target's farthest one.
    bool reached(std::size_t i, BodyLevel level, const std::string& key) {
        const auto id = targets_[i].id;
        if (job_.writer.bodyKey(level, id) != key) {
            return false;
        }
        if (!estimator_.looksAtPictures()) {
            if (!job_.writer.openBody(level, id)) {
                return false;
            }
            ready_[i] = 1;
            return true;
        }
        if (auto body = job_.writer.body(level, id)) {
            done_[i] = std::move(body);
            return true;
        }
        return false;
    }

    /// Whether a target has to be fitted: it is neither up to date nor nowhere to be seen.
    bool needsFit(std::size_t i, const std::string& key) {
        const auto& target = targets_[i];
        if (reached(i, BodyLevel::Fitted, key)) {
            return false;
        }
        if (!anyMeasured(target.id, estimator_.looksAtPictures())) {
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
        PictureFit fit{std::move(tracks), video.width, video.height, video.fps, everyShot(job_, estimator_), pictures(job_)};
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
        job_.writer.streamBody(BodyLevel::Fitted, target.id, key, frameCount(), estimator_.model()->joints().size(),
                               [&](const BodySink& sink) -> StoredBody {
                                   return {{}, {},
                                           estimator_.fitPieces(sourceOf(target.id), target.traits, video.width,
                                                                video.height, video.fps, job_.stop,
                                                                progressOf("reconstruct"), sink)};
                               });
        ready_[i] = 1;
        tell(BodyLevel::Fitted, target.id);
        const std::scoped_lock lock(job_.mutex);
        job_.profile["reconstruct"].items += bodiesOfRange();
    }

    [[nodiscard]] CompletionOptions completionOptions() {
        CompletionOptions options;
        options.fill = job_.document.options.boolean("completion.enable");
        options.visibleShare = job_.document.options.number("completion.visible_share");
        options.maxGapSeconds = job_.document.options.number("completion.max_gap_seconds");
        options.cuts = job_.project.sceneCuts();
        options.camera = cameraPath();
        return options;
    }

    void completed(std::size_t i, const std::string& hint) {
        if (!hint.empty()) {
            job_.notice(targets_[i].name + ": " + hint);
        }
        const std::scoped_lock lock(job_.mutex);
        job_.profile["complete"].items += job_.document.range.size();
    }

    void complete(std::size_t i) {
        const auto key = completeKey(job_.document, targets_[i].id);
        if (estimator_.looksAtPictures()) {
            if (done_[i] && !reached(i, BodyLevel::Completed, key)) {
                completeMeshes(i, key);
            }
        } else if (ready_[i] != 0 && !reached(i, BodyLevel::Completed, key)) {
            completePieces(i, key);
        }
    }

    /// Bodies that were measured as meshes.
    void completeMeshes(std::size_t i, const std::string& key) {
        const auto& target = targets_[i];
        const auto options = completionOptions();
        std::vector<const TargetTrack*> others;
        for (std::size_t k = 0; k < tracks_.size(); ++k) {
            if (k != i) {
                others.push_back(&tracks_[k]);
            }
        }
        if (!done_[i]->ownModel) { // nobody was read on any frame
            job_.writer.saveBody(BodyLevel::Completed, done_[i], key);
            return;
        }
        auto result = job_.engines.completer(job_.document.options)
                          ->complete(*done_[i], tracks_[i], others, *done_[i]->ownModel, options, pictures(job_), job_.stop,
                                     progressOf("complete"));
        result.body = estimator_.withoutHidden(*done_[i], tracks_[i], result, options.camera, job_.stop);
        job_.writer.saveAmodal(target.id, sinkOf(result.amodal));
        done_[i] = std::make_shared<const BodyTrack>(std::move(result.body));
        job_.writer.saveBody(BodyLevel::Completed, done_[i], key, result.hint);
        tell(done_[i]);
        completed(i, result.hint);
    }

    /// Bodies that were fitted: in pieces where the track is long.
    void completePieces(std::size_t i, const std::string& key) {
        const auto& target = targets_[i];
        const auto& video = job_.document.video;
        const auto fitted = job_.writer.openBody(BodyLevel::Fitted, target.id);
        if (!fitted || fitted->frameCount() != frameCount()) {
            throw Error(ErrorCode::Input, "The fitted body of " + target.name + " cannot be read.", "Run again.",
                        job_.project.folder().string());
        }
        const double around =
            std::max(kCompletionContextSeconds, 2 * job_.document.options.number("completion.max_gap_seconds"));
        const auto pieces = piecesOf(frameCount(), kPieceFrames, static_cast<std::size_t>(std::ceil(around * video.fps)));
        const auto completer = job_.engines.completer(job_.document.options);
        const auto frames = pictures(job_);
        const auto report = progressOf("complete");
        const auto source = sourceOf(target.id);
        const auto fitAgain = estimator_.fitAgain(source, fitted->head().track, target.traits, video.width, video.height,
                                                  video.fps, job_.stop);
        StoredBody out;
        const auto make = [&](const BodySink& sink, const MaskSink& amodal) {
            out.track = fitted->head().track;
            std::vector<OccludedRange> ranges;
            std::int64_t filled = 0;
            bool again = false;
            AccelerationMeter motion;
            for (std::size_t p = 0; p < pieces.size(); ++p) {
                const TrackPiece& piece = pieces[p];
                const TargetTrack track = stretch(target.id, piece.contextBegin, piece.contextEnd);
                BodyTrack body = fitted->head().track;
                body.firstFrame = track.firstFrame;
                body.frames = fitted->frames(piece.contextBegin, piece.contextEnd);
                auto options = completionOptions();
                options.refit = [&](const TargetTrack& cleaned) {
                    again = true;
                    return pieces.size() == 1 ? estimator_.fit(cleaned, target.traits, video.width, video.height, video.fps,
                                                               job_.stop, {})
                                              : fitAgain(cleaned);
                };
                std::vector<TargetTrack> stretches;
                std::vector<const TargetTrack*> others;
                for (const auto& other : targets_) {
                    if (other.id != target.id) {
                        stretches.push_back(stretch(other.id, piece.contextBegin, piece.contextEnd));
                    }
                }
                for (const auto& other : stretches) {
                    others.push_back(&other);
                }
                auto result = completer->complete(body, track, others, *estimator_.model(), options, frames, job_.stop,
                                                  [&](Progress now) {
                                                      now.done += static_cast<long long>(p) * now.total;
                                                      now.total *= static_cast<long long>(pieces.size());
                                                      report(now);
                                                  });
                if (pieces.size() == 1) {
                    out.track = std::move(result.body);
                    out.hint = std::move(result.hint);
                    sink(std::exchange(out.track.frames, {}));
                    sinkOf(result.amodal)(amodal);
                    return;
                }
                const auto first = job_.document.range.begin + static_cast<std::int64_t>(piece.begin),
                           last = job_.document.range.begin + static_cast<std::int64_t>(piece.end);
                for (auto range : result.ranges) {
                    range.begin = std::max(range.begin, first);
                    range.end = std::min(range.end, last);
                    if (range.begin >= range.end) {
                        continue;
                    }
                    if (!ranges.empty() && ranges.back().end == range.begin && range.begin == first) {
                        ranges.back().end = range.end; // goes on across the end of a piece
                    } else {
                        ranges.push_back(range);
                    }
                }
                for (const auto& [frame, mask] : result.amodal) {
                    if (frame >= first && frame < last) {
                        amodal(frame, mask);
                    }
                }
                auto& done = result.body.frames;
                done.erase(done.begin() + static_cast<std::ptrdiff_t>(piece.end - piece.contextBegin), done.end());
                done.erase(done.begin(), done.begin() + static_cast<std::ptrdiff_t>(piece.begin - piece.contextBegin));
                for (const auto& frame : done) {
                    filled += frame.state == FrameState::Completed ? 1 : 0;
                    motion.add(hipRelative(frame));
                }
                sink(std::move(done));
            }
            out.hint = completionHint(ranges, frameCount(), filled);
            if (again) {
                out.track.acceleration = motion.value(out.track.fps);
            }
        };
        job_.writer.streamBody(BodyLevel::Completed, target.id, key, frameCount(), fitted->joints(), [&](const BodySink& sink) {
            // The masks are there before the body that counts on them.
            job_.writer.saveAmodal(target.id, [&](const MaskSink& amodal) { make(sink, amodal); });
            return out;
        });
        tell(BodyLevel::Completed, target.id);
        completed(i, out.hint);
    }

    /// Measured once, by whichever target asks first.
    const CameraPath& cameraPath() {
        std::call_once(cameraOnce_, [this] { camera_ = measuredCameraPath(job_, estimator_); });
        return camera_;
    }

    void ground(const std::string& key) {
        // Where people stand and how they move depends on their key points: joints' rotations stay on disk.
        std::vector<std::optional<BodyReader>> files(targets_.size());
        std::vector<std::shared_ptr<BodyTrack>> grounded(targets_.size());
        std::vector<const BodyTrack*> bodies;
        WorldOptions options;
        for (std::size_t i = 0; i < targets_.size(); ++i) {
            if (estimator_.looksAtPictures() ? !done_[i] : ready_[i] == 0) {
                continue;
            }
            if (done_[i]) {
                grounded[i] = std::make_shared<BodyTrack>(*done_[i]);
            } else {
                files[i] = job_.writer.openBody(BodyLevel::Completed, targets_[i].id);
                if (!files[i]) {
                    throw Error(ErrorCode::Input, "The body of " + targets_[i].name + " cannot be read.", "Run again.",
                                job_.project.folder().string());
                }
                grounded[i] = std::make_shared<BodyTrack>(BodyPages{*files[i], {}}.light());
            }
            bodies.push_back(grounded[i].get());
            options.sizeKnown.push_back(targets_[i].traits.heightMetres > 0);
        }
        if (bodies.empty()) {
            throw Error(ErrorCode::Input, "None of the selected people was found in the video.",
                        "Click the middle of a person who is clearly visible.");
        }
        WorldReport report;
        auto world = solveWorld(bodies, cameraPath(), options, &report);
        StandingOptions standing;
        standing.groundSigmaFactor = report.disagreement;
        double residual = 0;
        std::size_t solved = 0;
        for (std::size_t i = 0; i < grounded.size(); ++i) {
            if (!grounded[i]) {
                continue;
            }
            // Several people stand on one ground: what one view cannot tell of their sizes and distances, their feet tell
            // together.
            const double scale = report.targetScale[solved++];
            if (bodies.size() > 1 && targets_[i].traits.heightMetres <= 0) {
                scaleTrack(*grounded[i], scale);
            }
            if (!estimator_.looksAtPictures()) {
                const auto stood = standOnGround(*grounded[i], world, cameraPath().shotStarts, standing);
                residual = std::max(residual, stood.contacts > 0 ? stood.residualMetres : 0);
            }
        }
        world.groundUncertaintyMetres = std::hypot(report.planeSigmaMetres, std::max(residual, report.disagreement > 2 ? report.contactResidualMetres : 0));
        const auto shared = std::make_shared<const WorldFrame>(std::move(world));
        job_.writer.saveWorld(shared, key);
        if (cameraPath().parallaxPx > kTravelsPx) {
            job_.notice("The camera seems to travel, not only to turn. Its travel is not measured: people's paths in the world "
                        "contain it.");
        }
        for (std::size_t i = 0; i < grounded.size(); ++i) {
            if (!grounded[i]) {
                continue;
            }
            detectFootContacts(*grounded[i], *shared);
            if (files[i]) {
                saveGrounded(i, *grounded[i], *files[i], *shared, key);
                tell(BodyLevel::Grounded, targets_[i].id);
            } else {
                done_[i] = grounded[i];
                job_.writer.saveBody(BodyLevel::Grounded, done_[i], key);
                tell(done_[i]);
            }
            grounded[i].reset();
        }
    }

    /// Frames [begin, end) of a body that was moved as a whole: what is on disk, where it stands now.
    static std::vector<BodyFrame> moved(const BodyTrack& light, const BodyReader& file, std::size_t begin, std::size_t end) {
        auto frames = file.frames(begin, end);
        for (std::size_t n = begin; n < end; ++n) {
            BodyFrame frame = light.frames[n];
            frame.pose.rotations = std::move(frames[n - begin].pose.rotations);
            frame.rawPose.rotations = std::move(frames[n - begin].rawPose.rotations);
            frames[n - begin] = std::move(frame);
        }
        return frames;
    }

    /// @param light the body without its joints' rotations, which are in `file`
    void saveGrounded(std::size_t i, BodyTrack& light, const BodyReader& file, const WorldFrame& world, const std::string& key) {
        const auto id = targets_[i].id;
        const bool lock = job_.document.options.boolean("ground.foot_lock");
        if (lock) { // legs turn wherever a foot is planted
            light.frames = moved(light, file, 0, light.frames.size());
            lockFeet(light, world, *estimator_.model());
        }
        job_.writer.streamBody(BodyLevel::Grounded, id, key, light.frames.size(), file.joints(), [&](const BodySink& sink) {
            for (std::size_t at = 0; at < light.frames.size(); at += kLookFrames) {
                const std::size_t end = std::min(light.frames.size(), at + kLookFrames);
                std::vector<BodyFrame> frames;
                if (lock) {
                    frames.assign(light.frames.begin() + static_cast<std::ptrdiff_t>(at),
                                  light.frames.begin() + static_cast<std::ptrdiff_t>(end));
                } else {
                    frames = moved(light, file, at, end);
                }
                remeasure(frames, stretch(id, at, end), light);
                sink(std::move(frames));
            }
            StoredBody out;
            light.frames.clear();
            out.track = light;
            return out;
        });
    }

    /// Errors of frames that were measured, after the body was moved.
    static void remeasure(std::span<BodyFrame> frames, const TargetTrack& measured, const BodyTrack& body) {
        for (std::size_t i = 0; i < frames.size(); ++i) {
            if (frames[i].reprojectionPercent >= 0) {
                frames[i].reprojectionPercent = static_cast<float>(
                    reprojectionPercent(frames[i], measured.frames[i], body.cameraAt(frames[i].frame)));
            }
        }
    }

    Job& job_;
    const BodyEstimator& estimator_;
    std::vector<Target> targets_;
    /// Of engines that look at pictures, whose bodies are meshes: everything at once.
    std::vector<TargetTrack> tracks_;
    std::vector<std::shared_ptr<const BodyTrack>> done_; ///< farthest body of each target so far
    std::vector<std::uint8_t> ready_; ///< of other engines: the target has a body, which lies on disk
    std::once_flag cameraOnce_;
    CameraPath camera_;
};

} // namespace

void runBodyStages(Job& job, const BodyEstimator& estimator) {
    BodyStages(job, estimator).run();
}

} // namespace body4d::detail
