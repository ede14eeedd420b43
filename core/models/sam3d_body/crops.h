#pragma once

#include "base/geometry.h"
#include "base/image.h"
#include "models/sam3d_body/condition.h"

#include <memory>
#include <span>
#include <vector>

namespace body4d::sam3d_body {

/// How pixels between pixels are read. Both round to whole levels, as the network was trained.
enum class WarpMode {
    Exact,  ///< plain bilinear, as OpenCV 5 does
    OpenCv4 ///< places rounded to 1/32 pixel, bit-equal to OpenCV 4
};

inline constexpr double kBodyPadding = 1.25, kHandPadding = 0.9;

/// A square of the full frame that becomes a crop. Pixels are indices as in the official code: the centre of
/// the first pixel is 0.
struct CropSquare {
    float centreX = 0, centreY = 0, side = 0;
    /// The official square around a box (x0, y0, x1, y1 in pixel indices): taller than wide counts more.
    [[nodiscard]] static CropSquare around(const Box& box, double padding);
    [[nodiscard]] bool empty() const { return !(side > 0); }
};

/// One row of a batch.
struct CropRequest {
    ImagePtr frame;
    std::shared_ptr<const Mask> mask; ///< of the frame's size, or none
    CropSquare square;
    bool mirrored = false; ///< the square lies in the frame mirrored left to right
    double focalX = 0, focalY = 0, middleX = 0, middleY = 0; ///< pixel indices
};

/// Rows ready for Network::encode() and for decoders.
struct CropBatch {
    at::Tensor images; ///< float32 [B, 3, size, size] in 0..1
    at::Tensor masks;  ///< float32 [B, 1, size, size], 0..255; undefined where no row has one
    at::Tensor masked; ///< bool [B]; undefined where all rows or none have a mask
    CropGeometry geometry;
};

/// Cuts all rows out of their frames in one go, on the device.
/// @param size side of a crop in its own pixels
[[nodiscard]] CropBatch cutCrops(std::span<const CropRequest> requests, std::int64_t size, WarpMode mode,
                                 at::Device device);

/// The official box around a mask: rows and columns with a pixel that is not zero, as pixel indices; the
/// right and lower edge lie one behind the last. Empty for an empty mask.
[[nodiscard]] Box maskBox(const Mask& mask);

} // namespace body4d::sam3d_body
