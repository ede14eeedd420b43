#pragma once

#include "base/progress.h"
#include "device/memory_budget.h"
#include "pipeline/scene_folder.h"
#include "scene/scene_alignment.h"
#include "scene/view_store.h"

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
    /// @param closeLoops what drifts is corrected where views return
    /// @param budget alignment takes fewer points where that asks for it
    /// @throws Error{Input} when the scene is not complete, Cancelled
    SceneViews(const SceneFolder& scene, bool align, bool closeLoops, const MemoryBudget& budget,
               ProgressFn progress, std::stop_token stop);
    /// Every sampled frame once, in order. Where passes share frames each gives its half.
    void forEach(bool withImage, const std::string& what,
                 const std::function<void(std::size_t, SceneView&)>& fn) const;
    /// The same of one block's features; pictures are null without `withImage`.
    /// @throws Error{Input} where a pass has none of that block
    void forEachFeatures(int block, bool withImage, const std::string& what,
                         const std::function<void(std::size_t, const SceneFeatures&, const ImagePtr&)>& fn) const;
    /// Sizes of the features that the passes hold, without values; empty: none were asked for.
    [[nodiscard]] std::vector<SceneFeatures> featureLayers() const;
    [[nodiscard]] std::int64_t frames() const { return static_cast<std::int64_t>(scene_.frames.size()); }
    [[nodiscard]] const InputMapping& pictureSize() const { return scene_.mapping; }
    [[nodiscard]] const std::vector<Sim3Fit>& fits() const {
        return fits_;
    } ///< empty where nothing was aligned
    [[nodiscard]] const std::vector<SceneLoop>& loops() const { return loops_; }
    /// What memory did not allow, as a sentence; empty: nothing.
    [[nodiscard]] const std::string& shrunk() const { return shrunk_; }
    /// Of one view with its picture.
    [[nodiscard]] std::int64_t viewBytes() const;

private:
    void forTaken(const std::string& what,
                  const std::function<void(const ViewFile&, std::size_t, std::size_t, std::size_t)>& fn) const;

    const SceneFolder& scene_;
    ProgressFn progress_;
    std::stop_token stop_;
    std::vector<std::filesystem::path> files_;
    std::vector<Sim3> worlds_;
    std::vector<Sim3Fit> fits_;
    std::vector<SceneLoop> loops_;
    std::string shrunk_;
    bool hasPoints_ = false; ///< the network's own, beside depths
};

} // namespace body4d::detail
