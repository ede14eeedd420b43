// The host's side of the scene engines.
#include "models/scene_estimator.h"

#include "base/error.h"
#include "base/safetensors.h"
#include "models/torch_engines.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <vector>

namespace body4d {
namespace fs = std::filesystem;

namespace {

fs::path weightsInFolder(const fs::path& folder) {
    std::error_code code;
    for (const char* name : {"model.safetensors", "model.pt"}) {
        if (fs::is_regular_file(folder / name, code)) {
            return folder / name;
        }
    }
    return {};
}

} // namespace

std::vector<fs::path> sceneWeightsIn(const std::string& engine, const fs::path& modelsDir) {
    const std::vector<std::string> names =
        engine == "vggt" ? std::vector<std::string>{"vggt"}
                         : std::vector<std::string>{
                               "da3nested-giant-large", "da3-giant", "da3-large", "da3-base", "da3-small",
                               "depth_anything3"};
    std::vector<fs::path> files;
    for (const auto& name : names) {
        if (auto found = weightsInFolder(modelsDir / name); !found.empty()) {
            files.push_back(std::move(found));
        }
    }
    return files;
}

std::int64_t sceneWeightBytes(const std::string& engine, const fs::path& file) {
    if (file.extension() != ".safetensors") {
        return static_cast<std::int64_t>(fs::file_size(file));
    }
    const std::vector<std::string> unread =
        engine == "vggt" ? std::vector<std::string>{"point_head.", "track_head."}
                         : std::vector<std::string>{"gs_head.", "cam_enc.", "_aux.", "da3_metric."};
    const SafetensorsFile weights(file);
    constexpr std::int64_t kFloat = 4;
    std::int64_t bytes = 0;
    for (const auto& [name, tensor] : weights.tensors()) {
        const bool read = std::none_of(unread.begin(), unread.end(), [&name = name](const std::string& part) {
            return name.find(part) != std::string::npos;
        });
        bytes += read ? kFloat * tensor.count() : 0;
    }
    return bytes;
}

fs::path findSceneWeights(const std::string& engine, const fs::path& modelsDir, const fs::path& given) {
    std::error_code code;
    if (!given.empty()) {
        if (fs::is_regular_file(given, code)) {
            return given;
        }
        for (const auto& folder : {given, modelsDir / given}) {
            if (const auto found = weightsInFolder(folder); !found.empty()) {
                return found;
            }
        }
        throw Error(ErrorCode::MissingModel, "There are no weights in " + given.string() + ".",
                    "Give a folder with model.safetensors, as the model's page on the hub has it.",
                    given.string());
    }
    if (const auto here = sceneWeightsIn(engine, modelsDir); !here.empty()) {
        return here.front();
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
