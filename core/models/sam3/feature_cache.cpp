#include "models/sam3/feature_cache.h"

#include <ATen/ATen.h>

#include <array>
#include <bit>
#include <cstring>

namespace body4d::sam3 {
namespace {

at::Tensor toHost(const at::Tensor& x) {
    if (!x.is_cuda()) {
        return x.clone(); // of a batch's slice: the batch itself may go
    }
    auto host = at::empty(x.sizes(), x.options().device(at::kCPU).pinned_memory(true));
    return host.copy_(x, /*non_blocking=*/true);
}

at::Tensor toDevice(const at::Tensor& x, c10::Device device) {
    return x.to(device, /*non_blocking=*/true);
}

} // namespace

FrameKey keyOf(const Image& frame) {
    // Four lanes of multiply and rotate, eight bytes at a time: a large frame takes a fraction of a
    // millisecond.
    constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15ULL, kOther = 0xBF58476D1CE4E5B9ULL;
    std::array<std::uint64_t, 4> lanes = {kOdd, kOther, static_cast<std::uint64_t>(frame.width) * kOdd,
                                          static_cast<std::uint64_t>(frame.height) * kOther};
    const auto* data = frame.rgb.data();
    const auto size = frame.rgb.size();
    std::size_t at = 0;
    for (; at + 32 <= size; at += 32) {
        std::array<std::uint64_t, 4> words{};
        std::memcpy(words.data(), data + at, 32);
        for (std::size_t i = 0; i < 4; ++i) {
            lanes[i] = std::rotl((lanes[i] ^ words[i]) * kOdd, 29);
        }
    }
    for (; at < size; ++at) {
        lanes[at % 4] = std::rotl((lanes[at % 4] ^ data[at]) * kOther, 31);
    }
    const auto mixed = [](std::uint64_t z) {
        z = (z ^ (z >> 30)) * kOther;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31);
    };
    return {mixed(lanes[0] + mixed(lanes[1])), mixed(lanes[2] + mixed(lanes[3]))};
}

std::optional<Features> FeatureCache::find(const FrameKey& key, c10::Device device) {
    const std::scoped_lock lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) {
        return std::nullopt;
    }
    uses_.splice(uses_.begin(), uses_, found->second.use);
    const auto& kept = found->second.features;
    return Features{toDevice(kept.top, device), toDevice(kept.s1, device), toDevice(kept.s0, device)};
}

void FeatureCache::store(const FrameKey& key, const Features& features) {
    const auto size = features.bytes();
    const std::scoped_lock lock(mutex_);
    if (size > limit_ || entries_.contains(key)) {
        return;
    }
    while (bytes_ + size > limit_) {
        const auto oldest = entries_.find(uses_.back());
        bytes_ -= oldest->second.features.bytes();
        entries_.erase(oldest);
        uses_.pop_back();
    }
    uses_.push_front(key);
    entries_.emplace(key,
                     Entry{{toHost(features.top), toHost(features.s1), toHost(features.s0)}, uses_.begin()});
    bytes_ += size;
}

void FeatureCache::clear() {
    const std::scoped_lock lock(mutex_);
    entries_.clear();
    uses_.clear();
    bytes_ = 0;
}

std::int64_t FeatureCache::bytes() const {
    const std::scoped_lock lock(mutex_);
    return bytes_;
}

} // namespace body4d::sam3
