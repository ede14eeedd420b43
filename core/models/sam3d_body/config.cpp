#include "models/sam3d_body/config.h"

#include "base/checkpoint.h"
#include "base/error.h"

#include <charconv>
#include <string>

namespace body4d::sam3d_body {
namespace {

/// Number of entries blocks.0, blocks.1, ... under a prefix.
std::int64_t countOf(const Checkpoint& file, const std::string& prefix, const std::string& leaf) {
    std::int64_t n = 0;
    while (file.contains(prefix + std::to_string(n) + leaf)) {
        ++n;
    }
    return n;
}

std::int64_t stated(const Checkpoint& file, const std::string& key, std::int64_t otherwise) {
    const auto found = file.metadata().find("sam3d_body." + key);
    std::int64_t value = 0;
    if (found == file.metadata().end()) {
        return otherwise;
    }
    const auto& text = found->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value <= 0) {
        throw Error(ErrorCode::Input, file.path().filename().string() + " states a size that is no number.",
                    "Get the file again.", "sam3d_body." + key + " = " + text);
    }
    return value;
}

} // namespace

Config Config::fromCheckpoint(const Checkpoint& file) {
    const auto shape = [&](const std::string& name, std::size_t rank) -> const std::vector<std::int64_t>& {
        const auto& s = file.at(name).shape;
        if (s.size() != rank) {
            throw Error(ErrorCode::Input,
                        file.path().filename().string() + " is not SAM 3D Body's checkpoint.",
                        "Get model.ckpt again.", name + " has another number of dimensions");
        }
        return s;
    };
    const std::string trunk = "backbone.encoder.", block = trunk + "blocks.0.", layer = "decoder.layers.0.";
    Config c;
    const auto& patches = shape(trunk + "patch_embed.proj.weight", 4);
    c.width = patches[0];
    c.patch = patches[2];
    c.depth = countOf(file, trunk + "blocks.", ".norm1.weight");
    c.hidden = shape(block + "mlp.w1.weight", 2)[0];
    c.storageTokens = shape(trunk + "storage_tokens", 3)[1];
    // Rotary positions take a quarter of a head's channels as periods.
    c.heads = c.width / (4 * shape(trunk + "rope_embed.periods", 1)[0]);
    c.decoderWidth = shape("decoder.norm_final.weight", 1)[0];
    c.decoderDepth = countOf(file, "decoder.layers.", ".ln1.weight");
    c.decoderInner = shape(layer + "self_attn.q_proj.weight", 2)[0];
    c.decoderHidden = shape(layer + "ffn.layers.0.0.weight", 2)[0];
    c.vertices = shape("head_pose.keypoint_mapping", 2)[1] - kJoints;
    c.triangles = shape("head_pose.faces", 2)[0];
    c.imageSize = stated(file, "image_size", c.imageSize);
    c.decoderHeads = stated(file, "decoder_heads", c.decoderInner >= 64 ? c.decoderInner / 64 : 1);
    return c;
}

} // namespace body4d::sam3d_body
