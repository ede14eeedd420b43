#include "export/glb_scene_internal.h"

#include "export/export_metadata_internal.h"
#include "export/mannequin_palette.h"

#include <array>
#include <cstdio>
#include <limits>
#include <numbers>
#include <utility>

// What a file holds beside its people: cameras, the place, the ground.

namespace body4d::detail {
namespace fs = std::filesystem;
using Json = GlbFile::Json;
namespace {

constexpr float kCameraTolerance = 1e-7F; // what a camera at rest may waver

} // namespace

Json jsonOf(std::span<const float> values) {
    return std::vector<double>(values.begin(), values.end());
}

GlbScene::GlbScene(const ExportClip& clip, const fs::path& scratch) : clip_(clip), scratch_(scratch), file_(scratch) {
    file_.root["asset"] = {{"version", "2.0"}, {"generator", clip.generator()}};
    if (!clip.scene.licences.empty()) {
        std::string text;
        for (const std::string& licence : clip.scene.licences) {
            text += (text.empty() ? "" : "; ") + licence;
        }
        file_.root["asset"]["copyright"] = text;
    }
    Json extras = exportMetadata(clip);
    extras["axes"] = describe(ExportAxes::Gltf);
    file_.root["asset"]["extras"] = extras;
    file_.root["scene"] = 0;
    file_.root["scenes"] = Json::array();
    animation_ = {{"name", clip.fileStem()}, {"channels", Json::array()}, {"samplers", Json::array()}};
}

std::map<BodyRegion, int> GlbScene::addMaterials(const ExportPerson& person, const SurfaceLayout& layout) {
    std::map<BodyRegion, int> materials;
    for (const auto& [region, list] : layout.triangles) {
        const Rgb colour = regionColour(region, person.source->target.colour);
        materials_.push_back(
            {{"name", person.source->target.name + " " + regionName(region)},
             {"pbrMetallicRoughness",
              {{"baseColorFactor",
                {linearFromSrgb(colour[0]), linearFromSrgb(colour[1]), linearFromSrgb(colour[2]), 1.0}},
               {"metallicFactor", 0.0},
               {"roughnessFactor", region == BodyRegion::Eyes ? 0.4 : 0.85}}}});
        materials[region] = static_cast<int>(materials_.size()) - 1;
    }
    return materials;
}

void GlbScene::addVisibility(int node, const std::function<bool(std::int64_t)>& shown) {
    KeyTimes times;
    std::vector<float> scales;
    bool last = true, everHidden = false;
    for (std::int64_t frame = clip_.begin; frame < clip_.end; ++frame) {
        const bool now = shown(frame);
        everHidden = everHidden || !now;
        if ((frame == clip_.begin || now != last) && times.add(clip_.clipSeconds(frame))) {
            scales.insert(scales.end(), 3, now ? 1.F : 0.F);
            last = now;
        }
    }
    if (everHidden) {
        addChannel(node, "scale", addTimes(times.values()), file_.addFloats(scales, 3, false), "STEP");
    }
}

void GlbScene::addPlace() {
    const auto* place = clip_.scene.place.get();
    if (place == nullptr || place->empty()) {
        return;
    }
    constexpr int kPoints = 0;
    std::vector<float> positions, colours;
    positions.reserve(3 * place->size());
    for (const Vec3f& p : place->positions) {
        positions.insert(positions.end(), {p.x, p.y, p.z});
    }
    Json attributes = {{"POSITION", file_.addFloats(positions, 3, true, GlbFile::Target::Vertices)}};
    if (!place->colours.empty()) {
        colours.reserve(3 * place->size());
        for (const auto& rgb : place->colours) {
            for (const std::uint8_t c : rgb) {
                colours.push_back(static_cast<float>(linearFromSrgb(c)));
            }
        }
        attributes["COLOR_0"] = file_.addFloats(colours, 3, false, GlbFile::Target::Vertices);
    }
    const Json primitive = {{"attributes", attributes}, {"mode", kPoints}};
    meshes_.push_back({{"name", "place"}, {"primitives", Json::array({primitive})}});
    addNode({{"name", "place"}, {"mesh", meshes_.size() - 1}}, true);
}

void GlbScene::addCameras() {
    if (clip_.camera.focalPx <= 0 || clip_.camera.width <= 0 || clip_.camera.height <= 0) {
        return;
    }
    // glTF animates no field of view: every shot with a lens of its own is a camera of its own.
    for (std::size_t i = 0; i < clip_.shots.size(); ++i) {
        const std::int64_t end = i + 1 < clip_.shots.size() ? clip_.shots[i + 1].firstFrame : clip_.end;
        addCamera(clip_.shots.size() == 1 ? "camera" : "camera_" + std::to_string(i + 1),
                  clip_.shots[i].firstFrame, end);
    }
}

void GlbScene::addCamera(const std::string& name, std::int64_t begin, std::int64_t end) {
    const Intrinsics camera = clip_.cameraAt(begin);
    cameras_.push_back({{"name", name},
                        {"type", "perspective"},
                        {"perspective",
                         {{"yfov", 2 * std::atan(0.5 * camera.height / camera.focalPx)},
                          {"aspectRatio", static_cast<double>(camera.width) / camera.height},
                          {"znear", 0.05},
                          {"zfar", 1000.0}}}});
    Mat3 flip = gltfFromOpenCv();
    MotionTable keys(keysFile(), 1, static_cast<std::size_t>(end - begin) + clip_.scene.cuts.size(), kCameraTolerance,
                     kCameraTolerance);
    KeyTimes times;
    for (std::int64_t frame = begin; frame < end; ++frame) {
        if (frame > begin && clip_.isCut(frame) && times.add(clip_.clipSeconds(frame) - kCutSeconds)) {
            keys.repeatLast();
        }
        if (times.add(clip_.clipSeconds(frame))) {
            // The camera node looks along its own -z with y up: OpenCV's axes half turned about x.
            RigidTransform pose = clip_.worldFromCam(frame);
            pose.rotation = pose.rotation * flip;
            keys.add(std::span(&pose, 1));
        }
    }
    keys.finish();
    const MotionKey& first = keys.first(0);
    const int node = addNode({{"name", name},
                              {"camera", cameras_.size() - 1},
                              {"rotation", jsonOf(first.rotation)},
                              {"translation", jsonOf(first.translation)},
                              {"extras",
                               {{"focal_px", camera.focalPx},
                                {"centre_px", {camera.centreX, camera.centreY}},
                                {"size_px", {camera.width, camera.height}},
                                {"frames", {begin, end}}}}},
                             true);
    if (times.values().size() < 2) {
        return;
    }
    if (keys.turns(0) || keys.moves(0)) {
        const int input = addTimes(times.values());
        if (keys.turns(0)) {
            addChannel(node, "rotation", input, file_.addFloats(keys.rotations(0), 4), "LINEAR");
        }
        if (keys.moves(0)) {
            addChannel(node, "translation", input, file_.addFloats(keys.translations(0), 3), "LINEAR");
        }
        return;
    }
    // A camera at rest still has its two keys: they give the clip its length whoever is in the picture.
    const std::vector<float> ends = {times.values().front(), times.values().back()};
    std::vector<float> still(first.translation.begin(), first.translation.end());
    still.insert(still.end(), first.translation.begin(), first.translation.end());
    addChannel(node, "translation", addTimes(ends), file_.addFloats(still, 3, false), "STEP");
}

void GlbScene::addGround(std::span<const ExportPerson> people) {
    Vec3 low{1e9, 0, 1e9}, high{-1e9, 0, -1e9};
    for (const ExportPerson& person : people) {
        for (std::int64_t frame = clip_.begin; frame < clip_.end; ++frame) {
            if (const auto body = person.shown(frame)) {
                const Vec3 root = clip_.worldFromCam(frame) * body->pose.translation;
                low = {std::min(low.x, root.x), 0, std::min(low.z, root.z)};
                high = {std::max(high.x, root.x), 0, std::max(high.z, root.z)};
            }
        }
    }
    if (!clip_.hasWorld() || low.x > high.x) {
        return;
    }
    constexpr double kMargin = 1.2, kMostLines = 60;
    double step = 1;
    while (std::max(high.x - low.x, high.z - low.z) + 2 * kMargin > kMostLines * step) {
        step *= step == 2 || step == 20 || step == 200 ? 2.5 : 2; // 1, 2, 5, 10, ...
    }
    const auto cell = [&](double v, bool up) {
        return static_cast<int>(up ? std::ceil((v + kMargin) / step) : std::floor((v - kMargin) / step));
    };
    const int x0 = cell(low.x, false), x1 = cell(high.x, true), z0 = cell(low.z, false),
              z1 = cell(high.z, true);
    std::vector<float> points;
    const auto line = [&](double ax, double az, double bx, double bz) {
        for (const double c : {ax * step, 0.0, az * step, bx * step, 0.0, bz * step}) {
            points.push_back(static_cast<float>(c));
        }
    };
    for (int x = x0; x <= x1; ++x) {
        line(x, z0, x, z1);
    }
    for (int z = z0; z <= z1; ++z) {
        line(x0, z, x1, z);
    }
    materials_.push_back({{"name", "ground"},
                          {"pbrMetallicRoughness",
                           {{"baseColorFactor", {0.16, 0.18, 0.21, 1.0}},
                            {"metallicFactor", 0.0},
                            {"roughnessFactor", 1.0}}}});
    Json primitive = {
        {"attributes", {{"POSITION", file_.addFloats(points, 3, true, GlbFile::Target::Vertices)}}},
        {"mode", 1},
        {"material", materials_.size() - 1}};
    meshes_.push_back({{"name", "ground"}, {"primitives", Json::array({primitive})}});
    addNode({{"name", "ground"}, {"mesh", meshes_.size() - 1}, {"extras", {{"step_m", step}}}}, true);
}

void GlbScene::write(const fs::path& path) {
    Json scene = {{"name", clip_.scene.name}, {"nodes", roots_}};
    file_.root["scenes"].push_back(scene);
    file_.root["nodes"] = nodes_;
    for (auto [key, value] : {std::pair{"meshes", &meshes_}, std::pair{"skins", &skins_},
                              std::pair{"materials", &materials_}, std::pair{"cameras", &cameras_}}) {
        if (!value->empty()) {
            file_.root[key] = *value;
        }
    }
    if (!animation_["channels"].empty()) {
        file_.root["animations"] = Json::array({animation_});
    }
    file_.write(path);
}

} // namespace body4d::detail
