#include "body/frame_sampling.h"

#include "base/error.h"
#include "body/body_metrics.h"
#include "body/detail/convert.h"
#include "body/detail/cuts.h"
#include "body/detail/pose_objective.h"
#include "body/detail/rotation.h"

#include <algorithm>
#include <cmath>

namespace body4d {

using namespace detail;

namespace {

bool everyFrame(double fps, double perSecond) {
    return !(perSecond > 0) || perSecond >= fps;
}

BodyPose between(const BodyPose& a, const BodyPose& b, double share) {
    BodyPose out;
    out.translation = (1 - share) * a.translation + share * b.translation;
    for (std::size_t j = 0; j < std::min(a.rotations.size(), b.rotations.size()); ++j) {
        const EMat3 from = toEigen(a.rotations[j]), to = toEigen(b.rotations[j]);
        out.rotations.push_back(
            fromEigen(EMat3(from * expRotation(share * logRotation(EMat3(from.transpose() * to))))));
    }
    return out;
}

} // namespace

std::vector<std::size_t> sampledFrames(std::span<const std::uint8_t> seen, std::span<const std::size_t> shots,
                                       double fps, double perSecond) {
    std::vector<std::size_t> kept;
    const bool all = everyFrame(fps, perSecond);
    const auto tick = [&](std::size_t i) {
        return std::floor(static_cast<double>(i) * perSecond / fps + 1e-9);
    };
    const auto startsShot = [&](std::size_t i) { return std::binary_search(shots.begin(), shots.end(), i); };
    for (std::size_t i = 0; i < seen.size(); ++i) {
        const bool last = i + 1 == seen.size();
        const bool edge = i == 0 || last || seen[i] != seen[i - 1] || seen[i] != seen[i + 1] ||
                          startsShot(i) || startsShot(i + 1);
        if (all || edge || tick(i) > tick(i - 1)) {
            kept.push_back(i);
        }
    }
    return kept;
}

std::vector<std::size_t> sampledFrames(const TargetTrack& track, double fps, double perSecond) {
    std::vector<std::uint8_t> seen;
    std::vector<std::size_t> shots;
    for (std::size_t i = 0; i < track.frames.size(); ++i) {
        const auto& frame = track.frames[i];
        seen.push_back(frame.state == FrameState::Visible && frame.pose.score > 0 ? 1 : 0);
        if (i > 0 && seen[i] != 0 && seen[i - 1] != 0 && isCut(track.frames[i - 1], frame, 1)) {
            shots.push_back(i);
        }
    }
    return sampledFrames(seen, shots, fps, perSecond);
}

std::int64_t sampledCount(std::int64_t frames, double fps, double perSecond) {
    return everyFrame(fps, perSecond)
               ? frames
               : static_cast<std::int64_t>(std::ceil(static_cast<double>(frames) * perSecond / fps));
}

TargetTrack thinnedTrack(const TargetTrack& track, std::span<const std::size_t> kept) {
    TargetTrack thin{track.id, track.firstFrame, {}};
    thin.frames.reserve(kept.size());
    for (const auto i : kept) {
        thin.frames.push_back(track.frames[i]);
        thin.frames.back().frame = track.firstFrame + static_cast<std::int64_t>(thin.frames.size()) - 1;
    }
    return thin;
}

BodyTrack spreadOverFrames(const BodyTrack& thinned, const TargetTrack& track,
                           std::span<const std::size_t> kept, const BodyModel& model, double fps) {
    BODY4D_EXPECT(thinned.frames.size() == kept.size() && !kept.empty() && kept.front() == 0 &&
                  kept.back() + 1 == track.frames.size());
    BodyTrack out = thinned;
    out.fps = fps;
    out.frames.assign(track.frames.size(), {});
    const FitBody body = asAnny(model).fitBody(out.shape);
    for (std::size_t k = 0; k < kept.size(); ++k) {
        const BodyFrame& left = thinned.frames[k];
        out.frames[kept[k]] = left;
        const std::size_t end = k + 1 < kept.size() ? kept[k + 1] : kept[k] + 1;
        for (std::size_t i = kept[k] + 1; i < end; ++i) {
            const BodyFrame& right = thinned.frames[k + 1];
            const double share = static_cast<double>(i - kept[k]) / static_cast<double>(end - kept[k]);
            BodyFrame& frame = out.frames[i];
            frame.state = track.frames[i].state;
            frame.pose = between(left.pose, right.pose, share);
            frame.rawPose = between(left.rawPose, right.rawPose, share);
            frame.boxSidePx = static_cast<float>((1 - share) * left.boxSidePx + share * right.boxSidePx);
            if (frame.pose.rotations.empty()) {
                continue; // nobody was posed on one of the two
            }
            const auto keypoints = keypointsOf(toPoseState(frame.pose), body);
            for (std::size_t j = 0; j < keypoints.size(); ++j) {
                frame.keypoints[j] = fromEigen(keypoints[j]);
                frame.confidence[j] =
                    static_cast<float>((1 - share) * left.confidence[j] + share * right.confidence[j]);
            }
        }
    }
    for (std::size_t i = 0; i < out.frames.size(); ++i) {
        out.frames[i].frame = track.firstFrame + static_cast<std::int64_t>(i);
    }
    out.accelerationRaw = landmarkAcceleration(track, fps);
    out.acceleration = keypointAcceleration(out);
    return out;
}

} // namespace body4d
