#include "base/error.h"
#include "base/safetensors_stream.h"
#include "pipeline/body_store.h"
#include "pipeline/store_meta_internal.h"

#include <algorithm>

// Files of what belongs to nobody's body: the world, the camera's path.

namespace body4d::detail {
namespace fs = std::filesystem;

nlohmann::json metaOf(const SafetensorsFile& file, const fs::path& path) {
    const auto it = file.metadata().find("body4d");
    if (it == file.metadata().end()) {
        throw Error(ErrorCode::Input, path.filename().string() + " was not written by this program.",
                    "Delete it and run again.", path.string());
    }
    return nlohmann::json::parse(it->second);
}

FrameRange storedWorldFrames(const fs::path& file) {
    std::error_code ec;
    if (!fs::exists(file, ec)) {
        return {};
    }
    try {
        const SafetensorsFile in(file);
        const auto first = metaOf(in, file).at("first_frame").get<std::int64_t>();
        return {first, first + in.at("rotation").shape.at(0)};
    } catch (const std::exception&) {
        return {}; // damaged, like in storedKey()
    }
}

void writeWorld(const fs::path& file, const StoredWorld& stored) {
    const auto& w = stored.world;
    const auto n = static_cast<std::int64_t>(w.worldFromCam.size());
    std::vector<double> rotation, translation;
    for (const auto& t : w.worldFromCam) {
        rotation.insert(rotation.end(), t.rotation.m.begin(), t.rotation.m.end());
        translation.insert(translation.end(), {t.translation.x, t.translation.y, t.translation.z});
    }
    SafetensorsWriter out;
    out.setMetadata(
        "body4d",
        nlohmann::json{{"key", stored.key}, {"first_frame", w.firstFrame}, {"camera_moves", w.cameraMoves}}
            .dump());
    out.setMetadata("units", "metres; world: y up, ground at 0; world_from_cam");
    out.add("rotation", rotation, {n, 3, 3});
    out.add("translation", translation, {n, 3});
    out.add("focal_uncertainty", std::vector<double>{w.focalPx, w.groundUncertaintyMetres}, {2});
    out.write(file);
}

StoredWorld readWorld(const fs::path& file) {
    requireSound(file);
    const SafetensorsFile in(file);
    const auto meta = metaOf(in, file);
    StoredWorld stored;
    stored.key = meta.at("key").get<std::string>();
    auto& w = stored.world;
    w.firstFrame = meta.at("first_frame").get<std::int64_t>();
    w.cameraMoves = meta.at("camera_moves").get<bool>();
    const auto rotation = in.values<double>("rotation", {-1, 3, 3});
    const auto n = rotation.size() / 9;
    const auto translation = in.values<double>("translation", {static_cast<std::int64_t>(n), 3});
    const auto scalars = in.values<double>("focal_uncertainty", {2});
    w.focalPx = scalars[0];
    w.groundUncertaintyMetres = scalars[1];
    w.worldFromCam.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
        std::copy_n(rotation.begin() + static_cast<std::ptrdiff_t>(9 * i), 9,
                    w.worldFromCam[i].rotation.m.begin());
        w.worldFromCam[i].translation = {translation[3 * i], translation[3 * i + 1], translation[3 * i + 2]};
    }
    return stored;
}

void writeCamera(const fs::path& file, const StoredCamera& stored) {
    const CameraPath& path = stored.path;
    const auto n = static_cast<std::int64_t>(path.shotFromCam.size());
    std::vector<double> rotation;
    for (const Mat3& r : path.shotFromCam) {
        rotation.insert(rotation.end(), r.m.begin(), r.m.end());
    }
    SafetensorsWriter out;
    out.setMetadata(
        "body4d",
        nlohmann::json{{"key", stored.key}, {"first_frame", path.firstFrame}, {"camera_moves", path.moves}, {"parallax_px", path.parallaxPx}}.dump());
    out.setMetadata("content", "turns of the camera: shot_from_cam; a shot's axes are those of its first camera");
    out.add("rotation", rotation, {n, 3, 3});
    out.add("shot_starts", path.shotStarts, {static_cast<std::int64_t>(path.shotStarts.size())});
    out.write(file);
}

StoredCamera readCamera(const fs::path& file) {
    requireSound(file);
    const SafetensorsFile in(file);
    const auto meta = metaOf(in, file);
    StoredCamera stored;
    stored.key = meta.at("key").get<std::string>();
    CameraPath& path = stored.path;
    path.firstFrame = meta.at("first_frame").get<std::int64_t>();
    path.moves = meta.at("camera_moves").get<bool>();
    path.parallaxPx = meta.at("parallax_px").get<double>();
    path.shotStarts = in.values<std::int64_t>("shot_starts");
    const auto rotation = in.values<double>("rotation", {-1, 3, 3});
    path.shotFromCam.resize(rotation.size() / 9);
    for (std::size_t i = 0; i < path.shotFromCam.size(); ++i) {
        std::copy_n(rotation.begin() + static_cast<std::ptrdiff_t>(9 * i), 9, path.shotFromCam[i].m.begin());
    }
    return stored;
}

} // namespace body4d::detail
