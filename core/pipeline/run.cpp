#include "pipeline/run.h"

#include "base/error.h"
#include "base/log.h"
#include "body/frame_sampling.h"
#include "export/exporter.h"
#include "models/torch_engines.h"
#include "pipeline/cost_history.h"
#include "pipeline/damaged_tracks.h"
#include "pipeline/export_scene.h"
#include "pipeline/job.h"
#include "pipeline/scene_stage.h"
#include "pipeline/scene_stage_internal.h"
#include "pipeline/stage_keys.h"
#include "pipeline/weights_notes.h"
#include "video/video_hash.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>

namespace body4d {
namespace {

using Clock = std::chrono::steady_clock;

// First guesses of the time a frame of one person takes, until it is measured.
constexpr double kSegmentSeconds = 0.03, kFitSeconds = 0.006, kCompleteSeconds = 0.002,
                 kGroundSeconds = 0.006, kExportSeconds = 0.03;

double since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Whole stages that are not made of targets: timed, profiled and counted.
template <typename Fn>
void timed(detail::Job& job, const std::string& stage, Fn fn) {
    const auto start = Clock::now();
    job.telemetry.beginStage(stage);
    const auto end = [&] {
        job.telemetry.endStage();
        const std::scoped_lock lock(job.mutex);
        job.seconds[stage] += since(start);
    };
    try {
        fn();
    } catch (...) {
        end();
        throw;
    }
    end();
}

void planStages(detail::Job& job, bool people) {
    if (detail::sceneWanted(job.document)) {
        const auto cost = detail::sceneCost(job.document);
        job.meter.plan("scene", 100 * cost.frames, cost.secondsPerFrame / 100);
    }
    if (!people) {
        return;
    }
    const auto frames = job.document.range.size() * static_cast<long long>(job.document.targets.size());
    if (!detail::segmentDone(job)) {
        job.meter.plan("segment", frames, kSegmentSeconds);
    }
    const auto key = detail::groundKey(job.writer.asComputed(job.document));
    if (job.writer.worldKey() != key) {
        job.meter.plan("reconstruct", frames, kFitSeconds);
        job.meter.plan("complete", frames, kCompleteSeconds);
        job.meter.plan("ground", job.document.range.size(), kGroundSeconds);
    }
    if (!job.request.exports.empty()) {
        job.meter.plan("export",
                       job.document.range.size() * static_cast<long long>(job.request.exports.size()),
                       kExportSeconds);
    }
}

void runExports(detail::Job& job) {
    if (job.request.exports.empty()) {
        return;
    }
    job.throwIfCancelled();
    timed(job, "export", [&] {
        job.meter.begin("export", "Exporting");
        auto scene = exportScene(job.project, job.engines);
        takeMeshLevel(scene, job.document.options);
        auto options = exportOptions(job.document);
        if (job.request.exportRange) {
            options.beginFrame = job.request.exportRange->begin;
            options.endFrame = job.request.exportRange->end;
        }
        options.targets = job.request.exportTargets;
        const auto perFormat = job.document.range.size();
        // Formats come one after the other, each counting its own frames.
        std::string phase;
        long long finished = -1;
        const auto total = perFormat * static_cast<long long>(job.request.exports.size());
        auto result = exportAll(
            scene, job.request.exports, job.request.exportFolder, options, job.stop,
            [&](const Progress& p) {
                if (p.phase != phase) {
                    phase = p.phase;
                    ++finished;
                    job.meter.begin("export", p.phase);
                }
                if (p.total > 0) {
                    job.meter.set("export", finished * perFormat + p.done * perFormat / p.total, total);
                }
            });
        auto& s = job.summary;
        s.files.append(result.files);
        for (const auto& note : result.notes) {
            job.notice(note);
        }
        if (job.request.checkExports) {
            job.meter.begin("export", "Checking the files");
            s.checks = checkExports(scene, options, result.files, job.stop, {});
        }
        job.meter.finish("export");
    });
}

/// Tracks, masks and frame numbers belong to one video: mixing them with another one gives nonsense silently.
void checkVideo(const VideoReference& video) {
    std::error_code ec; // a missing file is told by whoever needs its frames
    if (!video.hash.empty() && std::filesystem::exists(video.path, ec) &&
        videoHash(video.path) != video.hash) {
        throw Error(
            ErrorCode::Input,
            video.path.filename().string() + " is another video than the one this project was made with.",
            "Put the original file back, or make a new project from this one: body4d run VIDEO -o DIR.",
            video.path.string());
    }
}

void checkDocument(const ProjectDocument& document) {
    const auto& range = document.range;
    if (range.begin < 0 || range.end > document.video.frameCount || range.size() == 0) {
        throw Error(ErrorCode::Usage,
                    "The frames " + std::to_string(range.begin) + ":" + std::to_string(range.end) +
                        " are not in this video.",
                    "It has the frames 0:" + std::to_string(document.video.frameCount) +
                        "; the end is not included.");
    }
    for (const auto& target : document.targets) {
        for (const auto& prompt : target.prompts) {
            const auto where = " (" + target.name + ", frame " + std::to_string(prompt.frame) + ")";
            if (prompt.frame < 0 || prompt.frame >= document.video.frameCount) {
                throw Error(
                    ErrorCode::Input, "A click is on a frame that the video does not have" + where + ".",
                    "The video has the frames 0 to " + std::to_string(document.video.frameCount - 1) + ".");
            }
            for (const auto& p : prompt.points) {
                if (p.x < 0 || p.y < 0 || p.x > document.video.width || p.y > document.video.height) {
                    throw Error(ErrorCode::Input, "A click lies outside the picture" + where + ".",
                                "The picture is " + std::to_string(document.video.width) + " x " +
                                    std::to_string(document.video.height) +
                                    " pixels; x grows to the right, y down.");
                }
            }
        }
    }
}

const char* const kEstimatedStages[] = {"segment", "reconstruct", "complete", "ground"};

/// Ground finding is one engine for all.
std::string engineOf(const Options& options, const std::string& stage) {
    return stage == "ground" ? std::string("ground") : options.text("engines." + stage);
}

/// The next estimate learns from what this run took.
void recordCosts(detail::Job& job) {
    auto history = CostHistory::load();
    std::map<std::string, std::int64_t> peaks;
    for (const auto& peak : job.telemetry.stagePeaks()) {
        peaks[peak.stage] = peak.processPeakBytes;
    }
    for (const std::string stage : kEstimatedStages) {
        const auto seconds = job.seconds.find(stage);
        if (seconds == job.seconds.end()) {
            continue;
        }
        const auto items = stage == "ground" ? job.profile["complete"].items : job.profile[stage].items;
        history.record(stage, engineOf(job.document.options, stage), seconds->second, items, peaks[stage]);
    }
    history.save();
}

/// Everything about people. @param choose adds everybody found first  @returns true
bool runPeople(detail::Job& job, bool choose) {
    detail::forgetDamagedTracks(job);
    auto options = job.document.options;
    const auto measureCamera = [&] {
        if (options.text("engines.intrinsics") != "prior") {
            timed(job, "intrinsics", [&] {
                job.shots = detail::measuredShots(job);
                options.set("camera.fov_degrees", detail::clipFov(job, job.shots));
            });
        }
    };
    for (const std::string stage : {"segment", "intrinsics", "reconstruct"}) {
        if (const auto note = stageWeightsNote(options, stage); !note.empty()) {
            job.notice("The weights of " + options.text("engines." + stage) + " say of themselves: " + note + ".");
        }
    }
    measureCamera();
    std::shared_ptr<const BodyEstimator> estimator;
    timed(job, "load", [&] {
        estimator = job.engines.bodyEstimator(options);
        if (choose || !detail::segmentDone(job)) {
            (void)job.engines.segmenter(job.document.options);
        }
        job.telemetry.setAllocatorProbe(torchAllocatorProbe());
    });
    if (choose) {
        timed(job, "select", [&] { detail::autoSelect(job); });
    }
    job.writer.clean();
    planStages(job, true);
    if (!detail::segmentDone(job)) {
        timed(job, "segment", [&] { detail::runSegmentStage(job, estimator.get()); });
        detail::trustTracks(job);
        // Tracking has found the cuts: every shot has a camera of its own.
        const auto before = options.number("camera.fov_degrees");
        measureCamera();
        if (options.number("camera.fov_degrees") != before) {
            estimator = job.engines.bodyEstimator(options);
        }
    }
    detail::runBodyStages(job, *estimator);
    return true;
}

} // namespace

RunSummary run(Project& project, Engines& engines, const RunRequest& request, Telemetry& telemetry,
               const RunEvents& events, const std::stop_token& stop) {
    const auto start = Clock::now();
    detail::Job job(project, engines, request, telemetry, events, stop);
    bool measured = false;
    try {
        checkVideo(job.document.video);
        checkDocument(job.document);
        job.writer.clearFailures();
        const bool choose = request.autoSelect && job.document.targets.empty();
        const bool nobody = !choose && std::all_of(job.document.targets.begin(), job.document.targets.end(),
                                                   [](const Target& t) { return t.prompts.empty(); });
        const bool scene = detail::sceneWanted(job.document);
        if (nobody && !scene) {
            throw Error(ErrorCode::Usage, "Nobody is selected in this video.",
                        "Click a person: --click FRAME:X,Y, or find everybody: --auto.");
        }
        if (nobody) {
            planStages(job, false);
        } else {
            measured = runPeople(job, choose);
        }
        if (scene) {
            timed(job, "scene", [&] { detail::runSceneStage(job, nullptr); });
        }
        runExports(job);
    } catch (const Cancelled&) {
        job.summary.cancelled = true;
    } catch (...) {
        try {
            detail::writeProfile(job);
        } catch (const std::exception& e) {
            // On a full disk it fails, too; what is to be told is why the run failed.
            log(LogLevel::Info, std::string("profile.json was not written: ") + e.what());
        }
        throw;
    }
    if (measured && !request.exportFolder.empty()) {
        detail::writeMetrics(job, request.exportFolder);
    }
    detail::writeProfile(job);
    recordCosts(job);
    job.summary.seconds = since(start);
    return job.summary;
}

RunSummary runSceneOnly(Project& project, Engines& engines, Telemetry& telemetry, const RunEvents& events,
                        const std::stop_token& stop, SceneEstimator* estimator) {
    const auto start = Clock::now();
    const RunRequest request;
    detail::Job job(project, engines, request, telemetry, events, stop);
    try {
        checkVideo(job.document.video);
        checkDocument(job.document);
        if (!detail::sceneWanted(job.document)) {
            throw Error(ErrorCode::Usage, "No engine is chosen for the scene.",
                        "Choose one: --set engines.scene=da3-small.");
        }
        planStages(job, false);
        timed(job, "scene", [&] { detail::runSceneStage(job, estimator); });
    } catch (const Cancelled&) {
        job.summary.cancelled = true;
    }
    detail::writeProfile(job);
    job.summary.seconds = since(start);
    return job.summary;
}

RunEstimate estimateRun(const Project& project) {
    const auto document = project.document();
    RunEstimate estimate;
    const auto frames = document.range.size();
    const auto bodies = sampledCount(frames, document.video.fps, document.options.number("reconstruct.fps"));
    std::map<std::string, long long> left;
    for (const auto& target : document.targets) {
        if (target.prompts.empty()) {
            continue;
        }
        const auto tracked = project.stage("segment", target.id);
        if (tracked.status != StageStatus::Done) {
            auto rest = frames;
            if (tracked.status == StageStatus::Partial || tracked.status == StageStatus::Stale) {
                for (const auto& range : tracked.done) {
                    rest -= FrameRange{std::max(range.begin, document.range.begin), std::min(range.end, document.range.end)}
                                .size();
                }
            }
            left["segment"] += std::max<std::int64_t>(0, rest);
        }
        for (const auto* stage : {"reconstruct", "complete", "ground"}) {
            left[stage] += project.stage(stage, target.id).status == StageStatus::Done ? 0
                           : std::string_view(stage) == "reconstruct"                  ? bodies
                                                                                       : frames;
        }
    }
    const auto frameBytes = static_cast<std::int64_t>(document.video.width) * document.video.height * 3;
    const std::int64_t guessedBytes = (400LL << 20) +
                                      frameBytes * (6 + document.options.integer("sam_3d_body.batch_size")) +
                                      frames * static_cast<std::int64_t>(document.targets.size()) * (10LL << 10);
    const std::map<std::string, double> guesses = {{"segment", kSegmentSeconds},
                                                   {"reconstruct", kFitSeconds},
                                                   {"complete", kCompleteSeconds},
                                                   {"ground", kGroundSeconds}};
    const auto history = CostHistory::load();
    estimate.seconds = 0;
    for (const std::string stage : kEstimatedStages) {
        StageEstimate part;
        part.stage = stage;
        part.items = left[stage];
        const auto known = history.find(stage, engineOf(document.options, stage));
        part.measured = known.has_value();
        part.seconds = static_cast<double>(part.items) * (known ? known->secondsPerItem : guesses.at(stage));
        part.peakBytes = known && known->peakBytes > 0 ? known->peakBytes : guessedBytes;
        estimate.seconds += part.seconds;
        if (part.items > 0) {
            estimate.peakBytes = std::max(estimate.peakBytes, part.peakBytes);
        }
        estimate.stages.push_back(part);
    }
    if (detail::sceneWanted(document)) {
        const auto cost = detail::sceneCost(document);
        StageEstimate part;
        part.stage = "scene";
        part.items = project.stage("scene", 0).status == StageStatus::Done ? 0 : cost.frames;
        part.measured = cost.measured;
        part.seconds = static_cast<double>(part.items) * cost.secondsPerFrame;
        part.peakBytes = cost.peakBytes;
        estimate.seconds += part.seconds;
        if (part.items > 0) {
            estimate.peakBytes = std::max(estimate.peakBytes, part.peakBytes);
        }
        estimate.stages.push_back(part);
    }
    long long hidden = 0, filled = 0;
    bool anyBody = false;
    for (const auto& target : document.targets) {
        if (const auto states = project.bodyStates(target.id)) {
            anyBody = true;
            hidden += std::count_if(states->begin(), states->end(), isGuess);
            filled += std::count(states->begin(), states->end(), FrameState::Completed);
        }
    }
    if (anyBody) {
        estimate.completionHint = hidden == 0
                                      ? "This clip needs none."
                                      : std::to_string(hidden) + (hidden == 1 ? " frame is" : " frames are") +
                                            (filled == 0 ? " hidden and can be filled in."
                                                         : " hidden, " + std::to_string(filled) + " filled in.");
    }
    return estimate;
}

} // namespace body4d
