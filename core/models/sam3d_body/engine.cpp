#include "models/sam3d_body/engine.h"

#include "base/error.h"
#include "models/sam3d_body/crops.h"
#include "models/sam3d_body/hands.h"
#include "models/sam3d_body/network.h"

#include <ATen/ATen.h>

#include <mutex>
#include <system_error>

namespace body4d::sam3d_body {
namespace {

/// This program counts pixels from the corner of the first one, the network from its middle.
constexpr double kPixelOrigin = 0.5;

/// At the widest place (two gates of the backbone's feed-forward layer, its input and the decoder's memory),
/// measured in float32; a mesh is blended from twelve numbers a vertex.
std::int64_t queryBytes(const Config& config, std::size_t element) {
    const auto tokens = config.grid() * config.grid() + 1 + config.storageTokens;
    const auto widest = 3 * config.hidden + 6 * config.width;
    return tokens * widest * static_cast<std::int64_t>(element) +
           tokens * (3 * config.width + 2 * config.decoderDepth * config.decoderInner) * 4 +
           config.imageSize * config.imageSize * 3 * 12;
}

/// Rows of a tensor on the CPU as vectors.
class Rows {
public:
    explicit Rows(const at::Tensor& tensor)
        : values_(tensor.to(at::kCPU, at::kFloat).flatten(1).contiguous()), width_(values_.size(1)) {}
    [[nodiscard]] std::vector<float> row(std::size_t i) const {
        const auto* begin = values_.const_data_ptr<float>() + static_cast<std::int64_t>(i) * width_;
        return {begin, begin + width_};
    }

private:
    at::Tensor values_;
    std::int64_t width_;
};

std::vector<Vec3> toPoints(const std::vector<float>& values) {
    std::vector<Vec3> points(values.size() / 3);
    for (std::size_t i = 0; i < points.size(); ++i) {
        points[i] = {values[3 * i], values[3 * i + 1], values[3 * i + 2]};
    }
    return points;
}

/// The heaviest joints of every vertex first.
SkinWeights skinOf(const Mhr& mhr) {
    const auto dense = mhr.whole().skin.to(at::kCPU);
    const auto most = (dense > 0).sum(1).max().item<std::int64_t>();
    const auto [weights, joints] = dense.topk(most, 1);
    const auto sorted = weights.contiguous(), indices = joints.contiguous();
    SkinWeights skin;
    skin.perVertex = static_cast<int>(most);
    const auto count = static_cast<std::size_t>(sorted.numel());
    skin.weight.assign(sorted.const_data_ptr<float>(), sorted.const_data_ptr<float>() + count);
    skin.joint.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        skin.joint[i] = skin.weight[i] > 0
                            ? static_cast<std::uint16_t>(indices.const_data_ptr<std::int64_t>()[i])
                            : std::uint16_t{0};
    }
    return skin;
}

/// Crops of a person's hands as the official output has them: x0, y0, x1, y1.
struct HandBoxes {
    std::vector<float> left, right;
};

/// @param squares [B, 2, 3], see BodiesWithHands
std::vector<HandBoxes> handBoxes(const at::Tensor& squares) {
    const auto values = squares.accessor<float, 3>();
    std::vector<HandBoxes> boxes;
    for (std::int64_t i = 0; i < squares.size(0); ++i) {
        const auto box = [&](std::int64_t hand) -> std::vector<float> {
            const float x = values[i][hand][0], y = values[i][hand][1], half = values[i][hand][2] / 2;
            return {x - half, y - half, x + half, y + half};
        };
        boxes.push_back({box(0), box(1)});
    }
    return boxes;
}

class Sam3dBody final : public BodyNetwork {
public:
    Sam3dBody(const Checkpoint& file, const std::filesystem::path& bodyModel, const nn::Placement& placement)
        : placement_(placement), network_(Config::fromCheckpoint(file)) {
        const nn::EngineScope scope(placement);
        mhr_ = Mhr::load(bodyModel, placement.device);
        if (mhr_.vertexCount() != network_.config.vertices) {
            throw Error(ErrorCode::Input, "The checkpoint and the body model do not belong together.",
                        "Take model.ckpt and mhr_model.pt from the same release.",
                        std::to_string(network_.config.vertices) + " and " +
                            std::to_string(mhr_.vertexCount()) + " vertices");
        }
        nn::LoadOptions options; // as stored and on the CPU; prepare() moves what is left after folding
        options.names = officialNames();
        (void)nn::loadStrict(network_, file, options);
        const auto faces = network_.body.head_pose.faces.to(at::kCPU).contiguous();
        const auto* indices = faces.const_data_ptr<std::int64_t>();
        triangles_.resize(static_cast<std::size_t>(faces.size(0)));
        for (std::size_t t = 0; t < triangles_.size(); ++t) {
            for (std::size_t c = 0; c < 3; ++c) {
                const auto index = indices[3 * t + c];
                if (index < 0 || index >= network_.config.vertices) {
                    throw Error(ErrorCode::Input, "The checkpoint is damaged: a triangle has no such vertex.",
                                "Get model.ckpt again.", file.path().string());
                }
                triangles_[t][c] = static_cast<std::uint32_t>(index);
            }
        }
        network_.prepare(placement.device, placement.dtype, mhr_);
        skin_ = skinOf(mhr_);
    }

