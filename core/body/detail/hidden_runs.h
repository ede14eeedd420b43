#pragma once

#include "base/geometry.h"
#include "base/image.h"
#include "base/pose_track.h"
#include "body/detail/visibility.h"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace body4d::detail {

/// Whether a pixel lies in a mask, without unpacking it.
class PixelTest {
public:
    explicit PixelTest(const RleMask& mask) : mask_(mask) {
        std::uint64_t at = 0;
        for (const std::uint32_t count : mask.counts) {
            ends_.push_back(at += count);
        }
    }
    bool operator()(Vec2 p) const {
        const auto x = static_cast<std::int64_t>(std::floor(p.x)),
                   y = static_cast<std::int64_t>(std::floor(p.y));
        if (x < 0 || y < 0 || x >= mask_.width || y >= mask_.height) {
            return false;
        }
        const auto index = static_cast<std::uint64_t>(x) * static_cast<std::uint64_t>(mask_.height) +
                           static_cast<std::uint64_t>(y);
        const auto run = std::upper_bound(ends_.begin(), ends_.end(), index) - ends_.begin();
        return run % 2 == 1; // runs of zeros and ones take turns
    }

private:
    const RleMask& mask_;
    std::vector<std::uint64_t> ends_;
};

/// Frames [begin, end) of one hidden stretch, as indices into the track.
struct HiddenRun {
    std::size_t begin = 0, end = 0;
    [[nodiscard]] std::size_t size() const { return end - begin; }
};

/// Hidden stretches of a track: strays among hidden frames are hidden too, a moment's misfit is none.
/// @param evidence in and out: verdicts are made consistent with the stretches
[[nodiscard]] std::vector<HiddenRun> hiddenRuns(std::vector<FrameEvidence>& evidence, double fps);

/// Which limbs of a hidden frame are still measured.
using LimbFlags = std::array<bool, kLimbCount>;

/// Limbs that are measured, per frame: all outside the stretches; inside them those that stay in view
/// steadily.
[[nodiscard]] std::vector<LimbFlags> limbsInView(const std::vector<FrameEvidence>& evidence,
                                                 std::span<const HiddenRun> runs);

/// Whether the body's place and turn are measured: an upper body alone leaves hips and distance to guesswork.
[[nodiscard]] bool isRooted(const LimbFlags& seen);

/// The track with hidden frames and limbs taken out of its measurements.
[[nodiscard]] TargetTrack withoutHidden(const TargetTrack& track, const std::vector<FrameEvidence>& evidence,
                                        const std::vector<LimbFlags>& limbs);

} // namespace body4d::detail
