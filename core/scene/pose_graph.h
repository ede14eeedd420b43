#pragma once

#include "scene/sim3.h"

#include <cstddef>
#include <span>
#include <vector>

namespace body4d {

/// How two worlds were measured to lie to each other.
struct Sim3Edge {
    std::size_t a = 0, b = 0;
    Sim3 aFromB;
    double size = 1; ///< what shifts are measured by, in b's units: how far b's points are from its cameras
    double sigma = 0.01; ///< standard deviation of angle, logarithm of scale, and shift over size
    bool robust = false; ///< a contradiction counts by its size, not by its square
};

/// What is left between an edge and two worlds, in shares: angle in radians, logarithm of scale, shift over
/// size.
struct Sim3Strain {
    double angle = 0, scale = 0, shift = 0;
    [[nodiscard]] double total() const;
};
[[nodiscard]] Sim3Strain strainOf(const Sim3Edge& edge, const Sim3& worldFromA, const Sim3& worldFromB);

/// Worlds that fit all edges best, in the least squares sense; the first one stays. Worlds without edges
/// stay, too.
/// @param start near the result: edges do not agree on a rotation by more than half a turn
[[nodiscard]] std::vector<Sim3> solvePoseGraph(std::vector<Sim3> start, std::span<const Sim3Edge> edges);

} // namespace body4d
