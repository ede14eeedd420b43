// The host's side of the engines on LibTorch: no line here knows LibTorch.
#include "models/torch_engines.h"

#include "base/error.h"
#include "models/blazepose/session.h"
#include "models/posed/posed_segmenter.h"

namespace body4d {

TorchEngines& requireTorchEngines() {
    const auto& status = torchPlugin();
    if (status.plugin == nullptr) {
        throw Error(ErrorCode::MissingModel, status.reason, status.remedy);
    }
    return status.plugin->engines();
}

bool torchEnginesInstalled() {
    return torchPluginInstalled();
}

int preferredTorchDevice() {
    const auto& status = torchPlugin();
    return status.plugin != nullptr && !status.plugin->devices().empty() ? 0 : -1;
}

int torchDeviceOf(const std::string& name) {
    if (name == "cpu") {
        return -1;
    }
    if (name == "auto") {
        return preferredTorchDevice();
    }
    const auto& status = torchPlugin();
    std::string known = "cpu";
    if (status.plugin != nullptr) {
        const auto devices = status.plugin->devices();
        for (std::size_t i = 0; i < devices.size(); ++i) {
            const auto here = "cuda:" + std::to_string(i);
            if (name == here) {
                return static_cast<int>(i);
            }
            known += ", " + here + " (" + devices[i].name + ")";
        }
    }
    throw Error(ErrorCode::Usage, "There is no device " + name + " on this machine.",
                "Choose auto or one of: " + known + ".", "runtime.device");
}

namespace {

TorchEngineOptions engineOptions(const ModelFolder& modelsDir, const Segmenter::Options& options,
                                 double budgetGib, const TorchPlace& place) {
    TorchEngineOptions wanted;
    wanted.modelsDir = modelsDir;
    wanted.threads = options.threads;
    wanted.batch = options.batch;
    wanted.budgetGib = budgetGib;
    wanted.segment = options;
    wanted.device = torchDeviceOf(place.device);
    wanted.fullPrecision = place.fullPrecision;
    return wanted;
}

} // namespace

std::unique_ptr<Segmenter> makeTorchSegmenter(const std::string& engine, const ModelFolder& modelsDir,
                                              const std::filesystem::path& cacheDir,
                                              const Segmenter::Options& options, double budgetGib,
                                              const TorchPlace& place) {
    auto& engines = requireTorchEngines();
    const auto wanted = engineOptions(modelsDir, options, budgetGib, place);
    auto masks = engines.segmenter(engine, wanted);
    auto networks = wanted.device >= 0
                        ? engines.poseNetworks(wanted)
                        : blazepose::makeOpenVinoNetworks(modelsDir, cacheDir, {options.threads, options.batch});
    return posed::withLandmarks(std::move(masks), std::move(networks), options);
}

std::unique_ptr<Segmenter> makeBlazePoseTorchSegmenter(const std::filesystem::path& modelsDir,
                                                       const Segmenter::Options& options, double budgetGib,
                                                       const TorchPlace& place) {
    auto& engines = requireTorchEngines();
    const auto wanted = engineOptions(modelsDir, options, budgetGib, place);
    return blazepose::makeSegmenter(engines.poseNetworks(wanted), options, "blazepose_torch");
}

std::unique_ptr<BodyNetwork> makeTorchBodyNetwork(const std::string& engine, const ModelFolder& modelsDir,
                                                  const TorchPlace& place) {
    auto& engines = requireTorchEngines();
    TorchEngineOptions wanted;
    wanted.modelsDir = modelsDir;
    wanted.device = torchDeviceOf(place.device);
    wanted.fullPrecision = place.fullPrecision;
    return engines.bodyNetwork(engine, wanted);
}

std::unique_ptr<FovNetwork> makeTorchFovNetwork(const std::string& engine, const ModelFolder& modelsDir,
                                                int tokens, const TorchPlace& place) {
    auto& engines = requireTorchEngines();
    TorchEngineOptions wanted;
    wanted.modelsDir = modelsDir;
    wanted.device = torchDeviceOf(place.device);
    wanted.fullPrecision = place.fullPrecision;
    return engines.fovNetwork(engine, wanted, tokens);
}

std::function<AllocatorUse()> torchAllocatorProbe() {
    auto* plugin = loadedTorchPlugin();
    if (plugin == nullptr || plugin->devices().empty()) {
        return {};
    }
    return [plugin] {
        const auto bytes = plugin->allocator(0);
        return AllocatorUse{bytes.current, bytes.peak, bytes.reserved};
    };
}

} // namespace body4d
