#pragma once

#include "body/body_track.h"
#include "device/telemetry.h"
#include "export/export_doctor.h"
#include "export/exporter.h"
#include "models/segmenter.h"
#include "pipeline/model_catalog.h"
#include "pipeline/run.h"
#include "video/video_reader.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace body4d::ui {

/// Frames of the open video. Thread-safe.
class FrameProvider {
public:
    virtual ~FrameProvider();
    [[nodiscard]] virtual const VideoInfo& info() const = 0;
    /// Blocks until decoded; for worker threads. @throws Error{Input}
    [[nodiscard]] virtual ImagePtr frame(std::int64_t index) = 0;
    /// @returns nothing when it would have to decode
    [[nodiscard]] virtual ImagePtr cached(std::int64_t index) const = 0;
    virtual void prefetch(std::int64_t begin, std::int64_t end) = 0;
    [[nodiscard]] virtual std::vector<std::int64_t> cachedFrames() const = 0;
};

/// An open project folder. Thread-safe; everything but folder(), name() and readOnly() may touch the disk and belongs
/// on a worker thread.
class ProjectStore {
public:
    virtual ~ProjectStore();
    [[nodiscard]] virtual std::filesystem::path folder() const = 0;
    [[nodiscard]] virtual std::string name() const = 0;
    [[nodiscard]] virtual bool readOnly() const = 0;
    [[nodiscard]] virtual ProjectDocument document() const = 0;
    virtual void setDocument(const ProjectDocument& document) = 0;
    [[nodiscard]] virtual StageState stage(const std::string& stage, TargetId id) const = 0;
    [[nodiscard]] virtual TargetTrack track(TargetId id) const = 0;
    [[nodiscard]] virtual std::optional<TargetFrame> trackFrame(TargetId id, std::int64_t frame) const = 0;
    [[nodiscard]] virtual std::shared_ptr<const BodyTrack> body(TargetId id) const = 0;
    /// The body as fitted, without completion; for comparing. Nothing where it is not kept.
    [[nodiscard]] virtual std::shared_ptr<const BodyTrack> bodyBeforeCompletion(TargetId id) const;
    [[nodiscard]] virtual std::shared_ptr<const WorldFrame> world() const = 0;
    [[nodiscard]] virtual std::optional<RleMask> amodalMask(TargetId id, std::int64_t frame) const = 0;
    [[nodiscard]] virtual std::vector<std::int64_t> sceneCuts() const = 0;
    [[nodiscard]] virtual RunEstimate estimate() const = 0;
};

/// What the window needs from core. app/gui builds it on Project, Engines and FrameSource; tests bring their own.
/// All calls may come from worker threads and may block, unless said otherwise.
class Backend {
public:
    virtual ~Backend();
    /// @throws Error
    [[nodiscard]] virtual std::shared_ptr<ProjectStore> openProject(const std::filesystem::path& folder) = 0;
    [[nodiscard]] virtual std::shared_ptr<ProjectStore> createProject(const std::filesystem::path& folder,
                                                                      const std::filesystem::path& video) = 0;
    /// Whether a project's video is still where it was.
    [[nodiscard]] virtual bool videoExists(const std::filesystem::path& video) const;
    [[nodiscard]] virtual std::shared_ptr<FrameProvider> openFrames(const std::filesystem::path& video) = 0;
    /// @throws Error{MissingModel}
    [[nodiscard]] virtual SegmentPreview preview(const ImagePtr& frame, const Prompt& prompt, const Options& options,
                                                 const std::stop_token& stop) = 0;
    [[nodiscard]] virtual std::vector<SegmentPreview> findPeople(const ImagePtr& frame, const Options& options,
                                                                 const std::stop_token& stop) = 0;
    [[nodiscard]] virtual std::shared_ptr<const BodyModel> bodyModel(const std::string& name) = 0;
    virtual RunSummary run(ProjectStore& project, const RunRequest& request, const RunEvents& events,
                           const std::stop_token& stop) = 0;
    /// What exports of a project would take and how true they would be; nothing is written. @throws Error; Cancelled
    [[nodiscard]] virtual std::vector<ExportForecast> forecastExports(ProjectStore& project, const RunRequest& request,
                                                                      const std::stop_token& stop) = 0;
    /// Checks a model file strictly and puts a copy where its engine looks for it. @returns where it lies now
    /// @throws Error saying everything that differs
    virtual std::filesystem::path addModel(const std::filesystem::path& file) = 0;
    /// A short clip to try the program on, made when it is not there yet. @param folder of ours, made when needed
    /// @throws Error
    [[nodiscard]] virtual std::filesystem::path sampleClip(const std::filesystem::path& folder, const std::stop_token& stop) = 0;
    /// Loads in the background what the first click needs.
    virtual void warmUp() = 0;
    /// Fast, for the GUI thread.
    [[nodiscard]] virtual std::span<const ExportFormat> exportFormats() const = 0;
    [[nodiscard]] virtual std::vector<ModelEntry> models() const = 0;
    [[nodiscard]] virtual DeviceDescription device() const = 0;
    /// Fast, for the GUI thread.
    [[nodiscard]] virtual TelemetrySample telemetry() const = 0;
    [[nodiscard]] virtual std::vector<TelemetrySample> telemetryHistory(double seconds) const = 0;
    [[nodiscard]] virtual std::vector<Telemetry::StagePeak> stagePeaks() const = 0;
};

} // namespace body4d::ui
