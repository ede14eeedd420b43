#include "body/detail/silhouette_match.h"

#include "body/mask_sampling.h"
#include "body/rasterizer.h"

#include <algorithm>
#include <cmath>

namespace body4d::detail {

Box projectedBox(std::span<const Vec3f> vertices, const Intrinsics& camera) {
    const float f = static_cast<float>(camera.focalPx), cx = static_cast<float>(camera.centreX),
                cy = static_cast<float>(camera.centreY);
    float x0 = 1e9F, y0 = 1e9F, x1 = -1e9F, y1 = -1e9F;
    for (const Vec3f& p : vertices) {
        const float inverse = f / std::max(p.z, kNearPlaneMetres);
        const float x = p.x * inverse + cx, y = p.y * inverse + cy;
        x0 = std::min(x0, x);
        y0 = std::min(y0, y);
        x1 = std::max(x1, x);
        y1 = std::max(y1, y);
    }
    const auto clip = [](float v, int limit) {
        return std::clamp(static_cast<double>(v), 0.0, static_cast<double>(limit));
    };
    return {clip(x0, camera.width), clip(y0, camera.height), clip(x1, camera.width), clip(y1, camera.height)};
}

double silhouetteIou(std::span<const Vec3f> vertices, const MeshTopology& topology, const Intrinsics& camera,
                     const RleMask& mask, double roiSide, double longSide) {
    const double scale = std::min(1.0, longSide / std::max(roiSide, 1.0));
    Box region = boundingBox(mask);
    const Box mesh = projectedBox(vertices, camera);
    if (region.area() == 0) {
        region = mesh;
    } else if (mesh.area() > 0) {
        region = {std::min(region.x0, mesh.x0), std::min(region.y0, mesh.y0), std::max(region.x1, mesh.x1),
                  std::max(region.y1, mesh.y1)};
    }
    // whole pixels of the reduced picture, so that both sides see the same grid wherever the person is
    const auto down = [&](double v) { return std::floor(v * scale) / scale; };
    const auto up = [&](double v) { return std::ceil(v * scale) / scale; };
    region = {down(region.x0), down(region.y0), up(region.x1), up(region.y1)};
    if (region.area() == 0) {
        return 0;
    }
    thread_local Mask body, measured;
    silhouette(vertices, topology, windowed(camera, region, scale), body, Faces::Front);
    sampleMask(mask, region, scale, measured);
    return intersectionOverUnion(body, measured);
}

} // namespace body4d::detail
