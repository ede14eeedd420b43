#include "models/moge2/network.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace body4d::moge2 {
namespace {

constexpr double kEpsilon = 1e-6;
constexpr std::int64_t kMlpRatio = 4;
constexpr double kTableOffset =
    0.1; ///< the official code stretches its grid of positions by this much too far
constexpr std::int64_t kSamples = 64; ///< side of the grid of points that the camera is solved from

/// 3x3 with the border repeated outwards.
at::Tensor convolve(const nn::Conv2d& conv, const at::Tensor& x) {
    return conv(at::replication_pad2d(x, {1, 1, 1, 1}));
}

/// Places on the view plane, [2, height, width].
at::Tensor viewPlane(std::int64_t width, std::int64_t height, double aspect,
                     const at::TensorOptions& options) {
    const double spanX = aspect / std::sqrt(1 + aspect * aspect), spanY = 1 / std::sqrt(1 + aspect * aspect);
    const auto line = [&](double span, std::int64_t n) {
        const double edge = span * static_cast<double>(n - 1) / static_cast<double>(n);
        return at::linspace(-edge, edge, n, options);
    };
    return at::stack({line(spanX, width).unsqueeze(0).expand({height, width}),
                      line(spanY, height).unsqueeze(1).expand({height, width})});
}

} // namespace

Block::Block(const Config& config)
    : norm1(config.width, kEpsilon), norm2(config.width, kEpsilon), qkv(config.width, 3 * config.width),
      proj(config.width, config.width), fc1(config.width, kMlpRatio * config.width),
      fc2(kMlpRatio * config.width, config.width), gamma1(nn::parameter({config.width})),
      gamma2(nn::parameter({config.width})), heads(config.heads) {}

void Block::fields(nn::Fields& f) {
    f("norm1", norm1);
    f("attn.qkv", qkv);
    f("attn.proj", proj);
    f("ls1.gamma", gamma1);
    f("norm2", norm2);
    f("mlp.fc1", fc1);
    f("mlp.fc2", fc2);
    f("ls2.gamma", gamma2);
}

at::Tensor Block::operator()(const at::Tensor& x) const {
    const auto batch = x.size(0), length = x.size(1), width = x.size(2);
    const auto all = qkv(norm1(x)).view({batch, length, 3, heads, width / heads}).permute({2, 0, 3, 1, 4});
    const auto y = x + proj(nn::joinHeads(at::scaled_dot_product_attention(all[0], all[1], all[2]))) * gamma1;
    return y + fc2(at::gelu(fc1(norm2(y)))) * gamma2;
}

Encoder::Encoder(const Config& config)
    : cls_token(nn::parameter({1, 1, config.width})),
      pos_embed(nn::parameter({1, 1 + config.table * config.table, config.width})),
      image_mean(nn::parameter({1, 3, 1, 1})), image_std(nn::parameter({1, 3, 1, 1})),
      patch_embed_proj(3, config.width, kPatch, {.stride = kPatch}), norm(config.width, kEpsilon),
      taken(config.taken), table(config.table) {
    for (std::int64_t i = 0; i < config.depth; ++i) {
        blocks.emplace_back(config);
    }
    for (auto& projection : output_projections) {
        projection = nn::Conv2d(config.width, config.featureWidth, 1);
    }
}

void Encoder::fields(nn::Fields& f) {
    f("image_mean", image_mean);
    f("image_std", image_std);
    f("backbone.cls_token", cls_token);
    f("backbone.pos_embed", pos_embed);
    f("backbone.patch_embed.proj", patch_embed_proj);
    f("backbone.blocks", blocks);
    f("backbone.norm", norm);
    f("output_projections", output_projections);
}

