// The engines that the plug-in hands out, by name.
#include "base/error.h"
#include "models/blazepose_torch/torch_nets.h"
#include "models/depth_anything3/estimator.h"
#include "models/edgetam/segmenter.h"
#include "models/moge2/engine.h"
#include "models/sam3/segmenter.h"
#include "models/sam3d_body/crop_device.h"
#include "models/sam3d_body/engine.h"
#include "models/scene_bench/bench.h"
#include "models/torch_engines.h"
#include "models/vggt/estimator.h"

#include "nn/plugin/plugin.h"

namespace body4d {

TorchEngines::~TorchEngines() = default;

namespace {

nn::Placement placementFor(const TorchEngineOptions& options, at::ScalarType preferred) {
    auto placement = nn::Placement::choose(options.device, options.fullPrecision ? at::kFloat : preferred);
    placement.tf32 = !options.fullPrecision;
    placement.threads = options.threads;
    return placement;
}

class Engines final : public TorchEngines {
public:
    std::shared_ptr<blazepose::PoseNetworks> poseNetworks(const TorchEngineOptions& options) override {
        return blazepose::makeTorchNetworks(options);
    }

    std::unique_ptr<Segmenter> segmenter(const std::string& engine, const TorchEngineOptions& options) override {
        auto placement = placementFor(options, at::kBFloat16);
        if (engine == "sam3") {
            return sam3::makeSegmenter(options.modelsDir, placement, options.segment, options.budgetGib);
        }
        if (engine == "edgetam") {
            return edgetam::makeSegmenter(options.modelsDir, placement, options.segment, options.budgetGib);
        }
        throw Error(ErrorCode::MissingModel, "There is no segmenter '" + engine + "' on LibTorch.",
                    "Use one of those that body4d models lists.");
    }

    std::unique_ptr<SceneEstimator> sceneEstimator(const std::string& engine, const std::filesystem::path& weights,
                                                   const TorchEngineOptions& options) override {
        auto placement = placementFor(options, at::kBFloat16);
        if (engine == "da3") {
            return da3::makeEstimator(weights, placement);
        }
        if (engine == "vggt") {
            return vggt::makeEstimator(weights, placement);
        }
        throw Error(ErrorCode::MissingModel, "There is no scene engine '" + engine + "' on LibTorch.",
                    "Use one of those that body4d models lists.");
    }
    std::unique_ptr<BodyNetwork> bodyNetwork(const std::string& engine, const TorchEngineOptions& options) override {
        if (engine == "sam3d_body") {
            auto placement = placementFor(options, at::kBFloat16);
            placement.tf32 = false; // decoder and body model are small, and ten bits of mantissa move vertices
            return sam3d_body::makeBodyNetwork(options.modelsDir, placement);
        }
        throw Error(ErrorCode::MissingModel, "There is no body network '" + engine + "' on LibTorch.",
                    "Use one of those that body4d models lists.");
    }
    std::unique_ptr<FovNetwork> fovNetwork(const std::string& engine, const TorchEngineOptions& options,
                                           int tokens) override {
        if (engine == "moge2") {
            auto placement = placementFor(options, at::kHalf);
            return moge2::makeFovNetwork(options.modelsDir, placement, tokens);
        }
        throw Error(ErrorCode::MissingModel, "There is no network '" + engine + "' for the field of view on LibTorch.",
                    "Use one of those that body4d models lists.");
    }
    std::string cropMethod(int device) override {
        return sam3d_body::cropMethod(device < 0 ? at::Device(at::kCPU)
                                                 : at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(device)));
    }
    std::unique_ptr<SceneBench> sceneBench(const SceneBenchOptions& options) override {
        return scene_bench::makeBench(options);
    }
};

} // namespace

TorchEngines& detail::torchEngines() {
    static Engines engines;
    return engines;
}

} // namespace body4d
