#include "models/sam3d_body/pose_head.h"

#include "base/error.h"
#include "body/body_parameters.h"

#include <ATen/ATen.h>

#include <array>
#include <vector>

namespace body4d::sam3d_body {
namespace {

using mhr::kThree, mhr::kOne, mhr::kShiftSlots;
/// Of a body: 6, 2 and 1 values each.
constexpr std::int64_t kTriples = mhr::kTriples, kPairs = mhr::kSingles, kShifts = mhr::kShifts;
constexpr std::int64_t kBodySize = 6 * kTriples + 2 * kPairs + kShifts; ///< 260
constexpr std::int64_t kPosedParameters = 136; ///< translation, rotation, 130 angles and shifts
constexpr std::int64_t kFingers = 54; ///< angles of both hands, and their values that stand for angles
constexpr std::int64_t kHandAnglesOfTriples = 15, kHandAnglesOfPairs = 12; ///< of one hand
constexpr std::int64_t kFirstHandAngle = 62, kLastHandAngle = 115, kFirstJawAngle = 130;
constexpr double kMetre = 100;    ///< of the body model's units
constexpr double kNearest = 1e-8; ///< keeps a side from being zero
constexpr double kLocked = 1e-6;  ///< cosine about y below which turns about x and z are one

/// Degrees of freedom of a hand's joints: three as a rotation, one and two as sine and cosine each.
constexpr std::array<int, 16> kHandFreedom = {3, 1, 1, 3, 1, 1, 3, 1, 1, 3, 1, 1, 2, 3, 1, 1};

/// Angles about x, y and z [..., 3] from entries of a rotation, entry(row, column). Those of the columns 1
/// and 2 may have a common positive factor.
template <typename Entry>
at::Tensor anglesOfAxes(Entry entry) {
    const auto cosine = at::hypot(entry(0, 0), entry(1, 0));
    const auto free = cosine >= kLocked;
    return at::stack(
        {at::where(free, at::atan2(entry(2, 1), entry(2, 2)), at::atan2(-entry(1, 2), entry(1, 1))),
         at::atan2(-entry(2, 0), cosine), at::atan2(entry(1, 0), entry(0, 0)) * free},
        -1);
}

/// Two columns of a rotation [..., 6] to angles about x, y, z [..., 3]. Near a right angle about y only the
/// difference of the others counts.
at::Tensor anglesOfColumns(const at::Tensor& six) {
    const auto first = six.narrow(-1, 0, 3);
    const auto x = first / at::linalg_vector_norm(first, 2, {-1}, true).clamp_min_(1e-12);
    // The other two axes are needed up to one common factor only.
    const auto z = at::linalg_cross(x, six.narrow(-1, 3, 3)), y = at::linalg_cross(z, x);
    return anglesOfAxes([&](int row, int column) {
        return (column == 0 ? x : column == 1 ? y : z).select(-1, row);
    });
}

at::Tensor sinePairs(const at::Tensor& pairs) { // [..., 2 n] to [..., n]
    const auto both = pairs.unflatten(-1, {-1, 2});
    return at::atan2(both.select(-1, 0), both.select(-1, 1));
}

/// Of a hand's values [B, 54]: rotations [B, 5, 6], sines and cosines [B, 24].
at::Tensor triplesOf(const at::Tensor& hand) {
    return hand.narrow(1, 0, 2 * kHandAnglesOfTriples).unflatten(1, {-1, 6});
}
at::Tensor pairsOf(const at::Tensor& hand) {
    return hand.narrow(1, 2 * kHandAnglesOfTriples, 2 * kHandAnglesOfPairs);
}

at::Tensor indices(const std::vector<std::int64_t>& values, at::Device device) {
    return at::tensor(values, at::kLong).to(device);
}

} // namespace

at::Tensor rotationXyz(const at::Tensor& angles) {
    const auto c = angles.cos(), s = angles.sin();
    const auto cx = c.select(-1, 0), cy = c.select(-1, 1), cz = c.select(-1, 2);
    const auto sx = s.select(-1, 0), sy = s.select(-1, 1), sz = s.select(-1, 2);
    return at::stack({cy * cz, sx * sy * cz - cx * sz, cx * sy * cz + sx * sz, cy * sz,
                      sx * sy * sz + cx * cz, cx * sy * sz - sx * cz, -sy, sx * cy, cx * cy},
                     -1)
        .unflatten(-1, {3, 3});
}

at::Tensor anglesXyz(const at::Tensor& rotations) {
    return anglesOfAxes([&](int row, int column) { return rotations.select(-2, row).select(-1, column); });
}

Mlp2::Mlp2(std::int64_t in, std::int64_t hidden, std::int64_t out) : first(in, hidden), second(hidden, out) {}

void Mlp2::fields(nn::Fields& f) {
    f("layers.0.0", first);
    f("layers.1", second);
}

at::Tensor Mlp2::operator()(const at::Tensor& x) const {
    return second(at::relu(first(x)));
}

PoseParameters PoseParameters::select(const at::Tensor& rows) const {
    return {raw.index_select(0, rows),
            globalRot.index_select(0, rows),
            bodyPose.index_select(0, rows),
            shape.index_select(0, rows),
            scale.index_select(0, rows),
            hand.index_select(0, rows),
            fingers.defined() ? fingers.index_select(0, rows) : fingers};
}

PoseHead::PoseHead(const Config& config, bool isHand)
    : proj(config.decoderWidth, config.decoderWidth, kPoseSize),
      joint_rotation(nn::parameter({kJoints, 3, 3})), scale_mean(nn::parameter({68})),
      scale_comps(nn::parameter({kScaleSize, 68})), faces(nn::parameter({config.triangles, 3}, at::kLong)),
      hand_pose_mean(nn::parameter({kHandSize})), hand_pose_comps(nn::parameter({kHandSize, kHandSize})),
      hand_joint_idxs_left(nn::parameter({27}, at::kLong)),
      hand_joint_idxs_right(nn::parameter({27}, at::kLong)),
      keypoint_mapping(nn::parameter({308, config.vertices + kJoints})),
      right_wrist_coords(nn::parameter({3})), root_coords(nn::parameter({3})),
      local_to_world_wrist(nn::parameter({3, 3})), nonhand_param_idxs(nn::parameter({145}, at::kLong)),
      isHand_(isHand) {}

void PoseHead::fields(nn::Fields& f) {
    f("proj", proj);
    f("joint_rotation", joint_rotation);
    f("scale_mean", scale_mean);
    f("scale_comps", scale_comps);
    f("faces", faces);
    f("hand_pose_mean", hand_pose_mean);
    f("hand_pose_comps", hand_pose_comps);
    f("hand_joint_idxs_left", hand_joint_idxs_left);
    f("hand_joint_idxs_right", hand_joint_idxs_right);
    f("keypoint_mapping", keypoint_mapping);
    f("right_wrist_coords", right_wrist_coords);
    f("root_coords", root_coords);
    f("local_to_world_wrist", local_to_world_wrist);
    f("nonhand_param_idxs", nonhand_param_idxs);
}

void PoseHead::prepare(const Config& config, const Mhr& mhr) {
    const auto device = scale_mean.device();
    metres_ = (at::tensor({1.0F, -1.0F, -1.0F}) / kMetre).to(device);
    zero_ = at::zeros({1, 1}, scale_mean.options());
    // What a head says, as parameters() lines it up: rotation of the whole, triples of the body, of the left
    // and the right hand; single angles of the same; shifts; and a zero for what stays at rest.
    constexpr std::int64_t kBodyTriples = 3, kHandTriples = kBodyTriples + 3 * mhr::kTriples,
                           kBodySingles = kHandTriples + 2 * kHandAnglesOfTriples,
                           kHandSingles = kBodySingles + kPairs,
                           kBodyShifts = kHandSingles + 2 * kHandAnglesOfPairs,
                           kAtRest = kBodyShifts + kShifts;
    std::vector<std::int64_t> said = {2, 1, 0}; // as z, y, x: what reads it takes them for x, y, z
    std::vector<std::int64_t> body(kBodyPoseSize, kAtRest);
    const auto place = [&](int slot, std::int64_t from) {
        const bool atRest = (slot >= kFirstHandAngle && slot <= kLastHandAngle) || slot >= kFirstJawAngle;
        if (!atRest) {
            body[static_cast<std::size_t>(slot)] = from;
        }
    };
    std::int64_t next = kBodyTriples;
    for (const auto& triple : kThree) {
        for (const int slot : triple) {
            place(slot, next++);
        }
    }
    next = kBodySingles;
    for (const int slot : kOne) {
        place(slot, next++);
    }
    next = kBodyShifts;
    for (const int slot : kShiftSlots) {
        place(slot, next++);
    }
    said.insert(said.end(), body.begin(), body.end());
    // Hand: the values lie joint by joint.
    std::vector<std::int64_t> values, pairs, fingers;
    std::int64_t value = 0;
    for (const int freedom : kHandFreedom) {
        for (int k = 0; k < 2 * freedom; ++k) {
            (freedom == 3 ? values : pairs).push_back(value++);
        }
    }
    values.insert(values.end(), pairs.begin(), pairs.end());
    const auto order = indices(values, device);
    handMean_ = hand_pose_mean.index_select(0, order);
    handComps_ = hand_pose_comps.index_select(1, order);
    for (std::int64_t h = 0; h < 2; ++h) {
        std::int64_t triple = h * kHandAnglesOfTriples, single = h * kHandAnglesOfPairs;
        for (const int freedom : kHandFreedom) {
            for (int k = 0; k < freedom; ++k) {
                said.push_back(freedom == 3 ? kHandTriples + triple : kHandSingles + single);
                fingers.push_back(freedom == 3 ? triple : 2 * kHandAnglesOfTriples + single);
                ++(freedom == 3 ? triple : single);
            }
        }
    }
    saidOrder_ = indices(said, device);
    fingerOrder_ = indices(fingers, device);
    // Parameters of the body model, of which the fingers replace some of the posed ones.
    std::vector<std::int64_t> parameters(kParameterSize);
    for (std::int64_t i = 0; i < kParameterSize; ++i) {
        parameters[static_cast<std::size_t>(i)] = i < kPosedParameters ? i : i + kFingers;
    }
    const auto slots = at::cat({hand_joint_idxs_left, hand_joint_idxs_right}).to(at::kCPU).contiguous();
    for (std::int64_t i = 0; i < kFingers; ++i) {
        const auto slot = slots.const_data_ptr<std::int64_t>()[i];
        if (slot < 0 || slot >= kPosedParameters) {
            throw Error(ErrorCode::Input, "The checkpoint is damaged: a finger has no such parameter.",
                        "Get model.ckpt again.", std::to_string(slot));
        }
        parameters[static_cast<std::size_t>(slot)] = kPosedParameters + i;
    }
    parameterOrder_ = indices(parameters, device);
    if (isHand_) {
        keep_ = at::ones({kParameterSize}, scale_mean.options());
        keep_.index_fill_(0, nonhand_param_idxs, 0);
    }
    auto mapping = keypoint_mapping.narrow(0, 0, kKeypoints).to(at::kFloat).clone();
    if (isHand_) {
        mapping.narrow(0, 0, 21).zero_();
        mapping.narrow(0, 42, kKeypoints - 42).zero_();
    }
    const auto onMesh = mapping.narrow(1, 0, config.vertices);
    const auto used = at::nonzero(onMesh.abs().sum(0)).squeeze(1);
    fromVertices_ = onMesh.index_select(1, used);
    fromJoints_ = mapping.narrow(1, config.vertices, kJoints).contiguous();
    part_ = mhr.part(used);
    // The mesh's own triangles are never read from here, and the whole mapping not any more.
    faces = keypoint_mapping = at::Tensor();
}

at::Tensor PoseHead::handValues(const at::Tensor& hand) const {
    const auto batch = hand.size(0);
    return at::addmm(handMean_, hand.reshape({2 * batch, kHandSize}), handComps_).view({batch, 2, kHandSize});
}

PoseParameters PoseHead::parameters(const at::Tensor& said) const {
    const auto batch = said.size(0);
    const auto parts =
        said.split_with_sizes({6 + kBodySize, kShapeSize, kScaleSize, 2 * kHandSize, kExpressionSize}, 1);
    PoseParameters out;
    out.raw = parts[0];
    out.shape = parts[1];
    out.scale = parts[2];
    out.hand = parts[3];
    // The rotation of the whole and those of the joints of body and hands are said alike, and so are single
    // angles.
    const auto hands = handValues(out.hand);
    const auto left = hands.select(1, 0), right = hands.select(1, 1);
    const auto angles =
        anglesOfColumns(at::cat({parts[0].narrow(1, 0, 6 + 6 * kTriples).view({batch, 1 + kTriples, 6}),
                                 triplesOf(left), triplesOf(right)},
                                1));
    const auto body = parts[0].slice(1, 6);
    const auto singles =
        sinePairs(at::cat({body.narrow(1, 6 * kTriples, 2 * kPairs), pairsOf(left), pairsOf(right)}, 1));
    const auto all = at::cat({angles.flatten(1), singles, body.narrow(1, 6 * kTriples + 2 * kPairs, kShifts),
                              zero_.expand({batch, 1})},
                             1)
                         .index_select(1, saidOrder_);
    out.globalRot = all.narrow(1, 0, 3);
    out.bodyPose = all.narrow(1, 3, kBodyPoseSize);
    out.fingers = all.narrow(1, 3 + kBodyPoseSize, kFingers);
    return out;
}

at::Tensor PoseHead::modelParameters(const PoseParameters& pose) const {
    const auto batch = pose.globalRot.size(0);
    auto rotation = pose.globalRot;
    auto shift = zero_.expand({batch, 3});
    if (isHand_) {
        // The wrist's frame is predicted; the body model wants the root's.
        rotation = anglesXyz(at::matmul(rotationXyz(rotation), local_to_world_wrist));
        const auto arm = at::matmul(rotationXyz(rotation), right_wrist_coords - root_coords);
        shift = -(arm + root_coords) * 10;
    }
    auto fingers = pose.fingers;
    if (!fingers.defined()) {
        const auto hands = handValues(pose.hand);
        const auto left = hands.select(1, 0), right = hands.select(1, 1);
        fingers = at::cat({anglesOfColumns(at::cat({triplesOf(left), triplesOf(right)}, 1)).flatten(1),
                           sinePairs(at::cat({pairsOf(left), pairsOf(right)}, 1))},
                          1)
                      .index_select(1, fingerOrder_);
    }
    const auto all = at::cat({shift, rotation, pose.bodyPose.narrow(1, 0, kPosedParameters - 6), fingers,
                              at::addmm(scale_mean, pose.scale, scale_comps)},
                             1)
                         .index_select(1, parameterOrder_);
    return isHand_ ? all * keep_ : all;
}

void PoseHead::pose(PosedBody& body, const Mhr& mhr, bool wholeMesh, bool frames) const {
    body.parameters = modelParameters(body.pose);
    const auto skeleton = mhr.skeleton(body.parameters, frames);
    if (frames) {
        body.joints = skeleton.joints * metres_;
        body.rotations = skeleton.rotations;
    }
    const auto batch = body.parameters.size(0);
    body.keypoints = at::bmm(fromJoints_.expand({batch, -1, -1}), skeleton.joints);
    if (part_.count > 0) {
        body.keypoints = at::baddbmm(body.keypoints, fromVertices_.expand({batch, -1, -1}),
                                     mhr.vertices(part_, skeleton, body.pose.shape));
    }
    body.keypoints = body.keypoints * metres_;
    if (wholeMesh) {
        body.vertices = mhr.vertices(mhr.whole(), skeleton, body.pose.shape) * metres_;
    }
}

at::Tensor PoseHead::mesh(const at::Tensor& parameters, const at::Tensor& shape, const Mhr& mhr) const {
    return mhr.vertices(mhr.whole(), mhr.skeleton(parameters, false), shape) * metres_;
}

CameraHead::CameraHead(const Config& config, double sideFactor)
    : proj(config.decoderWidth, config.decoderWidth, 3), factor(sideFactor) {}

void CameraHead::fields(nn::Fields& f) {
    f("proj", proj);
}

void CameraHead::prepare() {
    // The head says a size, how far right, and how far up.
    shift_ = at::tensor({0.0F, 0.0F, 0.0F, 1.0F, 0.0F, 0.0F, 0.0F, -1.0F, 0.0F})
                 .view({3, 3})
                 .to(proj.second.weight.device());
    nearest_ = at::full({}, kNearest, proj.second.weight.options());
}

CameraHead::View CameraHead::view(const CropGeometry& crops, std::int64_t imageSize) const {
    View view;
    view.side = (crops.side * -factor).unsqueeze(1);
    view.place = at::cat({crops.centre - crops.middle, crops.focal.narrow(1, 0, 1)}, 1) * 2;
    view.focal = crops.focal.unsqueeze(1);
    view.middle = crops.middle.unsqueeze(1);
    const auto scale = crops.scale.view({-1, 1, 1});
    const auto size = static_cast<double>(imageSize);
    view.cropScale = view.focal * scale / size;
    view.cropStart = (view.middle * scale + crops.offset.unsqueeze(1)) / size - 0.5;
    return view;
}

void CameraHead::project(PosedBody& body, const View& view, bool pixels) const {
    const auto side = at::addcmul(nearest_, body.camera.narrow(1, 0, 1), view.side); // [B, 1]
    body.translation = at::addmm(view.place / side, body.camera, shift_);
    const auto inCamera = body.keypoints + body.translation.unsqueeze(1);
    body.depth = inCamera.select(2, 2);
    const auto ratio = inCamera.narrow(2, 0, 2) / inCamera.narrow(2, 2, 1);
    if (pixels) {
        body.keypointsPx = at::addcmul(view.middle, ratio, view.focal);
    }
    body.keypointsInCrop = at::addcmul(view.cropStart, ratio, view.cropScale);
}

} // namespace body4d::sam3d_body
