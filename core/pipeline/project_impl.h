#pragma once

#include "models/track_join.h"
#include "pipeline/mask_store.h"
#include "pipeline/project.h"
#include "pipeline/project_writer.h"
#include "pipeline/project_yaml.h"
#include "pipeline/track_store.h"

#include <array>
#include <exception>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

namespace body4d {

namespace detail {
[[nodiscard]] inline std::size_t indexOf(Direction direction) {
    return direction == Direction::Forward ? 0 : 1;
}

/// Finished batches of a target; null: none.
[[nodiscard]] inline const std::vector<FrameRange>* rangesOf(const SessionJournal& journal, TargetId id) {
    const auto it = journal.batches.find(id);
    return it == journal.batches.end() ? nullptr : &it->second;
}
} // namespace detail

struct Project::Impl {
    explicit Impl(std::filesystem::path where) : folder(std::move(where)), store(folder) {}
    ~Impl();

    std::filesystem::path folder;
    detail::TrackStore store;
    int lockFile = -1;
    bool readOnly = false;

    /// Guards everything below. Files are read and written without it; only the lists of what counts are
    /// changed under it.
    mutable std::mutex mutex;
    ProjectDocument document;
    detail::StageFailures failures;
    std::array<detail::SessionJournal, 2> journals; ///< by direction, without states

    /// Batches read last, newest first: scrubbing reads the same few again and again.
    struct CachedBatch {
        Direction direction;
        TargetId id;
        FrameRange range;
        std::shared_ptr<const std::vector<TargetFrame>> frames;
    };
    std::list<CachedBatch> batchCache;
    static constexpr std::size_t kCachedBatches = 48;
    void trimCache() {
        while (batchCache.size() > kCachedBatches) {
            batchCache.pop_back();
        }
    }
    /// How directions are joined of targets with prompts on several frames; dropped with every commit.
    std::map<TargetId, std::shared_ptr<const TrackJoin>> joined;
    std::uint64_t joinsDropped = 0; ///< what was begun before belongs to results that are gone
    void dropJoins() {
        joined.clear();
        ++joinsDropped;
    }

    struct LoadedBody {
        std::string key, hint;
        std::shared_ptr<const BodyTrack> track;
        bool refused = false; ///< of another skeleton, and said so
    };
    std::map<std::pair<BodyLevel, TargetId>, LoadedBody> bodies; ///< track null: only the key is known
    std::string worldKey;
    FrameRange worldFrames;
    std::shared_ptr<const WorldFrame> world;
    std::map<TargetId, std::shared_ptr<const detail::MaskReader>> amodal; ///< null: there are none

    [[nodiscard]] std::filesystem::path projectFile() const { return folder / "project.yaml"; }
    [[nodiscard]] std::filesystem::path bodyFile(BodyLevel level, TargetId id) const;
    [[nodiscard]] std::filesystem::path worldFile() const { return folder / "bodies" / "world.safetensors"; }
    [[nodiscard]] std::filesystem::path cameraFile() const { return folder / "bodies" / "camera.safetensors"; }
    [[nodiscard]] std::filesystem::path amodalFile(TargetId id) const {
        return folder / "masks" / std::to_string(id) / "amodal.safetensors";
    }
    /// Reads keys of what is on disk.
    void scan();
    void takeLock();
    /// Writes project.yaml from what is in memory; the mutex is held.
    void save() const;

    [[nodiscard]] std::shared_ptr<const std::vector<TargetFrame>> batch(Direction direction, TargetId id,
                                                                        FrameRange range);
    /// Frames of one direction inside `range`, rising, as far as they are there without a hole from the
    /// session's origin.
    [[nodiscard]] TargetTrack directionTrack(Direction direction, TargetId id, FrameRange range);
    [[nodiscard]] TargetTrack track(TargetId id, FrameRange range);
    [[nodiscard]] TargetTrack trackedOnly(TargetId id, FrameRange range);
    /// How the directions of a target are joined; computed where nobody has asked since the last commit.
    [[nodiscard]] std::shared_ptr<const TrackJoin> joinOf(TargetId id, std::span<const Prompt> prompts);
    void applySaid(TargetTrack& track) const;
    [[nodiscard]] std::shared_ptr<const BodyTrack> loadBody(BodyLevel level, TargetId id);
    /// The file of a level, checked; nothing where there is none or it is damaged.
    [[nodiscard]] std::optional<detail::BodyReader> openBody(BodyLevel level, TargetId id);
    /// Says that a level cannot be read; it counts as missing from now on.
    void refuse(BodyLevel level, TargetId id, const std::exception& why);
    /// Levels of a target, the one to show first.
    [[nodiscard]] std::vector<BodyLevel> levelsOf(TargetId id) const;
    /// The same body with what the person refused or took away.
    [[nodiscard]] std::shared_ptr<const BodyTrack> reviewed(std::shared_ptr<const BodyTrack> body) const;
    [[nodiscard]] detail::BodyReview reviewOf(TargetId id) const;
};

} // namespace body4d
