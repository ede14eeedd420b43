#include "models/depth_anything3/network.h"

#include "base/error.h"
#include "models/scene_blocks/place_weights.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace body4d::da3 {
namespace {

using scene_blocks::DenseHead;

DenseHead::Options headOptions(const Config& config) {
    DenseHead::Options options;
    options.width = config.tokenWidth();
    options.features = config.features;
    options.channels = config.channels;
    options.outputs = config.anyView() ? 2 : 1;
    options.norm = options.positions = config.anyView();
    options.sky = !config.anyView();
    return options;
}

void stopIfAsked(const std::stop_token& stop) {
    if (stop.stop_requested()) {
        throw Cancelled();
    }
}

/// Frames with the reference first, and back.
at::Tensor referenceFirst(const at::Tensor& x, std::int64_t reference) {
    return at::cat({x.narrow(0, reference, 1), x.narrow(0, 0, reference),
                    x.narrow(0, reference + 1, x.size(0) - reference - 1)});
}

at::Tensor inOrder(const at::Tensor& x, std::int64_t reference) {
    return reference <= 0 ? x
                          : at::cat({x.narrow(0, 1, reference), x.narrow(0, 0, 1),
                                     x.narrow(0, reference + 1, x.size(0) - reference - 1)});
}

} // namespace

Backbone::Backbone(const Config& config)
    : cls_token(nn::parameter({1, 1, config.width})),
      camera_token(config.anyView() ? nn::parameter({1, 2, config.width}) : at::Tensor()),
      pos_embed(nn::parameter({1, 1 + config.positions * config.positions, config.width})),
      patch_embed(3, config.width, 14, {.stride = 14}),
      blocks(scene_blocks::makeBlocks(config.depth,
                                      [&](std::int64_t i) {
                                          return scene_blocks::Block::Options{
                                              .width = config.width,
                                              .heads = config.heads,
                                              .hidden = config.hidden,
                                              .normHeads = config.anyView() && i >= config.altStart,
                                              .gated = config.gated};
                                      })),
      norm(config.width) {}

void Backbone::fields(nn::Fields& f) {
    f("cls_token", cls_token);
    f("camera_token", camera_token);
    f("pos_embed", pos_embed);
    f("patch_embed.proj", patch_embed);
    f("blocks", blocks);
    f("norm", norm);
}

Network::Network(const Config& sizes, const Parts& parts)
    : config(sizes), backbone(sizes), head(headOptions(sizes)) {
    if (config.anyView()) {
        cam_dec.emplace(2 * config.width);
        if (parts.rays) {
            rays.emplace(config.features);
        }
        if (parts.cameraEncoder) {
            cam_enc.emplace(config.width);
        }
    }
}

void Network::fields(nn::Fields& f) {
    f("backbone.pretrained", backbone);
    f("head", head);
    f("head", rays);
    f("cam_dec", cam_dec);
    f("cam_enc", cam_enc);
}

