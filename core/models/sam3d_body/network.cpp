#include "models/sam3d_body/network.h"

#include <ATen/ATen.h>

#include <array>

namespace body4d::sam3d_body {
namespace {

constexpr double kHandSideFactor = 10;
constexpr std::int64_t kLeftHip = 9; ///< the right one follows
constexpr double kNearestDepth = 1e-5;
constexpr std::array<float, 3> kMean = {0.485F, 0.456F, 0.406F}, kDeviation = {0.229F, 0.224F, 0.225F};

/// A recording holds the memory of its batch; the usual batch and another one are enough.
constexpr std::size_t kMostRecordings = 2;

/// The tensors of a glance, one after the other.
template <typename Visit>
void eachTensor(Decoded& decoded, Visit visit) {
    auto& body = decoded.body;
    auto& pose = body.pose;
    for (auto* tensor :
         {&pose.raw, &pose.globalRot, &pose.bodyPose, &pose.shape, &pose.scale, &pose.hand, &pose.fingers,
          &body.camera, &body.parameters, &body.joints, &body.rotations, &body.keypoints, &body.translation,
          &body.keypointsPx, &body.depth, &body.keypointsInCrop, &decoded.handBoxes}) {
        visit(*tensor);
    }
}

/// Moves parameters; the backbone's matrices also change their type.
class Mover final : public nn::Fields {
public:
    Mover(at::Device device, at::ScalarType backboneType) : device_(device), backboneType_(backboneType) {}

protected:
    void take(const std::string& key, at::Tensor& tensor) override {
        if (!at::isFloatingType(tensor.scalar_type())) {
            tensor = tensor.to(device_);
            return;
        }
        const bool matrix = key.starts_with("backbone.") && key.find("norm") == std::string::npos &&
                            !key.ends_with("_token") && !key.ends_with("_tokens") &&
                            !key.ends_with("periods");
        tensor = tensor.to(device_, matrix ? backboneType_ : at::kFloat).contiguous();
    }

private:
    at::Device device_;
    at::ScalarType backboneType_;
};

/// Which keypoints lie inside the crop and before the camera: bool [B, 70, 1].
at::Tensor visible(const PosedBody& body) {
    const auto inside = (body.keypointsInCrop.abs() <= 0.5).all(2);
    return at::logical_and(inside, body.depth >= kNearestDepth).unsqueeze(2);
}

} // namespace

Branch::Branch(const Config& config, bool hand)
    : isHand(hand), decoder(config), head_pose(config, hand), head_camera(config, hand ? kHandSideFactor : 1),
      init_pose(1, kPoseSize), init_camera(1, 3), keypoint_embedding(kKeypoints, config.decoderWidth),
      keypoint3d_embedding(kKeypoints, config.decoderWidth),
      init_to_token_mhr(kPoseSize + 6, config.decoderWidth),
      prev_to_token_mhr(kPoseSize + 3, config.decoderWidth),
      keypoint_feat_linear(config.width, config.decoderWidth),
      keypoint_posemb_linear(2, config.decoderWidth, config.decoderWidth),
      keypoint3d_posemb_linear(3, config.decoderWidth, config.decoderWidth), ray_cond_emb(config) {}

void Branch::fields(nn::Fields& f) {
    const auto add = [&](const std::string& name, auto& module) {
        f(isHand ? name + "_hand" : name, module);
    };
    add("decoder", decoder);
    add("head_pose", head_pose);
    add("head_camera", head_camera);
    add("init_pose", init_pose);
    add("init_camera", init_camera);
    add("keypoint_embedding", keypoint_embedding);
    add("keypoint3d_embedding", keypoint3d_embedding);
    add("init_to_token_mhr", init_to_token_mhr);
    add("prev_to_token_mhr", prev_to_token_mhr);
    add("keypoint_feat_linear", keypoint_feat_linear);
    add("keypoint_posemb_linear", keypoint_posemb_linear);
    add("keypoint3d_posemb_linear", keypoint3d_posemb_linear);
    add("ray_cond_emb", ray_cond_emb);
}

Network::Network(const Config& sizes)
    : config(sizes), backbone(sizes), prompt_encoder(sizes), prompt_to_token(sizes.width, sizes.decoderWidth),
      hand_cls_embed(sizes.decoderWidth, 2), hand_box_embedding(2, sizes.decoderWidth),
      bbox_embed(sizes.decoderWidth, sizes.decoderWidth, 4),
      handGaussian(nn::parameter({2, sizes.width / 2})), body(sizes, false), hand(sizes, true) {}

void Network::fields(nn::Fields& f) {
    f("backbone.encoder", backbone);
    f("prompt_encoder", prompt_encoder);
    f("prompt_to_token", prompt_to_token);
    f("hand_cls_embed", hand_cls_embed);
    f("hand_box_embedding", hand_box_embedding);
    f("bbox_embed", bbox_embed);
    f("hand_pe_layer.positional_encoding_gaussian_matrix", handGaussian);
    f("", body);
    f("", hand);
}

void Network::prepare(at::Device where, at::ScalarType backboneType, const Mhr& mhr) {
    device = where;
    graphs = std::make_shared<nn::GraphCache>(nn::workRecorder(where), kMostRecordings);
    backbone.fold();
    mean_ = at::tensor(kMean).view({1, 3, 1, 1}).to(device);
    deviation_ = at::tensor(kDeviation).view({1, 3, 1, 1}).to(device);
    Mover mover(device, backboneType);
    fields(mover);
    backbone.prepare(config);
    prompt_encoder.prepare(config);
    body.decoder.prepare(config, gridPlaces(config, prompt_encoder.gaussian));
    hand.decoder.prepare(config, gridPlaces(config, handGaussian));
    for (auto* branch : {&body, &hand}) {
        branch->ray_cond_emb.prepare(config);
        branch->head_pose.prepare(config, mhr);
        branch->head_camera.prepare();
        // Heads correct the constant start, never an earlier estimate.
        branch->start = at::cat({branch->init_pose.weight, branch->init_camera.weight}, 1);
        branch->head_pose.proj.second.bias = branch->head_pose.proj.second.bias + branch->init_pose.weight[0];
        branch->head_camera.proj.second.bias =
            branch->head_camera.proj.second.bias + branch->init_camera.weight[0];
        const auto& token = branch->init_to_token_mhr;
        branch->firstToken.weight = token.weight.narrow(1, 0, 3).contiguous();
        branch->firstToken.bias = at::linear(branch->start, token.weight.slice(1, 3), token.bias).squeeze(0);
        branch->plain = beginning(*branch, {}, {}, 1);
    }
    fromPelvis_ = at::eye(kKeypoints, mean_.options());
    fromPelvis_.narrow(1, kLeftHip, 2).sub_(0.5);
}

at::Tensor Network::encode(const at::Tensor& images, const at::Tensor& masks, const at::Tensor& masked,
                           const Inspector& inspect) const {
    const auto pixels = (images - mean_) / deviation_;
    if (inspect) {
        inspect("pixels", pixels);
    }
    const auto features = backbone(pixels, [&](std::size_t block, const at::Tensor& tokens) {
        if (inspect) {
            inspect("block" + std::to_string(block), tokens);
        }
    });
    if (inspect) {
        inspect("backbone", features);
    }
    if (!masks.defined()) {
        return features + prompt_encoder.noMask();
    }
    const auto embedded = prompt_encoder.embedMasks(masks);
    return features + (masked.defined()
                           ? at::where(masked.view({-1, 1, 1}), embedded, prompt_encoder.noMask())
                           : embedded);
}

Network::Scene Network::Scene::select(const at::Tensor& rows) const {
    return {context.index_select(0, rows), memory.select(rows), crops.select(rows)};
}

Network::Scene Network::look(const Branch& branch, const at::Tensor& features,
                             const CropGeometry& crops) const {
    auto context = branch.ray_cond_emb(features, crops);
    auto memory = branch.decoder.remember(context);
    return {std::move(context), std::move(memory), crops};
}

at::Tensor Network::previousOf(const PosedBody& body) {
    const auto face = at::zeros({body.camera.size(0), kExpressionSize}, body.camera.options());
    return at::cat({body.pose.raw, body.pose.shape, body.pose.scale, body.pose.hand, face, body.camera}, 1);
}

Branch::Beginning Network::beginning(const Branch& branch, const at::Tensor& prompts,
                                     const at::Tensor& previous, std::int64_t batch) const {
    const auto before =
        branch.prev_to_token_mhr(previous.defined() ? previous : branch.start.expand({batch, -1}))
            .unsqueeze(1); // [B, 1, width]
    // Without a prompt there is one that says so.
    const auto embedded = prompts.defined()
                              ? prompt_encoder.embedPoints(prompts)
                              : prompt_encoder.invalid_point_embed.weight.unsqueeze(0).expand({batch, 1, -1});
    const auto said = prompt_to_token(embedded); // [B, P, width]
    const auto fixed = at::cat({hand_box_embedding.weight, branch.keypoint_embedding.weight,
                                branch.keypoint3d_embedding.weight})
                           .unsqueeze(0)
                           .expand({batch, -1, -1});
    Branch::Beginning out;
    out.rest = at::cat({before, said, fixed}, 1);
    out.lead = at::cat({at::zeros_like(before), before, said, at::zeros_like(fixed.narrow(1, 0, 2))}, 1);
    out.augment = at::cat({out.lead, at::zeros_like(fixed.narrow(1, 0, 2 * kKeypoints))}, 1);
    return out;
}

Decoded Network::decode(const Branch& branch, const Scene& scene, const Mhr& mhr, const at::Tensor& prompts,
                        const at::Tensor& previous, bool wholeMesh, const Inspector& inspect) const {
    const auto batch = scene.context.size(0);
    const bool plain = !prompts.defined() && !previous.defined();
    const auto begin = plain ? branch.plain : beginning(branch, prompts, previous, batch);
    const auto first = branch.firstToken(scene.crops.condition()).unsqueeze(1);
    auto tokens = at::cat({first, begin.rest.expand({batch, -1, -1})}, 1); // [B, 144 + P, width]
    const auto lead = begin.lead.expand({batch, -1, -1});
    auto augment = begin.augment.expand({batch, -1, -1});
    const auto flat = lead.size(1), handBoxes = flat - 2;
    if (inspect) {
        inspect("features", scene.context);
        inspect("tokens", tokens);
        inspect("augment", augment);
    }
    const auto map =
        scene.context.transpose(1, 2).unflatten(2, {config.grid(), config.grid()}); // [B, C, h, w]

    Decoded out;
    const auto view = branch.head_camera.view(scene.crops, config.imageSize);
    const auto depth = branch.decoder.layers.size();
    for (std::size_t i = 0; i < depth; ++i) {
        const bool last = i + 1 == depth;
        tokens = branch.decoder.layer(i, tokens, augment, scene.memory);
        const auto token = branch.decoder.norm_final(tokens.select(1, 0));
        out.body.pose = branch.head_pose.parameters(branch.head_pose.proj(token));
        out.body.camera = branch.head_camera.proj(token);
        branch.head_pose.pose(out.body, mhr, last && wholeMesh, last || inspect);
        branch.head_camera.project(out.body, view, last || inspect);
        if (inspect) {
            const auto layer = "layer" + std::to_string(i) + ".";
            inspect("norm" + std::to_string(i), branch.decoder.norm_final(tokens));
            inspect(layer + "raw_pose", out.body.pose.raw);
            inspect(layer + "shape", out.body.pose.shape);
            inspect(layer + "scale", out.body.pose.scale);
            inspect(layer + "hand", out.body.pose.hand);
            inspect(layer + "camera", out.body.camera);
            inspect(layer + "global_rot", out.body.pose.globalRot);
            inspect(layer + "body_pose", out.body.pose.bodyPose);
            inspect(layer + "parameters", out.body.parameters);
            inspect(layer + "joints", out.body.joints);
            inspect(layer + "rotations", out.body.rotations);
            inspect(layer + "keypoints3d", out.body.keypoints);
            inspect(layer + "translation", out.body.translation);
            inspect(layer + "keypoints2d", out.body.keypointsPx);
            inspect(layer + "depth", out.body.depth);
            inspect(layer + "cropped", out.body.keypointsInCrop);
        }
        if (last) {
            break;
        }
        // Keypoint tokens learn where the estimate puts them and what the map shows there.
        const auto seen = visible(out.body);
        const auto sampled =
            at::grid_sampler_2d(map, (out.body.keypointsInCrop * 2).unsqueeze(2), 0, 0, false)
                .squeeze(3)
                .transpose(1, 2); // [B, 70, C]
        tokens.narrow(1, flat, kKeypoints).add_(branch.keypoint_feat_linear(sampled * seen));
        const auto around = at::bmm(fromPelvis_.expand({batch, -1, -1}), out.body.keypoints);
        augment = at::cat({lead, branch.keypoint_posemb_linear(out.body.keypointsInCrop) * seen,
                           branch.keypoint3d_posemb_linear(around)},
                          1);
    }
    out.handBoxes = at::sigmoid(bbox_embed(branch.decoder.norm_final(tokens.narrow(1, handBoxes, 2))));
    return out;
}

Network::Glance Network::glance(const CropBatch& crops, const Mhr& mhr, bool withScene) const {
    const auto& g = crops.geometry;
    nn::GraphCache::Tensors inputs = {crops.images, g.centre, g.side, g.scale, g.offset, g.focal, g.middle};
    const bool some = crops.masks.defined(), partly = crops.masked.defined();
    if (some) {
        inputs.push_back(crops.masks);
    }
    if (partly) {
        inputs.push_back(crops.masked);
    }
    const auto name = std::string("glance") + (withScene ? " scene" : "") +
                      (partly ? " partly"
                       : some ? " masked"
                              : "");
    auto tensors = (*graphs)(name, inputs, [&](const nn::GraphCache::Tensors& in) {
        const CropGeometry geometry{in[1], in[2], in[3], in[4], in[5], in[6]};
        const auto features = encode(in[0], some ? in[7] : at::Tensor(), partly ? in[8] : at::Tensor());
        const auto scene = look(body, features, geometry);
        auto decoded = decode(body, scene, mhr, {}, {}, false);
        nn::GraphCache::Tensors out;
        eachTensor(decoded, [&](at::Tensor& tensor) { out.push_back(std::move(tensor)); });
        if (withScene) {
            out.insert(out.end(), {scene.context, scene.memory.keysAndValues});
        }
        return out;
    });
    Glance result;
    std::size_t next = 0;
    eachTensor(result.first, [&](at::Tensor& tensor) { tensor = std::move(tensors[next++]); });
    if (withScene) {
        result.scene = {std::move(tensors[next]), {std::move(tensors[next + 1])}, g};
    }
    return result;
}

nn::NameTable officialNames() {
    nn::NameTable table;
    // Not in the released file, but in a state dict that somebody saves.
    table.unused = {"backbone.encoder.mask_token", "head_pose.hand_pose_comps_ori",
                    "head_pose_hand.hand_pose_comps_ori", "head_pose.mhr.**", "head_pose_hand.mhr.**"};
    return table;
}

} // namespace body4d::sam3d_body
