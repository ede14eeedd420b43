#include "models/segmenter.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace body4d {

namespace {

const TargetFrame* frameOf(const TargetTrack& track, std::int64_t index) {
    const std::int64_t at = index - track.firstFrame;
    return at >= 0 && at < static_cast<std::int64_t>(track.frames.size())
               ? &track.frames[static_cast<std::size_t>(at)]
               : nullptr;
}

bool seen(const TargetFrame* frame) {
    return frame != nullptr && frame->state == FrameState::Visible;
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

/// First frame in (from, to] from which the backward result is used.
std::int64_t seam(const TargetTrack& forward, const TargetTrack& backward, std::int64_t from,
                  std::int64_t to) {
    const double middle = 0.5 * static_cast<double>(from + to), span = static_cast<double>(to - from);
    std::optional<std::pair<double, std::int64_t>> best;
    for (std::int64_t f = from; f <= to; ++f) {
        const TargetFrame *a = frameOf(forward, f), *b = frameOf(backward, f);
        if (seen(a) && seen(b)) {
            // Among equally good frames the middle: each half is then nearest to its own click.
            const double cost = distance(*a, *b) + 0.01 * std::abs(static_cast<double>(f) - middle) / span;
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
    for (std::int64_t f = from; f <= to && seen(frameOf(forward, f)); ++f) {
        lastForward = f;
    }
    for (std::int64_t f = to; f >= from && seen(frameOf(backward, f)); --f) {
        firstBackward = f;
    }
    if (lastForward < firstBackward) {
        return std::clamp(lastForward + 1, from + 1, to);
    }
    return std::clamp((std::max(from, firstBackward) + std::min(to, lastForward) + 1) / 2, from + 1, to);
}

} // namespace

TargetTrack joinTracks(const TargetTrack& forward, const TargetTrack& backward,
                       std::span<const Prompt> prompts) {
    TargetTrack out;
    out.id = forward.id;
    if (forward.frames.empty() && backward.frames.empty()) {
        out.firstFrame = forward.firstFrame;
        return out;
    }
    const auto end = [](const TargetTrack& t) {
        return t.firstFrame + static_cast<std::int64_t>(t.frames.size());
    };
    const TargetTrack& some = forward.frames.empty() ? backward : forward;
    std::int64_t first = some.firstFrame, last = end(some);
    if (!forward.frames.empty() && !backward.frames.empty()) {
        first = std::min(forward.firstFrame, backward.firstFrame);
        last = std::max(end(forward), end(backward));
    }
    out.firstFrame = first;

    // Frames that a person clicked on and somebody was found.
    std::vector<std::int64_t> anchors;
    for (const Prompt& prompt : prompts) {
        const TargetFrame *a = frameOf(forward, prompt.frame), *b = frameOf(backward, prompt.frame);
        if ((a != nullptr && a->prompted) || (b != nullptr && b->prompted)) {
            anchors.push_back(prompt.frame);
        }
    }
    std::sort(anchors.begin(), anchors.end());
    anchors.erase(std::unique(anchors.begin(), anchors.end()), anchors.end());
    std::vector<std::int64_t> seams; // between anchors i and i + 1
    for (std::size_t i = 0; i + 1 < anchors.size(); ++i) {
        seams.push_back(seam(forward, backward, anchors[i], anchors[i + 1]));
    }

    for (std::int64_t f = first; f < last; ++f) {
        const TargetFrame *a = frameOf(forward, f), *b = frameOf(backward, f);
        bool useForward = true;
        if (!anchors.empty()) {
            const auto next = std::upper_bound(anchors.begin(), anchors.end(), f);
            if (next == anchors.begin()) {
                useForward = false;
            } else if (next != anchors.end()) {
                useForward = f < seams[static_cast<std::size_t>(next - anchors.begin()) - 1];
            }
        }
        const TargetFrame* chosen = useForward ? a : b;
        const TargetFrame* spare = useForward ? b : a;
        // From the first click to the last the other direction may have seen what this one lost.
        const bool between = !anchors.empty() && f >= anchors.front() && f <= anchors.back();
        if (between && !seen(chosen) && seen(spare)) {
            chosen = spare;
        }
        if (chosen != nullptr) {
            out.frames.push_back(*chosen);
        } else {
            out.frames.emplace_back();
        }
        out.frames.back().frame = f;
    }
    return out;
}

} // namespace body4d
