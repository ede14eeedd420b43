#include "models/scene_estimator.h"

namespace body4d {

SceneEstimator::~SceneEstimator() = default;

} // namespace body4d