Output Network::operator()(const at::Tensor& pictures, const RunOptions& options) const {
    const bool bytes = pictures.scalar_type() == at::kByte;
    const auto frames = pictures.size(0);
    const auto height = pictures.size(bytes ? 1 : 2), width = pictures.size(bytes ? 2 : 3);
    BODY4D_EXPECT(pictures.dim() == 4 && frames > 0 && height % 14 == 0 && width % 14 == 0);
    const DenseHead::Grid grid{height / 14, width / 14};
    const auto tokens = 1 + grid.rows * grid.columns;
    const auto atOnce = std::max<std::int64_t>(1, options.framesAtOnce);
    // Work a frame in rough units of a block; the head at full resolution weighs a third of a small trunk.
    const double total = static_cast<double>(config.depth) * 1.35;
    const auto tell = [&](double done) {
        if (options.progress) {
            options.progress(std::min(1.0, done / total));
        }
    };

    const auto positions =
        grid.rows == config.positions && grid.columns == config.positions
            ? backbone.pos_embed.slice(1, 1)
            : scene_blocks::positionsByFactor(backbone.pos_embed.slice(1, 1), grid.rows, grid.columns);
    const auto first = backbone.cls_token + backbone.pos_embed.narrow(1, 0, 1); // [1, 1, width]
    auto x = at::empty({frames, tokens, config.width}, at::TensorOptions().device(device).dtype(at::kFloat));
    scene_blocks::forFrames(frames, atOnce, [&](std::int64_t begin, std::int64_t count) {
        stopIfAsked(options.stop);
        const auto patches =
            backbone.patch_embed(scene_blocks::normalisedFrames(pictures, begin, count, device));
        x.narrow(0, begin, count).narrow(1, 0, 1).copy_(first.expand({count, 1, -1}));
        x.narrow(0, begin, count)
            .narrow(1, 1, tokens - 1)
            .copy_(patches.flatten(2).transpose(1, 2).to(at::kFloat) + positions);
    });
    if (options.inspect) {
        options.inspect(-1, x);
    }

    const auto headChannels = config.width / config.heads;
    const auto local = scene_blocks::gridRotations(grid.rows, grid.columns, 1, headChannels, device);
    // Over all frames every patch stands at (1, 1) and every camera token at (0, 0). Only differences matter,
    // so it is enough to turn the camera tokens, by (-1, -1).
    const auto global = scene_blocks::firstTokenRotation(-1, -1, headChannels, device);

    Output output;
    const auto plane = at::TensorOptions().dtype(at::kFloat);
    output.features.resize(options.featureBlocks.size());

    std::int64_t reference = -1;
    // Where the frames came with the reference first, frame i of the tokens is another one of the pictures.
    const auto original = [&reference](std::int64_t i) {
        return reference <= 0 ? i : i == 0 ? reference : i <= reference ? i - 1 : i;
    };
    std::array<at::Tensor, 4> levels;
    at::Tensor cameraTokens, localHalf;
    std::size_t next = 0; // level
    for (std::int64_t i = 0; i < config.depth; ++i) {
        stopIfAsked(options.stop);
        if (config.anyView() && i == config.altStart - 1 && frames >= 3 && !options.cameras) {
            reference = chooseReference(x.select(1, 0), options.reference);
            if (reference > 0) {
                x = referenceFirst(x, reference);
            }
        }
        if (config.anyView() && i == config.altStart) {
            auto place = x.select(1, 0);
            if (options.cameras) {
                BODY4D_EXPECT(cam_enc.has_value());
                place.copy_((*cam_enc)(*options.cameras, height, width));
            } else {
                place.copy_(backbone.camera_token[0].narrow(0, 1, 1).expand({frames, -1}));
                place.narrow(0, 0, 1).copy_(backbone.camera_token[0].narrow(0, 0, 1));
            }
        }
        const auto& block = backbone.blocks[static_cast<std::size_t>(i)];
        const bool taken = next < 4 && config.outLayers[next] == i;
        if (config.global(i)) {
            if (taken) {
                localHalf = x.clone(); // blocks change x, and this half is read behind the block
            }
            block.overFrames(x, global, atOnce);
        } else {
            block.withinFrames(
                x, config.anyView() && i >= config.altStart ? local : scene_blocks::Rotations(), atOnce);
        }
        if (options.inspect) {
            options.inspect(i, x);
        }
        for (std::size_t f = 0; f < options.featureBlocks.size(); ++f) {
            if (options.featureBlocks[f] != i) {
                continue;
            }
            auto& kept = output.features[f];
            kept = at::empty({frames, grid.rows, grid.columns, config.width}, plane);
            scene_blocks::forFrames(frames, atOnce, [&](std::int64_t begin, std::int64_t count) {
                const auto normed =
                    backbone.norm(x.narrow(0, begin, count).narrow(1, 1, tokens - 1)).to(at::kFloat).cpu();
                for (std::int64_t n = 0; n < count; ++n) {
                    kept.select(0, original(begin + n)).copy_(normed[n].view({grid.rows, grid.columns, -1}));
                }
            });
        }
        if (taken) {
            const auto& half = localHalf.defined() ? localHalf : x;
            auto& level = levels[next];
            level = at::empty({frames, config.channels[next], grid.rows, grid.columns}, x.options());
            scene_blocks::forFrames(frames, atOnce, [&](std::int64_t begin, std::int64_t count) {
                const auto patches = [&](const at::Tensor& t) {
                    return t.narrow(0, begin, count).narrow(1, 1, tokens - 1);
                };
                const auto normed = backbone.norm(patches(x));
                level.narrow(0, begin, count)
                    .copy_(head.project(next, config.anyView() ? at::cat({patches(half), normed}, 2) : normed,
                                        grid));
            });
            if (options.inspectLevel) {
                options.inspectLevel(next, inOrder(level, reference));
            }
            if (next == 3 && config.anyView()) {
                cameraTokens = at::cat({half.select(1, 0), x.select(1, 0)}, 1);
            }
            localHalf.reset();
            ++next;
        }
        tell(static_cast<double>(i + 1));
        if (next == 4) {
            break; // nothing reads later blocks
        }
    }
    x.reset();

    output.depth = at::empty({frames, height, width}, plane);
    (config.anyView() ? output.confidence : output.sky) = at::empty({frames, height, width}, plane);
    if (options.rays) {
        BODY4D_EXPECT(rays.has_value());
        output.rays.rays = at::empty({frames, 8 * grid.rows, 8 * grid.columns, 6}, plane);
        output.rays.confidence = at::empty({frames, 8 * grid.rows, 8 * grid.columns}, plane);
    }
    const auto headAtOnce = std::max<std::int64_t>(1, options.headFramesAtOnce);
    scene_blocks::forFrames(frames, headAtOnce, [&](std::int64_t begin, std::int64_t count) {
        stopIfAsked(options.stop);
        std::array<at::Tensor, 4> part;
        for (std::size_t level = 0; level < 4; ++level) {
            part[level] = levels[level].narrow(0, begin, count);
        }
        const auto maps = head(part, grid);
        const auto depth = maps.main.select(1, 0).exp().cpu();
        const auto second =
            (config.anyView() ? maps.main.select(1, 1).exp() + 1 : at::relu(maps.sky.select(1, 0))).cpu();
        RayHead::Rays some;
        if (options.rays) {
            some = (*rays)(head, head.pyramid(part), grid);
        }
        for (std::int64_t i = 0; i < count; ++i) {
            const auto to = original(begin + i);
            output.depth.select(0, to).copy_(depth[i]);
            (config.anyView() ? output.confidence : output.sky).select(0, to).copy_(second[i]);
            if (options.rays) {
                output.rays.rays.select(0, to).copy_(some.rays[i]);
                output.rays.confidence.select(0, to).copy_(some.confidence[i]);
            }
        }
        tell(static_cast<double>(config.depth) *
             (1 + 0.35 * static_cast<double>(begin + count) / static_cast<double>(frames)));
    });
    if (config.anyView()) {
        output.poses = (*cam_dec)(inOrder(cameraTokens, reference)).cpu();
        output.cameras = camerasOf(output.poses, height, width);
    }
    return output;
}

