#include "pipeline/scene_load.h"

#include "base/error.h"
#include "models/torch_engines.h"
#include "pipeline/scene_memory.h"

#include <new>
#include <vector>

namespace body4d::detail {
namespace fs = std::filesystem;
namespace {

/// What may be taken instead, by the size of the weights that did not fit.
std::string adviceFor(const std::string& engine, std::int64_t bytes) {
    constexpr std::int64_t kGiant = 4'000'000'000, kLarge = 1'000'000'000, kBase = 300'000'000;
    const char* variant = engine == "vggt"  ? "vggt"
                          : bytes >= kGiant ? "da3-giant"
                          : bytes >= kLarge ? "da3-large"
                          : bytes >= kBase  ? "da3-base"
                                            : "da3-small";
    return smallerSceneRemedy(0, variant, 0) + " Neither --process-res nor --num-max-points makes weights smaller.";
}

} // namespace

LoadedScene loadSceneEstimator(const SceneSettings& settings, const fs::path& modelsDir, const MemoryBudget& budget,
                               const std::function<void(const std::string&)>& notice) {
    std::vector<fs::path> choices;
    if (settings.modelDir.empty()) {
        choices = sceneWeightsIn(settings.engine, modelsDir);
    }
    if (choices.empty()) {
        choices.push_back(findSceneWeights(settings.engine, modelsDir, settings.modelDir));
    }
    for (std::size_t i = 0;; ++i) {
        const auto& file = choices[i];
        std::string why;
        std::int64_t bytes = 0;
        try {
            const int device = settings.device == -2 ? preferredTorchDevice() : settings.device;
            bytes = sceneWeightBytes(settings.engine, file);
            if (device < 0) {
                budget.require(bytes);
            }
            return {makeSceneEstimator(settings.engine, modelsDir, file, device, settings.threads), file};
        } catch (const OutOfMemoryError& e) {
            why = e.detail();
        } catch (const std::bad_alloc&) {
            why = "an allocation failed";
        }
        giveBackFreedMemory();
        const auto name = file.parent_path().filename().string();
        if (i + 1 == choices.size()) {
            throw Error(ErrorCode::OutOfMemory, "The weights of " + name + " do not fit the memory: " + why + ".",
                        adviceFor(settings.engine, bytes), file.string());
        }
        notice("The weights of " + name + " do not fit the memory (" + why + "); going on with " +
               choices[i + 1].parent_path().filename().string() + ".");
    }
}

} // namespace body4d::detail
