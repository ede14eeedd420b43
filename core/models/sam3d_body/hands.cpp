#include "models/sam3d_body/hands.h"

#include <ATen/ATen.h>

#include <array>
#include <numbers>

#include "nn/side_stream.h"

namespace body4d::sam3d_body {
namespace {

constexpr double kSmallestSide = 64; ///< of a hand's crop, full pixels
constexpr std::int64_t kLeftWrist = 62, kRightWrist = 41, kLeftElbow = 7, kRightElbow = 8; ///< keypoints
constexpr std::int64_t kWristJoint = 42; ///< of a right hand, as which both are seen
constexpr std::int64_t kRightHandScale = 8, kLeftHandScale = 9, kFirstSharedScale = 18, kFirstHandShape = 40;
/// Left, right: joints of the forearms, and those whose rest turns wrists.
constexpr std::array<std::int64_t, 2> kForearms = {76, 40}, kTwists = {77, 41};
/// Left, right: a wrist's angles about x, z and y among those of the body.
constexpr std::array<std::int64_t, 6> kWristAngles = {41, 43, 42, 31, 33, 32};
/// Left, right: how far wrists bend about x, z and y.
struct Range {
    double low, high;
};
constexpr std::array<Range, 3> kWristLimits = {{{-2.2, 1.0}, {-2.2, 1.5}, {-1.2, 1.5}}};

/// Rx Rz Ry of angles about x, z, y [..., 3].
at::Tensor rotationXzy(const at::Tensor& angles) {
    const auto zero = at::zeros_like(angles.select(-1, 0));
    const auto turn = [&](std::int64_t angle, int axis) {
        const auto a = angles.select(-1, angle);
        std::array<at::Tensor, 3> xyz = {zero, zero, zero};
        xyz[static_cast<std::size_t>(axis)] = a;
        return rotationXyz(at::stack({xyz[0], xyz[1], xyz[2]}, -1));
    };
    return at::matmul(turn(0, 0), at::matmul(turn(1, 2), turn(2, 1)));
}

/// And back.
at::Tensor anglesXzy(const at::Tensor& r) {
    const auto m = [&](int row, int column) { return r.select(-2, row).select(-1, column); };
    return at::stack({at::atan2(m(2, 1), m(1, 1)), at::atan2(-m(0, 1), at::hypot(m(0, 0), m(0, 2))),
                      at::atan2(m(0, 2), m(0, 0))},
                     -1);
}

/// Of two triples of angles that say the same, the one that a wrist can do.
at::Tensor withinReach(const at::Tensor& angles) {
    const auto x = angles.select(-1, 0), z = angles.select(-1, 1), y = angles.select(-1, 2);
    const auto wrapped = [](const at::Tensor& a) { return at::atan2(a.sin(), a.cos()); };
    const double pi = std::numbers::pi;
    const auto other = at::stack({wrapped(x + pi), wrapped(-(z + pi)), wrapped(y + pi)}, -1);
    const auto excess = [](const at::Tensor& a) {
        at::Tensor sum;
        for (std::size_t i = 0; i < kWristLimits.size(); ++i) {
            const auto v = a.select(-1, static_cast<std::int64_t>(i));
            const auto part = (kWristLimits[i].low - v).clamp_min(0).square() +
                              (v - kWristLimits[i].high).clamp_min(0).square();
            sum = sum.defined() ? sum + part : part;
        }
        return sum;
    };
    return at::where((excess(other) < excess(angles)).unsqueeze(-1), other, angles);
}

at::Tensor angleBetween(const at::Tensor& a, const at::Tensor& b) {
    const auto trace = (a * b).sum({-2, -1});
    return at::acos(((trace - 1) / 2).clamp(-1, 1));
}

/// Both hands of all rows as their own crops show them; left ones already turned back. Rows that were not
/// looked at are zero.
struct HandsSeen {
    at::Tensor looked;  ///< bool [B, 2]
    at::Tensor side;    ///< [B, 2] of the crops
    at::Tensor hand;    ///< [B, 2, 54]
    at::Tensor scale;   ///< [B, 2, 28]
    at::Tensor shape;   ///< [B, 2, 45]
    at::Tensor wrist;   ///< [B, 2, 3, 3], body model's axes
    at::Tensor wristPx; ///< [B, 2, 2]
    at::Tensor reach;   ///< [B, 2]: farthest keypoint from the middle of the crop, in sides of the crop
    at::Tensor squares; ///< see BodiesWithHands
};

/// Crops of left and right hands around the boxes in which the decoder sees them: two for each body, left
/// ones in the mirrored frame. In single precision and in the official order: a crop moves by whole steps of
/// 1/32 pixel, so that one other rounding can shift a column of it.
std::vector<CropRequest> handCrops(std::span<const CropRequest> requests, const CropGeometry& crops,
                                   const at::Tensor& handBoxes, std::int64_t imageSize) {
    const auto size = static_cast<double>(imageSize);
    const auto centre =
        (handBoxes.narrow(2, 0, 2) * size - crops.offset.unsqueeze(1)) / crops.scale.view({-1, 1, 1});
    const auto extent = handBoxes.narrow(2, 2, 2).amax(2) * size / crops.scale.unsqueeze(1);
    const auto places = at::cat({centre, extent.unsqueeze(2)}, 2).to(at::kCPU).contiguous(); // [B, 2, 3]
    const auto values = places.accessor<float, 3>();
    std::vector<CropRequest> looks;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        for (std::int64_t h = 0; h < 2; ++h) {
            const auto place = values[static_cast<std::int64_t>(i)][h];
            const float x = place[0], y = place[1], half = place[2] / 2;
            Box box{x - half, y - half, x + half, y + half};
            CropRequest request = requests[i];
            request.mask = nullptr;
            request.mirrored = h == 0;
            if (request.mirrored) {
                const double last = request.frame->width - 1;
                box = {last - box.x1, box.y0, last - box.x0, box.y1};
            }
            request.square = CropSquare::around(box, kHandPadding);
            looks.push_back(std::move(request));
        }
    }
    return looks;
}

HandsSeen lookAtHands(const Network& network, const Mhr& mhr, std::span<const CropRequest> requests,
                      const CropGeometry& crops, const at::Tensor& handBoxes, WarpMode mode,
                      const Inspector& inspect) {
    const auto batch = static_cast<std::int64_t>(requests.size());
    auto looks = handCrops(requests, crops, handBoxes, network.config.imageSize);
    std::vector<std::int64_t> slots;
    std::vector<float> sides, squares, inFrame;
    for (std::size_t k = 0; k < looks.size(); ++k) {
        const auto& [x, y, side] = looks[k].square;
        const auto last = static_cast<float>(looks[k].frame->width - 1);
        sides.push_back(side);
        squares.insert(squares.end(), {x, y, side});
        inFrame.insert(inFrame.end(), {looks[k].mirrored ? last - x : x, y, side});
        if (side > kSmallestSide) {
            slots.push_back(static_cast<std::int64_t>(k));
        }
    }
    std::erase_if(looks, [](const CropRequest& look) { return !(look.square.side > kSmallestSide); });
    const auto options = crops.side.options();
    const auto device = options.device();
    HandsSeen seen;
    seen.side = nn::uploaded(at::tensor(sides).view({batch, 2}), device);
    seen.squares = at::tensor(inFrame).view({batch, 2, 3});
    if (inspect) {
        inspect("hands.squares", at::tensor(squares).view({batch, 2, 3}));
    }
    seen.looked = seen.side > kSmallestSide;
    const auto empty = [&](std::vector<std::int64_t> shape) {
        shape.insert(shape.begin(), 2 * batch);
        return at::zeros(shape, options);
    };
    auto hand = empty({kHandSize}), scale = empty({kScaleSize}), shape = empty({kShapeSize}),
         wrist = empty({3, 3}), wristPx = empty({2}), reach = empty({});
    if (!looks.empty()) {
        const auto cut = cutCrops(looks, network.config.imageSize, mode, device);
        const auto scene = network.look(network.hand, network.encode(cut.images), cut.geometry);
        const auto body = network.decode(network.hand, scene, mhr, {}, {}, false).body;
        if (inspect) {
            inspect("hands.crops", cut.images);
            inspect("hands.raw", body.pose.raw);
            inspect("hands.hand", body.pose.hand);
            inspect("hands.scale", body.pose.scale);
            inspect("hands.shape", body.pose.shape);
            inspect("hands.wrist", body.rotations.select(1, kWristJoint));
            inspect("hands.keypoints_px", body.keypointsPx);
        }
        const auto rows = nn::uploaded(at::tensor(slots, at::kLong), device);
        const auto put = [&](at::Tensor& all, const at::Tensor& found) {
            all = all.index_copy(0, rows, found);
        };
        put(hand, body.pose.hand.narrow(1, kHandSize, kHandSize));
        put(scale, body.pose.scale);
        put(shape, body.pose.shape);
        put(wrist, body.rotations.select(1, kWristJoint));
        put(wristPx, body.keypointsPx.select(1, kRightWrist));
        put(reach, body.keypointsInCrop.abs().amax({1, 2}));
    }
    seen.hand = hand.view({batch, 2, kHandSize});
    seen.scale = scale.view({batch, 2, kScaleSize}).clone();
    seen.shape = shape.view({batch, 2, kShapeSize});
    seen.wrist = wrist.view({batch, 2, 3, 3}).clone();
    seen.wristPx = wristPx.view({batch, 2, 2}).clone();
    seen.reach = reach.view({batch, 2});
    // Left hands were seen as right ones in a mirror.
    const auto& head = network.body.head_pose;
    const auto said = seen.scale.select(1, 0).select(1, kRightHandScale);
    seen.scale.select(1, 0)
        .select(1, kLeftHandScale)
        .copy_((head.scale_mean[kRightHandScale] + head.scale_comps[kRightHandScale][kRightHandScale] * said -
                head.scale_mean[kLeftHandScale]) /
               head.scale_comps[kLeftHandScale][kLeftHandScale]);
    seen.wrist.select(1, 0).narrow(1, 1, 2).neg_();
    std::vector<float> last;
    for (const auto& request : requests) {
        last.push_back(static_cast<float>(request.frame->width - 1));
    }
    auto leftX = seen.wristPx.select(1, 0).select(1, 0);
    leftX.copy_(nn::uploaded(at::tensor(last), device) - leftX);
    return seen;
}

/// Turns of the wrists against the forearms that put the hands where they were seen: [B, 2, 3, 3].
at::Tensor wristsFor(const Network& network, const at::Tensor& rotations, const HandsSeen& seen) {
    std::vector<at::Tensor> wrists;
    for (std::size_t h = 0; h < 2; ++h) {
        const auto atRest =
            at::matmul(rotations.select(1, kForearms[h]), network.body.head_pose.joint_rotation[kTwists[h]]);
        wrists.push_back(
            at::matmul(atRest.transpose(1, 2), seen.wrist.select(1, static_cast<std::int64_t>(h))));
    }
    return at::stack(wrists, 1);
}

} // namespace

