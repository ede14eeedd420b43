#include "models/vggt/network.h"

#include "base/error.h"
#include "models/scene_blocks/place_weights.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace body4d::vggt {
namespace {

using scene_blocks::Block;
using scene_blocks::DenseHead;

DenseHead::Options headOptions(const Config& config, std::int64_t outputs) {
    DenseHead::Options options;
    options.width = 2 * config.width;
    options.features = config.features;
    options.channels = config.channels;
    options.outputs = outputs;
    options.doublePositions = true;
    options.rectified = true;
    return options;
}

std::vector<Block> attentionBlocks(const Config& config) {
    return scene_blocks::makeBlocks(config.depth, [&](std::int64_t) {
        return Block::Options{.width = config.width,
                              .heads = config.heads,
                              .hidden = config.hidden,
                              .eps = 1e-5,
                              .normHeads = true};
    });
}

void stopIfAsked(const std::stop_token& stop) {
    if (stop.stop_requested()) {
        throw Cancelled();
    }
}

/// Tokens that are narrower than what a head makes of them are kept as they are: only in networks that are smaller
/// than the released one.
bool keptAsTokens(const Config& config, std::size_t level) {
    return 2 * config.width < config.channels[level];
}

} // namespace

PatchEmbed::PatchEmbed(const Config& config)
    : cls_token(nn::parameter({1, 1, config.width})),
      pos_embed(nn::parameter({1, 1 + config.positions * config.positions, config.width})),
      register_tokens(nn::parameter({1, config.registers, config.width})),
      proj(3, config.width, 14, {.stride = 14}),
      blocks(scene_blocks::makeBlocks(config.patchDepth,
                                      [&](std::int64_t) {
                                          return Block::Options{.width = config.width,
                                                                .heads = config.patchHeads,
                                                                .hidden = config.patchHidden};
                                      })),
      norm(config.width, 1e-6) {}

void PatchEmbed::fields(nn::Fields& f) {
    f("cls_token", cls_token);
    f("pos_embed", pos_embed);
    f("register_tokens", register_tokens);
    f("patch_embed.proj", proj);
    f("blocks", blocks);
    f("norm", norm);
}

at::Tensor PatchEmbed::operator()(const at::Tensor& images, const DenseHead::Grid& grid) const {
    const auto frames = images.size(0);
    const auto stored = pos_embed.slice(1, 1);
    const bool asStored = grid.rows * grid.columns == stored.size(1) && grid.rows == grid.columns;
    const auto positions = asStored ? stored : scene_blocks::positionsBySize(stored, grid.rows, grid.columns);
    const auto patches = proj(images).flatten(2).transpose(1, 2).to(at::kFloat) + positions;
    const auto first = (cls_token + pos_embed.narrow(1, 0, 1)).expand({frames, 1, -1});
    auto x = at::cat({first, register_tokens.expand({frames, -1, -1}), patches}, 1);
    for (const auto& block : blocks) {
        block.withinFrames(x, {}, frames);
    }
    return norm(x.slice(1, 1 + register_tokens.size(1)));
}

CameraHead::CameraHead(const Config& config)
    : empty_pose_tokens(nn::parameter({1, 1, 9})),
      trunk(scene_blocks::makeBlocks(config.cameraDepth,
                                     [&](std::int64_t) {
                                         return Block::Options{.width = 2 * config.width,
                                                               .heads = config.cameraHeads,
                                                               .hidden = 8 * config.width,
                                                               .eps = 1e-5};
                                     })),
      token_norm(2 * config.width), trunk_norm(2 * config.width), embed_pose(9, 2 * config.width),
      modulation(2 * config.width, 6 * config.width), fc1(2 * config.width, config.width),
      fc2(config.width, 9) {}

void CameraHead::fields(nn::Fields& f) {
    f("empty_pose_tokens", empty_pose_tokens);
    f("trunk", trunk);
    f("token_norm", token_norm);
    f("trunk_norm", trunk_norm);
    f("embed_pose", embed_pose);
    f("poseLN_modulation.1", modulation);
    f("pose_branch.fc1", fc1);
    f("pose_branch.fc2", fc2);
}

