#pragma once

#include "body/body_track.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace body4d {

/// The frames of a body track: in memory, or read a page at a time where they lie, so that memory does not grow with the
/// track. Thread-safe.
class BodyFrames {
public:
    /// Frames [begin, end), counted from the track's first. Called by one thread at a time.
    using Read = std::function<std::vector<BodyFrame>(std::size_t begin, std::size_t end)>;

    explicit BodyFrames(std::shared_ptr<const BodyTrack> whole);
    BodyFrames(std::size_t count, Read read);
    /// The frames of `from`, each changed when it is read.
    BodyFrames(std::shared_ptr<const BodyFrames> from, std::function<void(BodyFrame&)> change);

    [[nodiscard]] std::size_t count() const { return count_; }
    /// @param index counted from the track's first  @throws what reading throws
    [[nodiscard]] std::shared_ptr<const BodyFrame> at(std::size_t index) const;

    /// What is known of a frame without reading it again.
    struct Brief {
        FrameState state = FrameState::Absent;
        std::uint16_t joints = 0; ///< that are posed
        bool measured = false;    ///< a key point has some confidence
    };
    /// The first call reads all frames once. @throws what reading throws
    [[nodiscard]] Brief brief(std::size_t index) const;

private:
    using Page = std::shared_ptr<const std::vector<BodyFrame>>;
    std::size_t count_;
    std::shared_ptr<const BodyTrack> whole_;
    Read read_; ///< where there is no `whole_`
    mutable std::mutex mutex_;
    mutable std::list<std::pair<std::size_t, Page>> pages_; ///< newest first
    mutable std::once_flag briefed_;
    mutable std::vector<Brief> briefs_;
};

} // namespace body4d
