#include "models/depth_anything3/cameras.h"

#include <ATen/ATen.h>

#include <string>

namespace body4d::da3 {

Cameras camerasOf(const at::Tensor& poses, std::int64_t height, std::int64_t width) {
    const auto p = poses.to(at::kFloat);
    const auto turnBack = scene_blocks::rotationMatrices(p.narrow(1, 3, 4)).transpose(1, 2);
    const auto shift = -at::matmul(turnBack, p.narrow(1, 0, 3).unsqueeze(2));
    const auto focal = [&](std::int64_t size, std::int64_t column) {
        return static_cast<double>(size) / 2 / (p.select(1, column) / 2).tan().clamp_min(1e-6);
    };
    return {at::cat({turnBack, shift}, 2), scene_blocks::centredIntrinsics(focal(width, 8), focal(height, 7), height, width)};
}

namespace {

/// The quaternion x y z w with w >= 0, by its largest element.
at::Tensor quaternions(const at::Tensor& matrices) {
    const auto m = [&](std::int64_t r, std::int64_t c) { return matrices.select(1, r).select(1, c); };
    const auto twice = at::stack({1 + m(0, 0) - m(1, 1) - m(2, 2), 1 - m(0, 0) + m(1, 1) - m(2, 2),
                                  1 - m(0, 0) - m(1, 1) + m(2, 2), 1 + m(0, 0) + m(1, 1) + m(2, 2)},
                                 1)
                           .clamp_min(0)
                           .sqrt(); // [n, 4], twice the sizes of x, y, z, w
    const auto candidates = at::stack(
        {at::stack({twice.select(1, 0).square(), m(1, 0) + m(0, 1), m(0, 2) + m(2, 0), m(2, 1) - m(1, 2)}, 1),
         at::stack({m(1, 0) + m(0, 1), twice.select(1, 1).square(), m(1, 2) + m(2, 1), m(0, 2) - m(2, 0)}, 1),
         at::stack({m(2, 0) + m(0, 2), m(2, 1) + m(1, 2), twice.select(1, 2).square(), m(1, 0) - m(0, 1)}, 1),
         at::stack({m(2, 1) - m(1, 2), m(0, 2) - m(2, 0), m(1, 0) - m(0, 1), twice.select(1, 3).square()},
                   1)},
        1); // [n, 4 choices, 4]
    const auto choice = twice.argmax(1, true);
    const auto q = candidates.gather(1, choice.unsqueeze(2).expand({-1, 1, 4})).squeeze(1) /
                   (2 * twice.gather(1, choice));
    return at::where(q.narrow(1, 3, 1) < 0, -q, q);
}

} // namespace

at::Tensor posesOf(const Cameras& cameras, std::int64_t height, std::int64_t width) {
    const auto turnBack = cameras.extrinsics.narrow(2, 0, 3).transpose(1, 2);
    const auto centre = -at::matmul(turnBack, cameras.extrinsics.narrow(2, 3, 1)).squeeze(2);
    const auto view = [&](std::int64_t size, std::int64_t axis) {
        return 2 *
               at::atan(static_cast<double>(size) / 2 / cameras.intrinsics.select(1, axis).select(1, axis));
    };
    return at::cat({centre, quaternions(turnBack), view(height, 1).unsqueeze(1), view(width, 0).unsqueeze(1)},
                   1)
        .to(at::kFloat);
}

CameraDecoder::CameraDecoder(std::int64_t width)
    : backbone0(width, width), backbone2(width, width), fc_t(width, 3), fc_qvec(width, 4), fc_fov(width, 2) {}

void CameraDecoder::fields(nn::Fields& f) {
    f("backbone.0", backbone0);
    f("backbone.2", backbone2);
    f("fc_t", fc_t);
    f("fc_qvec", fc_qvec);
    f("fc_fov.0", fc_fov);
}

at::Tensor CameraDecoder::operator()(const at::Tensor& tokens) const {
    const auto x = at::relu(backbone2(at::relu(backbone0(tokens))));
    return at::cat({fc_t(x), fc_qvec(x), at::relu(fc_fov(x))}, 1);
}

CameraEncoder::CameraEncoder(std::int64_t width)
    : trunk(scene_blocks::makeBlocks(4,
                                     [&](std::int64_t) {
                                         return scene_blocks::Block::Options{
                                             .width = width, .heads = 16, .hidden = 4 * width, .eps = 1e-5};
                                     })),
      token_norm(width), trunk_norm(width), fc1(9, width / 2), fc2(width / 2, width) {}

void CameraEncoder::fields(nn::Fields& f) {
    f("trunk", trunk);
    f("token_norm", token_norm);
    f("trunk_norm", trunk_norm);
    f("pose_branch.fc1", fc1);
    f("pose_branch.fc2", fc2);
}

at::Tensor CameraEncoder::operator()(const Cameras& cameras, std::int64_t height, std::int64_t width) const {
    auto x = token_norm(fc2(at::gelu(fc1(posesOf(cameras, height, width)))))
                 .unsqueeze(0); // one sequence of frames
    for (const auto& block : trunk) {
        block.withinFrames(x, {}, 1);
    }
    return trunk_norm(x).squeeze(0);
}

RayHead::RayHead(std::int64_t features) : output_conv2(features / 2, 7, true) {
    for (std::size_t level = 0; level < 4; ++level) {
        refinenet.emplace_back(features, level == 3);
    }
    for (std::size_t i = 0; i < 5; ++i) {
        output_conv1[i] = i % 2 == 0 ? nn::Conv2d(features, features / 2, 3, {.padding = 1})
                                     : nn::Conv2d(features / 2, features, 3, {.padding = 1});
    }
}

void RayHead::fields(nn::Fields& f) {
    for (std::size_t level = 0; level < 4; ++level) {
        f("scratch.refinenet" + std::to_string(level + 1) + "_aux", refinenet[level]);
    }
    for (std::size_t i = 0; i < 5; ++i) {
        f("scratch.output_conv1_aux.3." + std::to_string(i), output_conv1[i]);
    }
    f("scratch.output_conv2_aux.3", output_conv2);
}

RayHead::Rays RayHead::operator()(const scene_blocks::DenseHead& head,
                                  const std::array<at::Tensor, 4>& pyramid,
                                  const scene_blocks::DenseHead::Grid& grid) const {
    at::Tensor x = pyramid[3];
    for (int level = 3; level >= 0; --level) {
        const auto i = static_cast<std::size_t>(level);
        const auto height = level > 0 ? pyramid[i - 1].size(2) : 2 * pyramid[0].size(2);
        const auto width = level > 0 ? pyramid[i - 1].size(3) : 2 * pyramid[0].size(3);
        x = refinenet[i](x, level == 3 ? at::Tensor() : pyramid[i], height, width, false);
    }
    for (const auto& convolution : output_conv1) {
        x = convolution(x);
    }
    head.addPositions(x, grid);
    const auto out = output_conv2(x).permute({0, 2, 3, 1});
    return {out.narrow(3, 0, 6), out.select(3, 6).exp() + 1};
}

} // namespace body4d::da3
