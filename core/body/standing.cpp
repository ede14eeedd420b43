#include "body/standing.h"

#include "base/order_statistics.h"
#include "body/body_keypoints.h"
#include "body/detail/contact_point.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace body4d {

namespace {

constexpr double kLowSeconds = 0.6; // half the time over which the lowest level is sought: jumps are shorter
constexpr double kAirborneMetres = 0.08; // over that level
constexpr double kBelieved = 4;          // standard deviations of distance beyond which a foot is no contact

/// What one frame says about its own distance.
struct Level {
    bool posed = false, touches = false;
    double height = 0; ///< of the lowest point over the ground, metres
    double gain = 0;   ///< metres of height that a relative change of the distance by 1 brings
    double footSigma = 1, depthSigma = 1;
};

std::vector<Level> levelsOf(const BodyTrack& track, const WorldFrame& world, const StandingOptions& options) {
    const double size = std::max(0.3, track.shape.scale);
    std::vector<Level> out(track.frames.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
        const BodyFrame& f = track.frames[i];
        if (f.pose.rotations.empty() || f.state == FrameState::Absent) {
            continue;
        }
        const RigidTransform& pose = worldFromCamAt(world, f.frame);
        Level& level = out[i];
        level.posed = true;
        level.height = std::numeric_limits<double>::max();
        std::size_t lowest = 0;
        for (std::size_t k = 0; k < f.keypoints.size(); ++k) {
            const double height = (pose * f.keypoints[k]).y - size * detail::skinBelow(k);
            if (height < level.height) {
                level.height = height;
                lowest = k;
            }
        }
        level.gain = (pose.rotation * f.pose.translation).y;
        const bool seen = f.confidence[lowest] >= detail::kContactSeen;
        level.footSigma = options.groundSigmaFactor * (seen ? options.footSigma : options.hiddenFootSigma);
        level.depthSigma = (options.depthSigma + options.depthSigmaPixels / std::max(20.0F, f.boxSidePx)) *
                           (seen ? 1 : options.hiddenFactor);
    }
    // Whatever is near the lowest level of its own time touches the ground, wherever that level seems to be.
    const auto reach = static_cast<std::size_t>(std::max(1.0, std::round(kLowSeconds * track.fps)));
    std::vector<double> around;
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (!out[i].posed) {
            continue;
        }
        around.clear();
        for (std::size_t k = i > reach ? i - reach : 0; k < std::min(out.size(), i + reach + 1); ++k) {
            if (out[k].posed) {
                around.push_back(out[k].height);
            }
        }
        const double quarter = valueAtRank(around, around.size() / 4);
        // A wrong distance looks like a jump as well.
        out[i].touches =
            out[i].height < quarter + kAirborneMetres * size + out[i].depthSigma * std::abs(out[i].gain);
    }
    return out;
}

/// Relative changes of the distance: contacts, errors of single frames and their slow drift in balance, a
/// tridiagonal system.
std::vector<double> shiftsOf(const std::vector<Level>& levels, const std::vector<bool>& startsShot,
                             double drift) {
    const std::size_t n = levels.size();
    std::vector<double> diagonal(n, 1e-9), next(n, 0.0), right(n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        const Level& l = levels[i];
        if (i + 1 < n && !startsShot[i + 1]) {
            const double stiff = 1 / (drift * drift);
            diagonal[i] += stiff;
            diagonal[i + 1] += stiff;
            next[i] = -stiff;
        }
        if (!l.posed) {
            continue;
        }
        diagonal[i] += 1 / (l.depthSigma * l.depthSigma);
        if (l.touches && std::abs(l.gain) > 1e-3) {
            const double far = l.height / (l.gain * kBelieved * l.depthSigma); // 1: as far as is believed
            const double weight =
                std::abs(far) < 1 ? (1 - far * far) * (1 - far * far) / (l.footSigma * l.footSigma) : 0;
            diagonal[i] += weight * l.gain * l.gain;
            right[i] -= weight * l.gain * l.height;
        }
    }
    for (std::size_t i = 1; i < n; ++i) {
        const double factor = next[i - 1] / diagonal[i - 1];
        diagonal[i] -= factor * next[i - 1];
        right[i] -= factor * right[i - 1];
    }
    std::vector<double> shift(n, 0.0);
    for (std::size_t i = n; i-- > 0;) {
        shift[i] = (right[i] - (i + 1 < n ? next[i] * shift[i + 1] : 0)) / diagonal[i];
    }
    return shift;
}

} // namespace

StandingReport standOnGround(BodyTrack& track, const WorldFrame& world,
                             std::span<const std::int64_t> shotStarts, const StandingOptions& options) {
    StandingReport report;
    const std::size_t count = track.frames.size();
    if (count == 0 || !(track.fps > 0)) {
        return report;
    }
    const std::vector<Level> levels = levelsOf(track, world, options);
    std::vector<bool> startsShot(count, false);
    for (const std::int64_t start : shotStarts) {
        if (const auto at = start - track.firstFrame; at > 0 && at < static_cast<std::int64_t>(count)) {
            startsShot[static_cast<std::size_t>(at)] = true;
        }
    }
    const std::vector<double> shift = shiftsOf(levels, startsShot, options.driftSigma / std::sqrt(track.fps));
    std::vector<double> off;
    for (std::size_t i = 0; i < count; ++i) {
        if (!levels[i].posed) {
            continue;
        }
        BodyFrame& f = track.frames[i];
        const Vec3 by = shift[i] * f.pose.translation;
        f.pose.translation = f.pose.translation + by;
        // It stays what the pose was before smoothing, on the same ground.
        f.rawPose.translation = f.rawPose.translation + shift[i] * f.rawPose.translation;
        for (Vec3& k : f.keypoints) {
            k = k + by;
        }
        report.largestShift = std::max(report.largestShift, std::abs(shift[i]));
        if (levels[i].touches && f.state != FrameState::Occluded) {
            off.push_back(std::abs(levels[i].height + shift[i] * levels[i].gain));
        }
    }
    report.contacts = static_cast<std::int64_t>(off.size());
    if (!off.empty()) {
        report.residualMetres = 1.4826 * upperMedian(off);
    }
    return report;
}

} // namespace body4d
