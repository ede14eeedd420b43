#pragma once

#include "body/body_model.h"
#include "export/export_types.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <numbers>

namespace body4d::test {

inline Mat3 rotationAbout(Vec3 axis, double angle) {
    const double n = norm(axis), x = axis.x / n, y = axis.y / n, z = axis.z / n;
    const double c = std::cos(angle), s = std::sin(angle), k = 1 - c;
    return Mat3{{c + x * x * k, x * y * k - z * s, x * z * k + y * s, y * x * k + z * s, c + y * y * k,
                 y * z * k - x * s, z * x * k - y * s, z * y * k + x * s, c + z * z * k}};
}

/// Five joints in a row inside a tube, six influences at most: small enough to know every number.
class TubeBody : public BodyModel {
public:
    static constexpr int kRings = 17, kSides = 12;
    TubeBody() {
        joints_ = {{"root", -1}, {"spine", 0}, {"chest", 1}, {"neck", 2}, {"head", 3}};
        for (int ring = 0; ring < kRings; ++ring) {
            for (int side = 0; side < kSides; ++side) {
                topology_.uv.push_back(
                    {static_cast<float>(side) / kSides, static_cast<float>(ring) / (kRings - 1)});
                topology_.region.push_back(static_cast<std::uint8_t>(ring < 6    ? BodyRegion::Suit
                                                                     : ring < 12 ? BodyRegion::SuitAccent
                                                                                 : BodyRegion::Head));
                // Soft weights over all five joints, so that four influences are not enough everywhere.
                double sum = 0;
                std::array<double, 5> w{};
                for (int j = 0; j < 5; ++j) {
                    const double d = ring / 4.0 - j;
                    w[static_cast<std::size_t>(j)] = std::exp(-2.0 * d * d) + (ring == 8 ? 0.05 : 0.0);
                    sum += w[static_cast<std::size_t>(j)];
                }
                for (int j = 0; j < 5; ++j) {
                    skin_.joint.push_back(static_cast<std::uint16_t>(j));
                    skin_.weight.push_back(static_cast<float>(w[static_cast<std::size_t>(j)] / sum));
                }
            }
        }
        skin_.perVertex = 5;
        const auto at = [](int ring, int side) {
            return static_cast<std::uint32_t>(ring * kSides + side % kSides);
        };
        for (int ring = 0; ring + 1 < kRings; ++ring) {
            for (int side = 0; side < kSides; ++side) {
                topology_.triangles.push_back({at(ring, side), at(ring, side + 1), at(ring + 1, side)});
                topology_.triangles.push_back(
                    {at(ring, side + 1), at(ring + 1, side + 1), at(ring + 1, side)});
            }
        }
        topology_.triangleUv = topology_.triangles;
    }
    const std::string& name() const override { return name_; }
    const MeshTopology& topology() const override { return topology_; }
    std::span<const BodyJoint> joints() const override { return joints_; }
    const SkinWeights& skin() const override { return skin_; }
    RestBody shaped(const BodyShape& shape) const override {
        RestBody rest;
        for (int ring = 0; ring < kRings; ++ring) {
            for (int side = 0; side < kSides; ++side) {
                const double a = 2 * std::numbers::pi * side / kSides, y = 1.6 * ring / (kRings - 1);
                const double r = ring == 0 || ring == kRings - 1 ? 0.02 : 0.18;
                rest.vertices.push_back({static_cast<float>(shape.scale * r * std::cos(a)),
                                         static_cast<float>(-shape.scale * y),
                                         static_cast<float>(shape.scale * r * std::sin(a))});
            }
        }
        for (int j = 0; j < 5; ++j) {
            rest.joints.push_back({0.02 * j * shape.scale, -0.4 * j * shape.scale, 0});
        }
        rest.heightMetres = 1.6 * shape.scale;
        return rest;
    }

private:
    std::string name_ = "tube";
    MeshTopology topology_;
    std::vector<BodyJoint> joints_;
    SkinWeights skin_;
};

/// Null where set-up has not run.
inline std::shared_ptr<const BodyModel> annyOrNull() {
    const char* folder = std::getenv("BODY4D_MODELS");
    const std::filesystem::path file =
        std::filesystem::path(folder != nullptr ? folder : "") / "anny.safetensors";
    return std::filesystem::exists(file) ? BodyModel::loadAnny(file) : nullptr;
}

struct TrackPlan {
    TargetId id = 1;
    std::string name = "Anna Berg";
    std::string colour = "#56B4E9";
    double startX = 0, speed = 0.5, phase = 0, turn = 0.4;
    std::int64_t firstFrame = 0, frames = 40;
    std::vector<std::pair<std::int64_t, std::int64_t>> hidden, completed; ///< half-open
};

/// Somebody who walks, swings and turns: every joint that the fit moves is moved.
inline ExportTarget movingTarget(const std::shared_ptr<const BodyModel>& model, const TrackPlan& plan,
                                 const Intrinsics& camera, double fps) {
    auto track = std::make_shared<BodyTrack>();
    track->id = plan.id;
    track->engine = "test engine";
    track->bodyModel = model->name();
    track->camera = camera;
    track->fps = fps;
    track->firstFrame = plan.firstFrame;
    const auto joints = model->joints();
    const RestBody rest = model->shaped(track->shape);
    for (std::int64_t i = 0; i < plan.frames; ++i) {
        BodyFrame frame;
        frame.frame = plan.firstFrame + i;
        frame.state = FrameState::Visible;
        for (const auto& [a, b] : plan.hidden) {
            frame.state = frame.frame >= a && frame.frame < b ? FrameState::Absent : frame.state;
        }
        for (const auto& [a, b] : plan.completed) {
            frame.state = frame.frame >= a && frame.frame < b ? FrameState::Completed : frame.state;
        }
        const double t = static_cast<double>(i) / fps + plan.phase;
        frame.pose.translation = {plan.startX + plan.speed * t, 0.05 * std::sin(9 * t) - 0.1,
                                  4.2 + 0.3 * std::sin(t)};
        frame.pose.rotations.resize(joints.size());
        for (std::size_t j = 0; j < joints.size(); ++j) {
            const std::string& name = joints[j].name;
            const auto swing = [&](const char* part) { return name.find(part) != std::string::npos; };
            const double side = name.ends_with(".L") ? 1 : -1;
            Mat3& r = frame.pose.rotations[j];
            if (joints[j].parent < 0) {
                r = rotationAbout({0, 1, 0}, plan.turn * std::sin(1.3 * t) + plan.turn);
            } else if (swing("upperleg01")) {
                r = rotationAbout({1, 0, 0}, -0.15 + side * 0.5 * std::sin(5 * t));
            } else if (swing("lowerleg01")) {
                r = rotationAbout({1, 0, 0}, 0.3 - side * 0.3 * std::cos(5 * t));
            } else if (swing("upperarm01")) {
                r = rotationAbout({1, 0.2, 0.3 * side}, -side * 0.6 * std::sin(5 * t));
            } else if (swing("lowerarm01")) {
                r = rotationAbout({1, 0, 0}, -0.4);
            } else if (swing("spine") || swing("neck") || swing("head") || swing("chest")) {
                r = rotationAbout({0.4, 1, 0.3}, 0.12 * std::sin(2.1 * t + static_cast<double>(j)));
            }
        }
        frame.rawPose = frame.pose;
        frame.rawPose.translation.x += 0.01;
        const PosedSkeleton posed = model->skeleton(rest, frame.pose);
        for (std::size_t k = 0; k < frame.keypoints.size(); ++k) {
            frame.keypoints[k] = posed.joints[k % posed.joints.size()];
            frame.confidence[k] = k % 2 == 0 ? 0.9F : 0.3F;
        }
        frame.reprojectionPercent = 1.25F;
        track->frames.push_back(frame);
    }
    ExportTarget target;
    target.target.id = plan.id;
    target.target.name = plan.name;
    target.target.colour = plan.colour;
    target.body = track;
    target.model = model;
    target.observed = [camera, plan](std::int64_t frame) {
        TargetFrame seen;
        seen.frame = frame;
        if (frame < plan.firstFrame || frame >= plan.firstFrame + plan.frames) {
            return seen;
        }
        seen.state = FrameState::Visible;
        seen.confidence = 0.8F;
        Mask mask(camera.width, camera.height);
        for (int y = camera.height / 4; y < camera.height / 2; ++y) {
            for (int x = camera.width / 3; x < camera.width / 3 + 20 + static_cast<int>(frame); ++x) {
                mask.row(y)[x] = 255;
            }
        }
        seen.mask = encodeRle(mask);
        seen.pose.score = 0.9F;
        for (int k = 0; k < kPoseLandmarkCount; ++k) {
            seen.pose.points[static_cast<std::size_t>(k)].px = {10.0 + k, 20.0 + static_cast<double>(frame)};
        }
        return seen;
    };
    return target;
}

/// Two people of 40 frames, a camera 1.5 m above the ground that looks down a little and moves.
inline ExportScene makeScene(const std::shared_ptr<const BodyModel>& model, bool world = true,
                             std::int64_t frames = 40) {
    ExportScene scene;
    scene.name = "Street walk";
    scene.programVersion = "0.1.0";
    scene.engines = {{"segment", "blazepose 0.10.21"}, {"body", "anny 0.6.2"}};
    scene.settings = {{"completion", "on"}};
    scene.licences = {"Apache-2.0"};
    scene.source.fileName = "street.mp4";
    scene.source.width = 1280;
    scene.source.height = 720;
    scene.source.fps = 25;
    for (int i = 0; i < 80; ++i) { // uneven on purpose
        scene.source.frameTimes.push_back(i / 25.0 + (i % 3 == 1 ? 0.004 : 0.0));
    }
    const Intrinsics camera = intrinsicsFromFov(1280, 720, 0.96);
    TrackPlan a, b;
    a.frames = frames;
    a.firstFrame = 5;
    b = a;
    b.id = 3;
    b.name = "Ben";
    b.colour = "#E69F00";
    b.startX = -0.9;
    b.phase = 1.1;
    b.hidden = {{5, 9}, {20, 26}};
    b.completed = {{26, 30}};
    scene.targets = {movingTarget(model, a, camera, 25), movingTarget(model, b, camera, 25)};
    if (world) {
        scene.world.focalPx = camera.focalPx;
        scene.world.cameraMoves = true;
        scene.world.firstFrame = 5;
        for (std::int64_t i = 0; i < frames; ++i) {
            const Mat3 flip{{1, 0, 0, 0, -1, 0, 0, 0, -1}};
            const Mat3 tilt =
                rotationAbout({1, 0, 0}, -0.12) * rotationAbout({0, 1, 0}, 0.01 * static_cast<double>(i));
            scene.world.worldFromCam.push_back({tilt * flip, {0.02 * static_cast<double>(i), 1.5, 0.3}});
        }
    }
    return scene;
}

/// The same with a cut at `frame`, from which on everybody is seen through a lens twice as long.
inline ExportScene withLongLensFrom(ExportScene scene, std::int64_t frame) {
    scene.cuts = {frame};
    for (auto& target : scene.targets) {
        auto track = std::make_shared<BodyTrack>(*target.body);
        track->shots = {{track->firstFrame, track->camera.focalPx}, {frame, 2 * track->camera.focalPx}};
        target.body = std::move(track);
    }
    return scene;
}

} // namespace body4d::test
