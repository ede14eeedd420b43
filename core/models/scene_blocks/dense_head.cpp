#include "models/scene_blocks/dense_head.h"

#include <ATen/ATen.h>

#include <cmath>
#include <string>

namespace body4d::scene_blocks {

Enlarge::Enlarge(std::int64_t channels, std::int64_t kernel)
    : weight(nn::parameter({channels, channels, kernel, kernel})), bias(nn::parameter({channels})) {}

void Enlarge::fields(nn::Fields& f) {
    f("weight", weight);
    f("bias", bias);
}

at::Tensor Enlarge::operator()(const at::Tensor& x) const {
    return at::conv_transpose2d(x.to(weight.scalar_type()), weight, bias, weight.size(2));
}

ResidualUnit::ResidualUnit(std::int64_t channels)
    : conv1(channels, channels, 3, {.padding = 1}), conv2(channels, channels, 3, {.padding = 1}) {}

void ResidualUnit::fields(nn::Fields& f) {
    f("conv1", conv1);
    f("conv2", conv2);
}

at::Tensor ResidualUnit::operator()(const at::Tensor& x, bool rectified) const {
    const auto positive = at::relu(x);
    auto hidden = conv1(positive);
    return conv2(hidden.relu_()).add_(rectified ? positive : x);
}

Fusion::Fusion(std::int64_t channels, bool coarsest)
    : resConfUnit2(channels), out_conv(channels, channels, 1) {
    if (!coarsest) {
        resConfUnit1.emplace(channels);
    }
}

void Fusion::fields(nn::Fields& f) {
    f("resConfUnit1", resConfUnit1);
    f("resConfUnit2", resConfUnit2);
    f("out_conv", out_conv);
}

at::Tensor Fusion::operator()(const at::Tensor& x, const at::Tensor& lateral, std::int64_t height,
                              std::int64_t width, bool rectified) const {
    const auto joined = resConfUnit1 ? x + (*resConfUnit1)(lateral, rectified) : x;
    // A 1x1 convolution and bilinear weights, which add up to one, may change places: a quarter of the
    // products.
    return at::upsample_bilinear2d(out_conv(resConfUnit2(joined, rectified)), {height, width}, true);
}

PixelHead::PixelHead(std::int64_t in, std::int64_t out, bool normed)
    : first(in, 32, 3, {.padding = 1}), last(32, out, 1) {
    if (normed) {
        norm.emplace(32, 1e-5);
    }
}

void PixelHead::fields(nn::Fields& f) {
    f("0", first);
    f("2", norm);
    f(norm ? "5" : "2", last);
}

at::Tensor PixelHead::operator()(const at::Tensor& x) const {
    auto y = first(x);
    if (norm) {
        y = (*norm)(y);
    }
    return last(at::relu(y));
}

DenseHead::DenseHead(const Options& wanted)
    : options(wanted), resize0(wanted.channels[0], 4), resize1(wanted.channels[1], 2),
      resize3(wanted.channels[3], wanted.channels[3], 3, {.stride = 2, .padding = 1}),
      output_conv1(wanted.features, wanted.features / 2, 3, {.padding = 1}),
      output_conv2(wanted.features / 2, wanted.outputs, false) {
    if (options.norm) {
        norm.emplace(options.width);
    }
    for (std::size_t level = 0; level < 4; ++level) {
        projects[level] = nn::Conv2d(options.width, options.channels[level], 1);
        layer_rn[level] =
            nn::Conv2d(options.channels[level], options.features, 3, {.padding = 1, .bias = false});
        refinenet.emplace_back(options.features, level == 3);
    }
    if (options.sky) {
        sky_output_conv2.emplace(options.features / 2, 1, false);
    }
}

void DenseHead::fields(nn::Fields& f) {
    f("norm", norm);
    for (std::size_t level = 0; level < 4; ++level) {
        f("projects." + std::to_string(level), projects[level]);
        f("scratch.layer" + std::to_string(level + 1) + "_rn", layer_rn[level]);
        f("scratch.refinenet" + std::to_string(level + 1), refinenet[level]);
    }
    f("resize_layers.0", resize0);
    f("resize_layers.1", resize1);
    f("resize_layers.3", resize3);
    f("scratch.output_conv1", output_conv1);
    f("scratch.output_conv2", output_conv2);
    f("scratch.sky_output_conv2", sky_output_conv2);
}

at::Tensor DenseHead::project(std::size_t level, const at::Tensor& tokens, const Grid& grid) const {
    const auto maps = (norm ? (*norm)(tokens) : tokens)
                          .transpose(1, 2)
                          .unflatten(2, {grid.rows, grid.columns})
                          .contiguous();
    auto projected = projects[level](maps);
    if (options.positions) {
        addPositions(projected, grid);
    }
    return projected;
}

std::array<at::Tensor, 4> DenseHead::pyramid(const std::array<at::Tensor, 4>& levels) const {
    return {layer_rn[0](resize0(levels[0])), layer_rn[1](resize1(levels[1])), layer_rn[2](levels[2]),
            layer_rn[3](resize3(levels[3]))};
}

DenseHead::Maps DenseHead::operator()(const std::array<at::Tensor, 4>& levels, const Grid& grid) const {
    auto maps = pyramid(levels);
    at::Tensor x = maps[3];
    for (int level = 3; level >= 0; --level) {
        const auto i = static_cast<std::size_t>(level);
        const auto height = level > 0 ? maps[i - 1].size(2) : 2 * maps[0].size(2);
        const auto width = level > 0 ? maps[i - 1].size(3) : 2 * maps[0].size(3);
        x = refinenet[i](x, level == 3 ? at::Tensor() : maps[i], height, width, options.rectified);
        maps[i].reset();
    }
    x = at::upsample_bilinear2d(output_conv1(x), {14 * grid.rows, 14 * grid.columns}, true);
    if (options.positions) {
        addPositions(x, grid);
    }
    return {output_conv2(x), sky_output_conv2 ? (*sky_output_conv2)(x) : at::Tensor()};
}

void DenseHead::addPositions(at::Tensor& maps, const Grid& grid) const {
    if (codesGrid_ != grid) {
        codes_.clear();
        codesGrid_ = grid;
    }
    auto& code = codes_[{maps.size(1), maps.size(2), maps.size(3)}];
    if (!code.defined()) {
        code = placeCode(maps.size(1), maps.size(2), maps.size(3),
                         static_cast<double>(grid.columns) / static_cast<double>(grid.rows),
                         options.doublePositions ? at::kDouble : at::kFloat)
                   .to(maps.device());
    }
    maps.add_(code);
}

at::Tensor placeCode(std::int64_t channels, std::int64_t height, std::int64_t width, double aspect,
                     at::ScalarType precision) {
    const double diagonal = std::sqrt(aspect * aspect + 1);
    const auto line = [](double span, std::int64_t n) {
        const double end = span * static_cast<double>(n - 1) / static_cast<double>(n);
        return at::linspace(-end, end, n, at::kFloat);
    };
    auto omega = at::arange(channels / 4, precision) / (static_cast<double>(channels) / 4);
    omega = 1.0 / at::pow(100.0, omega);
    const auto code = [&](const at::Tensor& positions) { // [n, channels / 2]
        const auto angle = positions.to(precision).unsqueeze(1) * omega.unsqueeze(0);
        return at::cat({angle.sin(), angle.cos()}, 1).to(at::kFloat);
    };
    const auto x =
        code(line(aspect / diagonal, width)).t().unsqueeze(1).expand({channels / 2, height, width});
    const auto y = code(line(1 / diagonal, height)).t().unsqueeze(2).expand({channels / 2, height, width});
    return at::cat({x, y}, 0).unsqueeze(0) * 0.1;
}

namespace {

at::Tensor asImage(const at::Tensor& grid) {
    const auto n = static_cast<std::int64_t>(std::llround(std::sqrt(static_cast<double>(grid.size(1)))));
    return grid.to(at::kFloat).reshape({1, n, n, grid.size(2)}).permute({0, 3, 1, 2});
}

at::Tensor asTokens(const at::Tensor& image) {
    return image.flatten(2).transpose(1, 2);
}

} // namespace

at::Tensor positionsByFactor(const at::Tensor& grid, std::int64_t rows, std::int64_t columns) {
    const auto image = asImage(grid);
    const auto factor = [&](std::int64_t n) {
        return (static_cast<double>(n) + 0.1) / static_cast<double>(image.size(2));
    };
    return asTokens(at::upsample_bicubic2d(image, {rows, columns}, false, factor(rows), factor(columns)));
}

at::Tensor positionsBySize(const at::Tensor& grid, std::int64_t rows, std::int64_t columns) {
    return asTokens(at::_upsample_bicubic2d_aa(asImage(grid), {rows, columns}, false));
}

} // namespace body4d::scene_blocks
