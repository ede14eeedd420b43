#pragma once

#include "models/edgetam/config.h"

#include <vector>

#include "nn/blocks/folding.h"

namespace body4d::edgetam {

/// A convolution without bias and a batch norm: c, bn. Folded, only the convolution is left.
struct ConvNorm {
    nn::Conv2d c;
    nn::BatchNorm2d bn;
    ConvNorm() = default;
    ConvNorm(std::int64_t in, std::int64_t out, std::int64_t kernel, nn::Conv2d::Options options = {});
    void fields(nn::Fields& f);
    void fold();
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
};

/// Depthwise 3x3 and 1x1 beside the input itself: conv, conv1. Folded, one 3x3 convolution.
struct TokenMixer {
    ConvNorm conv, conv1;
    explicit TokenMixer(std::int64_t width);
    void fields(nn::Fields& f);
    void fold();
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
    bool folded = false;
};

/// Weighs channels by what the whole picture holds: fc1, fc2.
struct SqueezeExcite {
    nn::Conv2d fc1, fc2;
    explicit SqueezeExcite(std::int64_t width);
    void fields(nn::Fields& f);
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
};

/// Two 1x1 convolutions with a residual: conv1, conv2.
struct ChannelMixer {
    ConvNorm conv1, conv2;
    explicit ChannelMixer(std::int64_t width);
    void fields(nn::Fields& f);
    void fold();
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
};

struct RepVitBlock {
    TokenMixer token_mixer;
    std::optional<SqueezeExcite> se;
    ChannelMixer channel_mixer;
    RepVitBlock(std::int64_t width, bool squeezes);
    void fields(nn::Fields& f);
    void fold();
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
};

/// Halves the picture and widens it: pre_block, spatial_downsample, channel_downsample, ffn.
struct Downsample {
    RepVitBlock pre_block;
    ConvNorm spatial_downsample, channel_downsample;
    ChannelMixer ffn;
    Downsample(std::int64_t in, std::int64_t out);
    void fields(nn::Fields& f);
    void fold();
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
};

struct Stage {
    std::optional<Downsample> downsample;
    std::vector<RepVitBlock> blocks;
    /// @param in -1: the stage keeps its input's size
    Stage(std::int64_t in, std::int64_t width, std::int64_t depth);
    void fields(nn::Fields& f);
    void fold();
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
};

/// RepViT (Wang et al., CVPR 2024) without its head, under timm's names: stem.{conv1,conv2}, stages_{0..3}.
struct RepVit {
    ConvNorm stem1, stem2;
    std::vector<Stage> stages;
    explicit RepVit(const Config& config);
    void fields(nn::Fields& f);
    /// Folds every norm into its convolution and every token mixer into one convolution. The same results but
    /// for rounding.
    void fold();
    /// @param images [B, 3, S, S]  @returns maps at strides 4, 8, 16, 32
    [[nodiscard]] std::array<at::Tensor, 4> operator()(const at::Tensor& images) const;
};

} // namespace body4d::edgetam