at::Tensor CameraHead::operator()(const at::Tensor& tokens) const {
    constexpr int kRounds = 4;
    const auto x = token_norm(tokens); // [frames, 2 width]
    const auto plain = at::layer_norm(x, {x.size(1)}, {}, {}, 1e-6);
    at::Tensor pose;
    for (int round = 0; round < kRounds; ++round) {
        const auto known = pose.defined() ? pose : empty_pose_tokens.view({1, 9}).expand({x.size(0), 9});
        const auto parts = modulation(at::silu(embed_pose(known))).chunk(3, 1); // shift, scale, gate
        auto h = (parts[2] * (plain * (1 + parts[1]) + parts[0]) + x).unsqueeze(0);
        for (const auto& block : trunk) {
            block.withinFrames(h, {}, 1); // the frames' tokens are one sequence
        }
        const auto change = fc2(at::gelu(fc1(trunk_norm(h.squeeze(0)))));
        pose = pose.defined() ? pose + change : change;
    }
    return at::cat({pose.narrow(1, 0, 7), at::relu(pose.narrow(1, 7, 2))}, 1);
}

Cameras camerasOf(const at::Tensor& poses, std::int64_t height, std::int64_t width) {
    const auto p = poses.to(at::kFloat);
    const auto focal = [&](std::int64_t size, std::int64_t column) {
        return static_cast<double>(size) / 2 / (p.select(1, column) / 2).tan();
    };
    return {at::cat({scene_blocks::rotationMatrices(p.narrow(1, 3, 4)), p.narrow(1, 0, 3).unsqueeze(2)}, 2),
            scene_blocks::centredIntrinsics(focal(width, 8), focal(height, 7), height, width)};
}

Network::Network(const Config& sizes, bool points)
    : config(sizes), camera_token(nn::parameter({1, 2, 1, sizes.width})),
      register_token(nn::parameter({1, 2, sizes.registers, sizes.width})), patch_embed(sizes),
      frame_blocks(attentionBlocks(sizes)), global_blocks(attentionBlocks(sizes)), camera_head(sizes),
      depth_head(headOptions(sizes, 2)) {
    if (points) {
        point_head.emplace(headOptions(sizes, 4));
    }
}

void Network::fields(nn::Fields& f) {
    f("aggregator.camera_token", camera_token);
    f("aggregator.register_token", register_token);
    f("aggregator.patch_embed", patch_embed);
    f("aggregator.frame_blocks", frame_blocks);
    f("aggregator.global_blocks", global_blocks);
    f("camera_head", camera_head);
    f("depth_head", depth_head);
    f("point_head", point_head);
}

