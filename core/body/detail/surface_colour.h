#pragma once

#include "base/image.h"
#include "body/body_model.h"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace body4d::detail {

/// About how many patches a body's surface is cut into.
inline constexpr std::size_t kSurfacePatches = 160;

/// What one frame shows of every patch of a body's surface.
struct PatchView {
    float pixels = 0;              ///< of its projection inside the picture, at the meter's size
    float seen = 0;                ///< of these, inside the mask
    std::array<float, 3> colour{}; ///< mean RGB of the seen pixels, 0..1
};
using PatchViews = std::array<PatchView, kSurfacePatches>;

/// Cuts a surface into patches of about the same size; triangles of different groups never share one.
/// @param groups one a triangle, below 8  @returns the patch of every triangle
[[nodiscard]] std::vector<std::uint16_t> cutIntoPatches(std::span<const Vec3f> vertices,
                                                        const MeshTopology& topology,
                                                        std::span<const std::uint8_t> groups);

using ForeignPatches = std::array<std::uint8_t, kSurfacePatches>; ///< 1 where a patch shows something else

/// Which patches show something else than they usually do: what stands before a body has other colours than
/// the body in that place, whether the mask took it for the person or not.
/// @param views one a frame; frames without any pixels are not judged
/// @param usable frames whose colours may tell what is usual (others only where these are few)
/// @param reach frames on both sides that tell what is usual
[[nodiscard]] std::vector<ForeignPatches>
foreignPatches(std::span<const PatchViews> views, std::span<const std::uint8_t> usable, std::size_t reach);

} // namespace body4d::detail