at::Tensor Encoder::operator()(const at::Tensor& image, std::int64_t rows, std::int64_t columns) const {
    const auto shrunk = at::_upsample_bilinear2d_aa(image, {rows * kPatch, columns * kPatch}, false);
    const auto patches =
        patch_embed_proj((shrunk - image_mean) / image_std).flatten(2).transpose(1, 2).to(at::kFloat);
    const auto grid = pos_embed.to(at::kFloat).slice(1, 1).view({1, table, table, -1}).permute({0, 3, 1, 2});
    const auto side = static_cast<double>(table);
    const auto places = rows == table && columns == table
                            ? grid
                            : at::upsample_bicubic2d(grid, {rows, columns}, false,
                                                     (static_cast<double>(rows) + kTableOffset) / side,
                                                     (static_cast<double>(columns) + kTableOffset) / side);
    const auto first = (cls_token + pos_embed.narrow(1, 0, 1)).to(at::kFloat).expand({image.size(0), -1, -1});
    auto x = at::cat({first, patches + places.flatten(2).transpose(1, 2)}, 1);
    at::Tensor sum;
    std::size_t next = 0;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        x = blocks[i](x);
        if (next < taken.size() && static_cast<std::int64_t>(i) == taken[next]) {
            const auto map = norm(x.slice(1, 1)).transpose(1, 2).unflatten(2, {rows, columns});
            const auto projected = output_projections[next++](map);
            sum = sum.defined() ? sum + projected : projected;
        }
    }
    return sum;
}

ResidualBlock::ResidualBlock(std::int64_t width) : first(width, width, 3), second(width, width, 3) {}

void ResidualBlock::fields(nn::Fields& f) {
    f("layers.2", first);
    f("layers.5", second);
}

at::Tensor ResidualBlock::operator()(const at::Tensor& x) const {
    return x + convolve(second, at::relu(convolve(first, at::relu(x))));
}

ConvStack::ConvStack(const Config& config, const std::array<std::int64_t, 5>& inputs,
                     const std::array<std::int64_t, 5>& blocks, std::int64_t outputs) {
    const auto& w = config.levels;
    for (std::size_t l = 0; l < 5; ++l) {
        input_blocks[l] = nn::Conv2d(inputs[l], w[l], 1);
        for (std::int64_t b = 0; b < blocks[l]; ++b) {
            res_blocks[l].emplace_back(w[l]);
        }
        if (l < 3) {
            upsamplers[l] = nn::Upsample2x(w[l], w[l + 1]);
        }
        if (l < 4) {
            smoothers[l] = nn::Conv2d(l < 3 ? w[l + 1] : w[l], w[l + 1], 3);
        }
    }
    if (outputs > 0) {
        output.emplace(w[4], outputs, 1);
    }
}

void ConvStack::fields(nn::Fields& f) {
    for (std::size_t l = 0; l < 5; ++l) {
        const auto level = std::to_string(l);
        f("input_blocks." + level, input_blocks[l]);
        if (l < 3) {
            f("resamplers." + level + ".0", upsamplers[l]);
        }
        if (l < 4) {
            f("resamplers." + level + ".1", smoothers[l]);
        }
        f("res_blocks." + level, res_blocks[l]);
    }
    f("output_blocks.4", output);
}

std::vector<at::Tensor> ConvStack::operator()(const std::vector<at::Tensor>& inputs) const {
    std::vector<at::Tensor> maps;
    at::Tensor x;
    for (std::size_t l = 0; l < 5; ++l) {
        const auto in = input_blocks[l](inputs[l]);
        x = l == 0 ? in : x + in;
        for (const auto& block : res_blocks[l]) {
            x = block(x);
        }
        maps.push_back(l == 4 && output ? (*output)(x) : x);
        if (l < 3) {
            x = convolve(smoothers[l], upsamplers[l](x));
        } else if (l == 3) {
            const auto size = std::array<std::int64_t, 2>{2 * x.size(2), 2 * x.size(3)};
            x = convolve(smoothers[l], at::upsample_bilinear2d(x, size, false));
        }
    }
    return maps;
}

Network::Network(const Config& sizes)
    : config(sizes), encoder(sizes), neck(sizes, {sizes.featureWidth + 2, 2, 2, 2, 2}, {0, 2, 2, 2, 0}, 0),
      points_head(sizes, sizes.levels, {0, 1, 1, 1, 0}, 3),
      mask_head(sizes, sizes.levels, {0, 1, 1, 1, 0}, 1) {}

