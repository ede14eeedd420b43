#pragma once

#include "body/body_model.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace body4d {

using Rgb = std::array<std::uint8_t, 3>; ///< sRGB

/// Colour of a region of the mannequin: the suit in two close shades of the target's colour, head and hands
/// neutral.
/// @param targetColour "#RRGGBB"
[[nodiscard]] Rgb regionColour(BodyRegion region, const std::string& targetColour);
inline constexpr int kBodyRegionCount = 6;
[[nodiscard]] const char* regionName(BodyRegion region); ///< "suit", "suit_accent", ...

/// Region of every triangle: the body's own, or what most of its corners have.
[[nodiscard]] std::vector<BodyRegion> triangleRegions(const MeshTopology& topology);

/// sRGB 0..255 to linear 0..1.
[[nodiscard]] double linearFromSrgb(std::uint8_t value);

} // namespace body4d
