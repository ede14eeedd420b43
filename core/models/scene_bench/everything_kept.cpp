#include "models/scene_bench/everything_kept.h"

#include "base/error.h"

#include <ATen/ATen.h>

#include <array>

namespace body4d::scene_bench {
namespace {

using scene_blocks::DenseHead;

constexpr std::int64_t kHeadFrames = 8; ///< frames_chunk_size of both official programs

DenseHead::Grid gridOf(const EverythingKept& kept) {
    return {kept.images.size(2) / 14, kept.images.size(3) / 14};
}

void stopIfAsked(const std::stop_token& stop) {
    if (stop.stop_requested()) {
        throw Cancelled();
    }
}

/// Frames of every scene as one sequence. @param x [scenes * frames, L, width], changed in place
void overScenes(const scene_blocks::Block& block, const at::Tensor& x, std::int64_t scenes,
                const scene_blocks::Rotations& rotations) {
    const auto frames = x.size(0) / scenes;
    for (std::int64_t scene = 0; scene < scenes; ++scene) {
        auto part = x.narrow(0, scene * frames, frames);
        block.overFrames(part, rotations, frames);
    }
}

/// Puts the tokens of the first frame of a scene and of the others into their places.
/// @param x [scenes * frames, L, width]  @param own [2, special, width]
void placeSpecial(const at::Tensor& x, const at::Tensor& own, std::int64_t scenes) {
    const auto special = own.size(1), frames = x.size(0) / scenes;
    auto places = x.narrow(1, 0, special).unflatten(0, {scenes, frames}); // [scenes, frames, special, width]
    places.copy_(own[1].expand_as(places));
    auto first = places.select(1, 0);
    first.copy_(own[0].expand_as(first));
}

/// Depth and confidence, eight frames at a time.
/// @param levels [frames, patches, channels]
KeptDepths dense(const DenseHead& head, const std::array<at::Tensor, 4>& levels,
                 const DenseHead::Grid& grid) {
    std::vector<at::Tensor> depths, confidences;
    scene_blocks::forFrames(levels[0].size(0), kHeadFrames, [&](std::int64_t begin, std::int64_t count) {
        std::array<at::Tensor, 4> part;
        for (std::size_t level = 0; level < 4; ++level) {
            part[level] = head.project(level, levels[level].narrow(0, begin, count), grid);
        }
        const auto maps = head(part, grid).main;
        depths.push_back(maps.select(1, 0).exp());
        confidences.push_back(maps.select(1, 1).exp() + 1);
    });
    return {at::cat(depths), at::cat(confidences), {}};
}

} // namespace

std::int64_t EverythingKept::bytes() const {
    std::int64_t sum = 0;
    for (const auto& output : outputs) {
        sum += static_cast<std::int64_t>(output.nbytes());
    }
    return sum;
}

EverythingKept vggtOutputs(const vggt::Network& network, const at::Tensor& pictures, std::int64_t scenes,
                           const std::stop_token& stop) {
    const auto& config = network.config;
    const auto frames = pictures.size(0);
    EverythingKept kept;
    kept.images = scene_blocks::normalisedFrames(pictures, 0, frames, network.device);
    const auto grid = gridOf(kept);
    const auto special = 1 + config.registers;
    auto x = at::empty({frames, special + grid.rows * grid.columns, config.width}, kept.images.options());
    x.narrow(1, special, x.size(1) - special).copy_(network.patch_embed(kept.images, grid));
    placeSpecial(x, at::cat({network.camera_token, network.register_token}, 2)[0], scenes);
    const auto rotations = scene_blocks::gridRotations(grid.rows, grid.columns, special,
                                                       config.width / config.heads, network.device);
    for (std::size_t i = 0; i < network.frame_blocks.size(); ++i) {
        stopIfAsked(stop);
        network.frame_blocks[i].withinFrames(x, rotations, frames);
        const auto half = x.clone();
        overScenes(network.global_blocks[i], x, scenes, rotations);
        kept.outputs.push_back(at::cat({half, x}, 2));
    }
    return kept;
}

KeptDepths vggtHeads(const vggt::Network& network, const EverythingKept& kept, std::int64_t scenes) {
    const auto special = 1 + network.config.registers;
    std::array<at::Tensor, 4> levels;
    for (std::size_t level = 0; level < 4; ++level) {
        const auto& output = kept.outputs[static_cast<std::size_t>(network.config.levels[level])];
        levels[level] = output.narrow(1, special, output.size(1) - special);
    }
    std::vector<at::Tensor> poses;
    for (const auto& tokens : kept.outputs.back().select(1, 0).chunk(scenes)) {
        poses.push_back(network.camera_head(tokens));
    }
    auto result = dense(network.depth_head, levels, gridOf(kept));
    result.poses = at::cat(poses);
    return result;
}

EverythingKept da3Outputs(const da3::Network& network, const at::Tensor& pictures, std::int64_t scenes,
                          const std::stop_token& stop) {
    const auto& config = network.config;
    const auto& backbone = network.backbone;
    BODY4D_EXPECT(config.anyView());
    const auto frames = pictures.size(0);
    EverythingKept kept;
    kept.images = scene_blocks::normalisedFrames(pictures, 0, frames, network.device);
    const auto grid = gridOf(kept);
    const auto stored = backbone.pos_embed.slice(1, 1);
    const auto positions = grid.rows == config.positions && grid.columns == config.positions
                               ? stored
                               : scene_blocks::positionsByFactor(stored, grid.rows, grid.columns);
    const auto patches =
        backbone.patch_embed(kept.images).flatten(2).transpose(1, 2).to(at::kFloat) + positions;
    const auto first = (backbone.cls_token + backbone.pos_embed.narrow(1, 0, 1)).expand({frames, 1, -1});
    auto x = at::cat({first, patches}, 1);
    const auto headChannels = config.width / config.heads;
    const auto local = scene_blocks::gridRotations(grid.rows, grid.columns, 1, headChannels, network.device);
    const auto global = scene_blocks::firstTokenRotation(-1, -1, headChannels, network.device);
    at::Tensor half;
    for (std::int64_t i = 0; i < config.depth; ++i) {
        stopIfAsked(stop);
        if (i == config.altStart) {
            placeSpecial(x, backbone.camera_token[0].unsqueeze(1), scenes);
        }
        const auto& block = backbone.blocks[static_cast<std::size_t>(i)];
        if (config.global(i)) {
            overScenes(block, x, scenes, global);
        } else {
            block.withinFrames(x, i >= config.altStart ? local : scene_blocks::Rotations(), frames);
            half = x.clone();
        }
        if (std::find(config.outLayers.begin(), config.outLayers.end(), i) != config.outLayers.end()) {
            kept.outputs.push_back(at::cat({half, x}, 2));
        }
    }
    for (std::size_t level = 0; level < 4; ++level) {
        const auto& whole = kept.outputs[level];
        kept.outputs.push_back(at::cat(
            {whole.narrow(2, 0, config.width), backbone.norm(whole.narrow(2, config.width, config.width))},
            2));
    }
    return kept;
}

KeptDepths da3Heads(const da3::Network& network, const EverythingKept& kept) {
    std::array<at::Tensor, 4> levels;
    for (std::size_t level = 0; level < 4; ++level) {
        const auto& output = kept.outputs[4 + level];
        levels[level] = output.narrow(1, 1, output.size(1) - 1);
    }
    auto result = dense(network.head, levels, gridOf(kept));
    result.poses = (*network.cam_dec)(kept.outputs[3].select(1, 0));
    return result;
}

} // namespace body4d::scene_bench
