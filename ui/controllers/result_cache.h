#pragma once

#include "ui/controllers/backend.h"
#include "ui/controllers/lane_data.h"

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace body4d::ui {

/// What the window knows of the results: bodies and lane states of every target, and the newest masks of a running
/// job; older masks are read from the project when a frame is shown. Thread-safe: the worker writes, snapshots read.
class ResultCache {
public:
    /// Forgets everything. @param frameCount of the video
    void reset(std::shared_ptr<ProjectStore> store, std::int64_t frameCount);
    /// Reads states and bodies of a target from the project; for a worker thread.
    void load(TargetId id);
    void loadWorld();
    void remove(TargetId id);

    void addTracked(TargetId id, std::shared_ptr<const TargetFrame> frame, std::shared_ptr<const BodyFrame> preview);
    void setBody(TargetId id, std::shared_ptr<const BodyTrack> body);
    /// Marks a target's processed frames as outdated.
    void setStale(TargetId id, bool stale);

    /// Mask and landmarks of a frame; may read the disk.
    [[nodiscard]] std::shared_ptr<const TargetFrame> trackFrame(TargetId id, std::int64_t frame);
    /// The fitted body, or nothing.
    [[nodiscard]] std::shared_ptr<const BodyTrack> body(TargetId id) const;
    /// The analytic body of a frame that has just been tracked, or nothing.
    [[nodiscard]] std::shared_ptr<const BodyFrame> previewBody(TargetId id, std::int64_t frame) const;
    /// The fitted body without completion, or nothing; may read the disk.
    [[nodiscard]] std::shared_ptr<const BodyTrack> bodyBeforeCompletion(TargetId id) const;
    [[nodiscard]] std::shared_ptr<const WorldFrame> world() const;
    [[nodiscard]] std::optional<RleMask> amodalMask(TargetId id, std::int64_t frame) const;
    [[nodiscard]] Lane lane(TargetId id) const;
    [[nodiscard]] std::vector<Lane> lanes() const;
    [[nodiscard]] std::int64_t frameCount() const;
    /// Rises with every change; snapshots made before are outdated.
    [[nodiscard]] std::uint64_t generation() const;

private:
    struct Entry {
        Lane lane;
        std::shared_ptr<const BodyTrack> body;
        std::unordered_map<std::int64_t, std::shared_ptr<const BodyFrame>> previews;
        std::unordered_map<std::int64_t, std::shared_ptr<const TargetFrame>> frames; ///< bounded, see order
        std::list<std::int64_t> order;
    };
    Entry& entry(TargetId id);
    static void remember(Entry& entry, std::shared_ptr<const TargetFrame> frame);

    mutable std::mutex mutex_;
    std::shared_ptr<ProjectStore> store_;
    std::shared_ptr<const WorldFrame> world_;
    std::map<TargetId, Entry> entries_;
    std::int64_t frameCount_ = 0;
    std::uint64_t generation_ = 0;
};

} // namespace body4d::ui
