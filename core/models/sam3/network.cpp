#include "models/sam3/network.h"

#include <ATen/ATen.h>

#include "nn/blocks/positions.h"

namespace body4d::sam3 {
namespace {

/// Moves parameters; matrices of some parts also change their type.
class Mover final : public nn::Fields {
public:
    Mover(c10::Device device, const Precision& precision) : device_(device), precision_(precision) {}

protected:
    void take(const std::string& key, at::Tensor& tensor) override {
        auto type = at::kFloat;
        const bool norm = key.find("norm") != std::string::npos || key.find("ln_pre") != std::string::npos;
        if (key.starts_with("detector.") && !norm && !key.ends_with("pos_embed")) {
            type = precision_.trunk;
        } else if (key.starts_with("tracker.transformer.") && !norm) {
            type = precision_.attention;
        }
        tensor = tensor.to(device_, type).contiguous();
    }

private:
    c10::Device device_;
    Precision precision_;
};

/// Two layers that compute with the neck and are stored with the mask decoder.
struct NeckProjections {
    Neck& neck;
    void fields(nn::Fields& f) { neck.decoderFields(f); }
};

} // namespace

Precision Precision::forDevice(c10::Device device) {
    return device.is_cuda() ? Precision{at::kBFloat16, at::kBFloat16} : Precision{};
}

Network::Network(const Config& sizes)
    : config(sizes), trunk(sizes), neck(sizes), sam_prompt_encoder(sizes), sam_mask_decoder(sizes),
      maskmem_backbone(sizes), memoryAttention(sizes), mask_downsample(1, 1, 4, {.stride = 4}),
      obj_ptr_proj(sizes.width, sizes.width, sizes.width), obj_ptr_tpos_proj(sizes.width, sizes.memoryWidth),
      maskmem_tpos_enc(nn::parameter({kMaxMaps, 1, 1, sizes.memoryWidth})),
      no_mem_embed(nn::parameter({1, 1, sizes.width})), no_obj_ptr(nn::parameter({1, sizes.width})),
      no_obj_embed_spatial(nn::parameter({1, sizes.memoryWidth})) {}

void Network::fields(nn::Fields& f) {
    f("detector.backbone.vision_backbone.trunk", trunk);
    f("detector.backbone.vision_backbone.sam2_convs", neck);
    f("tracker.sam_prompt_encoder", sam_prompt_encoder);
    f("tracker.sam_mask_decoder", sam_mask_decoder);
    NeckProjections projections{neck};
    f("tracker.sam_mask_decoder", projections);
    f("tracker.maskmem_backbone", maskmem_backbone);
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
    device = where;
    neck.prepare();
    Mover mover(device, precision);
    fields(mover);
    trunk.prepare(config);
    sam_prompt_encoder.prepare(config);
    sam_mask_decoder.prepare(config);
    memoryAttention.prepare(config, device);
    const auto n = config.grid();
    const auto place =
        nn::sinePositions(config.memoryWidth, n, n).flatten(1).t().unsqueeze(0).to(device); // [1, N, C]
    memoryPositions =
        (place + maskmem_tpos_enc.view({kMaxMaps, 1, config.memoryWidth})).to(precision.attention);
}

Features Network::encode(const at::Tensor& images) const {
    return neck(trunk(images));
}

} // namespace body4d::sam3
