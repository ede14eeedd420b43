#pragma once

#include "models/scene_bench.h"

#include <memory>

namespace body4d::scene_bench {

/// The plug-in's side of makeSceneBench(). @param options with a device that is there, -1: the CPU
[[nodiscard]] std::unique_ptr<SceneBench> makeBench(const SceneBenchOptions& options);

} // namespace body4d::scene_bench
