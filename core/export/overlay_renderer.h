#pragma once

#include "base/image.h"
#include "export/export_types.h"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace body4d {

/// One person in one frame, ready to be drawn.
struct OverlayPerson {
    TargetId id = 0;
    std::string name;
    std::string colour;                     ///< "#RRGGBB"
    FrameState state = FrameState::Visible; ///< Absent bodies are not drawn
    std::shared_ptr<const BodyModel> model;
    std::shared_ptr<const RestBody> rest;                                  ///< model->shaped(shape)
    std::shared_ptr<const BodyPose> pose;                                  ///< camera space; null: no body
    std::shared_ptr<const std::array<Vec3, kBodyKeypointCount>> keypoints; ///< camera space; null: no skeleton
    const RleMask* mask = nullptr;                                         ///< null: no mask
};

/// Draws mannequins, masks, skeletons and tags over frames. Owns its buffers: use one per thread.
class OverlayRenderer {
public:
    OverlayRenderer();
    ~OverlayRenderer();
    OverlayRenderer(OverlayRenderer&&) noexcept;
    OverlayRenderer& operator=(OverlayRenderer&&) noexcept;

    /// Draws over `frame`, whose size must be the camera's (another size of the same aspect is scaled to).
    /// Nearer people hide farther ones, pixel by pixel.
    /// @param note stands in capitals at the bottom, whatever the style: what has to be known about the bodies
    void render(Image& frame, const Intrinsics& camera, std::span<const OverlayPerson> people,
                const OverlayStyle& style, const std::string& note = {});

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// For stills: everybody of `scene` at `frame` over `image`.
void renderOverlay(Image& image, const ExportScene& scene, std::int64_t frame, const OverlayStyle& style);

/// "#RRGGBB" to 0..255. Anything else is grey.
[[nodiscard]] std::array<std::uint8_t, 3> parseColour(const std::string& text);

} // namespace body4d
