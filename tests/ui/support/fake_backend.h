#pragma once

#include "ui/controllers/backend.h"

#include <atomic>
#include <memory>

namespace body4d::ui::test {

/// A mannequin of capsules with a 9-joint skeleton: a body model without an asset.
[[nodiscard]] std::shared_ptr<const BodyModel> makeCapsuleBody();

/// A clip drawn by arithmetic: one or more figures of flat colour walk over a floor.
class FakeFrames : public FrameProvider {
public:
    FakeFrames(int width, int height, std::int64_t count, double fps, int people);
    const VideoInfo& info() const override { return info_; }
    ImagePtr frame(std::int64_t index) override;
    ImagePtr cached(std::int64_t index) const override;
    void prefetch(std::int64_t, std::int64_t) override {}
    std::vector<std::int64_t> cachedFrames() const override;
    /// The figure's mask, exactly the pixels that were drawn.
    [[nodiscard]] Mask maskOf(int person, std::int64_t frame) const;
    /// Person under a pixel, -1: nobody.
    [[nodiscard]] int personAt(double x, double y, std::int64_t frame) const;
    [[nodiscard]] int people() const { return people_; }
    std::atomic<int> decodeMilliseconds{0}; ///< how long a frame takes
    std::atomic<int> decoded{0};            ///< frames that were not in the cache
    void forget();                          ///< empties the cache

private:
    [[nodiscard]] double inside(int person, std::int64_t frame, double x, double y) const;
    VideoInfo info_;
    int people_;
    mutable std::mutex mutex_;
    std::map<std::int64_t, ImagePtr> cache_;
};

/// A project in memory.
class FakeProject : public ProjectStore {
public:
    FakeProject(std::filesystem::path folder, VideoReference video);
    std::filesystem::path folder() const override { return folder_; }
    std::string name() const override { return folder_.stem().string(); }
    bool readOnly() const override { return readOnlyFlag; }
    ProjectDocument document() const override;
    void setDocument(const ProjectDocument& document) override;
    StageState stage(const std::string& stage, TargetId id) const override;
    TargetTrack track(TargetId id) const override;
    std::optional<TargetFrame> trackFrame(TargetId id, std::int64_t frame) const override;
    std::shared_ptr<const BodyTrack> body(TargetId id) const override;
    std::shared_ptr<const WorldFrame> world() const override { return nullptr; }
    std::optional<RleMask> amodalMask(TargetId, std::int64_t) const override { return std::nullopt; }
    std::vector<std::int64_t> sceneCuts() const override { return {}; }
    RunEstimate estimate() const override;

    void store(TargetId id, TargetTrack track, std::shared_ptr<const BodyTrack> body);
    [[nodiscard]] int saves() const { return saves_; }
    bool readOnlyFlag = false;

private:
    std::filesystem::path folder_;
    mutable std::mutex mutex_;
    ProjectDocument document_;
    std::map<TargetId, TargetTrack> tracks_;
    std::map<TargetId, std::shared_ptr<const BodyTrack>> bodies_;
    std::map<TargetId, bool> stale_;
    std::atomic<int> saves_{0};
};

/// Engines that answer from the drawn clip. Paths ending in "broken.mp4" fail to open.
class FakeBackend : public Backend {
public:
    struct Clip {
        int width = 640, height = 360;
        std::int64_t frames = 120;
        double fps = 25;
        int people = 2;
    };
    FakeBackend();
    explicit FakeBackend(Clip clip);
    std::shared_ptr<ProjectStore> openProject(const std::filesystem::path& folder) override;
    std::shared_ptr<ProjectStore> createProject(const std::filesystem::path& folder,
                                                const std::filesystem::path& video) override;
    std::shared_ptr<FrameProvider> openFrames(const std::filesystem::path& video) override;
    SegmentPreview preview(const ImagePtr& frame, const Prompt& prompt, const Options& options,
                           const std::stop_token& stop) override;
    std::vector<SegmentPreview> findPeople(const ImagePtr& frame, const Options& options,
                                           const std::stop_token& stop) override;
    std::shared_ptr<const BodyModel> bodyModel(const std::string& name) override;
    RunSummary run(ProjectStore& project, const RunRequest& request, const RunEvents& events,
                   const std::stop_token& stop) override;
    bool videoExists(const std::filesystem::path& video) const override { return video.filename() != "moved.mp4"; }
    std::vector<ExportForecast> forecastExports(ProjectStore& project, const RunRequest& request,
                                                const std::stop_token& stop) override;
    /// Takes "good.safetensors", refuses everything else.
    std::filesystem::path addModel(const std::filesystem::path& file) override;
    std::filesystem::path sampleClip(const std::filesystem::path&, const std::stop_token&) override { return "/videos/sample.mp4"; }
    void warmUp() override {}
    std::span<const ExportFormat> exportFormats() const override;
    std::vector<ModelEntry> models() const override;
    DeviceDescription device() const override;
    TelemetrySample telemetry() const override;
    std::vector<TelemetrySample> telemetryHistory(double) const override { return {}; }
    std::vector<Telemetry::StagePeak> stagePeaks() const override { return {}; }

    std::atomic<int> previewMilliseconds{0};   ///< how long a click takes
    std::atomic<int> frameMicroseconds{500};   ///< how long a person-frame of a run takes
    std::atomic<bool> refuseSecondOpen{false}; ///< opening a project fails as when another process holds it
    std::atomic<bool> failRuns{false};         ///< runs end with OutOfMemory
    std::atomic<bool> damageExports{false};    ///< what was written does not pass its check
    std::atomic<TargetId> unseen{0};           ///< the target that runs recognise nowhere
    std::atomic<bool> modelAdded{false};
    std::atomic<int> previews{0}, runs{0};
    std::vector<RunRequest> requests;          ///< of all runs, for looking at once they are over
    TelemetrySample scripted;                  ///< what telemetry() says where totals are set

private:
    std::shared_ptr<FakeFrames> frames();
    Clip clip_;
    std::mutex mutex_;
    std::shared_ptr<FakeFrames> frames_;
    std::map<std::filesystem::path, std::shared_ptr<FakeProject>> projects_;
    std::shared_ptr<const BodyModel> body_;
};

} // namespace body4d::ui::test
