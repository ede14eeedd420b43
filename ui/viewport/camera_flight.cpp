#include "ui/viewport/camera_flight.h"

#include <array>
#include <cmath>
#include <iterator>
#include <numbers>

namespace body4d::ui {
namespace {

using Values = std::array<double, 6>;

/// Cubic from a to b over a span, with the slopes at its ends.
double hermite(double a, double b, double slopeA, double slopeB, double span, double t) {
    const double t2 = t * t, t3 = t2 * t;
    return (2 * t3 - 3 * t2 + 1) * a + (t3 - 2 * t2 + t) * span * slopeA + (3 * t2 - 2 * t3) * b + (t3 - t2) * span * slopeB;
}

} // namespace

void CameraFlight::setKey(std::int64_t frame, const OrbitCamera& camera) {
    OrbitCamera free = camera;
    free.leaveLookThrough();
    keys_[frame] = {free.focalPoint(), free.yaw(), free.pitch(), std::log(free.distance())};
    double before = keys_.begin()->second.yaw;
    for (auto& [at, key] : keys_) {
        key.yaw = before + std::remainder(key.yaw - before, 2 * std::numbers::pi);
        before = key.yaw;
    }
}

void CameraFlight::removeKey(std::int64_t frame) { keys_.erase(frame); }

void CameraFlight::apply(double frame, OrbitCamera& camera) const {
    if (keys_.empty()) {
        return;
    }
    const auto values = [](const Key& k) { return Values{k.focal.x, k.focal.y, k.focal.z, k.yaw, k.pitch, k.logDistance}; };
    auto after = keys_.begin();
    while (after != keys_.end() && static_cast<double>(after->first) <= frame) {
        ++after;
    }
    Values v;
    if (after == keys_.begin() || after == keys_.end()) {
        v = values(after == keys_.end() ? std::prev(after)->second : after->second);
    } else {
        const auto before = std::prev(after);
        // The slope at a key leads from the one before to the one after it; at the ends of the flight it rests.
        const auto slope = [&](std::map<std::int64_t, Key>::const_iterator at, std::size_t i) {
            if (at == keys_.begin() || std::next(at) == keys_.end()) {
                return 0.0;
            }
            const auto p = std::prev(at), n = std::next(at);
            return (values(n->second)[i] - values(p->second)[i]) / static_cast<double>(n->first - p->first);
        };
        const double span = static_cast<double>(after->first - before->first);
        const double t = (frame - static_cast<double>(before->first)) / span;
        const auto a = values(before->second), b = values(after->second);
        for (std::size_t i = 0; i < v.size(); ++i) {
            v[i] = hermite(a[i], b[i], slope(before, i), slope(after, i), span, t);
        }
    }
    camera.setFocalPoint({v[0], v[1], v[2]});
    camera.setAngles(v[3], v[4]);
    camera.setDistance(std::exp(v[5]));
}

} // namespace body4d::ui
