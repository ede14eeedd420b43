#include "ui/controllers/lane_data.h"

#include <algorithm>

namespace body4d::ui {

void Lane::resize(std::int64_t frames) {
    states.resize(static_cast<std::size_t>(frames), LaneState::None);
    suspicion.resize(static_cast<std::size_t>(frames), -1);
    stale.resize(static_cast<std::size_t>(frames), 0);
}

void Lane::setTracked(const TargetFrame& frame) {
    if (frame.frame < 0 || frame.frame >= static_cast<std::int64_t>(states.size())) {
        return;
    }
    const auto i = static_cast<std::size_t>(frame.frame);
    switch (frame.state) {
    case FrameState::Absent: states[i] = LaneState::Absent; break;
    case FrameState::Visible: states[i] = LaneState::Tracked; break;
    case FrameState::Occluded: states[i] = LaneState::Occluded; break;
    case FrameState::Completed: states[i] = LaneState::Completed; break;
    }
    stale[i] = 0;
    suspicion[i] = frame.state == FrameState::Visible ? std::clamp(1 - frame.confidence, 0.0F, 1.0F) : -1;
}

void Lane::setBody(const BodyFrame& frame) {
    if (frame.frame < 0 || frame.frame >= static_cast<std::int64_t>(states.size())) {
        return;
    }
    const auto i = static_cast<std::size_t>(frame.frame);
    switch (frame.state) {
    case FrameState::Absent: states[i] = LaneState::Absent; break;
    case FrameState::Visible: states[i] = LaneState::Reconstructed; break;
    case FrameState::Occluded: states[i] = LaneState::Occluded; break;
    case FrameState::Completed: states[i] = LaneState::Completed; break;
    }
    stale[i] = 0;
    suspicion[i] = suspicionOf(frame);
}

void Lane::setReviewed(const std::vector<FrameRange>& accepted) {
    for (const auto& range : accepted) {
        for (auto f = std::max<std::int64_t>(0, range.begin); f < std::min<std::int64_t>(range.end, std::ssize(states)); ++f) {
            const auto i = static_cast<std::size_t>(f);
            if (states[i] == LaneState::Completed) {
                suspicion[i] = 0;
            }
        }
    }
}

void Lane::clear() {
    std::fill(states.begin(), states.end(), LaneState::None);
    std::fill(suspicion.begin(), suspicion.end(), -1.0F);
    std::fill(stale.begin(), stale.end(), std::uint8_t{0});
}

std::int64_t Lane::trackedCount() const {
    return std::count_if(states.begin(), states.end(),
                         [](LaneState s) { return s == LaneState::Tracked || s == LaneState::Reconstructed; });
}

std::int64_t Lane::processedCount() const {
    return std::count_if(states.begin(), states.end(), [](LaneState s) { return s != LaneState::None; });
}

std::vector<LaneBand> bandsOf(const Lane& lane) {
    std::vector<LaneBand> bands;
    for (std::size_t i = 0; i < lane.states.size(); ++i) {
        if (lane.states[i] == LaneState::None) {
            continue;
        }
        const auto frame = static_cast<std::int64_t>(i);
        const bool stale = lane.stale[i] != 0;
        if (!bands.empty() && bands.back().end == frame && bands.back().state == lane.states[i] &&
            bands.back().stale == stale) {
            bands.back().end = frame + 1;
        } else {
            bands.push_back({frame, frame + 1, lane.states[i], stale});
        }
    }
    return bands;
}

float suspicionOf(const BodyFrame& frame) {
    if (frame.state == FrameState::Completed) {
        return 0.5F; // a guess: worth a look, no sign of an error
    }
    if (frame.state != FrameState::Visible || (frame.reprojectionPercent < 0 && frame.silhouetteIou < 0)) {
        return -1;
    }
    // 1.5 % of the box is usual, 6 % is visibly wrong; a clothed silhouette of 0.7 is usual, 0.4 is wrong.
    const float reprojection =
        frame.reprojectionPercent < 0 ? 0 : std::clamp((frame.reprojectionPercent - 1.5F) / 4.5F, 0.0F, 1.0F);
    const float silhouette = frame.silhouetteIou < 0 ? 0 : std::clamp((0.7F - frame.silhouetteIou) / 0.3F, 0.0F, 1.0F);
    return std::max(reprojection, silhouette);
}

std::int64_t nextWorst(const std::vector<Lane>& lanes, std::int64_t from, float threshold) {
    std::size_t count = 0;
    for (const auto& lane : lanes) {
        count = std::max(count, lane.suspicion.size());
    }
    if (count == 0) {
        return -1;
    }
    std::vector<float> worst(count, -1);
    for (const auto& lane : lanes) {
        for (std::size_t i = 0; i < lane.suspicion.size(); ++i) {
            worst[i] = std::max(worst[i], lane.suspicion[i]);
        }
    }
    const auto n = static_cast<std::int64_t>(count);
    for (std::int64_t k = 1; k <= n; ++k) {
        const auto i = static_cast<std::size_t>((from + k) % n);
        const float before = i > 0 ? worst[i - 1] : -1, after = i + 1 < count ? worst[i + 1] : -1;
        if (worst[i] >= threshold && worst[i] > before && worst[i] >= after) {
            return static_cast<std::int64_t>(i);
        }
    }
    return -1;
}

} // namespace body4d::ui
