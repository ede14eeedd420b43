#include "models/sam3/video_network.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "nn/blocks/positions.h"
#include "nn/strict_loader.h"

namespace body4d::sam3 {
namespace {

/// Moves parameters; matrices of some parts also change their type.
class Mover final : public nn::Fields {
public:
    Mover(c10::Device device, const Precision& precision, const std::string& encoder,
          const std::string& attention, const std::vector<std::string>& kept)
        : device_(device), precision_(precision), encoder_(encoder), attention_(attention), kept_(kept) {}

protected:
    void take(const std::string& key, at::Tensor& tensor) override {
        auto type = at::kFloat;
        const bool stays = key.find("norm") != std::string::npos ||
                           std::any_of(kept_.begin(), kept_.end(),
                                       [&](const std::string& part) { return key.find(part) != key.npos; });
        if (!stays && key.starts_with(encoder_)) {
            type = precision_.encoder;
        } else if (!stays && key.starts_with(attention_)) {
            type = precision_.attention;
        }
        tensor = tensor.to(device_, type).contiguous();
    }

private:
    c10::Device device_;
    Precision precision_;
    std::string encoder_, attention_;
    std::vector<std::string> kept_;
};

at::Tensor perChannel(const std::array<float, 3>& values, c10::Device device) {
    return at::tensor(at::ArrayRef<float>(values)).view({3, 1, 1}).to(device);
}

} // namespace

Features Features::frame(std::int64_t i) const {
    return {top.narrow(0, i, 1), s1.narrow(0, i, 1), s0.narrow(0, i, 1)};
}

std::int64_t Features::bytes() const {
    return static_cast<std::int64_t>(top.nbytes() + s1.nbytes() + s0.nbytes());
}

Precision Precision::forDevice(c10::Device device) {
    return device.is_cuda() ? Precision{at::kBFloat16, at::kBFloat16} : Precision{};
}

VideoNetwork::VideoNetwork(const TrackerConfig& sizes)
    : config(sizes), sam_prompt_encoder(sizes), sam_mask_decoder(sizes), memoryEncoder(sizes),
      memoryAttention(sizes), mask_downsample(1, 1, 4, {.stride = 4}),
      obj_ptr_proj(sizes.width, sizes.width, sizes.width),
      maskmem_tpos_enc(nn::parameter({kMaxMaps, 1, 1, sizes.memoryWidth})),
      no_mem_embed(nn::parameter({1, 1, sizes.width})), no_obj_ptr(nn::parameter({1, sizes.width})) {
    if (sizes.timedPointers) {
        obj_ptr_tpos_proj = nn::Linear(sizes.width, sizes.memoryWidth);
    }
    if (sizes.marksAbsence) {
        no_obj_embed_spatial = nn::parameter({1, sizes.memoryWidth});
    }
}

Features VideoNetwork::encode(const at::Tensor& images) const {
    const auto parts = (*graphs)("encode", {images}, [this](const nn::GraphCache::Tensors& in) {
        const auto features = computeFeatures(in[0]);
        return nn::GraphCache::Tensors{features.top, features.s1, features.s0};
    });
    return {parts[0], parts[1], parts[2]};
}

at::Tensor VideoNetwork::condensed(const at::Tensor& map) const {
    return map.flatten(2).transpose(1, 2);
}

std::int64_t VideoNetwork::parameterBytes() {
    std::int64_t bytes = 0;
    nn::detail::FieldCollector collector;
    fields(collector);
    for (const auto& [key, field] : collector.fields) {
        bytes += static_cast<std::int64_t>(field.tensor->nbytes());
    }
    return bytes;
}

void VideoNetwork::prepareShared(c10::Device where, const Precision& precision, const KeyPrefixes& keys) {
    device = where;
    graphs = std::make_shared<nn::GraphCache>(nn::workRecorder(where));
    inputType = precision.encoder;
    Mover mover(where, precision, keys.encoder, keys.attention, keys.float32);
    fields(mover);
    sam_prompt_encoder.prepare(config);
    sam_mask_decoder.prepare(config);
    memoryAttention.prepare(config, device);
    const auto n = config.latentGrid > 0 ? config.latentGrid : config.grid();
    auto places = nn::sinePositions(config.memoryWidth, n, n).flatten(1).t(); // [n * n, C]
    if (config.latentGrid > 0) {
        places = at::cat({at::zeros_like(places), places}); // latents without a place come first
    }
    memoryPositions =
        (places.unsqueeze(0).to(device) + maskmem_tpos_enc.view({kMaxMaps, 1, config.memoryWidth}))
            .to(precision.attention);
}

void VideoNetwork::normaliseWith(const std::array<float, 3>& mean, const std::array<float, 3>& deviation) {
    const auto centre = perChannel(mean, device), width = perChannel(deviation, device);
    pixelScale = at::reciprocal(width * 255);
    pixelOffset = -centre / width;
}

} // namespace body4d::sam3
