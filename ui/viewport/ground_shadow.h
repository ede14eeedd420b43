#pragma once

#include "ui/frame/frame_snapshot.h"

#include <vector>

namespace body4d::ui {

/// The soft shadow of one body on the floor (y = 0) as a grid of opacities: dark where the body touches the
/// floor, wide and faint below what is high above it.
struct GroundShadow {
    float x0 = 0, z0 = 0;       ///< of the first corner, world
    float cell = 0.05F;         ///< metres from corner to corner
    int columns = 0, rows = 0;  ///< corners along x and along z
    std::vector<float> opacity; ///< 0..1, row by row; the rim is 0
    [[nodiscard]] float at(int column, int row) const {
        return opacity[static_cast<std::size_t>(row * columns + column)];
    }
};

/// Empty where nothing of the body is near enough to be seen on the floor. @param coarse half as many corners
/// each way
[[nodiscard]] GroundShadow castShadow(const PosedMesh& mesh, bool coarse = false);

} // namespace body4d::ui
