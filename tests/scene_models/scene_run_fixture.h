#pragma once

#include "base/error.h"
#include "pipeline/scene_run.h"
#include "scene/unproject.h"
#include "video/video_writer.h"

#include <QTemporaryDir>

#include <filesystem>

#include "../scene/synthetic_scene.h"

namespace body4d::testing {

inline constexpr int kFrames = 14; ///< of the scene
inline constexpr int kFeatureChannels = 5;

/// Stands in for a network: renders the synthetic scene, in a world of its own for every pass. Sees which
/// frame a picture is by its first pixel.
class RenderingEstimator final : public SceneEstimator {
public:
    RenderingEstimator() {
        traits_.engine = "da3";
        traits_.variant = "rendered";
        traits_.pointMaps = true;
        traits_.featureBlocks = 12;
        traits_.featureChannels = kFeatureChannels;
    }
    [[nodiscard]] const SceneModelTraits& traits() const override { return traits_; }
    [[nodiscard]] SceneMemory memory(int, int, int) const override { return {1 << 20, bytesPerFrame}; }
    std::vector<SceneView> estimate(const SceneRequest& request, const std::stop_token& stop,
                                    const std::function<void(double)>& progress) override {
        sizes.push_back(static_cast<int>(request.pictures.size()));
        if (static_cast<int>(request.pictures.size()) > mostFrames) {
            if (plainBadAlloc) {
                throw std::bad_alloc();
            }
            throw OutOfMemoryError("made up");
        }
        std::vector<SceneView> views;
        for (const auto& picture : request.pictures) {
            if (stop.stop_requested()) {
                throw Cancelled();
            }
            auto view = renderView(picture->rgb[0] / 10);
            spoil(view, noise, outliers, random);
            view.image = picture;
            view.confidence.assign(view.depth.size(), 2);
            for (const int block : request.featureBlocks) {
                SceneFeatures features{block, 4, 6, kFeatureChannels, {}};
                for (int i = 0; i < 4 * 6 * kFeatureChannels; ++i) {
                    features.values.push_back(static_cast<float>(picture->rgb[0]) + 0.1F * static_cast<float>(i) +
                                              static_cast<float>(block));
                }
                view.features.push_back(std::move(features));
            }
            if (oneByOne) {
                view.hasCamera = false;
                view.confidence.clear();
                view.sky.assign(view.depth.size(), 0);
            } else {
                transformView(view, someWorld(sizes.size()));
                if (request.pointMaps) { // twice as far as the depths, to be told from them
                    const PointFinder finder(view);
                    for (std::size_t i = 0; i < view.depth.size(); ++i) {
                        const auto width = static_cast<std::size_t>(view.camera.width);
                        const auto p = finder.at(static_cast<int>(i % width), static_cast<int>(i / width), 2 * view.depth[i]);
                        for (const double v : {p.x, p.y, p.z}) {
                            view.points.push_back(static_cast<float>(v));
                        }
                    }
                    view.pointsConfidence.assign(view.depth.size(), 3);
                }
            }
            views.push_back(std::move(view));
        }
        if (progress) {
            progress(1);
        }
        if (static_cast<int>(sizes.size()) == stopAfter) {
            source.request_stop();
        }
        return views;
    }

    SceneModelTraits traits_;
    std::vector<int> sizes;
    int mostFrames = 1000, stopAfter = -1;
    bool oneByOne = false, plainBadAlloc = false;
    double noise = 0, outliers = 0;
    Sequence random{17};
    std::int64_t bytesPerFrame = 1000;
    std::stop_source source;
};

/// Runs over pictures of the synthetic scene, in a folder that goes with the test.
class SceneRunFixture : public QObject {
protected:
    void makePictures() {
        pictures_ = path("pictures");
        std::filesystem::create_directories(pictures_);
        for (int i = 0; i < kFrames; ++i) {
            Image image = *renderView(i).image;
            image.rgb[0] = static_cast<std::uint8_t>(10 * i);
            char name[20];
            std::snprintf(name, sizeof name, "%03d.png", i);
            writeImage(pictures_ / name, image);
        }
        settings_.processRes = 84; // pictures of 84x56 stay as they are
        settings_.viewChunk = 6;
        settings_.overlap = 2;
    }
    [[nodiscard]] SceneReport run(RenderingEstimator& estimator, const std::filesystem::path& folder,
                                  const SceneExport& wanted = {}) {
        SceneInput input;
        input.path = pictures_;
        return runScene(input, settings_, wanted, folder, {}, {}, estimator.source.get_token(), &estimator);
    }
    [[nodiscard]] std::filesystem::path path(const char* name) const {
        return folder_.filePath(name).toStdString();
    }

    QTemporaryDir folder_;
    std::filesystem::path pictures_;
    SceneSettings settings_;
};

} // namespace body4d::testing
