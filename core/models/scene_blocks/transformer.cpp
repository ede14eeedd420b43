#include "models/scene_blocks/transformer.h"

#include <ATen/ATen.h>

#include <cmath>

namespace body4d::scene_blocks {
namespace {

/// Angles of one coordinate: [n, channels], the frequencies twice in a row.
at::Tensor angles(const at::Tensor& positions, std::int64_t channels) {
    const auto exponents = at::arange(0, channels, 2, at::kFloat) / static_cast<double>(channels);
    const auto frequencies = 1.0 / at::pow(100.0, exponents);
    const auto half = positions.unsqueeze(1) * frequencies.unsqueeze(0);
    return at::cat({half, half}, 1);
}

Rotations fromAngles(const at::Tensor& all, at::Device device) {
    return {all.cos().to(device), all.sin().to(device)};
}

} // namespace

Rotations gridRotations(std::int64_t rows, std::int64_t columns, std::int64_t special,
                        std::int64_t headChannels, at::Device device) {
    const auto y = at::arange(1, rows + 1, at::kFloat).repeat_interleave(columns);
    const auto x = at::arange(1, columns + 1, at::kFloat).repeat({rows});
    const auto none = at::zeros({special}, at::kFloat);
    return fromAngles(
        at::cat({angles(at::cat({none, y}), headChannels / 2), angles(at::cat({none, x}), headChannels / 2)},
                1),
        device);
}

Rotations firstTokenRotation(double y, double x, std::int64_t headChannels, at::Device device) {
    const auto at1 = [](double value) { return at::full({1}, value, at::kFloat); };
    return fromAngles(at::cat({angles(at1(y), headChannels / 2), angles(at1(x), headChannels / 2)}, 1),
                      device);
}

void rotate(at::Tensor& x, const Rotations& rotations) {
    auto part = x.narrow(-2, 0, rotations.cosine.size(0));
    const auto quarter = x.size(-1) / 4;
    const auto quarters = part.unflatten(-1, {2, 2, quarter});
    const auto turned = at::cat({-quarters.narrow(-2, 1, 1), quarters.narrow(-2, 0, 1)}, -2).flatten(-3);
    part.mul_(rotations.cosine).addcmul_(turned, rotations.sine);
}

Block::Block(const Options& options)
    : norm1(options.width, options.eps), norm2(options.width, options.eps),
      qkv(options.width, 3 * options.width), proj(options.width, options.width),
      in(options.width, options.gated ? 2 * options.hidden : options.hidden),
      out(options.hidden, options.width), gamma1(nn::parameter({options.width})),
      gamma2(nn::parameter({options.width})), heads(options.heads), gated(options.gated) {
    if (options.normHeads) {
        q_norm.emplace(options.width / options.heads);
        k_norm.emplace(options.width / options.heads);
    }
}

void Block::fields(nn::Fields& f) {
    f("norm1", norm1);
    f("norm2", norm2);
    f("attn.qkv", qkv);
    f("attn.proj", proj);
    f("attn.q_norm", q_norm);
    f("attn.k_norm", k_norm);
    f("ls1.gamma", gamma1);
    f("ls2.gamma", gamma2);
    f(gated ? "mlp.w12" : "mlp.fc1", in);
    f(gated ? "mlp.w3" : "mlp.fc2", out);
}

Block::Heads Block::split(const at::Tensor& x, const Rotations& rotations) const {
    const auto frames = x.size(0), length = x.size(1), width = x.size(2);
    const auto all = qkv(norm1(x)).view({frames, length, 3, heads, width / heads}).permute({2, 0, 3, 1, 4});
    Heads result{all[0], all[1], all[2]};
    if (q_norm) {
        result.q = (*q_norm)(result.q);
        result.k = (*k_norm)(result.k);
    }
    if (!rotations.empty()) {
        for (auto* turned : {&result.q, &result.k}) {
            *turned = turned->to(at::kFloat);
            rotate(*turned, rotations);
        }
    }
    result.q = result.q.to(result.v.scalar_type());
    result.k = result.k.to(result.v.scalar_type());
    return result;
}

void Block::finish(at::Tensor x, const at::Tensor& attended) const {
    x.add_(proj(attended) * gamma1);
    auto hidden = in(norm2(x));
    if (gated) {
        const auto half = hidden.size(-1) / 2;
        hidden = at::silu(hidden.narrow(-1, 0, half)) * hidden.narrow(-1, half, half);
    } else {
        hidden = at::gelu(hidden);
    }
    x.add_(out(hidden) * gamma2);
}

void Block::withinFrames(at::Tensor& x, const Rotations& rotations, std::int64_t framesAtOnce) const {
    forFrames(x.size(0), framesAtOnce, [&](std::int64_t first, std::int64_t count) {
        const auto part = x.narrow(0, first, count);
        const auto split = this->split(part, rotations);
        finish(part, nn::joinHeads(at::scaled_dot_product_attention(split.q, split.k, split.v)));
    });
}

void Block::overFrames(at::Tensor& x, const Rotations& rotations, std::int64_t framesAtOnce) const {
    const auto frames = x.size(0), length = x.size(1), width = x.size(2), channels = width / heads;
    at::Tensor q, k, v; // [heads, frames, L, channels]
    forFrames(frames, framesAtOnce, [&](std::int64_t first, std::int64_t count) {
        const auto part = split(x.narrow(0, first, count), rotations);
        if (!q.defined()) {
            for (auto* whole : {&q, &k, &v}) {
                *whole = at::empty({heads, frames, length, channels}, part.v.options());
            }
        }
        q.narrow(1, first, count).copy_(part.q.transpose(0, 1));
        k.narrow(1, first, count).copy_(part.k.transpose(0, 1));
        v.narrow(1, first, count).copy_(part.v.transpose(0, 1));
    });
    const std::vector<std::int64_t> sequence = {1, heads, frames * length, channels};
    auto attended = at::scaled_dot_product_attention(q.view(sequence), k.view(sequence), v.view(sequence));
    for (auto* whole : {&q, &k, &v}) {
        whole->reset();
    }
    attended = attended.transpose(1, 2).reshape({frames, length, width});
    forFrames(frames, framesAtOnce, [&](std::int64_t first, std::int64_t count) {
        finish(x.narrow(0, first, count), attended.narrow(0, first, count));
    });
}

std::vector<Block> makeBlocks(std::int64_t n, const std::function<Block::Options(std::int64_t)>& options) {
    std::vector<Block> blocks;
    blocks.reserve(static_cast<std::size_t>(n));
    for (std::int64_t i = 0; i < n; ++i) {
        blocks.emplace_back(options(i));
    }
    return blocks;
}

at::Tensor normalisedFrames(const at::Tensor& pictures, std::int64_t first, std::int64_t count,
                            at::Device device) {
    const auto part = pictures.narrow(0, first, count).to(device);
    if (pictures.scalar_type() != at::kByte) {
        return part;
    }
    const auto perChannel = [&](float r, float g, float b) {
        return at::tensor({r, g, b}).view({1, 3, 1, 1}).to(device);
    };
    return part.permute({0, 3, 1, 2})
        .to(at::kFloat)
        .contiguous()
        .div_(255)
        .sub_(perChannel(0.485F, 0.456F, 0.406F))
        .div_(perChannel(0.229F, 0.224F, 0.225F));
}

at::Tensor rotationMatrices(const at::Tensor& q) {
    const auto x = q.select(-1, 0), y = q.select(-1, 1), z = q.select(-1, 2), w = q.select(-1, 3);
    const auto s = 2.0 / (q * q).sum(-1);
    return at::stack({1 - s * (y * y + z * z), s * (x * y - z * w), s * (x * z + y * w), s * (x * y + z * w),
                      1 - s * (x * x + z * z), s * (y * z - x * w), s * (x * z - y * w), s * (y * z + x * w),
                      1 - s * (x * x + y * y)},
                     -1)
        .unflatten(-1, {3, 3});
}

at::Tensor centredIntrinsics(const at::Tensor& fx, const at::Tensor& fy, std::int64_t height,
                             std::int64_t width) {
    auto k = at::zeros({fx.size(0), 3, 3}, fx.options());
    k.select(1, 0).select(1, 0).copy_(fx);
    k.select(1, 1).select(1, 1).copy_(fy);
    k.select(1, 0).select(1, 2).fill_(static_cast<double>(width) / 2);
    k.select(1, 1).select(1, 2).fill_(static_cast<double>(height) / 2);
    k.select(1, 2).select(1, 2).fill_(1);
    return k;
}

} // namespace body4d::scene_blocks