Output Network::operator()(const at::Tensor& pictures, const RunOptions& options) const {
    const auto frames = pictures.size(0), height = pictures.size(1), width = pictures.size(2);
    BODY4D_EXPECT(pictures.dim() == 4 && pictures.scalar_type() == at::kByte && frames > 0 &&
                  height % 14 == 0 && width % 14 == 0);
    const DenseHead::Grid grid{height / 14, width / 14};
    const auto patches = grid.rows * grid.columns, special = 1 + config.registers, tokens = special + patches;
    const auto atOnce = std::max<std::int64_t>(1, options.framesAtOnce);
    const double total = static_cast<double>(config.patchDepth + 2 * config.depth) * 1.3;
    const auto tell = [&](double done) {
        if (options.progress) {
            options.progress(std::min(1.0, done / total));
        }
    };

    auto x = at::empty({frames, tokens, config.width}, at::TensorOptions().device(device).dtype(at::kFloat));
    scene_blocks::forFrames(frames, atOnce, [&](std::int64_t begin, std::int64_t count) {
        stopIfAsked(options.stop);
        x.narrow(0, begin, count)
            .narrow(1, special, patches)
            .copy_(patch_embed(scene_blocks::normalisedFrames(pictures, begin, count, device), grid));
        tell(static_cast<double>(config.patchDepth * (begin + count)) / static_cast<double>(frames));
    });
    const auto own = at::cat({camera_token, register_token}, 2); // [1, 2, special, width]
    x.narrow(1, 0, special).copy_(own[0].narrow(0, 1, 1).expand({frames, special, config.width}));
    x.narrow(0, 0, 1).narrow(1, 0, special).copy_(own[0].narrow(0, 0, 1));
    if (options.inspect) {
        options.inspect(-1, x);
    }

    const auto rotations =
        scene_blocks::gridRotations(grid.rows, grid.columns, special, config.width / config.heads, device);
    std::array<at::Tensor, 4> depthLevels, pointLevels;
    at::Tensor cameraTokens;
    std::size_t next = 0;
    for (std::int64_t i = 0; i < config.depth; ++i) {
        stopIfAsked(options.stop);
        frame_blocks[static_cast<std::size_t>(i)].withinFrames(x, rotations, atOnce);
        const bool taken = next < 4 && config.levels[next] == i;
        const auto frameHalf = taken ? x.clone() : at::Tensor();
        stopIfAsked(options.stop);
        global_blocks[static_cast<std::size_t>(i)].overFrames(x, rotations, atOnce);
        if (options.inspect) {
            options.inspect(i, x);
        }
        if (taken) {
            const auto each = [&](auto&& fn) {
                scene_blocks::forFrames(frames, atOnce, [&](std::int64_t begin, std::int64_t count) {
                    const auto part = [&](const at::Tensor& t) {
                        return t.narrow(0, begin, count).narrow(1, special, patches);
                    };
                    fn(begin, count, at::cat({part(frameHalf), part(x)}, 2));
                });
            };
            const auto project = [&](const DenseHead& head, at::Tensor& level) {
                if (keptAsTokens(config, next)) {
                    level = at::empty({frames, patches, 2 * config.width}, x.options());
                    each([&](std::int64_t begin, std::int64_t count, const at::Tensor& both) {
                        level.narrow(0, begin, count).copy_(both);
                    });
                    return;
                }
                level = at::empty({frames, config.channels[next], grid.rows, grid.columns}, x.options());
                each([&](std::int64_t begin, std::int64_t count, const at::Tensor& both) {
                    level.narrow(0, begin, count).copy_(head.project(next, both, grid));
                });
            };
            project(depth_head, depthLevels[next]);
            if (options.inspectLevel) {
                options.inspectLevel(next, depthLevels[next]);
            }
            if (point_head) {
                if (keptAsTokens(config, next)) {
                    pointLevels[next] = depthLevels[next];
                } else {
                    project(*point_head, pointLevels[next]);
                }
            }
            if (next == 3) {
                cameraTokens = at::cat({frameHalf.select(1, 0), x.select(1, 0)}, 1);
            }
            ++next;
        }
        tell(static_cast<double>(config.patchDepth + 2 * (i + 1)));
    }
    x.reset();

    Output output;
    const auto plane = at::TensorOptions().dtype(at::kFloat);
    output.depth = at::empty({frames, height, width}, plane);
    output.confidence = at::empty({frames, height, width}, plane);
    if (point_head) {
        output.points = at::empty({frames, height, width, 3}, plane);
        output.pointsConfidence = at::empty({frames, height, width}, plane);
    }
    const auto headAtOnce = std::max<std::int64_t>(1, options.headFramesAtOnce);
    scene_blocks::forFrames(frames, headAtOnce, [&](std::int64_t begin, std::int64_t count) {
        stopIfAsked(options.stop);
        const auto part = [&](const DenseHead& head, const std::array<at::Tensor, 4>& levels) {
            std::array<at::Tensor, 4> some;
            for (std::size_t level = 0; level < 4; ++level) {
                some[level] = levels[level].narrow(0, begin, count);
                if (keptAsTokens(config, level)) {
                    some[level] = head.project(level, some[level], grid);
                }
            }
            return some;
        };
        const auto maps = depth_head(part(depth_head, depthLevels), grid).main;
        output.depth.narrow(0, begin, count).copy_(maps.select(1, 0).exp());
        output.confidence.narrow(0, begin, count).copy_(maps.select(1, 1).exp() + 1);
        if (point_head) {
            const auto points = (*point_head)(part(*point_head, pointLevels), grid).main;
            const auto xyz = points.narrow(1, 0, 3).permute({0, 2, 3, 1});
            output.points.narrow(0, begin, count).copy_(xyz.sign() * xyz.abs().expm1());
            output.pointsConfidence.narrow(0, begin, count).copy_(points.select(1, 3).exp() + 1);
        }
        tell(static_cast<double>(config.patchDepth + 2 * config.depth) *
             (1 + 0.3 * static_cast<double>(begin + count) / static_cast<double>(frames)));
    });
    output.poses = camera_head(cameraTokens).cpu();
    output.cameras = camerasOf(output.poses, height, width);
    return output;
}

nn::NameTable officialNames(bool points) {
    nn::NameTable table;
    table.unused = {"track_head.**", "aggregator.patch_embed.mask_token"};
    if (!points) {
        table.unused.emplace_back("point_head.**");
    }
    return table;
}

Network loadNetwork(const Checkpoint& file, const nn::Placement& placement, bool points) {
    Network network({}, points);
    nn::LoadOptions options;
    options.names = officialNames(points);
    (void)nn::loadStrict(network, file, options);
    scene_blocks::PlaceWeights place(placement, "aggregator.");
    network.fields(place);
    network.device = placement.device;
    return network;
}

} // namespace body4d::vggt
