#include "core_backend.h"

#include "base/error.h"
#include "device/proc.h"
#include "export/sample_clip.h"
#include "models/scene_estimator.h"
#include "models/weights_note.h"
#include "nn/torch_plugin.h"
#include "pipeline/export_scene.h"
#include "pipeline/prompt_mask.h"
#include "pipeline/scene_stage.h"
#include "pipeline/weights_notes.h"

#include <algorithm>
#include <malloc.h>
#include <mutex>
#include <utility>

namespace body4d {
namespace {

constexpr std::size_t kFrameCacheBytes = std::size_t{512} << 20;

class CoreFrames : public ui::FrameProvider {
public:
    explicit CoreFrames(const std::filesystem::path& video) : source_(video, kFrameCacheBytes) {}
    const VideoInfo& info() const override { return source_.info(); }
    ImagePtr frame(std::int64_t index) override { return source_.frame(index); }
    ImagePtr cached(std::int64_t index) const override { return source_.cached(index); }
    void prefetch(std::int64_t begin, std::int64_t end) override { source_.prefetch(begin, end); }
    std::vector<std::int64_t> cachedFrames() const override { return source_.cachedFrames(); }

private:
    FrameSource source_;
};

class CoreProject : public ui::ProjectStore {
public:
    explicit CoreProject(std::unique_ptr<Project> project) : project_(std::move(project)) {}
    Project& project() { return *project_; }
    std::filesystem::path folder() const override { return project_->folder(); }
    std::string name() const override { return project_->name(); }
    bool readOnly() const override { return project_->readOnly(); }
    ProjectDocument document() const override { return project_->document(); }
    void setDocument(const ProjectDocument& document) override { project_->setDocument(document); }
    StageState stage(const std::string& stage, TargetId id) const override { return project_->stage(stage, id); }
    TargetTrack track(TargetId id) const override { return project_->track(id); }
    std::optional<TargetFrame> trackFrame(TargetId id, std::int64_t frame) const override { return project_->trackFrame(id, frame); }
    std::shared_ptr<const BodyTrack> body(TargetId id) const override { return project_->body(id); }
    std::shared_ptr<const BodyTrack> bodyBeforeCompletion(TargetId id) const override { return project_->bodyBeforeCompletion(id); }
    std::shared_ptr<const WorldFrame> world() const override { return project_->world(); }
    std::optional<RleMask> amodalMask(TargetId id, std::int64_t frame) const override { return project_->amodalMask(id, frame); }
    std::vector<std::int64_t> sceneCuts() const override { return project_->sceneCuts(); }
    RunEstimate estimate() const override { return estimateRun(*project_); }

private:
    std::unique_ptr<Project> project_;
};

} // namespace

struct CoreBackend::Impl {
    std::function<void(Engines&)> prepare;
    Telemetry telemetry;
    std::mutex segmenter; ///< previews take turns on the network

