#pragma once

#include "body/measured_body.h"
#include "body/mhr_keypoints.h"
#include "body/parameter_motion.h"
#include "models/body_network.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <stdexcept>

namespace body4d::test {

/// A body network without weights: it reads from a picture's first two bytes which frame it is and answers
/// with what the test has put there. Its body is a few boxes on MHR's joints; of the angles, those of the
/// first triples turn legs, arms and head.
class FakeBodyNetwork final : public BodyNetwork {
public:
    std::function<BodyParameters(std::int64_t frame, const BodyQuery&)> answer;
    mutable std::atomic<int> looks{0}, poses{0};
    mutable std::vector<double> focals; ///< of all queries, in order

    FakeBodyNetwork() {
        const auto box = [&](std::uint16_t joint, float x0, float y0, float x1, float y1) {
            const auto first = static_cast<std::uint32_t>(rest_.size());
            for (int corner = 0; corner < 8; ++corner) {
                rest_.push_back({(corner & 1) != 0 ? x1 : x0, (corner & 2) != 0 ? y1 : y0,
                                 (corner & 4) != 0 ? 0.1F : -0.1F});
                skin_.joint.push_back(joint);
                skin_.weight.push_back(1);
            }
            constexpr std::array<std::array<std::uint32_t, 4>, 6> kFaces = {
                {{0, 2, 3, 1}, {4, 5, 7, 6}, {0, 1, 5, 4}, {2, 6, 7, 3}, {0, 4, 6, 2}, {1, 3, 7, 5}}};
            for (const auto& f : kFaces) {
                triangles_.push_back({first + f[0], first + f[1], first + f[2]});
                triangles_.push_back({first + f[0], first + f[2], first + f[3]});
            }
        };
        skin_.perVertex = 1;
        box(kTorso, -0.2F, -0.55F, 0.2F, 0.05F);
        box(kHead, -0.1F, -0.85F, 0.1F, -0.6F);
        box(kLeftLeg, 0.02F, 0.05F, 0.18F, 0.85F);
        box(kRightLeg, -0.18F, 0.05F, -0.02F, 0.85F);
        box(kLeftArm, 0.22F, -0.55F, 0.32F, 0.1F);
        box(kRightArm, -0.32F, -0.55F, -0.22F, 0.1F);
    }

    static BodyParameters resting() {
        BodyParameters p;
        p.globalRot.assign(3, 0);
        p.bodyPose.assign(mhr::kBodyAngles, 0);
        p.hand.assign(mhr::kHandValues, 0.5F);
        p.shape.assign(45, 0);
        p.scale.assign(28, 0);
        p.translation = {0, 0, 4};
        return p;
    }
    /// A picture that says which frame it is.
    static ImagePtr picture(std::int64_t frame, int width, int height) {
        auto image = std::make_shared<Image>(width, height);
        image->rgb[0] = static_cast<std::uint8_t>(frame & 255);
        image->rgb[1] = static_cast<std::uint8_t>(frame >> 8);
        return image;
    }

    [[nodiscard]] std::vector<BodyReading> look(std::span<const BodyQuery> queries, BodyDetail) const override {
        ++looks;
        std::vector<BodyReading> out;
        for (const auto& query : queries) {
            const auto frame = query.frame->rgb[0] + 256 * query.frame->rgb[1];
            focals.push_back(query.camera.focalPx);
            BodyReading reading;
            reading.parameters = answer(frame, query);
            reading.fields["bbox"] = {0, 0, 10, 20};
            reading.fields["pred_pose_raw"].assign(266, 0.25F);
            reading.fields["focal_length"] = {static_cast<float>(query.camera.focalPx)};
            out.push_back(std::move(reading));
        }
        return out;
    }

    [[nodiscard]] std::vector<PosedMesh3d> pose(std::span<const BodyParameters> bodies) const override {
        ++poses;
        std::vector<PosedMesh3d> out;
        for (const auto& body : bodies) {
            out.push_back(posed(body));
        }
        return out;
    }
    [[nodiscard]] const std::vector<std::array<std::uint32_t, 3>>& triangles() const override {
        return triangles_;
    }
    [[nodiscard]] const SkinWeights& skin() const override { return skin_; }
    [[nodiscard]] std::int64_t bytesPerQuery(BodyDetail) const override { return 1 << 20; }
    [[nodiscard]] std::int64_t bytesPerPose() const override { return 1 << 10; }
    [[nodiscard]] bool onGpu() const override { return false; }

private:
    static constexpr std::uint16_t kTorso = 34, kHead = 113, kLeftLeg = 2, kRightLeg = 18, kLeftArm = 75,
                                   kRightArm = 39;

