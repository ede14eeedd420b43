#include "ui/controllers/lane_data.h"

#include "body/body_keypoints.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace body4d::ui {
namespace {

// What is usual, and how far beyond it is surely wrong.
constexpr double kUsualStretch = 0.06, kWrongStretch = 0.14;             // of the limb's length
constexpr double kUsualSlide = 0.15, kWrongSlide = 0.6;                  // m/s of a foot that stands
constexpr double kUsualAcceleration = 80, kWrongAcceleration = 220;      // m/s^2 of the torso

constexpr std::array<std::array<std::size_t, 2>, 8> kLimbs{{{keypoint::kLeftShoulder, keypoint::kLeftElbow},
                                                            {keypoint::kLeftElbow, keypoint::kLeftWrist},
                                                            {keypoint::kRightShoulder, keypoint::kRightElbow},
                                                            {keypoint::kRightElbow, keypoint::kRightWrist},
                                                            {keypoint::kLeftHip, keypoint::kLeftKnee},
                                                            {keypoint::kLeftKnee, keypoint::kLeftAnkle},
                                                            {keypoint::kRightHip, keypoint::kRightKnee},
                                                            {keypoint::kRightKnee, keypoint::kRightAnkle}}};

double limbLength(const BodyFrame& frame, std::size_t limb) {
    return norm(frame.keypoints[kLimbs[limb][0]] - frame.keypoints[kLimbs[limb][1]]);
}

/// The median of each limb over the measured frames; 0: not known.
std::array<double, kLimbs.size()> usualLengths(const BodyTrack& body) {
    std::array<double, kLimbs.size()> usual{};
    for (std::size_t k = 0; k < kLimbs.size(); ++k) {
        std::vector<double> lengths;
        for (const auto& frame : body.frames) {
            if (frame.state == FrameState::Visible) {
                lengths.push_back(limbLength(frame, k));
            }
        }
        if (!lengths.empty()) {
            const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2);
            std::nth_element(lengths.begin(), middle, lengths.end());
            usual[k] = *middle;
        }
    }
    return usual;
}

Vec3 torso(const BodyFrame& frame) {
    const auto& p = frame.keypoints;
    return 0.25 * (p[keypoint::kLeftShoulder] + p[keypoint::kRightShoulder] + p[keypoint::kLeftHip] + p[keypoint::kRightHip]);
}

bool measured(const BodyFrame& frame) { return frame.reprojectionPercent >= 0 || frame.silhouetteIou >= 0; }

/// Whether nobody looked at this frame: where bodies are wanted less often than the video has frames, its pose lies between
/// those of two others. @param measuring whether the engine says of its frames how well they fit
bool liesBetween(const BodyFrame& frame, bool measuring) {
    if (frame.state != FrameState::Visible) {
        return false;
    }
    if (frame.pose.surface) { // what a network read of the picture goes with every frame that it looked at
        const auto read = frame.pose.surface->fields.find("raw_cam_t");
        return read != frame.pose.surface->fields.end() && !read->second.empty() && std::isnan(read->second.front());
    }
    return measuring && !measured(frame);
}

std::optional<Vec3> inWorld(const WorldFrame& world, const BodyFrame& frame, std::size_t point) {
    const auto at = frame.frame - world.firstFrame;
    if (at < 0 || at >= std::ssize(world.worldFromCam)) {
        return std::nullopt;
    }
    return world.worldFromCam[static_cast<std::size_t>(at)] * frame.keypoints[point];
}

} // namespace

void Lane::resize(std::int64_t frames) {
    states.resize(static_cast<std::size_t>(frames), LaneState::None);
    suspicion.resize(static_cast<std::size_t>(frames), -1);
    doubts.resize(static_cast<std::size_t>(frames), Doubt::None);
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
    doubts[i] = suspicion[i] > 0 ? Doubt::Mask : Doubt::None;
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
    suspicion[i] = suspicionOf(frame, &doubts[i]);
}

