#pragma once

#include "base/image.h"

#include <vector>

namespace body4d {

/// A frame made small: luma and two colour differences, each width * height; two zeros more behind luma, so
/// that its last pixels can be read in whole registers.
struct Thumbnail {
    int width = 0, height = 0;
    std::vector<float> luma, blue, red;
};
[[nodiscard]] Thumbnail makeThumbnail(const Image& image);

/// How alike two frames are.
struct FrameLikeness {
    double structure = 1; ///< 0..1: mean of the blocks' best correlation nearby, weighted by their texture
    double texture =
        0; ///< mean deviation of luma in the blocks, 0..255; little of it makes `structure` unsure
    double colour = 1; ///< 0..1: intersection of the colour histograms
};
[[nodiscard]] FrameLikeness compareFrames(const Thumbnail& before, const Thumbnail& now);

} // namespace body4d
