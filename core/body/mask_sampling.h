#pragma once

#include "base/geometry.h"
#include "base/image.h"

namespace body4d {

/// Part of a mask at another size, without unpacking the whole picture.
/// @param region pixels of the picture; may reach beyond it (empty there)
/// @param scale pixels of the result per pixel of the picture, at most 1
/// @param out sized like windowed(camera, region, scale); values are the covered share of each pixel, 0..255
void sampleMask(const RleMask& mask, const Box& region, double scale, Mask& out);

/// Bounding box of the pixels inside; all zeros for an empty mask.
[[nodiscard]] Box boundingBox(const RleMask& mask);

/// Share of the union that two masks of one size have in common; values of at least 128 are inside. 0 where
/// both are empty.
[[nodiscard]] double intersectionOverUnion(const Mask& a, const Mask& b);

} // namespace body4d
