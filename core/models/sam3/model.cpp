#include "models/sam3/model.h"

#include "models/sam3/checkpoint_names.h"

#include <ATen/ATen.h>

#include "nn/side_stream.h"
#include "nn/strict_loader.h"

namespace body4d::sam3 {

Precision precisionFor(const nn::Placement& placement) {
    return placement.dtype == at::kFloat ? Precision{} : Precision::forDevice(placement.device);
}

std::shared_ptr<const Model> Model::load(const std::filesystem::path& file, const nn::Placement& placement,
                                         const Config& config) {
    const auto checkpoint = Checkpoint::open(file);
    const bool transformers = isTransformersFile(checkpoint);
    auto sizes = config;
    sizes.classRow = !transformers; // that file leaves it out
    auto network = std::make_shared<Network>(sizes);
    const nn::EngineScope scope(placement);
    // First as stored and on the CPU, without a copy; then the parts go where and into which type they
    // belong.
    nn::LoadOptions options;
    options.names = transformers ? transformersNames() : officialNames();
    (void)nn::loadStrict(*network, checkpoint, options);
    network->prepare(placement.device, precisionFor(placement));
    auto model = std::make_shared<Model>();
    model->placement = placement;
    model->weightBytes = network->parameterBytes();
    model->network = std::move(network);
    return model;
}

at::Tensor Model::prepare(const Image& frame) const {
    const auto size = network->config.imageSize;
    const auto pixels = nn::uploadBytes(frame.rgb.data(), {frame.height, frame.width, 3}, network->device);
    const auto x = pixels.permute({2, 0, 1}).unsqueeze(0).to(at::kFloat); // [1, 3, H, W]
    return at::_upsample_bilinear2d_aa(x, {size, size}, false)
        .mul_(network->pixelScale)
        .add_(network->pixelOffset)
        .to(network->inputType);
}

} // namespace body4d::sam3
