#include "pipeline/scene_views.h"

#include "base/error.h"
#include "pipeline/scene_memory.h"

#include <utility>

namespace body4d::detail {

SceneViews::SceneViews(const SceneFolder& scene, bool align, bool closeLoops, const MemoryBudget& budget,
                       ProgressFn progress, std::stop_token stop)
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
    hasPoints_ = ViewFile(files_.front()).hasPoints();
    if (!scene_.aligned && align && files_.size() > 1 && ViewFile(files_.front()).read(0, false).hasCamera) {
        constexpr std::size_t kPairs = 40000, kFewestPairs = 1000;
        constexpr std::int64_t kPairBytes = 200;
        std::size_t pairs = kPairs;
        const bool done = runSmaller(
            budget, [&] { return 2 * viewBytes() + kPairBytes * static_cast<std::int64_t>(pairs); },
            [&] {
                auto alignment = alignChunks(files_, closeLoops, stop_, pairs);
                worlds_ = std::move(alignment.worldFromChunk);
                fits_ = std::move(alignment.fits);
                loops_ = std::move(alignment.loops);
            },
            [&] {
                pairs /= 2;
                return pairs >= kFewestPairs;
            });
        if (!done) {
            throw Error(ErrorCode::OutOfMemory, "There is not enough memory to align the passes.",
                        "Raise --budget, or use --plain-concat.");
        }
        if (pairs < kPairs) {
            shrunk_ = "Memory ran out while passes were aligned; " + std::to_string(pairs) +
                      " points decided instead of " + std::to_string(kPairs) + ".";
        }
    }
}

std::int64_t SceneViews::viewBytes() const {
    constexpr std::int64_t kPixel = 4 + 4 + 1 + 3; // depth, confidence, sky, picture
    constexpr std::int64_t kPoint = 3 * 4 + 4;     // with its confidence
    return (kPixel + (hasPoints_ ? kPoint : 0)) * scene_.mapping.width * scene_.mapping.height;
}

/// @param fn called with the file, the number in it, the pass and the number among all frames
void SceneViews::forTaken(
    const std::string& what,
    const std::function<void(const ViewFile&, std::size_t, std::size_t, std::size_t)>& fn) const {
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
            fn(file, i, p, index);
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

void SceneViews::forEach(bool withImage, const std::string& what,
                         const std::function<void(std::size_t, SceneView&)>& fn) const {
    forTaken(what, [&](const ViewFile& file, std::size_t i, std::size_t pass, std::size_t index) {
        auto view = file.read(i, withImage);
        if (view.hasCamera) {
            transformView(view, worlds_[pass]);
        }
        fn(index, view);
    });
}

void SceneViews::forEachFeatures(
    int block, bool withImage, const std::string& what,
    const std::function<void(std::size_t, const SceneFeatures&, const ImagePtr&)>& fn) const {
    forTaken(what, [&](const ViewFile& file, std::size_t i, std::size_t, std::size_t index) {
        fn(index, file.features(i, block), withImage ? file.read(i, true).image : nullptr);
    });
}

std::vector<SceneFeatures> SceneViews::featureLayers() const {
    std::vector<SceneFeatures> layers;
    const ViewFile first(files_.front());
    for (const int block : first.featureBlocks()) {
        layers.push_back(first.features(0, block));
        layers.back().values.clear();
    }
    return layers;
}

} // namespace body4d::detail
