#pragma once

#include "base/image.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace body4d {

/// Features of patches as colours, as Depth Anything 3's program shows them: the three directions in which all
/// patches of a video differ most, each from its 10th to its 90th percentile. Memory does not grow with the
/// number of patches: of many, evenly spaced ones decide.
///
/// Three rounds over the same patches in the same order: learn(), then measure(), then picture().
class FeatureColours {
public:
    /// @param patches that learn() and measure() will get in all
    FeatureColours(int channels, std::uint64_t patches);
    ~FeatureColours();
    /// @param features of whole patches, channel by channel
    void learn(std::span<const float> features);
    void measure(std::span<const float> features);
    /// A pixel for each patch.
    [[nodiscard]] Image picture(std::span<const float> features, int rows, int columns);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace body4d
