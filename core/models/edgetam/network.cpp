#include "models/edgetam/network.h"

#include "models/sam3/checkpoint_names.h"

#include <ATen/ATen.h>

namespace body4d::edgetam {

Network::Network(const Config& sizes)
    : VideoNetwork(sizes), encoderConfig(sizes), trunk(sizes), conv_s0(sizes.width, sizes.width / 8, 1),
      conv_s1(sizes.width, sizes.width / 4, 1), spatial_perceiver(sizes) {
    for (std::size_t i = 0; i < neck.size(); ++i) {
        neck[i] = nn::Conv2d(sizes.widths[neck.size() - 1 - i], sizes.width, 1);
    }
}

void Network::fields(nn::Fields& f) {
    f("image_encoder.trunk.body", trunk);
    for (std::size_t i = 0; i < neck.size(); ++i) {
        f("image_encoder.neck.convs." + std::to_string(i) + ".conv", neck[i]);
    }
    f("sam_prompt_encoder", sam_prompt_encoder);
    f("sam_mask_decoder", sam_mask_decoder);
    f("sam_mask_decoder.conv_s0", conv_s0);
    f("sam_mask_decoder.conv_s1", conv_s1);
    f("memory_encoder", memoryEncoder);
    f("memory_attention", memoryAttention);
    f("spatial_perceiver", spatial_perceiver);
    f("mask_downsample", mask_downsample);
    f("obj_ptr_proj", obj_ptr_proj);
    f("maskmem_tpos_enc", maskmem_tpos_enc);
    f("no_mem_embed", no_mem_embed);
    f("no_obj_ptr", no_obj_ptr);
}

void Network::prepare(c10::Device where, const sam3::Precision& precision) {
    trunk.fold();
    // No layer stands between the lateral convolutions and the decoder's.
    nn::foldAfter(neck[3], conv_s0);
    nn::foldAfter(neck[2], conv_s1);
    conv_s0 = conv_s1 = {};
    build(where, precision);
}

void Network::prepareUnfolded() {
    build(c10::kCPU, {});
}

void Network::build(c10::Device where, const sam3::Precision& precision) {
    prepareShared(where, precision, {"image_encoder.", "memory_attention.", {}});
    spatial_perceiver.prepare(encoderConfig, where);
    normaliseWith({0.485F, 0.456F, 0.406F}, {0.229F, 0.224F, 0.225F}); // ImageNet's
}

sam3::Features Network::computeFeatures(const at::Tensor& images) const {
    const auto maps = trunk(images);
    sam3::Features features;
    features.s0 = neck[3](maps[0]);
    features.s1 = neck[2](maps[1]);
    if (conv_s0.weight.defined()) {
        features.s0 = conv_s0(features.s0);
        features.s1 = conv_s1(features.s1);
    }
    const auto coarse = neck[0](maps[3]);
    features.top = neck[1](maps[2]) + at::upsample_nearest2d(coarse, {config.grid(), config.grid()});
    return features;
}

at::Tensor Network::condensed(const at::Tensor& map) const {
    return spatial_perceiver(map.to(at::kFloat));
}

std::int64_t Network::encodeBytes() const {
    // The stem's first map before and behind its activation, then the first stage's hidden layer likewise.
    const auto half = config.imageSize * config.imageSize / 4;
    return static_cast<std::int64_t>(sizeof(float)) *
           (2 * half * encoderConfig.widths[0] / 2 + half / 4 * 6 * encoderConfig.widths[0]);
}

nn::NameTable officialNames() {
    nn::NameTable table;
    table.unused = {"no_mem_pos_enc", // never read
                    "image_encoder.trunk.body.**.num_batches_tracked"};
    table.renames = {{"sam_mask_decoder.transformer.layers.*.mlp.layers.0.*",
                      "sam_mask_decoder.transformer.layers.$1.mlp.lin1.$2"},
                     {"sam_mask_decoder.transformer.layers.*.mlp.layers.1.*",
                      "sam_mask_decoder.transformer.layers.$1.mlp.lin2.$2"}};
    return table;
}

nn::NameTable transformersNames() {
    nn::NameTable table;
    table.unused = {"no_memory_positional_encoding",                // never read
                    "shared_image_embedding.positional_embedding", // stored twice
                    "vision_encoder.backbone.**.num_batches_tracked"};
    const std::string layer = "spatial_perceiver.layers.*.", ours = "spatial_perceiver.layers.$1.";
    table.renames = {{"vision_encoder.backbone.timm_model.**", "image_encoder.trunk.body.$1"},
                     {"vision_encoder.neck.convs.*.*", "image_encoder.neck.convs.$1.conv.$2"},
                     {"spatial_perceiver.latents_1d", "spatial_perceiver.latents"},
                     {"spatial_perceiver.layer_norm.*", "spatial_perceiver.norm.$1"},
                     {layer + "layer_norm_input.*", ours + "attn.norm_x.$2"},
                     {layer + "layer_norm_latents.*", ours + "attn.norm_latents.$2"},
                     {layer + "layer_norm_self.*", ours + "self_attn.norm.$2"}};
    for (const auto& [theirs, mine] : {std::pair("cross_attention.", "attn."), {"self_attention.", "self_attn."}}) {
        table.renames.push_back({layer + theirs + "q_proj.weight", ours + mine + "to_q.weight"});
        table.renames.push_back({layer + theirs + "k_proj.weight", ours + mine + "to_kv.weight#0"});
        table.renames.push_back({layer + theirs + "v_proj.weight", ours + mine + "to_kv.weight#1"});
        table.renames.push_back({layer + theirs + "o_proj.weight", ours + mine + "to_out.weight"});
    }
    for (const auto& [theirs, mine] : {std::pair("mlp.", "ff."), {"self_mlp.", "self_ff."}}) {
        table.renames.push_back({layer + theirs + "layer_norm.*", ours + mine + "0.$2"});
        table.renames.push_back({layer + theirs + "up_proj.weight", ours + mine + "1.weight"});
        table.renames.push_back({layer + theirs + "down_proj.weight", ours + mine + "3.weight"});
    }
    const auto tracker = sam3::transformersTrackerRenames({}, {{}, "memory_attention.", "memory_encoder."});
    table.renames.insert(table.renames.end(), tracker.begin(), tracker.end());
    return table;
}

bool isTransformersFile(const Checkpoint& file) {
    return file.contains("spatial_perceiver.latents_1d");
}

} // namespace body4d::edgetam
