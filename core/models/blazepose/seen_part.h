#pragma once

#include "models/blazepose/observation.h"

namespace body4d::blazepose {

// In a close-up most of a body lies outside the picture. The networks imagine hips and legs there, so that
// the crop is several times as large as what is seen of the person, and holds the neighbours as well. How far
// somebody moved and how alike two skeletons are is therefore measured by the part in the picture. Of a whole
// body that is all of it.

/// Crop about as much of a body that stands or lies along `roi` as is in the picture; `roi` itself where that
/// is all of it.
[[nodiscard]] Roi seenPart(const Roi& roi, int frameWidth, int frameHeight);
/// The same of an observation.
[[nodiscard]] Roi seenPart(const Observation& o);

[[nodiscard]] bool inPicture(const Observation& o, Vec2 place);

/// How far somebody moved from `a` to `b`, pixels: where the hips are out of the picture head and shoulders
/// tell it.
[[nodiscard]] Vec2 seenStep(const Observation& a, const Observation& b);

/// Puts the alignment points of somebody about upright, whose hips are well out of the picture, under the
/// head and the shoulders: the lean that the network imagines there would move the next crop over to a
/// neighbour. @returns whether anything changed
bool standUnderShoulders(Observation& o);

} // namespace body4d::blazepose
