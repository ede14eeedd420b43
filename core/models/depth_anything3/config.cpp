#include "models/depth_anything3/config.h"

#include "base/error.h"

#include <cmath>

namespace body4d::da3 {
namespace {

[[noreturn]] void notDepthAnything3(const Checkpoint& file, const std::string& why) {
    throw Error(ErrorCode::Input, file.path().filename().string() + " is no released Depth Anything 3 model.",
                "Use model.safetensors of one of the official models; body4d models lists them.", why);
}

} // namespace

Config configOf(const Checkpoint& file, const std::string& prefix) {
    const auto& tensors = file.tensors();
    const auto shape = [&](const std::string& name) -> const std::vector<std::int64_t>& {
        const auto found = tensors.find(prefix + name);
        if (found == tensors.end()) {
            notDepthAnything3(file, "there is no " + prefix + name);
        }
        return found->second.shape;
    };
    const auto axis = [&](const std::string& name, std::size_t i) {
        const auto& s = shape(name);
        if (i >= s.size()) {
            notDepthAnything3(file, prefix + name + " has too few dimensions");
        }
        return s[i];
    };
    const auto has = [&](const std::string& name) { return tensors.find(prefix + name) != tensors.end(); };
    const std::string trunk = "backbone.pretrained.";
    const auto block = [&](std::int64_t i, const char* rest) {
        return trunk + "blocks." + std::to_string(i) + rest;
    };

    Config config;
    config.width = axis(trunk + "cls_token", 2);
    config.positions = std::llround(std::sqrt(static_cast<double>(axis(trunk + "pos_embed", 1) - 1)));
    config.depth = 0;
    config.altStart = -1;
    while (has(block(config.depth, ".norm1.weight"))) {
        if (config.altStart < 0 && has(block(config.depth, ".attn.q_norm.weight"))) {
            config.altStart = config.depth;
        }
        ++config.depth;
    }
    config.gated = has(block(0, ".mlp.w12.weight"));
    config.hidden = config.gated ? axis(block(0, ".mlp.w3.weight"), 1) : axis(block(0, ".mlp.fc1.weight"), 0);
    const auto headChannels = config.anyView() ? axis(block(config.altStart, ".attn.q_norm.weight"), 0) : 64;
    config.heads = config.width / headChannels;
    config.features = axis("head.scratch.layer1_rn.weight", 0);
    for (std::size_t level = 0; level < 4; ++level) {
        config.channels[level] = axis("head.projects." + std::to_string(level) + ".weight", 0);
    }
    if (!config.anyView() && config.depth == 24) {
        config.outLayers = {4, 11, 17, 23};
    } else if (config.anyView() && config.depth == 12) {
        config.outLayers = {5, 7, 9, 11};
    } else if (config.anyView() && config.depth == 24) {
        config.outLayers = {11, 15, 19, 23};
    } else if (config.anyView() && config.depth == 40) {
        config.outLayers = {19, 27, 33, 39};
    } else {
        notDepthAnything3(file, std::to_string(config.depth) + " blocks");
    }
    return config;
}

bool isNested(const Checkpoint& file) {
    return file.tensors().contains("model.da3_metric.backbone.pretrained.cls_token");
}

} // namespace body4d::da3
