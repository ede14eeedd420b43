#pragma once

#include "models/blazepose/observation.h"

#include <array>
#include <optional>

namespace body4d::blazepose {

/// A region that a person took out of a mask ("not this"), followed by its colour from frame to frame.
struct MaskCut {
    Vec2 centre;                   ///< pixels of the landmark crop
    double radius = 0;             ///< of a disc of the same area
    std::array<float, 3> colour{}; ///< mean RGB
    int unseen = 0;                ///< frames in a row without it
};

/// Takes the region of one colour around a place of the frame (index space) out of the own mask.
/// @returns nothing when the place is outside the mask
std::optional<MaskCut> cutRegion(Observation& o, Vec2 place);

/// Finds the region again on the next frame and takes it out. @returns false when it has been gone for too
/// long
bool followCut(MaskCut& cut, Observation& o);

} // namespace body4d::blazepose
