// The arithmetic of one pixel of a crop. The program's C++ and the GPU's kernel compile this very text, so
// that both see the same crop; both without contracting a product and a sum into one operation. NVRTC
// compiles it, too: it includes nothing there.
#pragma once

#if defined(__CUDACC__)
#define BODY4D_CROP_FUNCTION __host__ __device__ inline
#else
#include <cmath>
#define BODY4D_CROP_FUNCTION inline
#endif

namespace body4d::sam3d_body {

/// How pixels between pixels are read. Both round to whole levels, as the network was trained.
enum class WarpMode : int {
    Exact,  ///< plain bilinear, as OpenCV 5 does
    OpenCv4 ///< places rounded to 1/32 pixel, bit-equal to OpenCV 4
};

/// From a crop's pixels along one axis to its picture's.
struct CropAxis {
    double step = 0, start = 0; ///< place = step * pixel + start
    int limit = 0;              ///< pixels of the picture along the axis
    int mirrored = 0;           ///< counts the picture's from the other end
};

/// A crop to be cut: lies in memory alike for the program and for the kernel.
struct CropJob {
    const unsigned char* picture = nullptr; ///< RGB, rows without gaps
    const unsigned char* mask = nullptr;    ///< one byte a pixel, of the picture's size; null: all zero
    CropAxis columns, rows;
};

/// Two neighbouring pixels with their weights. Outside of the picture is black: such a pixel weighs nothing,
/// and its index is one that can be read.
struct CropTap {
    long long first, second;
    float firstWeight, secondWeight;
};

/// @param isRow OpenCV 4 rounds a row's place once, a column's start and its distance from there apart
BODY4D_CROP_FUNCTION CropTap cropTap(const CropAxis& axis, int pixel, bool isRow, WarpMode mode) {
    // Nothing is seen so far out, and beyond it places would not fit into whole numbers.
    const double far = 1e9;
    const double along = fmin(fmax(axis.step * pixel, -far), far);
    long long cell = 0;
    double part = 0;
    if (mode == WarpMode::OpenCv4) {
        const long long place = isRow
                                    ? llrint(fmin(fmax(along + axis.start, -far), far) * 1024)
                                    : llrint(along * 1024) + llrint(fmin(fmax(axis.start, -far), far) * 1024);
        const long long steps = (place + 16) >> 5;
        cell = steps >> 5;
        part = static_cast<double>(steps & 31) / 32;
    } else {
        const double place = fmin(fmax(along + axis.start, -far), far);
        const double below = floor(place);
        cell = static_cast<long long>(below);
        part = place - below;
    }
    const long long last = axis.limit - 1;
    const auto inside = [last](long long at) { return at >= 0 && at <= last; };
    const auto readable = [&](long long at) {
        const long long there = at < 0 ? 0 : at > last ? last : at;
        return axis.mirrored != 0 ? last - there : there;
    };
    return {readable(cell), readable(cell + 1), inside(cell) ? static_cast<float>(1 - part) : 0.0F,
            inside(cell + 1) ? static_cast<float>(part) : 0.0F};
}

/// Two neighbours along a row.
BODY4D_CROP_FUNCTION float cropAlong(unsigned char first, unsigned char second, const CropTap& tap) {
    return static_cast<float>(first) * tap.firstWeight + static_cast<float>(second) * tap.secondWeight;
}

/// What two rows say, as a whole level 0..255.
BODY4D_CROP_FUNCTION float cropLevel(float above, float below, float aboveWeight, float belowWeight,
                                     WarpMode mode) {
    const float blended = above * aboveWeight + below * belowWeight;
    return mode == WarpMode::OpenCv4 ? floorf(blended + 0.5F) : rintf(blended);
}

} // namespace body4d::sam3d_body

#undef BODY4D_CROP_FUNCTION
