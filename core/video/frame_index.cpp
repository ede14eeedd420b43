#include "video/frame_index_internal.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace body4d {

namespace {

constexpr std::int64_t kUnknown = std::numeric_limits<std::int64_t>::min(); // AV_NOPTS_VALUE

/// Coded pictures (or fields, two to a picture) that B-frames may move one away from the order of showing.
constexpr std::int64_t kMostReordered = 32;

int lookUp(const std::vector<std::pair<std::int64_t, int>>& table, std::int64_t key) {
    const auto at = std::lower_bound(table.begin(), table.end(), std::pair(key, -1));
    return at != table.end() && at->first == key ? at->second : -1;
}

bool hasRepeats(const std::vector<std::pair<std::int64_t, int>>& sorted) {
    return std::adjacent_find(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
               return a.first == b.first;
           }) != sorted.end();
}

} // namespace

bool FrameIndex::packetsSuffice() const {
    if (countNeeded) {
        return false;
    }
    std::vector<std::pair<std::int64_t, std::int64_t>> times; // with the place in the order of decoding
    for (const PacketRecord& packet : packets) {
        if (packet.shown) {
            if (packet.pts == kUnknown) {
                return false;
            }
            times.emplace_back(packet.pts, static_cast<std::int64_t>(times.size()));
        }
    }
    std::sort(times.begin(), times.end());
    for (std::size_t i = 0; i < times.size(); ++i) {
        // A picture that stands far from its time: recordings were joined, and the clock of the second began anew.
        if ((i > 0 && times[i].first == times[i - 1].first) ||
            std::abs(times[i].second - static_cast<std::int64_t>(i)) > kMostReordered) {
            return false;
        }
    }
    return true;
}

void FrameIndex::buildFromPackets() {
    identity = Identity::Pts;
    frames.clear();
    int first = 0;
    while (first < static_cast<int>(packets.size()) && !packets[first].key) {
        ++first;
    }
    if (first == static_cast<int>(packets.size())) {
        first = 0; // nothing is marked: the decoder will say what it can do
    }
    for (int i = first; i < static_cast<int>(packets.size()); ++i) {
        const PacketRecord& packet = packets[i];
        // Pictures before the first key picture refer to one that is not in the file.
        if (packet.shown && (packets[first].pts == kUnknown || packet.pts >= packets[first].pts)) {
            frames.push_back({packet.pts, packet.pts, i, 0, 0});
        }
    }
    std::sort(frames.begin(), frames.end(), [](const Entry& a, const Entry& b) { return a.pts < b.pts; });
    sortLookups();
    linkKeys();
}

void FrameIndex::buildFromCount(const std::vector<Seen>& seen, std::int64_t ticksPerFrame) {
    frames.clear();
    std::vector<std::pair<std::int64_t, int>> pts, positions;
    for (int i = 0; i < static_cast<int>(seen.size()); ++i) {
        pts.emplace_back(seen[i].pts, i);
        positions.emplace_back(seen[i].position, i);
        frames.push_back({i, seen[i].pts, -1, 0, 0});
    }
    bool rising = true;
    for (std::size_t i = 0; i < seen.size(); ++i) {
        rising = rising && seen[i].pts != kUnknown && (i == 0 || seen[i].pts > seen[i - 1].pts);
    }
    std::sort(positions.begin(), positions.end());
    sortLookups();
    const auto known = [&](auto&& packetOf) {
        return std::all_of(seen.begin(), seen.end(), [&](const Seen& s) { return packetOf(s) >= 0; });
    };
    identity = Identity::Ordinal;
    if (rising && known([&](const Seen& s) { return lookUp(packetByPts_, s.pts); })) {
        identity = Identity::Pts;
    } else if (!hasRepeats(positions) &&
               known([&](const Seen& s) { return lookUp(packetByPosition_, s.position); })) {
        identity = Identity::Position;
    }
    for (std::size_t i = 0; i < seen.size(); ++i) {
        Entry& entry = frames[i];
        if (identity == Identity::Pts) {
            entry.id = seen[i].pts;
            entry.packet = lookUp(packetByPts_, seen[i].pts);
        } else if (identity == Identity::Position) {
            entry.id = seen[i].position;
            entry.packet = lookUp(packetByPosition_, seen[i].position);
        }
        if (!rising) {
            entry.pts = static_cast<std::int64_t>(i) * std::max<std::int64_t>(ticksPerFrame, 1);
        }
    }
    sortLookups();
    linkKeys();
}

