#pragma once

#include "scene/sim3.h"
#include "scene/view_store.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

namespace body4d {

/// Two passes that saw the same place at different times.
struct SceneLoop {
    std::size_t earlier = 0, later = 0;            ///< passes
    std::int64_t earlierFrame = 0, laterFrame = 0; ///< that show it
    Sim3Fit earlierFromLater;
    std::size_t matches = 0; ///< places that agree
    double size = 1;         ///< typical distance of those from the camera, in the later pass' units
    double strain = 0;       ///< what was between them before, as a share: the drift that was closed
};

/// What two views of different worlds have in common: corners that look alike and lie alike in space, and
/// depths that then agree all over the picture. Both need pictures and cameras.
/// @returns nothing where they do not show the same place
[[nodiscard]] std::optional<SceneLoop> matchViews(const SceneView& earlier, const SceneView& later);

/// Passes that return to places of earlier ones, neighbours excepted: of views that look alike as a whole,
/// those that matchViews() confirms. Reads one view at a time. Files without pictures have none.
/// @throws Error{Input}, Cancelled
[[nodiscard]] std::vector<SceneLoop> findLoops(std::span<const std::filesystem::path> files,
                                               const std::stop_token& stop);

} // namespace body4d
