#include "models/edgetam/rep_vit.h"

#include <ATen/ATen.h>

namespace body4d::edgetam {
namespace {

constexpr std::int64_t kMixerRatio = 2, kSqueezeRatio = 4;

/// The nearest multiple of 8, at least 8.
std::int64_t toEights(std::int64_t n) {
    return std::max<std::int64_t>(8, (n + 4) / 8 * 8);
}

nn::Conv2d::Options depthwise(std::int64_t width, std::int64_t padding, std::int64_t stride = 1) {
    return {.stride = stride, .padding = padding, .groups = width};
}

} // namespace

ConvNorm::ConvNorm(std::int64_t in, std::int64_t out, std::int64_t kernel, nn::Conv2d::Options options)
    : bn(out) {
    options.bias = false;
    c = nn::Conv2d(in, out, kernel, options);
}

void ConvNorm::fields(nn::Fields& f) {
    f("c", c);
    f("bn", bn);
}

void ConvNorm::fold() {
    nn::foldAfter(c, bn);
    bn = {};
}

at::Tensor ConvNorm::operator()(const at::Tensor& x) const {
    const auto y = c(x);
    return bn.weight.defined() ? bn(y) : y;
}

TokenMixer::TokenMixer(std::int64_t width)
    : conv(width, width, 3, depthwise(width, 1)), conv1(width, width, 1, depthwise(width, 0)) {}

void TokenMixer::fields(nn::Fields& f) {
    f("conv", conv);
    f("conv1", conv1);
}

void TokenMixer::fold() {
    conv.fold();
    conv1.fold();
    // The 1x1 convolution and the input itself are what the middle of the 3x3 kernel does.
    auto weight = conv.c.weight.clone();
    weight.select(3, 1).select(2, 1) += conv1.c.weight.select(3, 0).select(2, 0) + 1;
    conv.c.weight = weight;
    conv.c.bias = conv.c.bias + conv1.c.bias;
    conv1 = {};
    folded = true;
}

at::Tensor TokenMixer::operator()(const at::Tensor& x) const {
    return folded ? conv(x) : conv(x) + conv1(x) + x;
}

SqueezeExcite::SqueezeExcite(std::int64_t width)
    : fc1(width, toEights(width / kSqueezeRatio), 1), fc2(toEights(width / kSqueezeRatio), width, 1) {}

void SqueezeExcite::fields(nn::Fields& f) {
    f("fc1", fc1);
    f("fc2", fc2);
}

at::Tensor SqueezeExcite::operator()(const at::Tensor& x) const {
    return x * at::sigmoid(fc2(at::relu(fc1(x.mean({2, 3}, true)))));
}

ChannelMixer::ChannelMixer(std::int64_t width)
    : conv1(width, kMixerRatio * width, 1), conv2(kMixerRatio * width, width, 1) {}

void ChannelMixer::fields(nn::Fields& f) {
    f("conv1", conv1);
    f("conv2", conv2);
}

void ChannelMixer::fold() {
    conv1.fold();
    conv2.fold();
}

at::Tensor ChannelMixer::operator()(const at::Tensor& x) const {
    return x + conv2(at::gelu(conv1(x)));
}

RepVitBlock::RepVitBlock(std::int64_t width, bool squeezes) : token_mixer(width), channel_mixer(width) {
    if (squeezes) {
        se.emplace(width);
    }
}

void RepVitBlock::fields(nn::Fields& f) {
    f("token_mixer", token_mixer);
    f("se", se);
    f("channel_mixer", channel_mixer);
}

void RepVitBlock::fold() {
    token_mixer.fold();
    channel_mixer.fold();
}

at::Tensor RepVitBlock::operator()(const at::Tensor& x) const {
    const auto mixed = token_mixer(x);
    return channel_mixer(se ? (*se)(mixed) : mixed);
}

Downsample::Downsample(std::int64_t in, std::int64_t out)
    : pre_block(in, false), spatial_downsample(in, in, 3, depthwise(in, 1, 2)),
      channel_downsample(in, out, 1), ffn(out) {}

void Downsample::fields(nn::Fields& f) {
    f("pre_block", pre_block);
    f("spatial_downsample", spatial_downsample);
    f("channel_downsample", channel_downsample);
    f("ffn", ffn);
}

void Downsample::fold() {
    pre_block.fold();
    spatial_downsample.fold();
    channel_downsample.fold();
    ffn.fold();
}

at::Tensor Downsample::operator()(const at::Tensor& x) const {
    return ffn(channel_downsample(spatial_downsample(pre_block(x))));
}

Stage::Stage(std::int64_t in, std::int64_t width, std::int64_t depth) {
    if (in > 0) {
        downsample.emplace(in, width);
    }
    for (std::int64_t i = 0; i < depth; ++i) {
        blocks.emplace_back(width, i % 2 == 0);
    }
}

void Stage::fields(nn::Fields& f) {
    f("downsample", downsample);
    f("blocks", blocks);
}

void Stage::fold() {
    if (downsample) {
        downsample->fold();
    }
    for (auto& block : blocks) {
        block.fold();
    }
}

at::Tensor Stage::operator()(const at::Tensor& x) const {
    auto y = downsample ? (*downsample)(x) : x;
    for (const auto& block : blocks) {
        y = block(y);
    }
    return y;
}

RepVit::RepVit(const Config& config)
    : stem1(3, config.widths[0] / 2, 3, {.stride = 2, .padding = 1}),
      stem2(config.widths[0] / 2, config.widths[0], 3, {.stride = 2, .padding = 1}) {
    for (std::size_t i = 0; i < config.widths.size(); ++i) {
        stages.emplace_back(i == 0 ? -1 : config.widths[i - 1], config.widths[i], config.depths[i]);
    }
}

void RepVit::fields(nn::Fields& f) {
    f("stem.conv1", stem1);
    f("stem.conv2", stem2);
    for (std::size_t i = 0; i < stages.size(); ++i) {
        f("stages_" + std::to_string(i), stages[i]);
    }
}

void RepVit::fold() {
    stem1.fold();
    stem2.fold();
    for (auto& stage : stages) {
        stage.fold();
    }
}

std::array<at::Tensor, 4> RepVit::operator()(const at::Tensor& images) const {
    std::array<at::Tensor, 4> maps;
    auto x = stem2(at::gelu(stem1(images)));
    for (std::size_t i = 0; i < maps.size(); ++i) {
        x = maps[i] = stages[i](x);
    }
    return maps;
}

} // namespace body4d::edgetam
