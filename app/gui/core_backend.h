#pragma once

#include "ui/controllers/backend.h"
#include "ui/controllers/model_memory.h"
#include "ui/controllers/scene_source.h"

#include <functional>
#include <memory>

namespace body4d {

/// The window's backend on the real core. Construction is light: engines load on first need.
class CoreBackend : public ui::Backend, public ui::SceneSource, public ui::ModelMemory {
public:
    CoreBackend();
    /// Tests put other networks in. @param prepare called before anything uses them, again after unloadModels()
    explicit CoreBackend(std::function<void(Engines&)> prepare);
    ~CoreBackend() override;
    std::shared_ptr<ui::ProjectStore> openProject(const std::filesystem::path& folder) override;
    std::shared_ptr<ui::ProjectStore> createProject(const std::filesystem::path& folder,
                                                    const std::filesystem::path& video) override;
    std::shared_ptr<ui::FrameProvider> openFrames(const std::filesystem::path& video) override;
    SegmentPreview preview(const ImagePtr& frame, const Prompt& prompt, const Options& options,
                           const std::stop_token& stop) override;
    std::vector<SegmentPreview> findPeople(const ImagePtr& frame, const Options& options,
                                           const std::stop_token& stop) override;
    std::shared_ptr<const BodyModel> bodyModel(const std::string& name) override;
    RunSummary run(ui::ProjectStore& project, const RunRequest& request, const RunEvents& events,
                   const std::stop_token& stop) override;
    RunSummary runScene(ui::ProjectStore& project, const RunEvents& events, const std::stop_token& stop) override;
    std::shared_ptr<const PlacedScene> placedScene(ui::ProjectStore& project, const std::stop_token& stop) override;
    Weights recogniseWeights(const std::filesystem::path& file) override;
    std::string weightsNote(const Options& options) override;
    std::string bodyWeightsNote(const Options& options, const std::string& stage) override;
    std::vector<ExportForecast> forecastExports(ui::ProjectStore& project, const RunRequest& request,
                                                const std::stop_token& stop) override;
    std::filesystem::path addModel(const std::filesystem::path& file) override;
    std::filesystem::path sampleClip(const std::filesystem::path& folder, const std::stop_token& stop) override;
    void warmUp() override;
    std::int64_t unloadModels() override;
    std::span<const ExportFormat> exportFormats() const override;
    std::vector<ModelEntry> models() const override;
    DeviceDescription device() const override;
    TelemetrySample telemetry() const override;
    std::vector<TelemetrySample> telemetryHistory(double seconds) const override;
    std::vector<Telemetry::StagePeak> stagePeaks() const override;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace body4d
