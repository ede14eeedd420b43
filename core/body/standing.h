#pragma once

#include "body/world.h"

#include <cstdint>
#include <span>

namespace body4d {

struct StandingOptions {
    double depthSigma = 0.01;      ///< relative error of a large, wholly seen body's distance ...
    double depthSigmaPixels = 1.5; ///< ... plus this many pixels over the side of its box
    double hiddenFactor = 3;       ///< how much worse the distance of a body is known whose feet are not seen
    double footSigma = 0.03;       ///< metres: how well a seen foot's sole is known
    double hiddenFootSigma = 0.15; ///< the same of a foot that is only supposed
    double driftSigma = 0.03;      ///< how far the relative error wanders in a second
    double groundSigmaFactor =
        1; ///< WorldReport::disagreement: the ground is that much less even than a plane
};

struct StandingReport {
    double largestShift = 0; ///< of all frames, relative to the distance
    double residualMetres =
        0; ///< robust spread of the lowest points of those who touch the ground, afterwards
    std::int64_t contacts = 0; ///< frames that touch the ground
};

/// Puts a body on the ground that all people share: its distance is the least certain of all that one view
/// tells, and feet that float or sink tell its error. Moves the body along its lines of sight, as little and
/// as slowly as the errors of distance and feet demand, so that the picture stays the same within them. Jumps
/// stay in the air, and what would take more than four standard deviations of distance (stairs, a wall) stays
/// where it is.
/// @param shotStarts first frames of the second and later shots: errors do not carry over
[[nodiscard]] StandingReport standOnGround(BodyTrack& track, const WorldFrame& world,
                                           std::span<const std::int64_t> shotStarts,
                                           const StandingOptions& options = {});

} // namespace body4d
