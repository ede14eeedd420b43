#pragma once

#include "models/sam3d_body/crop_pixel.h"

namespace body4d::sam3d_body {

/// Rows [firstRow, lastRow) of a crop on the processor, with the arithmetic of the GPU's kernel.
/// @param image float32 [3, size, size] in 0..1  @param mask float32 [size, size] in 0..255, or null
void cutOnHost(const CropJob& job, int size, WarpMode mode, int firstRow, int lastRow, float* image,
               float* mask);

} // namespace body4d::sam3d_body