    static Mat3 about(double x, double y, double z) {
        const double cx = std::cos(x), sx = std::sin(x), cy = std::cos(y), sy = std::sin(y), cz = std::cos(z),
                     sz = std::sin(z);
        Mat3 m;
        m.m = {cy * cz,
               sx * sy * cz - cx * sz,
               cx * sy * cz + sx * sz,
               cy * sz,
               sx * sy * sz + cx * cz,
               cx * sy * sz - sx * cz,
               -sy,
               sx * cy,
               cx * cy};
        return m;
    }
    static Vec3 restJoint(std::size_t joint) {
        switch (joint) {
        case kHead:
            return {0, -0.6, 0};
        case kLeftLeg:
            return {0.1, 0.05, 0};
        case kRightLeg:
            return {-0.1, 0.05, 0};
        case kLeftArm:
            return {0.27, -0.55, 0};
        case kRightArm:
            return {-0.27, -0.55, 0};
        default:
            return {0, 0, 0};
        }
    }

    [[nodiscard]] PosedMesh3d posed(const BodyParameters& body) const {
        if (body.bodyPose.size() != mhr::kBodyAngles) {
            throw std::logic_error("a body of another size");
        }
        PosedMesh3d mesh;
        const auto root = about(body.globalRot[0], body.globalRot[1], body.globalRot[2]);
        const auto& joints = mhrJoints();
        mesh.rotations.assign(joints.size(), Mat3());
        mesh.joints.assign(joints.size(), Vec3());
        constexpr std::array<std::uint16_t, 5> kTurned = {kLeftLeg, kRightLeg, kLeftArm, kRightArm, kHead};
        for (std::size_t j = 1; j < joints.size(); ++j) {
            const auto parent = static_cast<std::size_t>(joints[j].parent);
            Mat3 local = j == 1 ? root : Mat3();
            for (std::size_t k = 0; k < kTurned.size(); ++k) {
                if (kTurned[k] == j) {
                    const auto& at = mhr::kThree[k];
                    const auto angle = [&](int c) {
                        return body.bodyPose[static_cast<std::size_t>(at[static_cast<std::size_t>(c)])];
                    };
                    local = about(angle(0), angle(1), angle(2));
                }
            }
            mesh.rotations[j] = mesh.rotations[parent] * local;
            const double size = 1 + 0.1 * body.shape[0];
            mesh.joints[j] =
                mesh.joints[parent] + size * (mesh.rotations[parent] * (restJoint(j) - restJoint(parent)));
        }
        for (std::size_t v = 0; v < rest_.size(); ++v) {
            const auto j = skin_.joint[v];
            const Vec3 at = Vec3{rest_[v].x, rest_[v].y, rest_[v].z} - restJoint(j);
            const Vec3 p = mesh.joints[j] + (1 + 0.1 * body.shape[0]) * (mesh.rotations[j] * at);
            mesh.vertices.push_back(
                {static_cast<float>(p.x), static_cast<float>(p.y), static_cast<float>(p.z)});
        }
        mesh.keypoints.assign(kMhrKeypointCount, mesh.joints[kTorso]);
        for (std::size_t k = 0; k < kMhrKeypointCount; ++k) {
            mesh.keypoints[k] =
                Vec3{mesh.vertices[k % 48].x, mesh.vertices[k % 48].y, mesh.vertices[k % 48].z};
        }
        mesh.fields["global_rot"] = body.globalRot;
        mesh.fields["body_pose_params"] = body.bodyPose;
        mesh.fields["hand_pose_params"] = body.hand;
        mesh.fields["shape_params"] = body.shape;
        mesh.fields["scale_params"] = body.scale;
        mesh.fields["pred_cam_t"] = {static_cast<float>(body.translation.x),
                                     static_cast<float>(body.translation.y),
                                     static_cast<float>(body.translation.z)};
        return mesh;
    }

    std::vector<Vec3f> rest_;
    std::vector<std::array<std::uint32_t, 3>> triangles_;
    SkinWeights skin_;
};

} // namespace body4d::test
