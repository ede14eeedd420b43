#include "pipeline/scene_views.h"

#include "base/error.h"
#include "scene/view_store.h"

#include <utility>

namespace body4d::detail {

SceneViews::SceneViews(const SceneFolder& scene, bool align, ProgressFn progress, std::stop_token stop)
    : scene_(scene), progress_(std::move(progress)), stop_(std::move(stop)) {
    if (scene_.passes.empty() || scene_.passes.back().end < static_cast<std::int64_t>(scene_.frames.size())) {
        throw Error(ErrorCode::Input, "The scene is not complete: a run was interrupted.",
                    "Give the same scene command again; it goes on where it stopped.",
                    scene_.folder.string());
    }
    for (std::size_t i = 0; i < scene_.passes.size(); ++i) {
        files_.push_back(scene_.fileOf(i));
    }
    worlds_.resize(files_.size());
    if (!scene_.aligned && align && files_.size() > 1 && ViewFile(files_.front()).read(0, false).hasCamera) {
        auto alignment = alignChunks(files_, stop_);
        worlds_ = std::move(alignment.worldFromChunk);
        fits_ = std::move(alignment.fits);
    }
}

void SceneViews::forEach(bool withImage, const std::string& what,
                         const std::function<void(std::size_t, SceneView&)>& fn) const {
    std::size_t index = 0;
    for (std::size_t p = 0; p < files_.size(); ++p) {
        const ViewFile file(files_[p]);
        const auto& pass = scene_.passes[p];
        const auto before = p > 0 ? scene_.passes[p - 1].end - pass.begin : 0;
        const auto after = p + 1 < files_.size() ? pass.end - scene_.passes[p + 1].begin : 0;
        for (std::size_t i = 0; i < file.size(); ++i) {
            if (!takenFrom(static_cast<std::int64_t>(i), pass.end - pass.begin, before, after)) {
                continue;
            }
            if (stop_.stop_requested()) {
                throw Cancelled();
            }
            auto view = file.read(i, withImage);
            if (view.hasCamera) {
                transformView(view, worlds_[p]);
            }
            fn(index, view);
            ++index;
            if (progress_) {
                Progress progress;
                progress.stage = "export";
                progress.phase = what;
                progress.done = static_cast<long long>(index);
                progress.total = static_cast<long long>(scene_.frames.size());
                progress_(progress);
            }
        }
    }
}

} // namespace body4d::detail
