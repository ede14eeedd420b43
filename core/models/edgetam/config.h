#pragma once

#include "models/sam3/config.h"

#include <array>
#include <cstdint>

namespace body4d::edgetam {

/// Sizes of the network. The defaults are those of the released checkpoint.
struct Config : sam3::TrackerConfig {
    std::array<std::int64_t, 4> widths = {48, 96, 192, 384}; ///< of the stages at strides 4, 8, 16, 32
    std::array<std::int64_t, 4> depths = {2, 2, 14, 2};      ///< blocks of a stage
    std::int64_t perceiverLayers = 2;

    Config() {
        imageSize = 1024;
        patch = 16;
        memoryLayers = 2;
        latentGrid = 16;
        timedPointers = false;
        marksAbsence = false;
        masksAtVideoSize = false;
    }
};

} // namespace body4d::edgetam
