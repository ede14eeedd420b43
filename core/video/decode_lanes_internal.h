#pragma once

#include "video/lane_choice_internal.h"
#include "video/media_file_internal.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace body4d {

/// The decoders of one file: one at work, the others left standing where earlier jumps ended. In a group of
/// pictures of hundreds of frames a jump then goes on from the nearest decoder before its goal instead of
/// from the key picture. Each holds its reference pictures, so their number is limited. One thread at a time.
class DecodeLanes {
public:
    struct Lane {
        std::unique_ptr<MediaFile> file;
        int runStart = 0; ///< key packet at which its present run of decoding began
    };
    explicit DecodeLanes(std::unique_ptr<MediaFile> file);

    /// How many decoders may stand beside the one at work.
    void setParked(std::size_t count) { parked_ = count; }
    [[nodiscard]] Lane& working() { return lanes_[working_]; }
    [[nodiscard]] const Lane& working() const { return lanes_[working_]; }
    /// Frame that the working decoder shows next; -1 unknown.
    [[nodiscard]] std::int64_t& position() { return places_[working_].position; }

    /// Makes the right decoder for `wanted` the working one: the nearest before it, else a new one, else one
    /// that is not missed where it stands.
    void choose(const FrameIndex& index, std::int64_t wanted, std::int64_t shortWalk);

private:
    bool add();

    std::vector<Lane> lanes_;
    std::vector<LanePlace> places_; ///< of the lane with the same number
    std::size_t working_ = 0;
    std::size_t parked_ = 0;
    std::uint64_t uses_ = 0;
};

} // namespace body4d
