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

namespace {

TorchEngineOptions engineOptions(const ModelFolder& modelsDir, const Segmenter::Options& options,
                                 double budgetGib) {
    TorchEngineOptions wanted;
    wanted.modelsDir = modelsDir;
    wanted.threads = options.threads;
    wanted.batch = options.batch;
    wanted.budgetGib = budgetGib;
    wanted.segment = options;
    wanted.device = preferredTorchDevice();
    return wanted;
}

} // namespace

std::unique_ptr<Segmenter> makeTorchSegmenter(const std::string& engine, const ModelFolder& modelsDir,
                                              const std::filesystem::path& cacheDir,
                                              const Segmenter::Options& options, double budgetGib) {
    auto& engines = requireTorchEngines();
    const auto wanted = engineOptions(modelsDir, options, budgetGib);
    auto masks = engines.segmenter(engine, wanted);
    auto networks = wanted.device >= 0
                        ? engines.poseNetworks(wanted)
                        : blazepose::makeOpenVinoNetworks(modelsDir, cacheDir, {options.threads, options.batch});
    return posed::withLandmarks(std::move(masks), std::move(networks), options);
}

std::unique_ptr<Segmenter> makeBlazePoseTorchSegmenter(const std::filesystem::path& modelsDir,
                                                       const Segmenter::Options& options, double budgetGib) {
    auto& engines = requireTorchEngines();
    const auto wanted = engineOptions(modelsDir, options, budgetGib);
    return blazepose::makeSegmenter(engines.poseNetworks(wanted), options, "blazepose_torch");
}

std::unique_ptr<BodyNetwork> makeTorchBodyNetwork(const std::string& engine, const ModelFolder& modelsDir) {
    auto& engines = requireTorchEngines();
    TorchEngineOptions wanted;
    wanted.modelsDir = modelsDir;
    wanted.device = preferredTorchDevice();
    return engines.bodyNetwork(engine, wanted);
}

std::unique_ptr<FovNetwork> makeTorchFovNetwork(const std::string& engine, const ModelFolder& modelsDir,
                                                int tokens) {
    auto& engines = requireTorchEngines();
    TorchEngineOptions wanted;
    wanted.modelsDir = modelsDir;
    wanted.device = preferredTorchDevice();
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
