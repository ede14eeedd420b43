#pragma once

#include "base/geometry.h"
#include "base/image.h"
#include "body/body_model.h"

#include <cstdint>
#include <span>
#include <vector>

namespace body4d {

/// Z-buffer of one mesh. Row-major, pixel centres at integer + 0.5.
struct DepthImage {
    int width = 0, height = 0;
    std::vector<float> z;               ///< metres along the optical axis; +infinity where nothing is
    std::vector<std::int32_t> triangle; ///< index into MeshTopology::triangles; -1 where nothing is
};

/// Camera of a part of the picture at another size: rendering with it fills exactly `region` at `scale`
/// pixels of the result per pixel of the picture (sizes are rounded up, at least 1).
[[nodiscard]] Intrinsics windowed(const Intrinsics& camera, const Box& region, double scale);

/// Which sides of triangles are drawn. For a closed surface outside the near plane Front gives the same
/// picture in about half the time.
enum class Faces { Both, Front };

/// Draws every triangle, counter-clockwise ones seen from the front; what lies nearer than kNearPlaneMetres
/// is cut off exactly. A pixel belongs to a triangle by its centre, shared edges leave neither gaps nor
/// overlaps. Depth is perspective-correct.
/// @param verticesInCam x right, y down, z away, metres
/// @param camera its width and height are the size of `out`; see windowed() for parts of the picture
/// @param out overwritten, memory reused
void rasterize(std::span<const Vec3f> verticesInCam, const MeshTopology& topology, const Intrinsics& camera,
               DepthImage& out, Faces faces = Faces::Both);
inline constexpr float kNearPlaneMetres = 0.05F;

/// The same without depth: 255 where the mesh covers the pixel centre.
/// @param out overwritten, memory reused
void silhouette(std::span<const Vec3f> verticesInCam, const MeshTopology& topology, const Intrinsics& camera,
                Mask& out, Faces faces = Faces::Both);
[[nodiscard]] Mask silhouette(std::span<const Vec3f> verticesInCam, const MeshTopology& topology,
                              const Intrinsics& camera, Faces faces = Faces::Both);

} // namespace body4d
