#pragma once

#include "base/error.h"
#include "body/world.h"
#include "device/memory_budget.h"
#include "models/segmenter.h"
#include "pipeline/body_estimator.h"
#include "pipeline/progress_meter.h"
#include "pipeline/project_writer.h"
#include "pipeline/run.h"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace body4d::detail {

/// What one stage did, for profile.json.
struct StageProfile {
    std::vector<int> batchSizes;
    long long items = 0;
    std::optional<EngineUse> engine; ///< of the network, where it keeps an account
};

/// A running job: what all its stages share.
struct Job {
    Job(Project& p, Engines& e, const RunRequest& r, Telemetry& t, const RunEvents& ev, std::stop_token s)
        : project(p), writer(p), engines(e), request(r), telemetry(t), events(ev), stop(std::move(s)),
          document(p.document()), budget(document.options.number("memory.budget_gib")), meter(ev.progress) {}

    Project& project;
    ProjectWriter writer;
    Engines& engines;
    const RunRequest& request;
    Telemetry& telemetry;
    const RunEvents& events;
    std::stop_token stop;
    ProjectDocument document; ///< as it was when the job began
    MemoryBudget budget;
    ProgressMeter meter;

    std::vector<ShotCamera> shots; ///< where the field of view is measured: of every shot
    std::optional<CameraPath>
        cameraPath; ///< measured while tracking ran; else the ground stage makes a pass of its own

    std::mutex mutex; ///< guards what follows
    RunSummary summary;
    std::map<std::string, StageProfile> profile;
    std::map<std::string, double> seconds; ///< wall time by stage

    void notice(const std::string& sentence) {
        {
            const std::scoped_lock lock(mutex);
            summary.notes.push_back(sentence);
        }
        if (events.notice) {
            events.notice(sentence);
        }
    }
    void throwIfCancelled() const {
        if (stop.stop_requested()) {
            throw Cancelled();
        }
    }
};

/// Whether every target's track is there and up to date.
[[nodiscard]] bool segmentDone(const Job& job);
/// Tracks what is missing in both directions. @throws Cancelled with finished batches saved
void runSegmentStage(Job& job, const BodyEstimator* preview);

/// The cameras of the clip's shots, by the engine that is chosen for it: one look at the first frame of each. Measured
/// once, then kept. Before tracking has found the cuts, the clip counts as one shot.
/// @throws Error{MissingModel, Input}, Cancelled
[[nodiscard]] std::vector<ShotCamera> measuredShots(Job& job);
/// Field of view of the longer side in degrees that stands for the whole clip: of the middle frame when frames are
/// sorted by it, so that of the longest shots.
[[nodiscard]] double clipFov(const Job& job, const std::vector<ShotCamera>& shots);

/// Walks over the video and adds everybody found as targets, each with a prompt on a frame where they are clear.
void autoSelect(Job& job);

/// Fits, completes and grounds what is missing or stale.
void runBodyStages(Job& job, const BodyEstimator& estimator);

void writeMetrics(Job& job, const std::filesystem::path& folder);
void writeProfile(Job& job);

} // namespace body4d::detail
