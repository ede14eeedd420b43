#include "body/detail/leg_sides.h"

#include <algorithm>
#include <array>

namespace body4d::detail {

namespace {

constexpr double kStep =
    0.05; // of the person's crop, by which a knee or an ankle moves against the hip in 1/30 s
constexpr double kMostStep = 12; // squared steps that a transition costs at most
constexpr double kChange =
    6; // cost of another opinion than in the frame before, also at both ends of the track
constexpr double kContradicted = 0.3; // cost of a frame in which the network is not believed
constexpr double kFewestFrames =
    15; // a second: who walks takes a step in half a second, so that fewer tell nothing
constexpr std::size_t kBridged = 2; // frames from one measurement to the next over which legs are followed

struct Legs {
    std::array<Vec2, 4> points; // left knee, right knee, left ankle, right ankle, about the hip, in crops
    std::array<double, 4> seen{};
};

Legs legsOf(const PoseLandmarks& pose) {
    Legs out;
    const Vec2 hip = 0.5 * (pose.points[23].px + pose.points[24].px);
    for (std::size_t k = 0; k < 4; ++k) {
        const PoseLandmark& p = pose.points[kFirstLegPoint + k];
        out.points[k] = (1.25 / pose.roi.side) * (p.px - hip);
        out.seen[k] = static_cast<double>(p.visibility * p.presence);
    }
    return out;
}

/// Squared steps from one frame's legs to the next one's, either of them exchanged.
double motion(const Legs& a, bool exchangedA, const Legs& b, bool exchangedB, double step) {
    double sum = 0;
    for (std::size_t k = 0; k < 4; ++k) {
        const std::size_t other = k ^ 1U;
        const Vec2 d = b.points[exchangedB ? other : k] - a.points[exchangedA ? other : k];
        const double weight = std::min({a.seen[k], a.seen[other], b.seen[k], b.seen[other]});
        sum += weight * (d.x * d.x + d.y * d.y);
    }
    return std::min(sum / (step * step), kMostStep);
}

} // namespace

std::vector<std::uint8_t> exchangedLegs(std::span<const TargetFrame> track, double fps) {
    std::vector<std::uint8_t> out(track.size(), 0);
    std::vector<std::size_t> measured;
    for (std::size_t n = 0; n < track.size(); ++n) {
        if (track[n].state == FrameState::Visible && track[n].pose.score > 0 && track[n].pose.roi.side > 0) {
            measured.push_back(n);
        }
    }
    if (measured.empty() || fps < kFewestFrames) {
        return out;
    }
    const double step = kStep * std::max(1.0, 30 / fps);
    std::array<double, 2> cost{
        0, kChange + kContradicted}; // of the best sides so far that end as the network has it, and exchanged
    std::vector<std::array<std::uint8_t, 2>> from(measured.size());
    Legs before = legsOf(track[measured.front()].pose);
    for (std::size_t m = 1; m < measured.size(); ++m) {
        const Legs legs = legsOf(track[measured[m]].pose);
        const bool followed = measured[m] - measured[m - 1] <= kBridged;
        std::array<double, 2> next{};
        for (std::size_t now = 0; now < 2; ++now) {
            std::array<double, 2> total{};
            for (std::size_t was = 0; was < 2; ++was) {
                total[was] = cost[was] + (followed ? motion(before, was == 1, legs, now == 1, step) +
                                                         (was != now ? kChange : 0)
                                                   : 0);
            }
            from[m][now] = total[1] < total[0] ? 1 : 0;
            next[now] = total[from[m][now]] + (now == 1 ? kContradicted : 0);
        }
        cost = next;
        before = legs;
    }
    std::uint8_t side = cost[1] + kChange < cost[0] ? 1 : 0;
    for (std::size_t m = measured.size(); m-- > 0;) {
        out[measured[m]] = side;
        side = from[m][side];
    }
    return out;
}

} // namespace body4d::detail
