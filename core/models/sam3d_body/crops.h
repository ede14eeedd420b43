#pragma once

#include "base/geometry.h"
#include "base/image.h"
#include "models/sam3d_body/condition.h"
#include "models/sam3d_body/crop_pixel.h"

#include <memory>
#include <span>
#include <vector>

namespace body4d::sam3d_body {

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
    at::Tensor uploaded; ///< the frame's bytes on a GPU where uploadFrames() has put them; undefined: not yet
};

/// Rows ready for Network::encode() and for decoders.
struct CropBatch {
    at::Tensor images; ///< float32 [B, 3, size, size] in 0..1
    at::Tensor masks;  ///< float32 [B, 1, size, size], 0..255; undefined where no row has one
    at::Tensor masked; ///< bool [B]; undefined where all rows or none have a mask
    CropGeometry geometry;
};

/// Sends the frames to a GPU, each once and without waiting, so that several batches can be cut from them.
/// Nothing to do on the CPU.
void uploadFrames(std::span<CropRequest> requests, at::Device device);

enum class CropMethod {
    Best, ///< one kernel on a GPU, which takes LibTorch's operators where that kernel does not run; a loop on
          ///< the CPU
    Operators ///< LibTorch's operators
};

/// The rows' crops as a loop or a kernel takes them, with the addresses of frames and masks on the host.
[[nodiscard]] std::vector<CropJob> cropJobs(std::span<const CropRequest> requests, std::int64_t size);

/// Cuts all rows out of their frames in one go, on the device.
/// @param size side of a crop in its own pixels
[[nodiscard]] CropBatch cutCrops(std::span<const CropRequest> requests, std::int64_t size, WarpMode mode,
                                 at::Device device, CropMethod method = CropMethod::Best);

/// The official box around a mask: rows and columns with a pixel that is not zero, as pixel indices; the
/// right and lower edge lie one behind the last. Empty for an empty mask.
[[nodiscard]] Box maskBox(const Mask& mask);

} // namespace body4d::sam3d_body