void Network::fields(nn::Fields& f) {
    f("encoder", encoder);
    f("neck", neck);
    f("points_head", points_head);
    f("mask_head", mask_head);
}

FocalShift Network::focalOf(const at::Tensor& image, std::int64_t tokens,
                            const std::function<void(const std::string&, const at::Tensor&)>& inspect) const {
    const auto height = image.size(2), width = image.size(3);
    const double aspect = static_cast<double>(width) / static_cast<double>(height);
    const auto wanted = static_cast<double>(tokens > 0 ? tokens : config.mostTokens);
    const auto rows = std::max<std::int64_t>(1, std::llrint(std::sqrt(wanted / aspect)));
    const auto columns = std::max<std::int64_t>(1, std::llrint(std::sqrt(wanted * aspect)));
    std::vector<at::Tensor> inputs = {encoder(image, rows, columns)};
    if (inspect) {
        inspect("encoder", inputs[0]);
    }
    const auto options = inputs[0].options();
    for (std::int64_t level = 0; level < 5; ++level) {
        const auto plane = viewPlane(columns << level, rows << level, aspect, options).unsqueeze(0);
        if (level == 0) {
            inputs[0] = at::cat({inputs[0], plane}, 1);
        } else {
            inputs.push_back(plane);
        }
    }
    const auto maps = neck(inputs);
    const auto points = points_head(maps).back(), mask = mask_head(maps).back();
    if (inspect) {
        for (std::size_t l = 0; l < maps.size(); ++l) {
            inspect("neck" + std::to_string(l), maps[l]);
        }
        inspect("points", points);
        inspect("mask", mask);
    }
    // The camera is solved from a few thousand pixels: only there the maps are enlarged.
    const auto cpu = at::TensorOptions().dtype(at::kFloat);
    const auto picked = [&](std::int64_t size) {
        return at::floor(at::arange(kSamples, cpu) * (static_cast<double>(size) / kSamples)); // pixel indices
    };
    const auto column = picked(width), row = picked(height);
    const auto across = (column + 0.5) / static_cast<double>(width) * 2 - 1;
    const auto down = (row + 0.5) / static_cast<double>(height) * 2 - 1;
    const auto grid = at::stack({across.unsqueeze(0).expand({kSamples, kSamples}),
                                 down.unsqueeze(1).expand({kSamples, kSamples})},
                                -1)
                          .unsqueeze(0)
                          .to(points.device());
    constexpr int kBilinear = 0, kBorder = 1;
    const auto sample = [&](const at::Tensor& map) {
        return at::grid_sampler_2d(map.to(at::kFloat), grid, kBilinear, kBorder, false)[0]
            .to(at::kCPU)
            .contiguous();
    };
    const auto affine = sample(points), inside = sample(mask);
    const auto plane = viewPlane(width, height, aspect, cpu);
    const auto u = plane[0][0].index_select(0, column.to(at::kLong)),
               v = plane[1].select(1, 0).index_select(0, row.to(at::kLong));
    const auto a = affine.accessor<float, 3>();
    const auto m = inside.accessor<float, 3>();
    const auto us = u.accessor<float, 1>(), vs = v.accessor<float, 1>();
    std::vector<PlacedPoint> placed;
    for (std::int64_t i = 0; i < kSamples; ++i) {
        for (std::int64_t j = 0; j < kSamples; ++j) {
            if (m[0][i][j] > 0) { // a probability above one half
                const double depth = std::exp(static_cast<double>(a[2][i][j]));
                placed.push_back({a[0][i][j] * depth, a[1][i][j] * depth, depth, us[j], vs[i]});
            }
        }
    }
    return solveFocalShift(placed);
}

nn::NameTable officialNames() {
    nn::NameTable table;
    table.unused = {"encoder.backbone.mask_token", "normal_head.**", "scale_head.**"};
    return table;
}

double focalPx(const FocalShift& solved, int width, int height) {
    return solved.focal / 2 * std::hypot(width, height);
}

} // namespace body4d::moge2
