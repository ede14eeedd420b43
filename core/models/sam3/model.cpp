#include "models/sam3/model.h"

#include "models/sam3/checkpoint_names.h"

#include <ATen/ATen.h>

#include "nn/strict_loader.h"

namespace body4d::sam3 {

std::shared_ptr<const Model> Model::load(const std::filesystem::path& file, const nn::Placement& placement,
                                         const Config& config) {
    auto model = std::make_shared<Model>(Model{placement, Network(config)});
    const nn::EngineScope scope(placement);
    // First as stored and on the CPU, without a copy; then the parts go where and into which type they
    // belong.
    nn::LoadOptions options;
    options.names = officialNames();
    (void)nn::loadStrict(model->network, Checkpoint::open(file), options);
    auto precision = Precision::forDevice(placement.device);
    if (placement.dtype == at::kFloat) {
        precision = Precision{};
    }
    model->network.prepare(placement.device, precision);
    return model;
}

at::Tensor Model::prepare(const Image& frame) const {
    const auto size = network.config.imageSize;
    // Nobody writes to it, and the copy to the device is done before the frame can go.
    auto pixels =
        at::from_blob(const_cast<std::uint8_t*>(frame.rgb.data()), {frame.height, frame.width, 3}, at::kByte);
    const auto x = pixels.to(network.device).permute({2, 0, 1}).unsqueeze(0).to(at::kFloat); // [1, 3, H, W]
    return at::_upsample_bilinear2d_aa(x, {size, size}, false)
        .mul_(2.0 / 255)
        .sub_(1)
        .to(network.trunk.patch_embed_proj.weight.scalar_type());
}

} // namespace body4d::sam3
