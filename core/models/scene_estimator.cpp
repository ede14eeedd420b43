// The host's side of the scene engines.
#include "models/scene_estimator.h"

#include "base/error.h"
#include "base/safetensors.h"
#include "models/torch_engines.h"

#include <string>
#include <system_error>
#include <vector>

namespace body4d {
namespace fs = std::filesystem;

fs::path findSceneWeights(const std::string& engine, const fs::path& modelsDir, const fs::path& given) {
    std::error_code code;
    const auto inFolder = [&](const fs::path& folder) -> fs::path {
        for (const char* name : {"model.safetensors", "model.pt"}) {
            if (fs::is_regular_file(folder / name, code)) {
                return folder / name;
            }
        }
        return {};
    };
    if (!given.empty()) {
        if (fs::is_regular_file(given, code)) {
            return given;
        }
        for (const auto& folder : {given, modelsDir / given}) {
            if (const auto found = inFolder(folder); !found.empty()) {
                return found;
            }
        }
        throw Error(ErrorCode::MissingModel, "There are no weights in " + given.string() + ".",
                    "Give a folder with model.safetensors, as the model's page on the hub has it.",
                    given.string());
    }
    const std::vector<std::string> names =
        engine == "vggt" ? std::vector<std::string>{"vggt"}
                         : std::vector<std::string>{
                               "da3nested-giant-large", "da3-giant", "da3-large", "da3-base", "da3-small",
                               "depth_anything3"};
    for (const auto& name : names) {
        if (const auto found = inFolder(modelsDir / name); !found.empty()) {
            return found;
        }
    }
    const bool vggt = engine == "vggt";
    throw Error(
        ErrorCode::MissingModel,
        vggt ? "The weights of VGGT are not here." : "The weights of Depth Anything 3 are not here.",
        vggt ? "Get model.safetensors or model.pt from https://huggingface.co/facebook/VGGT-1B-Commercial "
               "and put "
               "it into " +
                   (modelsDir / "vggt").string() + "."
             : "body4d models get da3-small gets the small one (Apache-2.0, 137 MB); any other goes into " +
                   modelsDir.string() + "/NAME/model.safetensors or is given with --model-dir.",
        modelsDir.string());
}

std::string weightsNote(const fs::path& file) {
    if (file.extension() != ".safetensors") {
        return {};
    }
    const SafetensorsFile weights(file);
    const auto note = weights.metadata().find("note");
    return note == weights.metadata().end() ? std::string() : note->second;
}

std::unique_ptr<SceneEstimator> makeSceneEstimator(const std::string& engine, const fs::path& modelsDir,
                                                   const fs::path& weights, int device, int threads) {
    if (engine != "da3" && engine != "vggt") {
        throw Error(ErrorCode::Usage, "There is no scene engine '" + engine + "'.", "Use da3 or vggt.");
    }
    const auto file = findSceneWeights(engine, modelsDir, weights);
    auto& engines = requireTorchEngines();
    TorchEngineOptions options;
    options.modelsDir = modelsDir;
    options.device = device == -2 ? preferredTorchDevice() : device;
    options.threads = threads;
    return engines.sceneEstimator(engine, file, options);
}

} // namespace body4d