void FrameIndex::sortLookups() {
    byId_.clear();
    packetByPts_.clear();
    packetByPosition_.clear();
    for (int i = 0; i < static_cast<int>(frames.size()); ++i) {
        byId_.emplace_back(frames[i].id, i);
    }
    for (int i = 0; i < static_cast<int>(packets.size()); ++i) {
        if (packets[i].pts != kUnknown) {
            packetByPts_.emplace_back(packets[i].pts, i);
        }
        if (packets[i].position >= 0) {
            packetByPosition_.emplace_back(packets[i].position, i);
        }
    }
    std::sort(byId_.begin(), byId_.end());
    std::sort(packetByPts_.begin(), packetByPts_.end());
    std::sort(packetByPosition_.begin(), packetByPosition_.end());
    if (hasRepeats(packetByPts_)) {
        // Two packets of one time (one of them cut away): the time does not name a packet.
        packetByPts_.erase(std::remove_if(packetByPts_.begin(), packetByPts_.end(),
                                          [&](const auto& item) { return !packets[item.second].shown; }),
                           packetByPts_.end());
    }
}

void FrameIndex::linkKeys() {
    std::vector<int> lastKey(packets.size(), 0);
    std::vector<int> previousKey(packets.size(), 0);
    int key = 0;
    for (int i = 0; i < static_cast<int>(packets.size()); ++i) {
        previousKey[i] = key;
        if (packets[i].key) {
            key = i;
        }
        lastKey[i] = key;
    }
    for (Entry& entry : frames) {
        if (identity == Identity::Ordinal || entry.packet < 0) {
            entry.keyPacket = 0;
            continue;
        }
        int from = lastKey[entry.packet];
        // A picture shown before its key picture also needs the group before.
        while (from > 0 && packets[from].pts != kUnknown && packets[from].pts > entry.pts) {
            from = previousKey[from];
        }
        entry.keyPacket = from;
    }
    // Frames are in the order of showing, so those of one key packet stand together.
    for (int i = 0; i < static_cast<int>(frames.size()); ++i) {
        frames[i].keyFrame =
            i > 0 && frames[i - 1].keyPacket == frames[i].keyPacket ? frames[i - 1].keyFrame : i;
    }
}

std::int64_t FrameIndex::find(std::int64_t id) const {
    return lookUp(byId_, id);
}

int FrameIndex::findPacket(std::int64_t pts, std::int64_t position) const {
    if (identity == Identity::Position) {
        return lookUp(packetByPosition_, position);
    }
    return pts == kUnknown ? -1 : lookUp(packetByPts_, pts);
}

int FrameIndex::keyBefore(int packet) const {
    for (int i = packet - 1; i > 0; --i) {
        if (packets[i].key) {
            return i;
        }
    }
    return 0;
}

void FrameIndex::dropFirst(std::int64_t count) {
    frames.erase(frames.begin(), frames.begin() + count);
    sortLookups();
    linkKeys();
}

void FrameIndex::keepFirst(std::int64_t count) {
    frames.resize(static_cast<std::size_t>(count));
    sortLookups();
}

void FrameIndex::forbidSeeking() {
    for (Entry& entry : frames) {
        entry.keyPacket = 0;
        entry.keyFrame = 0;
    }
}

} // namespace body4d
