#include "pipeline/scene_features.h"

#include "base/error.h"
#include "scene/feature_colours.h"
#include "scene/npz_stream.h"
#include "video/video_writer.h"

#include <algorithm>
#include <cstdio>
#include <string>

namespace body4d::detail {
namespace fs = std::filesystem;
namespace {

/// The picture and, to its right, the small one in the same size: every patch a rectangle.
Image beside(const Image& picture, const Image& patches) {
    Image both(2 * picture.width, picture.height);
    const auto width = static_cast<std::size_t>(picture.width);
    for (int y = 0; y < picture.height; ++y) {
        const auto* from = picture.rgb.data() + 3 * width * static_cast<std::size_t>(y);
        auto* to = both.rgb.data() + 6 * width * static_cast<std::size_t>(y);
        std::copy(from, from + 3 * width, to);
        const auto row = static_cast<std::size_t>(y * patches.height / picture.height);
        for (std::size_t x = 0; x < width; ++x) {
            const auto column = x * static_cast<std::size_t>(patches.width) / width;
            const auto* colour =
                patches.rgb.data() + 3 * (row * static_cast<std::size_t>(patches.width) + column);
            std::copy(colour, colour + 3, to + 3 * (width + x));
        }
    }
    return both;
}

} // namespace

std::vector<fs::path> writeFeaturePictures(const SceneViews& views, const fs::path& folder, double fps) {
    std::vector<fs::path> written;
    for (const auto& layer : views.featureLayers()) {
        const auto name = "feat_layer_" + std::to_string(layer.block);
        const auto patches = static_cast<std::uint64_t>(views.frames()) * static_cast<std::uint64_t>(layer.rows) *
                             static_cast<std::uint64_t>(layer.columns);
        FeatureColours colours(layer.channels, patches);
        const auto forFeatures = [&](bool withImage, const std::string& what, auto&& fn) {
            views.forEachFeatures(layer.block, withImage, what, fn);
        };
        forFeatures(false, "features",
                    [&](std::size_t, const SceneFeatures& f, const ImagePtr&) { colours.learn(f.values); });
        forFeatures(false, "range of features",
                    [&](std::size_t, const SceneFeatures& f, const ImagePtr&) { colours.measure(f.values); });
        const auto& pixels = views.pictureSize();
        const auto file = folder / "feat_vis" / (name + ".mp4");
        std::error_code code;
        fs::create_directories(folder / "feat_vis" / name, code);
        VideoWriter video(file, {.width = 2 * pixels.width, .height = pixels.height, .fps = fps});
        forFeatures(true, "pictures of features",
                    [&](std::size_t index, const SceneFeatures& f, const ImagePtr& picture) {
                        const auto both = beside(*picture, colours.picture(f.values, f.rows, f.columns));
                        char number[32];
                        std::snprintf(number, sizeof number, "%06zu.jpg", index);
                        constexpr int kQuality = 95;
                        writeImage(folder / "feat_vis" / name / number, both, kQuality);
                        video.write(both, static_cast<double>(index) / fps);
                    });
        video.finish();
        written.push_back(folder / "feat_vis" / name);
        written.push_back(file);
    }
    return written;
}

fs::path writeFeatureArrays(const SceneViews& views, const fs::path& folder) {
    const auto file = folder / "exports" / "feat_npz" / "results.npz";
    NpzStream out(file);
    for (const auto& layer : views.featureLayers()) {
        out.begin("feat_layer_" + std::to_string(layer.block), DType::F32,
                  {views.frames(), layer.rows, layer.columns, layer.channels});
        views.forEachFeatures(layer.block, false, "features",
                              [&](std::size_t, const SceneFeatures& f, const ImagePtr&) { out.write(f.values); });
    }
    out.finish();
    return file;
}

} // namespace body4d::detail
