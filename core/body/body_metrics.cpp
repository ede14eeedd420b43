#include "body/body_metrics.h"

#include "base/error.h"
#include "base/order_statistics.h"
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

void AccelerationMeter::add(const Points& points) {
    for (std::size_t k = 0; held_ == 2 && k < points.size(); ++k, ++count_) {
        sum_ += norm(points[k] - 2 * last_[k] + before_[k]);
    }
    before_ = last_;
    last_ = points;
    held_ = std::min(held_ + 1, 2);
}

double AccelerationMeter::value(double fps) const {
    return count_ > 0 ? sum_ / static_cast<double>(count_) * fps * fps : 0;
}

AccelerationMeter::Points hipRelative(const BodyFrame& frame) {
    AccelerationMeter::Points out;
    for (std::size_t k = 0; k < out.size(); ++k) {
        out[k] = frame.keypoints[k] - frame.keypoints[keypoint::kLeftHip];
    }
    return out;
}

AccelerationMeter::Points hipRelative(const TargetFrame& frame) {
    const auto world = [&](std::size_t k) {
        return frame.pose.points[static_cast<std::size_t>(kBodyKeypoints[k].poseLandmark)].world;
    };
    AccelerationMeter::Points out;
    for (std::size_t k = 0; k < out.size(); ++k) {
        out[k] = world(k) - 0.5 * (world(keypoint::kLeftHip) + world(keypoint::kRightHip));
    }
    return out;
}

double keypointAcceleration(const BodyTrack& body) {
    AccelerationMeter meter;
    for (const BodyFrame& frame : body.frames) {
        meter.add(hipRelative(frame));
    }
    return body.fps > 0 ? meter.value(body.fps) : 0;
}

double landmarkAcceleration(const TargetTrack& track, double fps) {
    AccelerationMeter meter;
    for (const TargetFrame& frame : track.frames) {
        if (frame.state == FrameState::Visible && frame.pose.score > 0) {
            meter.add(hipRelative(frame));
        } else {
            meter.pause();
        }
    }
    return meter.value(fps);
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
        metrics.silhouetteIouMedian = upperMedian(ious);
    }
    return metrics;
}

} // namespace body4d