    /// For one use: who holds them keeps them, whatever is unloaded meanwhile.
    [[nodiscard]] std::shared_ptr<Engines> engines() {
        const std::lock_guard lock(mutex_);
        if (!engines_) {
            engines_ = std::make_shared<Engines>();
            if (prepare) {
                prepare(*engines_);
            }
        }
        return engines_;
    }
    [[nodiscard]] std::shared_ptr<Engines> takeEngines() {
        const std::lock_guard lock(mutex_);
        return std::exchange(engines_, nullptr);
    }

private:
    std::mutex mutex_;
    std::shared_ptr<Engines> engines_;
};

CoreBackend::CoreBackend() : impl_(std::make_unique<Impl>()) {}
CoreBackend::CoreBackend(std::function<void(Engines&)> prepare) : CoreBackend() {
    impl_->prepare = std::move(prepare);
}
CoreBackend::~CoreBackend() = default;

std::shared_ptr<ui::ProjectStore> CoreBackend::openProject(const std::filesystem::path& folder) {
    try {
        return std::make_shared<CoreProject>(Project::open(folder));
    } catch (const Error& e) {
        if (e.code() != ErrorCode::Busy) {
            throw;
        }
        // Another process writes; looking is always possible.
        return std::make_shared<CoreProject>(Project::open(folder, Project::Access::ReadOnly));
    }
}

std::shared_ptr<ui::ProjectStore> CoreBackend::createProject(const std::filesystem::path& folder,
                                                             const std::filesystem::path& video) {
    return std::make_shared<CoreProject>(Project::create(folder, video));
}

std::shared_ptr<ui::FrameProvider> CoreBackend::openFrames(const std::filesystem::path& video) {
    return std::make_shared<CoreFrames>(video);
}

SegmentPreview CoreBackend::preview(const ImagePtr& frame, const Prompt& prompt, const Options& options,
                                    const std::stop_token& stop) {
    const std::lock_guard lock(impl_->segmenter);
    const auto engines = impl_->engines();
    auto& segmenter = engines->segmenter(options);
    return segmenter.preview(frame, segmenter.takesMasks() ? prompt : promptForEngine(prompt), stop);
}

std::vector<SegmentPreview> CoreBackend::findPeople(const ImagePtr& frame, const Options& options,
                                                    const std::stop_token& stop) {
    const std::lock_guard lock(impl_->segmenter);
    const auto engines = impl_->engines();
    return engines->segmenter(options).findPeople(frame, stop);
}

std::shared_ptr<const BodyModel> CoreBackend::bodyModel(const std::string& name) { return impl_->engines()->bodyModel(name); }

RunSummary CoreBackend::run(ui::ProjectStore& project, const RunRequest& request, const RunEvents& events,
                            const std::stop_token& stop) {
    auto& core = dynamic_cast<CoreProject&>(project);
    return body4d::run(core.project(), *impl_->engines(), request, impl_->telemetry, events, stop);
}

RunSummary CoreBackend::runScene(ui::ProjectStore& project, const RunEvents& events, const std::stop_token& stop) {
    auto& core = dynamic_cast<CoreProject&>(project);
    return body4d::runSceneOnly(core.project(), *impl_->engines(), impl_->telemetry, events, stop);
}

std::shared_ptr<const PlacedScene> CoreBackend::placedScene(ui::ProjectStore& project, const std::stop_token& stop) {
    return body4d::placedScene(dynamic_cast<CoreProject&>(project).project(), *impl_->engines(), stop);
}

ui::SceneSource::Weights CoreBackend::recogniseWeights(const std::filesystem::path& file) {
    const auto match = checkModelFile(file);
    const auto& engines = findOption("engines.scene")->choices;
    if (std::find(engines.begin(), engines.end(), match.model) == engines.end()) {
        throw Error(ErrorCode::Input, file.filename().string() + " holds weights of " + match.model + ", which makes no place.",
                    "Choose weights of Depth Anything 3 or VGGT; the models dialog says where they come from.", file.string());
    }
    return {match.model, body4d::weightsNote(file)};
}

std::string CoreBackend::weightsNote(const Options& options) {
    const auto engine = options.text("engines.scene"), own = options.text("scene.weights");
    if (engine == "none") {
        return {};
    }
    try {
        return body4d::weightsNote(findSceneWeights(engine.starts_with("vggt") ? "vggt" : "da3", Engines::modelsFolder(),
                                                    own == "auto" ? engine : own));
    } catch (const Error&) {
        return {}; // not here: the run says what to do
    }
}

std::string CoreBackend::bodyWeightsNote(const Options& options, const std::string& stage) {
    return stageWeightsNote(options, stage);
}

std::vector<ExportForecast> CoreBackend::forecastExports(ui::ProjectStore& project, const RunRequest& request,
                                                         const std::stop_token& stop) {
    const auto& core = dynamic_cast<CoreProject&>(project).project();
    auto options = exportOptions(core.document());
    if (request.exportRange) {
        options.beginFrame = request.exportRange->begin;
        options.endFrame = request.exportRange->end;
    }
    options.targets = request.exportTargets;
    return body4d::forecastExports(exportScene(core, *impl_->engines()), request.exports, options, stop);
}

std::filesystem::path CoreBackend::addModel(const std::filesystem::path& file) {
    return body4d::addModel(file, Engines::modelsFolder());
}

std::filesystem::path CoreBackend::sampleClip(const std::filesystem::path& folder, const std::stop_token& stop) {
    const auto file = folder / "walk.mp4";
    std::error_code ec;
    if (!std::filesystem::exists(file, ec)) {
        std::filesystem::create_directories(folder, ec);
        writeSampleClip(*impl_->engines()->bodyModel("anny"), file, stop);
    }
    return file;
}

void CoreBackend::warmUp() { impl_->engines()->warmUp(); }

std::int64_t CoreBackend::unloadModels() {
    const auto before = detail::processUse().residentBytes;
    impl_->takeEngines().reset(); // those of a job go with the job
    if (auto* torch = loadedTorchPlugin()) {
        torch->emptyCache();
    }
#ifdef __GLIBC__
    malloc_trim(0); // what was freed is kept for later otherwise
#endif
    return std::max<std::int64_t>(0, before - detail::processUse().residentBytes);
}

std::span<const ExportFormat> CoreBackend::exportFormats() const { return body4d::exportFormats(); }

std::vector<ModelEntry> CoreBackend::models() const { return modelCatalog(Engines::modelsFolder()); }

DeviceDescription CoreBackend::device() const { return describeDevice(); }

TelemetrySample CoreBackend::telemetry() const { return impl_->telemetry.latest(); }

std::vector<TelemetrySample> CoreBackend::telemetryHistory(double seconds) const { return impl_->telemetry.history(seconds); }

std::vector<Telemetry::StagePeak> CoreBackend::stagePeaks() const { return impl_->telemetry.stagePeaks(); }

} // namespace body4d
