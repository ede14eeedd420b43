#pragma once

#include "base/image.h"
#include "models/sam3/features.h"

#include <compare>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>

namespace body4d::sam3 {

/// What a frame looks like, as a number that no two frames of a video share.
struct FrameKey {
    std::uint64_t high = 0, low = 0;
    auto operator<=>(const FrameKey&) const = default;
};
[[nodiscard]] FrameKey keyOf(const Image& frame);

/// Features of frames seen before, so that walking over them again (backwards, or after a correction) costs
/// no encoder time. Those used longest ago go first. In main memory, pinned where the network runs on a GPU.
/// Thread-safe; callers use the device's default queue.
class FeatureCache {
public:
    /// @param bytes that are kept at most; 0: nothing is
    explicit FeatureCache(std::int64_t bytes) : limit_(bytes) {}

    /// @param device where they are wanted
    [[nodiscard]] std::optional<Features> find(const FrameKey& key, c10::Device device);
    /// @param features of one frame, which are copied
    void store(const FrameKey& key, const Features& features);
    void clear();
    [[nodiscard]] std::int64_t bytes() const;
    [[nodiscard]] std::int64_t limit() const { return limit_; }

private:
    struct Entry {
        Features features;
        std::list<FrameKey>::iterator use;
    };
    const std::int64_t limit_;
    mutable std::mutex mutex_;
    std::map<FrameKey, Entry> entries_;
    std::list<FrameKey> uses_; ///< the latest first
    std::int64_t bytes_ = 0;
};

} // namespace body4d::sam3
