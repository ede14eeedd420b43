// COLMAP's sparse models as foreign scenes.
#include "scene/colmap.h"
#include "scene/foreign_readers_internal.h"

#include <utility>

namespace body4d::detail {
namespace fs = std::filesystem;

fs::path colmapFolder(const fs::path& folder) {
    for (const char* below : {"", "sparse/0", "sparse", "0", "exports/colmap", "colmap"}) {
        if (holdsColmapModel(folder / below)) {
            return *below == 0 ? folder : folder / below;
        }
    }
    return {};
}

RawScene readColmap(const fs::path& folder) {
    RawScene scene;
    scene.kind = "COLMAP model";
    scene.turnByCameras = true;
    scene.up = UpAxis::MinusY;
    for (const auto& image : readColmapImages(folder)) {
        const auto& c = image.camera;
        scene.cameras.push_back({image.name,
                                 inverse(image.cameraFromWorld),
                                 {0.5 * (c.fx + c.fy), c.cx, c.cy, c.width, c.height}});
    }
    auto points = readColmapPoints(folder);
    if (!points.empty()) {
        ForeignObject cloud;
        cloud.points = std::move(points.positions);
        cloud.colours = std::move(points.colours);
        cloud.confidence = std::move(points.confidence);
        scene.objects.push_back(std::move(cloud));
        dropNonFinite(scene.objects.back());
    }
    return scene;
}

} // namespace body4d::detail