nn::NameTable officialNames(const Network::Parts& parts) {
    nn::NameTable table;
    table.unused = {"gs_head.**"};
    if (parts.rays) {
        // The norms of the four levels are one object, of which files keep the first name; only the finest
        // has an effect.
        table.renames = {{"head.scratch.output_conv2_aux.0.2.*", "head.scratch.output_conv2_aux.3.2.$1"}};
        for (const char* level : {"0", "1", "2"}) {
            table.unused.push_back(std::string("head.scratch.output_conv1_aux.") + level + ".**");
            for (const char* layer : {"0", "5"}) {
                table.unused.push_back(std::string("head.scratch.output_conv2_aux.") + level + "." + layer +
                                       ".**");
            }
        }
    } else {
        table.unused.emplace_back("head.scratch.*_aux.**");
    }
    if (!parts.cameraEncoder) {
        table.unused.emplace_back("cam_enc.**");
    }
    return table;
}

Network loadNetwork(const Checkpoint& file, const std::string& prefix, const nn::Placement& placement,
                    const Network::Parts& parts) {
    Network network(configOf(file, prefix), parts);
    nn::LoadOptions options;
    options.names = officialNames(parts);
    options.prefix = prefix;
    (void)nn::loadStrict(network, file, options);
    scene_blocks::PlaceWeights place(placement, "backbone.");
    network.fields(place);
    network.device = placement.device;
    return network;
}

} // namespace body4d::da3
