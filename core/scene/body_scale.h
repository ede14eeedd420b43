#pragma once

#include <cstdint>
#include <span>

namespace body4d {

/// A place on a body that a frame shows: its depth as the body has it and as the scene has it.
struct BodyDepthSample {
    std::int64_t frame = 0;
    int person = 0;
    double metres = 0;
    double units = 0; ///< of the scene
};

/// One factor for a whole scene.
struct BodyScale {
    double metresPerUnit = 0; ///< 0: there were no samples
    double relativeError = 0; ///< standard error of the factor, as a share of it: all that follows together
    double measuredError = 0; ///< what the spread of the frames leaves open
    double sizeError = 0;     ///< what is not known of the people's own sizes
    double spread = 0;        ///< robust standard deviation of single frames' factors, as a share
    int samples = 0;
    int frames = 0; ///< of any person, that decided
    int people = 0; ///< who decided
};
/// The middle of the frames' factors, each the middle of its samples: what is wrong in one frame (a hand
/// before the chest, a bad fit) is outvoted by its other samples or by other frames. Frames that repeat each
/// other's errors count for fewer.
/// @param sizeSigma how far a person may be larger or smaller than their body, as a share: all frames of a
/// person share that error
[[nodiscard]] BodyScale solveBodyScale(std::span<const BodyDepthSample> samples, double sizeSigma = 0);

} // namespace body4d
