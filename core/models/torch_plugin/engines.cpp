// The engines that the plug-in hands out, by name.
#include "base/error.h"
#include "models/blazepose_torch/torch_nets.h"
#include "models/edgetam/segmenter.h"
#include "models/sam3/segmenter.h"
#include "models/torch_engines.h"

#include "nn/plugin/plugin.h"

namespace body4d {

TorchEngines::~TorchEngines() = default;

namespace {

class Engines final : public TorchEngines {
public:
    std::shared_ptr<blazepose::PoseNetworks> poseNetworks(const TorchEngineOptions& options) override {
        return blazepose::makeTorchNetworks(options);
    }

    std::unique_ptr<Segmenter> segmenter(const std::string& engine, const TorchEngineOptions& options) override {
        auto placement = nn::Placement::choose(options.device, at::kBFloat16);
        placement.threads = options.threads;
        if (engine == "sam3") {
            return sam3::makeSegmenter(options.modelsDir, placement, options.segment, options.budgetGib);
        }
        if (engine == "edgetam") {
            return edgetam::makeSegmenter(options.modelsDir, placement, options.segment, options.budgetGib);
        }
        throw Error(ErrorCode::MissingModel, "There is no segmenter '" + engine + "' on LibTorch.",
                    "Use one of those that body4d models lists.");
    }
};

} // namespace

TorchEngines& detail::torchEngines() {
    static Engines engines;
    return engines;
}

} // namespace body4d
