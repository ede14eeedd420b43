#pragma once

#include "base/pose_track.h"
#include "body/body_keypoints.h"
#include "body/body_model.h"
#include "body/detail/convert.h"
#include "body/detail/pose_objective.h"
#include "body/rasterizer.h"

#include <cmath>
#include <random>

namespace testsupport {

/// A person who moves smoothly and what a landmark network would have seen of them.
struct SyntheticClip {
    int width = 640, height = 480;
    double fps = 30;
    body4d::BodyShape shape;
    std::vector<body4d::detail::PoseState> truth;
    body4d::TargetTrack track;
};

struct SyntheticOptions {
    std::size_t frames = 60;
    double noisePx = 0, noiseMetres = 0;
    bool masks = false;
    bool waveOneArm = true;
};

inline SyntheticClip makeClip(const body4d::BodyModel& model, const SyntheticOptions& options) {
    using namespace body4d;
    using namespace body4d::detail;
    SyntheticClip clip;
    const Intrinsics camera = intrinsicsFromFov(clip.width, clip.height, 0.9599310885968813);
    const FitBody body = asAnny(model).fitBody(clip.shape);
    const RestFrame rest(asAnny(model));
    const RestBody mesh = options.masks ? model.shaped(clip.shape) : RestBody{};
    std::mt19937 random(42);
    std::normal_distribution<double> normal;
    clip.track.id = 3;
    clip.track.firstFrame = 100;
    for (std::size_t n = 0; n < options.frames; ++n) {
        const double t = static_cast<double>(n) / clip.fps;
        PoseState state;
        state.rotations.fill(EMat3::Identity());
        state.rotations[joint::kRoot] = expRotation(EVec3(0, 0.6 * std::sin(1.3 * t), 0));
        state.rotations[joint::kSpine03] = expRotation(EVec3(0.1 * std::sin(t), 0.05, 0));
        state.rotations[joint::kUpperArmL] = expRotation(EVec3(-0.7, 0, -0.5 - 0.4 * std::sin(2 * t)));
        state.rotations[joint::kLowerArmL] =
            expRotation((0.4 + 0.3 * std::sin(2 * t)) * rest.hinge[joint::kLowerArmL]);
        state.rotations[joint::kUpperLegR] = expRotation(EVec3(-0.4 - 0.3 * std::sin(2.5 * t), 0, 0));
        state.rotations[joint::kLowerLegR] =
            expRotation((0.6 + 0.4 * std::sin(2.5 * t)) * rest.hinge[joint::kLowerLegR]);
        state.translation = EVec3(0.4 * std::sin(t), -0.1, 3.5 + 0.3 * std::cos(t));
        const auto x = keypointsOf(state, body);
        TargetFrame frame;
        frame.frame = clip.track.firstFrame + static_cast<std::int64_t>(n);
        frame.state = FrameState::Visible;
        frame.pose.score = 0.98F;
        const EVec3 hip = 0.5 * (x[keypoint::kLeftHip] + x[keypoint::kRightHip]);
        Box box{1e9, 1e9, -1e9, -1e9};
        for (std::size_t k = 0; k < x.size(); ++k) {
            PoseLandmark& p = frame.pose.points[static_cast<std::size_t>(kBodyKeypoints[k].poseLandmark)];
            const Vec2 px = project(camera, fromEigen(x[k]));
            p.px = {px.x + options.noisePx * normal(random), px.y + options.noisePx * normal(random)};
            p.visibility = p.presence = 0.99F;
            // the network's axes follow the viewing ray: z along it, and its people have their own scale
            EMat3 view;
            view.col(2) = hip.normalized();
            view.col(0) = EVec3::UnitY().cross(view.col(2)).normalized();
            view.col(1) = view.col(2).cross(view.col(0));
            const EVec3 world = view.transpose() * (x[k] - hip) / 1.07;
            p.world = {world.x() + options.noiseMetres * normal(random),
                       world.y() + options.noiseMetres * normal(random),
                       world.z() + options.noiseMetres * normal(random)};
            box = {std::min(box.x0, px.x), std::min(box.y0, px.y), std::max(box.x1, px.x),
                   std::max(box.y1, px.y)};
        }
        frame.pose.roi = {0.5 * (box.x0 + box.x1), 0.5 * (box.y0 + box.y1),
                          1.5 * std::max(box.width(), box.height()), 0};
        if (options.masks) {
            std::vector<Vec3f> vertices;
            model.pose(mesh, toBodyPose(state, model), vertices);
            frame.mask = encodeRle(silhouette(vertices, model.topology(), camera));
        }
        clip.truth.push_back(state);
        clip.track.frames.push_back(std::move(frame));
    }
    return clip;
}

/// The target is not seen in [begin, end).
inline void hide(SyntheticClip& clip, std::size_t begin, std::size_t end) {
    for (std::size_t n = begin; n < end; ++n) {
        const auto frame = clip.track.frames[n].frame;
        clip.track.frames[n] = {};
        clip.track.frames[n].frame = frame;
    }
}

} // namespace testsupport
