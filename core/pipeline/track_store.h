#pragma once

#include "base/pose_track.h"
#include "models/segmenter.h"
#include "pipeline/project.h"

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace body4d::detail {

[[nodiscard]] const char* directionName(Direction direction);

/// A place from which a session can go on, other than its end: after an edit, everything before the first frame whose
/// prompts have changed is still right, whoever asks for it.
struct SessionCheckpoint {
    std::string key;       ///< of the inputs that the session had met by then; see prefixKey
    std::int64_t next = 0; ///< frame to advance next; its state is in a file of its own
    std::map<TargetId, std::size_t> batches; ///< how many of each target's had been saved
};

/// What one tracking session has on disk: the batches that count and the engine's state after `next` was last
/// advanced. It is written last, so a batch exists once its journal names it; anything else in the folders is
/// a leftover.
struct SessionJournal {
    std::string key;         ///< of all inputs; see segmentKey
    std::int64_t origin = 0; ///< first frame advanced
    std::int64_t next = 0;   ///< frame to advance next, in the session's direction
    bool finished = false;   ///< `tail` holds what finish() gave
    std::map<TargetId, std::vector<FrameRange>> batches; ///< in the order in which they were saved
    std::map<TargetId, FrameRange> tail; ///< last batch where finished: taken back when the range grows
    std::vector<std::int64_t> cuts;      ///< first frames of shots among the frames advanced, rising
    std::vector<std::byte> state;
    std::vector<SessionCheckpoint> checkpoints; ///< in the order of the session
};

/// Files of tracks and masks of a project. No state of its own; callers serialise writes.
class TrackStore {
public:
    explicit TrackStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// @param frames of one target, rising, without holes
    void writeBatch(Direction direction, TargetId id, const std::vector<TargetFrame>& frames) const;
    /// @throws Error{Input} when missing or damaged
    [[nodiscard]] std::vector<TargetFrame> readBatch(Direction direction, TargetId id,
                                                     FrameRange range) const;
    void removeBatch(Direction direction, TargetId id, FrameRange range) const;
    /// Sizes and times of a batch's files, by which it is seen that nobody has changed them; empty where one is missing.
    [[nodiscard]] std::string batchStamp(Direction direction, TargetId id, FrameRange range) const;

    void writeJournal(Direction direction, const SessionJournal& journal) const;
    /// @param withState false leaves `state` empty  @returns an empty key where there is none or it is
    /// damaged
    [[nodiscard]] SessionJournal readJournal(Direction direction, bool withState) const;
    void removeJournal(Direction direction) const;

    void writeCheckpoint(Direction direction, std::int64_t next, std::span<const std::byte> state) const;
    /// @throws Error{Input} when missing or damaged
    [[nodiscard]] std::vector<std::byte> readCheckpoint(Direction direction, std::int64_t next) const;
    void removeCheckpoint(Direction direction, std::int64_t next) const;

    /// Removes batches and checkpoints that no journal names.
    void removeLeftovers(const SessionJournal& forward, const SessionJournal& backward) const;

private:
    [[nodiscard]] std::filesystem::path batchFile(const char* kind, Direction direction, TargetId id,
                                                  FrameRange range) const;
    [[nodiscard]] std::filesystem::path journalFile(Direction direction) const;
    [[nodiscard]] std::filesystem::path checkpointFile(Direction direction, std::int64_t next) const;
    std::filesystem::path folder_;
};

} // namespace body4d::detail
