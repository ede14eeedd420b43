#include "models/track_join.h"

#include "models/segmenter.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace body4d {
namespace {

template <typename Track>
auto* frameOf(Track& track, std::int64_t index) {
    const std::int64_t at = index - track.firstFrame;
    return at >= 0 && at < static_cast<std::int64_t>(track.frames.size()) ? &track.frames[static_cast<std::size_t>(at)]
                                                                          : nullptr;
}

std::int64_t endOf(const TargetTrack& track) {
    return track.firstFrame + static_cast<std::int64_t>(track.frames.size());
}

/// Disagreement of two sightings as a share of the person's size; 0 is identical.
double distance(const TargetFrame& a, const TargetFrame& b) {
    constexpr int kLimbs[] = {11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28};
    double sum = 0;
    for (const int k : kLimbs) {
        const auto i = static_cast<std::size_t>(k);
        sum += norm(a.pose.points[i].px - b.pose.points[i].px);
    }
    return sum / (std::size(kLimbs) * std::max(1e-6, 0.5 * (a.pose.roi.side + b.pose.roi.side)));
}

/// Frames of either, half-open.
FrameRange unionOf(const TargetTrack& a, const TargetTrack& b) {
    if (a.frames.empty() || b.frames.empty()) {
        const auto& some = a.frames.empty() ? b : a;
        return {some.firstFrame, endOf(some)};
    }
    return {std::min(a.firstFrame, b.firstFrame), std::max(endOf(a), endOf(b))};
}

} // namespace

void TrackJoin::look(const TargetTrack& forward, const TargetTrack& backward) {
    const auto range = unionOf(forward, backward);
    if (range.size() == 0) {
        return;
    }
    if (sights_.empty()) {
        first_ = range.begin;
    }
    sights_.resize(static_cast<std::size_t>(range.end - first_));
    for (auto f = range.begin; f < range.end; ++f) {
        const TargetFrame* both[] = {frameOf(forward, f), frameOf(backward, f)};
        auto& sight = sights_[static_cast<std::size_t>(f - first_)];
        for (const int d : {0, 1}) {
            sight.there[d] = both[d] != nullptr;
            sight.seen[d] = both[d] != nullptr && both[d]->state == FrameState::Visible;
            sight.prompted[d] = both[d] != nullptr && both[d]->prompted;
        }
        sight.distance = sight.seen[0] && sight.seen[1] ? distance(*both[0], *both[1]) : 0;
    }
}

/// First frame in (from, to] from which the backward result is used.
std::int64_t TrackJoin::seam(std::int64_t from, std::int64_t to) const {
    const double middle = 0.5 * static_cast<double>(from + to), span = static_cast<double>(to - from);
    std::optional<std::pair<double, std::int64_t>> best;
    for (std::int64_t f = from; f <= to; ++f) {
        if (at(f).seen[0] && at(f).seen[1]) {
            // Among equally good frames the middle: each half is then nearest to its own click.
            const double cost = at(f).distance + 0.01 * std::abs(static_cast<double>(f) - middle) / span;
            if (!best || cost < best->first) {
                best = {cost, f};
            }
        }
    }
    constexpr double kAgree = 0.25; // of the crop's side: farther apart they show two people
    if (best && best->first < kAgree) {
        return std::clamp(best->second, from + 1, to);
    }
    // They never meet: each keeps what it saw until the forward one was lost, else the middle.
    std::int64_t lastForward = from, firstBackward = to;
    for (std::int64_t f = from; f <= to && at(f).seen[0]; ++f) {
        lastForward = f;
    }
    for (std::int64_t f = to; f >= from && at(f).seen[1]; --f) {
        firstBackward = f;
    }
    if (lastForward < firstBackward) {
        return std::clamp(lastForward + 1, from + 1, to);
    }
    return std::clamp((std::max(from, firstBackward) + std::min(to, lastForward) + 1) / 2, from + 1, to);
}

void TrackJoin::decide(std::span<const Prompt> prompts) {
    // Frames that a person clicked on and somebody was found.
    std::vector<std::int64_t> anchors;
    for (const Prompt& prompt : prompts) {
        if (frames().contains(prompt.frame) && (at(prompt.frame).prompted[0] || at(prompt.frame).prompted[1])) {
            anchors.push_back(prompt.frame);
        }
    }
    std::sort(anchors.begin(), anchors.end());
    anchors.erase(std::unique(anchors.begin(), anchors.end()), anchors.end());
    const auto has = [this](int d) {
        return std::any_of(sights_.begin(), sights_.end(), [d](const Sight& s) { return s.there[d]; });
    };
    const bool forward = has(0), backward = has(1);
    std::vector<std::int64_t> seams; // between anchors i and i + 1
    for (std::size_t i = 0; i + 1 < anchors.size(); ++i) {
        seams.push_back(seam(anchors[i], anchors[i + 1]));
    }
    for (auto f = frames().begin; f < frames().end; ++f) {
        auto& sight = sights_[static_cast<std::size_t>(f - first_)];
        bool useForward = true;
        if (!anchors.empty()) {
            const auto next = std::upper_bound(anchors.begin(), anchors.end(), f);
            if (next == anchors.begin()) {
                useForward = false;
            } else if (next != anchors.end()) {
                useForward = f < seams[static_cast<std::size_t>(next - anchors.begin()) - 1];
            }
        }
        // From the first click to the last the other direction may have seen what this one lost.
        const bool between = !anchors.empty() && f >= anchors.front() && f <= anchors.back();
        if (between && !sight.seen[useForward ? 0 : 1] && sight.seen[useForward ? 1 : 0]) {
            useForward = !useForward;
        }
        if (!forward || !backward) {
            useForward = forward; // nobody else is there to ask
        }
        sight.side = !sight.there[useForward ? 0 : 1] ? Side::Nobody : useForward ? Side::Forward : Side::Backward;
    }
}

TrackJoin::Side TrackJoin::side(std::int64_t frame) const {
    return frames().contains(frame) ? at(frame).side : Side::Nobody;
}

TargetTrack joinTracks(const TargetTrack& forward, const TargetTrack& backward, std::span<const Prompt> prompts) {
    TrackJoin join;
    join.look(forward, backward);
    join.decide(prompts);
    return joinTracks(join, forward, backward, {0, std::numeric_limits<std::int64_t>::max()});
}

TargetTrack joinTracks(const TrackJoin& join, TargetTrack forward, TargetTrack backward, FrameRange range) {
    range = {std::max(range.begin, join.frames().begin), std::min(range.end, join.frames().end)};
    TargetTrack out{forward.id, range.begin, {}};
    for (auto f = range.begin; f < range.end; ++f) {
        const auto side = join.side(f);
        TargetFrame* chosen = side == TrackJoin::Side::Forward    ? frameOf(forward, f)
                              : side == TrackJoin::Side::Backward ? frameOf(backward, f)
                                                                  : nullptr;
        out.frames.push_back(chosen != nullptr ? std::move(*chosen) : TargetFrame());
        out.frames.back().frame = f;
    }
    return out;
}

} // namespace body4d
