#pragma once

#include "base/geometry.h"
#include "base/image.h"

#include <cstdint>
#include <vector>

namespace body4d::blazepose {

/// Square RGB picture for a network, 8 bits.
struct Crop {
    int side = 0;
    std::vector<std::uint8_t> rgb; ///< side * side * 3
};

/// One plane of `side` x `side` values, 255 = certainly inside. Pixel indices are those of the landmark crop.
struct CropMask {
    int side = 0;
    std::vector<std::uint8_t> values;
    CropMask() = default;
    explicit CropMask(int n) : side(n), values(static_cast<std::size_t>(n) * n) {}
    [[nodiscard]] std::uint8_t at(int x, int y) const {
        return values[static_cast<std::size_t>(y) * side + x];
    }
};

/// Samples `roi` (index space) of `frame` bilinearly into n x n pixels, black outside the frame. Where the
/// crop is more than 2.2 times finer in the frame, the crop's source area (and no more) is halved by area
/// averaging first.
void sampleCrop(const Image& frame, const Roi& roi, int n, Crop& out);

/// Bilinear value of a mask at crop coordinates; 0 outside.
[[nodiscard]] float sampleMask(const CropMask& mask, double x, double y);

/// A frame's colours without any detail, to hide people under: a coarse grid, blurred, read bilinearly.
class Backdrop {
public:
    explicit Backdrop(const Image& frame);
    /// RGB at a place of the frame (index space).
    void colourAt(double x, double y, std::uint8_t* rgb) const;

private:
    static constexpr int kColumns = 64, kRows = 36;
    double scaleX_ = 1, scaleY_ = 1;
    std::vector<float> rgb_; // kRows x kColumns x 3
};

} // namespace body4d::blazepose
