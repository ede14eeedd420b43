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
    double relativeError = 0; ///< standard error of the factor, as a share of it
    double spread = 0;        ///< robust standard deviation of single frames' factors, as a share
    int samples = 0;
    int frames = 0; ///< of any person, that decided
};
/// The middle of the frames' factors, each the middle of its samples: what is wrong in one frame (a hand
/// before the chest, a bad fit) is outvoted by its other samples or by other frames.
[[nodiscard]] BodyScale solveBodyScale(std::span<const BodyDepthSample> samples);

} // namespace body4d
