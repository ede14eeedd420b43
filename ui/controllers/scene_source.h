#pragma once

#include "pipeline/placed_scene.h"
#include "ui/controllers/backend.h"

#include <memory>
#include <stop_token>

namespace body4d::ui {

/// What a backend that reconstructs places offers beside Backend; the window asks for it by dynamic_cast, and does
/// without where there is none. All calls come from worker threads and may block.
class SceneSource {
public:
    virtual ~SceneSource();
    /// Just the scene stage; run() does it, too, after everything about people. @throws Error
    virtual RunSummary runScene(ProjectStore& project, const RunEvents& events, const std::stop_token& stop) = 0;
    /// The finished scene beside the bodies as they are now; nothing: there is none. @throws Error; Cancelled
    [[nodiscard]] virtual std::shared_ptr<const PlacedScene> placedScene(ProjectStore& project,
                                                                         const std::stop_token& stop) = 0;
};

} // namespace body4d::ui
