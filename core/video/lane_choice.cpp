#include "video/lane_choice_internal.h"

#include <algorithm>
#include <limits>

namespace body4d {

int nearestLane(std::span<const LanePlace> lanes, const FrameIndex& index, std::int64_t wanted,
                std::int64_t shortWalk) {
    const std::int64_t key = index.frames[static_cast<std::size_t>(wanted)].keyFrame;
    int best = -1;
    for (int i = 0; i < static_cast<int>(lanes.size()); ++i) {
        const std::int64_t at = lanes[static_cast<std::size_t>(i)].position;
        if (at >= 0 && at <= wanted && (at > key || wanted - at <= shortWalk) &&
            (best < 0 || at > lanes[static_cast<std::size_t>(best)].position)) {
            best = i;
        }
    }
    return best;
}

int leastMissedLane(std::span<const LanePlace> lanes, const FrameIndex& index, std::int64_t wanted) {
    const auto last = static_cast<std::int64_t>(index.frames.size()) - 1;
    const auto keyOf = [&](std::int64_t position) {
        return index.frames[static_cast<std::size_t>(std::clamp<std::int64_t>(position, 0, last))].keyFrame;
    };
    const int key = keyOf(wanted);
    const std::int64_t end =
        std::partition_point(index.frames.begin() + wanted, index.frames.end(),
                             [&](const FrameIndex::Entry& e) { return e.keyFrame == key; }) -
        index.frames.begin();
    const auto here = [&](const LanePlace& lane) {
        return lane.position >= 0 && keyOf(lane.position) == key;
    };
    int oldest = -1, spared = -1;
    double least = std::numeric_limits<double>::max();
    for (int i = 0; i < static_cast<int>(lanes.size()); ++i) {
        const LanePlace& lane = lanes[static_cast<std::size_t>(i)];
        if (lane.position < 0) {
            return i;
        }
        if (!here(lane)) {
            oldest =
                oldest < 0 || lane.lastUse < lanes[static_cast<std::size_t>(oldest)].lastUse ? i : oldest;
            continue;
        }
        // Without this one, jumps to the frames up to the next decoder would start at the one before it.
        std::int64_t before = key, after = end;
        for (int k = 0; k < static_cast<int>(lanes.size()); ++k) {
            const LanePlace& other = lanes[static_cast<std::size_t>(k)];
            if (k == i || !here(other)) {
                continue;
            }
            if (other.position < lane.position || (other.position == lane.position && k < i)) {
                before = std::max(before, other.position);
            } else {
                after = std::min(after, other.position);
            }
        }
        const double loss =
            static_cast<double>(lane.position - before) * static_cast<double>(after - lane.position);
        if (loss < least) {
            least = loss;
            spared = i;
        }
    }
    return oldest >= 0 ? oldest : spared;
}

} // namespace body4d
