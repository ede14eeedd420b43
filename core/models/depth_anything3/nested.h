#pragma once

#include "models/depth_anything3/network.h"

namespace body4d::da3 {

/// Sky of MONO and METRIC: as far as the farthest hundredth of everything else. Changes `depth` where both
/// kinds of pixels are there. Where the official program draws 100,000 random pixels, all are looked at.
void pushSkyBack(Output& mono);

/// NESTED: brings the depths and cameras of the branch that sees frames together to the metres of the other
/// one.
/// @param metric as the network leaves it, without pushSkyBack()
/// @returns the factor  @throws Error{Input} when hardly anything but sky is seen
double toMetres(Output& anyView, const Output& metric);

} // namespace body4d::da3
