#pragma once

#include "base/image.h"
#include "base/progress.h"
#include "device/telemetry.h"
#include "export/export_doctor.h"
#include "models/fov_network.h"
#include "models/model_folder.h"
#include "models/segmenter.h"
#include "pipeline/body_estimator.h"
#include "pipeline/project.h"

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace body4d {

/// News of a running job, called from worker threads; must not block.
struct RunEvents {
    ProgressFn progress;
    /// A tracked frame, with the analytic body where there is one (state of `body` Absent: none).
    std::function<void(TargetId, std::shared_ptr<const TargetFrame>,
                       std::shared_ptr<const BodyFrame> preview)>
        frameTracked;
    /// A target's body was (re)fitted, completed or grounded.
    std::function<void(TargetId, std::shared_ptr<const BodyTrack>)> bodyReady;
    /// A sentence for the status bar: a shrunken batch, a hint ("this clip needs no completion").
    std::function<void(const std::string&)> notice;
};

struct RunRequest {
    bool autoSelect = false;            ///< adds everybody found as targets first, where the project has none
    std::vector<std::string> exports;   ///< formats of export/exporter.h; empty: none
    std::filesystem::path exportFolder; ///< receives them and metrics.json
    std::optional<FrameRange> exportRange; ///< nothing: the document's
    std::vector<TargetId> exportTargets;   ///< empty: everybody
    bool checkExports = false;             ///< reads them again, see export/export_doctor.h
};

struct RunSummary {
    bool cancelled = false;
    double seconds = 0;
    std::int64_t personFrames = 0; ///< processed in this run
    PathList files;
    std::vector<std::string> notes;
    std::vector<ExportCheck> checks; ///< of the exports, where it was asked for
};

/// Everything heavy that outlives a job: networks and body model, loaded on first need, shared by runs and
/// previews. Thread-safe.
class Engines {
public:
    /// Looks for model data in $BODY4D_MODELS, beside the program (share/body4d/models) and in the build
    /// tree.
    Engines();
    ~Engines();
    /// @throws Error{MissingModel}
    [[nodiscard]] Segmenter& segmenter(const Options& options);
    [[nodiscard]] std::shared_ptr<const BodyModel> bodyModel(const std::string& name);
    /// With the options' camera and smoothing. @throws Error{MissingModel}
    [[nodiscard]] std::shared_ptr<const BodyEstimator> bodyEstimator(const Options& options);
    [[nodiscard]] std::shared_ptr<const Completer> completer(const Options& options);
    /// The engine of the intrinsics stage, for one use: it is large and each clip asks it once.
    /// @throws Error{MissingModel}
    [[nodiscard]] std::shared_ptr<const FovNetwork> fovNetwork(const Options& options);
    [[nodiscard]] static std::filesystem::path modelsFolder();
    /// The same with checkpoints where the options say that they are.
    [[nodiscard]] static ModelFolder modelsFolder(const Options& options);
    /// Loads in the background what the first click needs.
    void warmUp();
    /// Tests replace the networks.
    void setSegmenterForTests(std::unique_ptr<Segmenter> segmenter);
    void setBodyEstimatorForTests(std::shared_ptr<const BodyEstimator> estimator);
    void setCompleterForTests(std::shared_ptr<const Completer> completer);
    void setFovNetworkForTests(std::shared_ptr<const FovNetwork> network);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Runs every stage that is missing or stale, for the document's range, and the exports. Resumes where
/// batches are on disk; on cancel returns within a second with everything finished kept.
/// @throws Error; leaves the project as it is on disk
RunSummary run(Project& project, Engines& engines, const RunRequest& request, Telemetry& telemetry,
               const RunEvents& events, const std::stop_token& stop);

/// What one stage has left to do.
struct StageEstimate {
    std::string stage;
    long long items = 0; ///< frames of people; 0: up to date
    double seconds = 0;
    std::int64_t peakBytes = -1; ///< negative: not known
    bool measured = false;       ///< from earlier runs on this machine; else a first guess
};

/// Estimate before a run. Negative: not known.
struct RunEstimate {
    double seconds = -1;
    std::int64_t peakBytes = -1;
    std::string completionHint; ///< "This clip needs none." or how many frames; empty before tracking
    std::vector<StageEstimate> stages; ///< in the order of work
};
[[nodiscard]] RunEstimate estimateRun(const Project& project);

} // namespace body4d
