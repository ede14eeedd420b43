#include "body/body_metrics.h"

#include "base/error.h"
#include "body/body_keypoints.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace body4d {

double reprojectionPercent(const BodyFrame& body, const TargetFrame& measured, const Intrinsics& camera,
                           int* points) {
    double sum = 0;
    int count = 0;
    for (std::size_t k = 0; k < kBodyKeypoints.size(); ++k) {
        if (!kBodyKeypoints[k].limb) {
            continue;
        }
        const PoseLandmark& p =
            measured.pose.points[static_cast<std::size_t>(kBodyKeypoints[k].poseLandmark)];
        if (body.confidence[k] > 0.5F) {
            sum += norm(project(camera, body.keypoints[k]) - p.px);
            ++count;
        }
    }
    if (points != nullptr) {
        *points = count;
    }
    return count > 0 && body.boxSidePx > 0 ? 100 * sum / count / static_cast<double>(body.boxSidePx) : -1;
}

double keypointAcceleration(const BodyTrack& body) {
    if (body.frames.size() < 3 || !(body.fps > 0)) {
        return 0;
    }
    double sum = 0;
    std::size_t count = 0;
    const auto relative = [&](std::size_t n, std::size_t k) {
        const auto& points = body.frames[n].keypoints;
        return points[k] - points[keypoint::kLeftHip];
    };
    for (std::size_t n = 1; n + 1 < body.frames.size(); ++n) {
        for (std::size_t k = 0; k < kBodyKeypoints.size(); ++k, ++count) {
            sum += norm(relative(n + 1, k) - 2 * relative(n, k) + relative(n - 1, k));
        }
    }
    return sum / static_cast<double>(count) * body.fps * body.fps;
}

double landmarkAcceleration(const TargetTrack& track, double fps) {
    const auto measured = [&](std::size_t n) {
        return track.frames[n].state == FrameState::Visible && track.frames[n].pose.score > 0;
    };
    const auto relative = [&](std::size_t n, std::size_t k) {
        const auto& points = track.frames[n].pose.points;
        const auto world = [&](std::size_t i) {
            return points[static_cast<std::size_t>(kBodyKeypoints[i].poseLandmark)].world;
        };
        return world(k) - 0.5 * (world(keypoint::kLeftHip) + world(keypoint::kRightHip));
    };
    double sum = 0;
    std::size_t count = 0;
    for (std::size_t n = 1; n + 1 < track.frames.size(); ++n) {
        if (!measured(n - 1) || !measured(n) || !measured(n + 1)) {
            continue;
        }
        for (std::size_t k = 0; k < kBodyKeypoints.size(); ++k, ++count) {
            sum += norm(relative(n + 1, k) - 2 * relative(n, k) + relative(n - 1, k));
        }
    }
    return count > 0 ? sum / static_cast<double>(count) * fps * fps : 0;
}

BodyMetrics measureBody(const BodyTrack& body, const TargetTrack& track) {
    BODY4D_EXPECT(body.frames.size() == track.frames.size() && body.firstFrame == track.firstFrame);
    BodyMetrics metrics;
    metrics.frames = static_cast<std::int64_t>(body.frames.size());
    metrics.jointAccelerationRaw = body.accelerationRaw;
    metrics.jointAcceleration = keypointAcceleration(body);
    double error = 0;
    int points = 0;
    std::vector<double> ious;
    for (std::size_t n = 0; n < body.frames.size(); ++n) {
        if (track.frames[n].state != FrameState::Visible) {
            continue;
        }
        ++metrics.tracked;
        int count = 0;
        const double percent = reprojectionPercent(
            body.frames[n], track.frames[n], body.cameraAt(body.frames[n].frame), &count);
        error += count * std::max(percent, 0.0);
        points += count;
        if (body.frames[n].silhouetteIou >= 0) {
            ious.push_back(static_cast<double>(body.frames[n].silhouetteIou));
        }
    }
    metrics.trackedShare =
        metrics.frames > 0 ? static_cast<double>(metrics.tracked) / static_cast<double>(metrics.frames) : 0;
    if (points > 0) {
        metrics.reprojectionPercent = error / points;
    }
    if (!ious.empty()) {
        double sum = 0;
        for (const double iou : ious) {
            sum += iou;
        }
        metrics.silhouetteIou = sum / static_cast<double>(ious.size());
        const auto middle = ious.begin() + static_cast<std::ptrdiff_t>(ious.size() / 2);
        std::nth_element(ious.begin(), middle, ious.end());
        metrics.silhouetteIouMedian = *middle;
    }
    return metrics;
}

} // namespace body4d
