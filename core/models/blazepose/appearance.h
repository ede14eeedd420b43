#pragma once

#include "models/blazepose/observation.h"

#include <cstdint>
#include <span>

namespace body4d::blazepose {

inline constexpr int kHueBins = 12, kSaturationBins = 4, kValueBins = 6;
inline constexpr int kHistogramBins = kHueBins * kSaturationBins * kValueBins;

/// Bin of a colour in such a histogram.
[[nodiscard]] int colourBin(int r, int g, int b);

/// Histogram of the chosen pixels (not 0), smoothed as those of clothes are. @param rgb 3 values a pixel
[[nodiscard]] Histogram colourHistogram(std::span<const std::uint8_t> rgb,
                                        std::span<const std::uint8_t> chosen);

/// Sets o.histogram, o.upperClothes and o.lowerClothes: HSV histograms over the pixels that are in `mask` and
/// near a bone (all, trunk and arms, legs), on the crop averaged to 64 x 64, smoothed over neighbouring bins.
void measureClothes(Observation& o, const CropMask& mask, const Crop& crop);

/// Bhattacharyya coefficient, 0..1; 0 where one is empty.
[[nodiscard]] double similarity(const Histogram& a, const Histogram& b);

} // namespace body4d::blazepose
