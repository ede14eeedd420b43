#pragma once

#include "base/progress.h"
#include "pipeline/scene_folder.h"
#include "scene/scene_alignment.h"

#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace body4d::detail {

/// The views of a folder in one world, one at a time.
class SceneViews {
public:
    /// @param align false: passes keep their own worlds
    /// @throws Error{Input} when the scene is not complete, Cancelled
    SceneViews(const SceneFolder& scene, bool align, ProgressFn progress, std::stop_token stop);
    /// Every sampled frame once, in order. Where passes share frames each gives its half.
    void forEach(bool withImage, const std::string& what,
                 const std::function<void(std::size_t, SceneView&)>& fn) const;
    [[nodiscard]] const std::vector<Sim3Fit>& fits() const {
        return fits_;
    } ///< empty where nothing was aligned

private:
    const SceneFolder& scene_;
    ProgressFn progress_;
    std::stop_token stop_;
    std::vector<std::filesystem::path> files_;
    std::vector<Sim3> worlds_;
    std::vector<Sim3Fit> fits_;
};

} // namespace body4d::detail