void Lane::setBodyTrack(const BodyTrack& body, const WorldFrame* world) {
    const bool measuring = std::any_of(body.frames.begin(), body.frames.end(), measured);
    for (const auto& frame : body.frames) {
        setBody(frame);
        if (liesBetween(frame, measuring) && frame.frame >= 0 && frame.frame < std::ssize(states)) {
            states[static_cast<std::size_t>(frame.frame)] = LaneState::Between;
        }
    }
    const auto raise = [this](std::int64_t frame, double value, Doubt why) {
        if (frame < 0 || frame >= std::ssize(suspicion)) {
            return;
        }
        auto& known = suspicion[static_cast<std::size_t>(frame)];
        const float now = std::clamp(static_cast<float>(value), 0.0F, 1.0F);
        if (now > std::max(0.0F, known)) {
            known = now;
            doubts[static_cast<std::size_t>(frame)] = why;
        }
    };
    const auto lengths = usualLengths(body);
    const auto& all = body.frames;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto& frame = all[i];
        if (frame.state != FrameState::Visible) {
            continue;
        }
        for (std::size_t k = 0; k < kLimbs.size(); ++k) {
            const double length = limbLength(frame, k);
            if (lengths[k] > 0.05 && length > 0) {
                raise(frame.frame, (std::abs(length / lengths[k] - 1) - kUsualStretch) / kWrongStretch, Doubt::Limbs);
            }
        }
        if (i == 0 || all[i - 1].state != FrameState::Visible || all[i - 1].frame + 1 != frame.frame) {
            continue;
        }
        if (world != nullptr && body.fps > 0) {
            for (const int side : {0, 1}) {
                const auto k = static_cast<std::size_t>(side);
                const auto a = inWorld(*world, all[i - 1], side == 0 ? keypoint::kLeftAnkle : keypoint::kRightAnkle),
                           b = inWorld(*world, frame, side == 0 ? keypoint::kLeftAnkle : keypoint::kRightAnkle);
                if (frame.footContact[k] && all[i - 1].footContact[k] && a && b) {
                    const double speed = std::hypot(b->x - a->x, b->z - a->z) * body.fps;
                    raise(frame.frame, (speed - kUsualSlide) / kWrongSlide, Doubt::Slide);
                }
            }
        }
        if (i + 1 < all.size() && all[i + 1].state == FrameState::Visible && body.fps > 0) {
            const Vec3 bend = torso(all[i + 1]) - 2.0 * torso(frame) + torso(all[i - 1]);
            raise(frame.frame, (norm(bend) * body.fps * body.fps - kUsualAcceleration) / kWrongAcceleration, Doubt::Jump);
        }
    }
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
    std::fill(doubts.begin(), doubts.end(), Doubt::None);
    std::fill(stale.begin(), stale.end(), std::uint8_t{0});
}

std::int64_t Lane::trackedCount() const {
    return std::count_if(states.begin(), states.end(),
                         [](LaneState s) { return s == LaneState::Tracked || s == LaneState::Reconstructed || s == LaneState::Between; });
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

float suspicionOf(const BodyFrame& frame, Doubt* why) {
    const auto because = [why](Doubt doubt) {
        if (why != nullptr) {
            *why = doubt;
        }
    };
    because(Doubt::None);
    if (frame.state == FrameState::Completed) {
        because(Doubt::Guess);
        return 0.5F; // a guess: worth a look, no sign of an error
    }
    if (frame.state != FrameState::Visible || !measured(frame)) {
        return -1;
    }
    // 1.5 % of the box is usual, 6 % is visibly wrong; a clothed silhouette of 0.7 is usual, 0.4 is wrong.
    const float reprojection =
        frame.reprojectionPercent < 0 ? 0 : std::clamp((frame.reprojectionPercent - 1.5F) / 4.5F, 0.0F, 1.0F);
    const float silhouette = frame.silhouetteIou < 0 ? 0 : std::clamp((0.7F - frame.silhouetteIou) / 0.3F, 0.0F, 1.0F);
    because(reprojection >= silhouette ? (reprojection > 0 ? Doubt::Reprojection : Doubt::None) : Doubt::Silhouette);
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
