// The host's side of the networks that are measured.
#include "models/scene_bench.h"

#include "base/error.h"
#include "models/torch_engines.h"

#include <algorithm>

namespace body4d {

std::unique_ptr<SceneBench> makeSceneBench(const SceneBenchOptions& options) {
    const auto& models = sceneBenchModels();
    if (std::find(models.begin(), models.end(), options.model) == models.end()) {
        std::string all;
        for (const auto& name : models) {
            all += (all.empty() ? "" : ", ") + name;
        }
        throw Error(ErrorCode::Usage, "There is no network '" + options.model + "' to be measured.",
                    "Use one of " + all + ".");
    }
    if (options.dtype != "auto" && options.dtype != "float32" && options.dtype != "bfloat16") {
        throw Error(ErrorCode::Usage, "There is no precision '" + options.dtype + "'.",
                    "Use auto, float32 or bfloat16.");
    }
    // The plug-in alone: this file is also part of programs that carry no other engine.
    const auto& status = torchPlugin();
    if (status.plugin == nullptr) {
        throw Error(ErrorCode::MissingModel, status.reason, status.remedy);
    }
    auto wanted = options;
    wanted.device = options.device != -2 ? options.device : status.plugin->devices().empty() ? -1 : 0;
    return status.plugin->engines().sceneBench(wanted);
}

} // namespace body4d
