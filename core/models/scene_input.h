#pragma once

#include "base/image.h"

#include <array>
#include <string>

/// Pictures as the scene networks want them, equal to what their authors' programs make of them, bit by bit.
namespace body4d {

/// The official names of Depth Anything 3: which side is scaled to the resolution, and how the sides become
/// multiples of 14: by a second scaling or by cutting.
enum class ProcessMethod { UpperBoundResize, UpperBoundCrop, LowerBoundResize, LowerBoundCrop };
/// @throws Error{Usage}
[[nodiscard]] ProcessMethod processMethodFromName(const std::string& name);

/// From pixels of the original picture to those of the processed one: processed = scale * original - offset.
struct InputMapping {
    int width = 0, height = 0; ///< processed
    double scaleX = 1, scaleY = 1, offsetX = 0, offsetY = 0;
};

/// What processInput() will make of a picture of this size.
[[nodiscard]] InputMapping inputMapping(int width, int height, int resolution, ProcessMethod method);
/// For Depth Anything 3. Scaling is that of OpenCV on 8-bit pictures: area average down, Catmull-Rom-like
/// cubic up.
[[nodiscard]] Image processInput(const Image& picture, int resolution, ProcessMethod method);

/// The side that VGGT's own programs load pictures to.
constexpr int kVggtResolution = 518;
/// VGGT's modes. Crop: 518 wide, height to the nearest multiple of 14, higher pictures are cut in the middle.
/// Pad: the longer side 518, the other to the nearest multiple of 14, white around it to a square.
/// Square: black around the picture to a square, scaled to 1024, then bilinearly to 518. Another resolution than 518
/// takes its place, as the nearest multiple of 14.
enum class VggtMode { Crop, Pad, Square };
/// @throws Error{Usage}
[[nodiscard]] VggtMode vggtModeFromName(const std::string& name);
/// Offsets are negative where white was added.
[[nodiscard]] InputMapping vggtMapping(int width, int height, VggtMode mode = VggtMode::Crop,
                                       int resolution = kVggtResolution);
/// Scaling is that of Pillow on 8-bit pictures: cubic with a = -0.5, widened when shrinking, rounded between
/// both passes. Where the official square mode ends in floats, this rounds them to 8 bits.
[[nodiscard]] Image processVggtInput(const Image& picture, VggtMode mode = VggtMode::Crop,
                                     int resolution = kVggtResolution);

/// The middle of a picture.
[[nodiscard]] Image centreCrop(const Image& picture, int width, int height);

/// OpenCV's INTER_AREA where both sides shrink. @throws std::logic_error otherwise
[[nodiscard]] Image resizedByArea(const Image& picture, int width, int height);
/// OpenCV's INTER_CUBIC as its builds with Intel's library have it, up to one level in a few pixels of a
/// hundred thousand, whose exact value lies in the middle of two.
[[nodiscard]] Image resizedByCubic(const Image& picture, int width, int height);
/// Pillow's BICUBIC.
[[nodiscard]] Image resizedLikePillow(const Image& picture, int width, int height);

} // namespace body4d
