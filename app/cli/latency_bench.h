#pragma once

#include "pipeline/options.h"

namespace body4d::cli {

struct LatencyArguments {
    int frames = 4, people = 1, rounds = 5;
    Options options;
};
/// How long SAM 3D Body takes for a few frames at once, from pictures and masks in memory to meshes in memory. With
/// random weights where the published ones are not here.
int benchLatency(const LatencyArguments& arguments, bool json, bool quiet);

} // namespace body4d::cli