BodiesWithHands withHands(const Network& network, const Mhr& mhr, std::span<const CropRequest> requests,
                          const Network::Scene& scene, const Decoded& first, WarpMode mode,
                          const HandOptions& options, bool wholeMesh, const Inspector& inspect) {
    const auto& crops = scene.crops;
    const auto batch = static_cast<std::int64_t>(requests.size());
    const auto device = crops.side.device();
    const auto seen = lookAtHands(network, mhr, requests, crops, first.handBoxes, mode, inspect);
    const auto angleIndex = nn::uploaded(
        at::tensor(std::vector<std::int64_t>(kWristAngles.begin(), kWristAngles.end()), at::kLong), device);
    const auto anglesOf = [&](const PosedBody& body) {
        return body.pose.bodyPose.index_select(1, angleIndex).view({batch, 2, 3});
    };
    const auto own = rotationXzy(anglesOf(first.body));
    const auto turned =
        angleBetween(own, wristsFor(network, first.body.rotations, seen)) < options.wristAngle;
    const auto& px = first.body.keypointsPx;
    const auto bodyWrists = at::stack({px.select(1, kLeftWrist), px.select(1, kRightWrist)}, 1);
    // Each hand is measured by the other one's crop, as the official code does.
    const auto near = (seen.wristPx - bodyWrists).norm(2, {2}) / seen.side.flip(1) < options.farthestWrist;
    const auto valid = at::logical_and(at::logical_and(turned, seen.looked),
                                       at::logical_and(seen.reach < options.reach, near));

    // Wrists from the hands' crops and elbows from the body: right, left, right, left.
    const auto points = crops.toCrop(at::stack({seen.wristPx.select(1, 1), seen.wristPx.select(1, 0),
                                                px.select(1, kRightElbow), px.select(1, kLeftElbow)},
                                               1),
                                     network.config.imageSize); // [B, 4, 2]
    const auto labels = nn::uploaded(at::tensor({static_cast<float>(kRightWrist), static_cast<float>(kLeftWrist),
                                                 static_cast<float>(kRightElbow), static_cast<float>(kLeftElbow)}),
                                     device)
                            .view({1, 4, 1})
                            .expand({batch, 4, 1});
    const auto sides = valid.flip(1).repeat({1, 2}); // right, left, right, left
    const auto useful = at::logical_and((points.abs() <= 0.5).all(2), sides);
    const auto none = nn::uploaded(at::tensor({0.0F, 0.0F, -2.0F}), device);
    const auto said = at::cat({(points + 0.5).clamp(0, 1), labels}, 2);
    auto prompts = at::where(useful.unsqueeze(2), said, none);

    BodiesWithHands out;
    out.body = first.body;
    out.squares = seen.squares;
    const auto previous = Network::previousOf(first.body);
    if (options.officialBatches && batch == 1) {
        prompts = said.index_select(1, at::nonzero(useful[0]).squeeze(1));
        if (prompts.size(1) > 0) {
            out.body = network.decode(network.body, scene, mhr, prompts, previous, false).body;
        }
    } else if (options.officialBatches) {
        out.body = network.decode(network.body, scene, mhr, prompts, previous, false).body;
    } else {
        const auto rows = at::nonzero(useful.any(1)).squeeze(1);
        if (rows.numel() > 0) {
            const auto again =
                network
                    .decode(network.body, scene.select(rows), mhr, prompts.index_select(0, rows),
                            previous.index_select(0, rows), false)
                    .body;
            const auto put = [&](at::Tensor& all, const at::Tensor& found) {
                all = all.index_copy(0, rows, found);
            };
            put(out.body.pose.raw, again.pose.raw);
            put(out.body.pose.globalRot, again.pose.globalRot);
            put(out.body.pose.bodyPose, again.pose.bodyPose);
            put(out.body.pose.shape, again.pose.shape);
            put(out.body.pose.scale, again.pose.scale);
            put(out.body.pose.hand, again.pose.hand);
            put(out.body.camera, again.camera);
            put(out.body.rotations, again.rotations);
        }
    }

    auto& pose = out.body.pose;
    if (inspect) {
        inspect("prompts", prompts);
        inspect("second.raw", pose.raw);
        inspect("second.camera", out.body.camera);
    }
    // The forearms with both hands in place, then the wrists that lead from them to the hands.
    PosedBody arms;
    arms.pose = pose;
    arms.pose.hand = seen.hand.flatten(1);
    arms.pose.fingers = at::Tensor();
    network.body.head_pose.pose(arms, mhr, false);
    const auto wrists = wristsFor(network, arms.rotations, seen);
    if (inspect) {
        inspect("wrists", anglesXzy(wrists));
    }
    out.accepted = at::logical_and(angleBetween(own, wrists) < options.wristAngle, valid);
    const auto take = out.accepted.unsqueeze(2);
    const auto angles = at::where(take, withinReach(anglesXzy(wrists)), anglesOf(out.body));
    pose.bodyPose = pose.bodyPose.index_copy(1, angleIndex, angles.flatten(1));
    pose.hand = at::where(take, seen.hand, pose.hand.reshape({batch, 2, kHandSize})).flatten(1);
    pose.fingers = at::Tensor();
    // What both hands share is their mean.
    const auto count = out.accepted.sum(1, true);
    const auto weight = out.accepted.to(at::kFloat).unsqueeze(2);
    const auto shared = [&](const at::Tensor& hands, const at::Tensor& bodies, std::int64_t from) {
        const auto mean = (hands * weight).sum(1) / (count + 1e-8);
        const auto mixed = at::where(count > 0, mean.slice(1, from), bodies.slice(1, from));
        return at::cat({bodies.narrow(1, 0, from), mixed}, 1);
    };
    pose.scale = shared(seen.scale, pose.scale, kFirstSharedScale);
    pose.shape = shared(seen.shape, pose.shape, kFirstHandShape);
    const std::array<std::int64_t, 2> ownScale = {kLeftHandScale, kRightHandScale};
    for (std::int64_t h = 0; h < 2; ++h) {
        auto slot = pose.scale.select(1, ownScale[static_cast<std::size_t>(h)]);
        slot.copy_(at::where(out.accepted.select(1, h),
                             seen.scale.select(1, h).select(1, ownScale[static_cast<std::size_t>(h)]), slot));
    }
    pose.raw = at::zeros_like(pose.raw);
    network.body.head_pose.pose(out.body, mhr, wholeMesh);
    const auto& camera = network.body.head_camera;
    camera.project(out.body, camera.view(crops, network.config.imageSize));
    return out;
}

} // namespace body4d::sam3d_body