    [[nodiscard]] std::vector<BodyReading> look(std::span<const BodyQuery> queries,
                                                BodyDetail detail) const override {
        const std::scoped_lock lock(mutex_); // one batch at a time is what a device does best
        try {
            return lookAt(queries, detail);
        } catch (const OutOfMemoryError&) {
            network_.graphs->clear(); // a smaller batch comes next, and needs what these hold
            throw;
        }
    }

    [[nodiscard]] std::vector<PosedMesh3d> pose(std::span<const BodyParameters> bodies) const override {
        const std::scoped_lock lock(mutex_);
        return nn::guarded([&] {
            const nn::EngineScope scope(placement_);
            const auto gathered = [&](auto member) {
                std::vector<float> all;
                for (const auto& body : bodies) {
                    const auto& values = body.*member;
                    all.insert(all.end(), values.begin(), values.end());
                }
                return at::tensor(all)
                    .view({static_cast<std::int64_t>(bodies.size()), -1})
                    .to(placement_.device);
            };
            PosedBody posed;
            posed.pose.globalRot = gathered(&BodyParameters::globalRot);
            posed.pose.bodyPose = gathered(&BodyParameters::bodyPose);
            posed.pose.hand = gathered(&BodyParameters::hand);
            posed.pose.shape = gathered(&BodyParameters::shape);
            posed.pose.scale = gathered(&BodyParameters::scale);
            network_.body.head_pose.pose(posed, mhr_, true);
            // The official rotations are in the body model's axes.
            const Rows vertices(posed.vertices), joints(posed.joints), rotations(posed.rotations),
                keypoints(posed.keypoints), parameters(posed.parameters);
            std::vector<PosedMesh3d> out(bodies.size());
            for (std::size_t i = 0; i < out.size(); ++i) {
                auto& mesh = out[i];
                for (const auto& v : toPoints(vertices.row(i))) {
                    mesh.vertices.push_back(
                        {static_cast<float>(v.x), static_cast<float>(v.y), static_cast<float>(v.z)});
                }
                mesh.joints = toPoints(joints.row(i));
                mesh.keypoints = toPoints(keypoints.row(i));
                const auto official = rotations.row(i);
                mesh.rotations.resize(official.size() / 9);
                for (std::size_t k = 0; k < official.size(); ++k) {
                    mesh.rotations[k / 9].m[k % 9] =
                        k % 9 < 3 ? official[k] : -official[k]; // y and z turn over
                }
                mesh.fields["pred_global_rots"] = official;
                mesh.fields["pred_joint_coords"] = joints.row(i);
                mesh.fields["pred_keypoints_3d"] = keypoints.row(i);
                mesh.fields["mhr_model_params"] = parameters.row(i);
                mesh.fields["global_rot"] = bodies[i].globalRot;
                mesh.fields["body_pose_params"] = bodies[i].bodyPose;
                mesh.fields["hand_pose_params"] = bodies[i].hand;
                mesh.fields["scale_params"] = bodies[i].scale;
                mesh.fields["shape_params"] = bodies[i].shape;
                mesh.fields["expr_params"] = std::vector<float>(kExpressionSize, 0.0F);
                const auto& t = bodies[i].translation;
                mesh.fields["pred_cam_t"] = {static_cast<float>(t.x), static_cast<float>(t.y),
                                             static_cast<float>(t.z)};
            }
            return out;
        });
    }

