#pragma once

#include "pipeline/placed_scene.h"
#include "ui/controllers/backend.h"

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

namespace body4d::ui {

/// What a backend that reconstructs places and knows weights offers beside Backend; the window asks for it by dynamic_cast, and does
/// without where there is none. All calls come from worker threads and may block.
class SceneSource {
public:
    virtual ~SceneSource();
    /// Just the scene stage; run() does it, too, after everything about people. @throws Error
    virtual RunSummary runScene(ProjectStore& project, const RunEvents& events, const std::stop_token& stop) = 0;
    /// The finished scene beside the bodies as they are now; nothing: there is none. @throws Error; Cancelled
    [[nodiscard]] virtual std::shared_ptr<const PlacedScene> placedScene(ProjectStore& project,
                                                                         const std::stop_token& stop) = 0;
    struct Weights {
        std::string engine; ///< a choice of engines.scene
        std::string note;   ///< what they say of themselves, such as "random weights"; mostly empty
    };
    /// Which network a person's own file is for; every tensor is checked. @throws Error saying what differs
    [[nodiscard]] virtual Weights recogniseWeights(const std::filesystem::path& file) = 0;
    /// What the weights that these options name say of themselves; empty also where there are none.
    [[nodiscard]] virtual std::string weightsNote(const Options& options) = 0;
    /// The same of the weights that bodies come from. @param stage "segment", "intrinsics" or "reconstruct"
    [[nodiscard]] virtual std::string bodyWeightsNote(const Options& options, const std::string& stage) = 0;
};

} // namespace body4d::ui
