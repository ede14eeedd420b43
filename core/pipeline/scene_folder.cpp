#include "pipeline/scene_folder.h"

#include "base/error.h"
#include "base/files.h"
#include "pipeline/scene_run.h"
#include "scene/cloud_filters.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <system_error>

namespace body4d::detail {

using Json = nlohmann::ordered_json;

SceneFolder SceneFolder::read(const std::filesystem::path& folder) {
    const auto file = folder / "scene.json";
    std::error_code code;
    if (!std::filesystem::is_regular_file(file, code)) {
        throw Error(ErrorCode::Input, "There is no scene in " + folder.string() + ".",
                    "body4d scene auto INPUT --export-dir FOLDER makes one.", file.string());
    }
    SceneFolder scene;
    scene.folder = folder;
    try {
        const auto json = Json::parse(readTextFile(file));
        scene.key = json.at("key");
        scene.variant = json.at("variant");
        scene.weightsNote = json.value("weights_note", std::string());
        scene.metres = json.at("metres");
        scene.aligned = json.at("aligned");
        const auto& m = json.at("mapping");
        scene.mapping = {m.at("width"),   m.at("height"),   m.at("scale_x"),
                         m.at("scale_y"), m.at("offset_x"), m.at("offset_y")};
        scene.originalWidth = json.at("original_width");
        scene.originalHeight = json.at("original_height");
        scene.videoBytes = json.value("video_bytes", std::int64_t{-1});
        scene.frames = json.at("frames").get<std::vector<std::int64_t>>();
        scene.names = json.at("names").get<std::vector<std::string>>();
        for (const auto& pass : json.at("passes")) {
            scene.passes.push_back({pass.at("begin"), pass.at("end"), pass.at("file")});
        }
    } catch (const Json::exception& e) {
        throw Error(ErrorCode::Input, "The list of a scene's passes is damaged.",
                    "Remove " + file.string() + " and run the scene command again.", e.what());
    }
    std::int64_t covered = 0;
    for (const auto& pass : scene.passes) {
        const std::filesystem::path name(pass.file);
        if (pass.begin < 0 || pass.begin > covered || pass.end <= covered ||
            pass.end > static_cast<std::int64_t>(scene.frames.size()) || name.is_absolute() ||
            pass.file.find("..") != std::string::npos) {
            throw Error(ErrorCode::Input, "The list of a scene's passes is damaged.",
                        "Remove " + file.string() + " and run the scene command again.", pass.file);
        }
        covered = pass.end;
    }
    return scene;
}

void SceneFolder::write() const {
    Json json = {{"key", key},
                 {"variant", variant},
                 {"weights_note", weightsNote},
                 {"metres", metres},
                 {"aligned", aligned},
                 {"mapping",
                  {{"width", mapping.width},
                   {"height", mapping.height},
                   {"scale_x", mapping.scaleX},
                   {"scale_y", mapping.scaleY},
                   {"offset_x", mapping.offsetX},
                   {"offset_y", mapping.offsetY}}},
                 {"original_width", originalWidth},
                 {"original_height", originalHeight},
                 {"video_bytes", videoBytes},
                 {"frames", frames},
                 {"names", names},
                 {"passes", Json::array()}};
    for (const auto& pass : passes) {
        json["passes"].push_back({{"begin", pass.begin}, {"end", pass.end}, {"file", pass.file}});
    }
    writeFileAtomically(folder / "scene.json", std::string_view(json.dump(1)));
}

} // namespace body4d::detail

namespace body4d {

void clearScene(const std::filesystem::path& folder) {
    std::error_code code;
    if (!std::filesystem::is_regular_file(folder / "scene.json", code)) {
        return;
    }
    for (const char* name :
         {"chunks", "exports", "depth_vis", "feat_vis", "depth_png", "depth.mp4", "scene.glb", "scene.ply", "cameras.bin",
          "images.bin", "points3D.bin", "cameras.txt", "images.txt", "points3D.txt", "scene_report.json",
          "bodies_in_scene.json", "scene.json"}) { // the list of the rest last
        std::filesystem::remove_all(folder / name, code);
        if (code) {
            throw Error(ErrorCode::Output, "The earlier scene cannot be removed: " + code.message() + ".",
                        "Take another --export-dir.", (folder / name).string());
        }
    }
}

} // namespace body4d

namespace body4d::detail {

Mask hiddenPixels(const Mask& mask, const SceneFolder& scene, int growth) {
    const auto& m = scene.mapping;
    Mask out(m.width, m.height);
    if (mask.empty()) {
        return out;
    }
    // The whole frame in the size of the maps, of which they may show the middle or which they may surround.
    const auto whole = grownMask(mask, static_cast<int>(std::lround(scene.originalWidth * m.scaleX)),
                                 static_cast<int>(std::lround(scene.originalHeight * m.scaleY)), growth);
    const int left = static_cast<int>(std::lround(m.offsetX)), top = static_cast<int>(std::lround(m.offsetY));
    for (int y = 0; y < m.height; ++y) {
        for (int x = 0; x < m.width; ++x) {
            const int u = x + left, v = y + top;
            const bool inside = u >= 0 && v >= 0 && u < whole.width && v < whole.height;
            out.row(y)[x] = inside ? whole.row(v)[u] : 0;
        }
    }
    return out;
}

} // namespace body4d::detail