    [[nodiscard]] const std::vector<std::array<std::uint32_t, 3>>& triangles() const override {
        return triangles_;
    }
    [[nodiscard]] const SkinWeights& skin() const override { return skin_; }
    [[nodiscard]] std::int64_t bytesPerQuery(BodyDetail detail) const override {
        // Both hands of everybody come in one batch, while the body's own map stays for its second look.
        const std::int64_t crops = detail == BodyDetail::Full ? 3 : 1;
        return crops * queryBytes(network_.config, at::elementSize(placement_.dtype));
    }
    [[nodiscard]] std::int64_t bytesPerPose() const override { return network_.config.vertices * 40 * 4; }
    [[nodiscard]] bool onGpu() const override { return placement_.onGpu(); }

private:
    [[nodiscard]] std::vector<BodyReading> lookAt(std::span<const BodyQuery> queries,
                                                  BodyDetail detail) const {
        return nn::guarded([&] {
            const nn::EngineScope scope(placement_);
            std::vector<CropRequest> requests;
            std::vector<Box> boxes;
            for (const auto& query : queries) {
                CropRequest request;
                request.frame = query.frame;
                request.mask = query.mask;
                boxes.push_back(maskBox(*query.mask));
                request.square = CropSquare::around(boxes.back(), kBodyPadding);
                request.focalX = request.focalY = query.camera.focalPx;
                request.middleX = query.camera.centreX - kPixelOrigin;
                request.middleY = query.camera.centreY - kPixelOrigin;
                requests.push_back(std::move(request));
            }
            uploadFrames(requests, placement_.device); // hands are cut from them, too
            const auto crops =
                cutCrops(requests, network_.config.imageSize, WarpMode::OpenCv4, placement_.device);
            const auto [scene, first] = network_.glance(crops, mhr_, detail == BodyDetail::Full);
            PosedBody body = first.body;
            std::vector<HandBoxes> hands;
            if (detail == BodyDetail::Full) {
                auto closer = withHands(network_, mhr_, requests, scene, first, WarpMode::OpenCv4,
                                        HandOptions(), false);
                body = std::move(closer.body);
                hands = handBoxes(closer.squares);
            }
            const Rows globalRot(body.pose.globalRot), bodyPose(body.pose.bodyPose), hand(body.pose.hand),
                shape(body.pose.shape), scale(body.pose.scale), translation(body.translation),
                raw(body.pose.raw), pixels(body.keypointsPx);
            std::vector<BodyReading> readings(queries.size());
            for (std::size_t i = 0; i < readings.size(); ++i) {
                auto& reading = readings[i];
                auto& p = reading.parameters;
                p.globalRot = globalRot.row(i);
                p.bodyPose = bodyPose.row(i);
                p.hand = hand.row(i);
                p.shape = shape.row(i);
                p.scale = scale.row(i);
                p.translation = toPoints(translation.row(i)).front();
                const auto& box = boxes[i];
                reading.fields["bbox"] = {static_cast<float>(box.x0), static_cast<float>(box.y0),
                                          static_cast<float>(box.x1), static_cast<float>(box.y1)};
                reading.fields["pred_pose_raw"] = raw.row(i);
                reading.fields["pred_keypoints_2d"] = pixels.row(i);
                reading.fields["focal_length"] = {static_cast<float>(queries[i].camera.focalPx)};
                if (!hands.empty()) {
                    reading.fields["lhand_bbox"] = hands[i].left;
                    reading.fields["rhand_bbox"] = hands[i].right;
                }
            }
            return readings;
        });
    }

    nn::Placement placement_;
    Network network_;
    Mhr mhr_;
    std::vector<std::array<std::uint32_t, 3>> triangles_;
    SkinWeights skin_;
    mutable std::mutex mutex_;
};

} // namespace

std::unique_ptr<BodyNetwork> makeBodyNetwork(const ModelFolder& modelsDir, const nn::Placement& placement) {
    const auto file = modelsDir / kCheckpointFile;
    std::error_code code;
    if (!std::filesystem::is_regular_file(file, code)) {
        throw Error(ErrorCode::MissingModel, "The weights of SAM 3D Body are not here.",
                    "Accept their licence at https://huggingface.co/facebook/sam-3d-body-dinov3, then fetch them with "
                    "body4d models get sam3d_body --token T, or add model.ckpt with body4d models add. The engine anny "
                    "works without them.",
                    file.string());
    }
    return nn::guarded([&]() -> std::unique_ptr<BodyNetwork> {
        return std::make_unique<Sam3dBody>(Checkpoint::open(file), modelsDir / kBodyModelFile, placement);
    });
}

} // namespace body4d::sam3d_body
