#pragma once

#include "base/annotation.h"
#include "base/pose_track.h"
#include "body/body_track.h"
#include "pipeline/options.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace body4d {

/// The video behind a project; found again by path, then beside the project, then by hash.
struct VideoReference {
    std::filesystem::path path;
    std::uint64_t sizeBytes = 0;
    std::string hash; ///< see video/video_hash.h
    int width = 0, height = 0;
    double fps = 0;
    std::int64_t frameCount = 0;
    bool operator==(const VideoReference&) const = default;
};

/// What a person edits: a plain value, so undo is a copy. Saved as project.yaml.
struct ProjectDocument {
    static constexpr int kSchemaVersion = 1;
    VideoReference video;
    std::vector<Target> targets;
    FrameRange range; ///< in/out points; what run, export and playback obey
    Options options;
    [[nodiscard]] const Target* target(TargetId id) const;
    [[nodiscard]] Target* target(TargetId id);
    /// Adds "Person N" with the next colour of the palette and the smallest unused id.
    Target& addTarget(std::optional<TargetId> id = std::nullopt);
};

enum class StageStatus { Missing, Partial, Done, Stale, Failed };
[[nodiscard]] const char* name(StageStatus status);

/// State of one stage of one target.
struct StageState {
    StageStatus status = StageStatus::Missing;
    std::vector<FrameRange> done; ///< saved batches
    std::string failure;          ///< sentence and remedy where status is Failed
};

/// The folder NAME.body4d: document and results. Every write is atomic. Only one process writes.
class Project {
public:
    /// @throws Error{Output}; Error{Usage} when the folder already holds another project
    [[nodiscard]] static std::unique_ptr<Project> create(const std::filesystem::path& folder,
                                                         const std::filesystem::path& video);
    enum class Access { ReadWrite, ReadOnly };
    /// @throws Error{Input} when it is no project or damaged; Error{Busy} when another process holds it for
    /// writing
    [[nodiscard]] static std::unique_ptr<Project> open(const std::filesystem::path& folder,
                                                       Access access = Access::ReadWrite);
    ~Project();

    [[nodiscard]] const std::filesystem::path& folder() const;
    [[nodiscard]] std::string name() const; ///< without .body4d
    [[nodiscard]] bool readOnly() const;
    [[nodiscard]] ProjectDocument document() const;
    /// Saves at once and marks what depends on the change as stale, nothing else.
    void setDocument(const ProjectDocument& document);

    /// Stages: "segment", "reconstruct", "complete", "ground".
    [[nodiscard]] StageState stage(const std::string& stage, TargetId id) const;

    /// Results as far as they are on disk. Thread-safe; absent results are empty.
    [[nodiscard]] TargetTrack track(TargetId id) const;
    [[nodiscard]] TargetTrack track(TargetId id, FrameRange range) const;
    [[nodiscard]] std::optional<TargetFrame> trackFrame(TargetId id, std::int64_t frame) const;
    [[nodiscard]] std::shared_ptr<const BodyTrack> body(TargetId id) const;
    /// State of every frame of that body, without reading it whole; nothing where there is none.
    [[nodiscard]] std::optional<std::vector<FrameState>> bodyStates(TargetId id) const;
    /// The body as fitted, without completion; for comparing.
    [[nodiscard]] std::shared_ptr<const BodyTrack> bodyBeforeCompletion(TargetId id) const;
    [[nodiscard]] std::shared_ptr<const WorldFrame> world() const;
    /// Amodal masks of completed frames, rendered from the body.
    [[nodiscard]] std::optional<RleMask> amodalMask(TargetId id, std::int64_t frame) const;
    [[nodiscard]] std::vector<std::int64_t> sceneCuts() const; ///< first frames of shots

private:
    friend class ProjectWriter;
    struct Impl;
    explicit Project(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace body4d
