#pragma once

#include "body/body_model.h"
#include "body/rasterizer.h"
#include "ui/frame/cloud_data.h"
#include "ui/frame/frame_snapshot.h"

#include <memory>
#include <span>
#include <vector>

namespace body4d::ui {

/// A place on a mesh: corners of a triangle weighted by 1 - a - b, a, b.
struct SurfaceSample {
    std::uint32_t triangle = 0;
    float a = 0, b = 0;
};

/// Samples spread evenly over a surface, the same for the same mesh.
[[nodiscard]] std::vector<SurfaceSample> sampleSurface(std::span<const Vec3f> vertices, const MeshTopology& topology,
                                                       std::size_t count);

/// Colours bodies from the picture that shows them: what a sample's pixel has, where nothing hides the sample. One
/// thread at a time; keeps its memory for the next frame.
class SurfacePainter {
public:
    struct Body {
        std::span<const Vec3f> world; ///< vertices, y up
        const MeshTopology* topology = nullptr;
        std::span<const SurfaceSample> samples;
        const MaskOverlay* mask = nullptr; ///< where the picture shows this body; an empty box: nowhere
    };
    /// @returns a cloud for each body: all its samples, neutral where the picture does not show them; rank 1 where it
    /// does, 0 where not
    [[nodiscard]] std::vector<std::shared_ptr<const CloudData>> paint(std::span<const Body> bodies, const Image& picture,
                                                                      const Intrinsics& camera,
                                                                      const RigidTransform& worldFromCam);

private:
    DepthImage depth_;
    std::vector<float> nearest_;
    std::vector<std::vector<Vec3f>> inCam_;
};

/// sRGB of what no picture shows.
inline constexpr std::array<std::uint8_t, 3> kUnseenColour{0x6E, 0x77, 0x84};

} // namespace body4d::ui
