#include "models/scene_bench.h"
#include "models/scene_estimator.h"

namespace body4d {

SceneEstimator::~SceneEstimator() = default;

void SceneEstimator::prepare(bool /*knownCameras*/, bool /*rayPose*/, bool /*pointMaps*/) {}

SceneBench::~SceneBench() = default;

const std::vector<std::string>& sceneBenchModels() {
    static const std::vector<std::string> models = {"tiny",      "vggt-1b",   "da3-small",
                                                    "da3-base", "da3-large", "da3-giant"};
    return models;
}

} // namespace body4d
