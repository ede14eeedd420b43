#include "models/sam3/network.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace body4d::sam3 {
namespace {

/// Two layers that compute with the neck and are stored with the mask decoder.
struct NeckProjections {
    Neck& neck;
    void fields(nn::Fields& f) { neck.decoderFields(f); }
};

} // namespace

Network::Network(const Config& sizes)
    : VideoNetwork(sizes), encoderConfig(sizes), trunk(sizes), neck(sizes) {}

void Network::fields(nn::Fields& f) {
    f("detector.backbone.vision_backbone.trunk", trunk);
    f("detector.backbone.vision_backbone.sam2_convs", neck);
    f("tracker.sam_prompt_encoder", sam_prompt_encoder);
    f("tracker.sam_mask_decoder", sam_mask_decoder);
    NeckProjections projections{neck};
    f("tracker.sam_mask_decoder", projections);
    f("tracker.maskmem_backbone", memoryEncoder);
    f("tracker.transformer.encoder", memoryAttention);
    f("tracker.mask_downsample", mask_downsample);
    f("tracker.obj_ptr_proj", obj_ptr_proj);
    f("tracker.obj_ptr_tpos_proj", obj_ptr_tpos_proj);
    f("tracker.maskmem_tpos_enc", maskmem_tpos_enc);
    f("tracker.no_mem_embed", no_mem_embed);
    f("tracker.no_obj_ptr", no_obj_ptr);
    f("tracker.no_obj_embed_spatial", no_obj_embed_spatial);
}

void Network::prepare(c10::Device where, const Precision& precision) {
    neck.prepare();
    prepareShared(where, precision, {"detector.", "tracker.transformer.", {"ln_pre", "pos_embed"}});
    trunk.prepare(encoderConfig);
    normaliseWith({0.5F, 0.5F, 0.5F}, {0.5F, 0.5F, 0.5F});
}

Features Network::computeFeatures(const at::Tensor& images) const {
    return neck(trunk(images));
}

std::int64_t Network::encodeBytes() const {
    const auto& c = encoderConfig;
    // In a block: the residual, its norm, queries with keys and values, and the hidden layer before and
    // behind its activation. In the neck: the map at twice the grid, at four times the grid, and what comes
    // out.
    const auto block = c.tokens() * (5 * c.trunkWidth + 2 * c.trunkHidden);
    const auto pyramid = c.tokens() * (4 * c.trunkWidth + 16 * c.width);
    return static_cast<std::int64_t>(sizeof(float)) * std::max(block, pyramid);
}

} // namespace body4d::sam3
