#include "base/error.h"
#include "base/files.h"
#include "export/export_metadata_internal.h"
#include "export/glb_file_internal.h"
#include "export/mannequin_palette.h"
#include "export/skin_fit.h"
#include "export/surface_layout.h"
#include "export/writers.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>
#include <numbers>
#include <utility>

namespace body4d {
namespace fs = std::filesystem;
using Json = GlbFile::Json;
namespace {

std::array<float, 4> unitQuat(const Mat3& rotation) {
    const Quat q = toQuat(rotation);
    return {static_cast<float>(q.x), static_cast<float>(q.y), static_cast<float>(q.z),
            static_cast<float>(q.w)};
}

Json jsonOf(std::span<const float> values) {
    return std::vector<double>(values.begin(), values.end());
}

/// Keys of one joint or camera: rotation and translation on one set of times.
struct MotionKeys {
    std::vector<float> rotations;    ///< [4 K]
    std::vector<float> translations; ///< [3 K]
    void add(const RigidTransform& t) {
        std::array<float, 4> q = unitQuat(t.rotation);
        if (rotations.size() >= 4) { // the nearer of q and -q, so that a linear blend takes the short way
            const float* last = rotations.data() + rotations.size() - 4;
            if (q[0] * last[0] + q[1] * last[1] + q[2] * last[2] + q[3] * last[3] < 0) {
                for (float& c : q) {
                    c = -c;
                }
            }
        }
        rotations.insert(rotations.end(), q.begin(), q.end());
        for (const double c : {t.translation.x, t.translation.y, t.translation.z}) {
            translations.push_back(static_cast<float>(c));
        }
    }
    void repeatLast() {
        for (std::size_t i = 0; i < 4; ++i) {
            rotations.push_back(rotations[rotations.size() - 4]);
        }
        for (std::size_t i = 0; i < 3; ++i) {
            translations.push_back(translations[translations.size() - 3]);
        }
    }
    [[nodiscard]] static bool varies(const std::vector<float>& values, std::size_t width, float tolerance) {
        for (std::size_t i = width; i < values.size(); ++i) {
            if (std::fabs(values[i] - values[i % width]) > tolerance) {
                return true;
            }
        }
        return false;
    }
};

/// Key times, strictly rising also as floats.
class KeyTimes {
public:
    /// @returns false where the time is not later than the last one as a float
    bool add(double seconds) {
        const auto t = static_cast<float>(std::max(seconds, 0.0));
        if (!values_.empty() && t <= values_.back()) {
            return false;
        }
        values_.push_back(t);
        return true;
    }
    [[nodiscard]] const std::vector<float>& values() const { return values_; }

private:
    std::vector<float> values_;
};

/// How a rig moves through the frames in which a person is shown.
struct RigMotion {
    std::vector<MotionKeys> joints;
    KeyTimes times;
    bool any = false;
};

/// Where the bind pose stands. Viewers that take a skin's size and place from its bind pose (VTK, old
/// three.js) would cut off or cull a person who moves elsewhere, so it stands in the middle of the motion;
/// Mixamo's rigs stand on the origin, where retargeting looks for them.
Vec3 bindOffset(const Rig& rig, const RestBody& rest, const MotionKeys& root, RigPreset preset) {
    const Vec3 start = rig.joints[0].position;
    if (preset == RigPreset::Mixamo) {
        float lowest = std::numeric_limits<float>::max();
        for (const Vec3f& p : rest.vertices) {
            lowest = std::min(lowest, -p.y);
        }
        return {-start.x, -lowest, -start.z};
    }
    Vec3 low{1e9, 1e9, 1e9}, high{-1e9, -1e9, -1e9};
    for (std::size_t i = 0; i < root.translations.size(); i += 3) {
        const Vec3 p{root.translations[i], root.translations[i + 1], root.translations[i + 2]};
        low = {std::min(low.x, p.x), std::min(low.y, p.y), std::min(low.z, p.z)};
        high = {std::max(high.x, p.x), std::max(high.y, p.y), std::max(high.z, p.z)};
    }
    return 0.5 * (low + high) - start;
}

/// Just before a cut the last pose of the old shot is set once more: nothing is interpolated across.
constexpr double kCutSeconds = 1e-3;

class GlbScene {
public:
    GlbScene(const ExportClip& clip, const fs::path& scratch) : clip_(clip), file_(scratch) {
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

    void addCameras();
    /// One that took the frames `begin` to `end`.
    void addCamera(const std::string& name, std::int64_t begin, std::int64_t end);
    void addPlace();
    void addGround(std::span<const ExportPerson> people);
    SkinError addSkinned(const ExportPerson& person, const std::function<void()>& tick);
    /// The skeleton alone, as lines that its joints move, for a mesh that nothing ties to it.
    void addArmature(const ExportPerson& person, const std::function<void()>& tick);
    void addExact(const ExportPerson& person, const std::function<void()>& tick);
    void write(const fs::path& path);
    bool empty() const { return roots_.empty(); }

private:
    int addNode(Json node, bool root) {
        nodes_.push_back(std::move(node));
        const int index = static_cast<int>(nodes_.size()) - 1;
        if (root) {
            roots_.push_back(index);
        }
        return index;
    }
    std::map<BodyRegion, int> addMaterials(const ExportPerson& person, const SurfaceLayout& layout);
    void addChannel(int node, const char* path, int input, int output, const char* interpolation) {
        animation_["samplers"].push_back(
            {{"input", input}, {"output", output}, {"interpolation", interpolation}});
        animation_["channels"].push_back(
            {{"sampler", animation_["samplers"].size() - 1}, {"target", {{"node", node}, {"path", path}}}});
    }
    void addVisibility(int node, const std::function<bool(std::int64_t)>& shown);
    /// A node for the person, below it the joints as they stand in the first shown frame, their motion, and a
    /// skin.
    void addJoints(const ExportPerson& person, const Rig& rig, const RigMotion& motion, Vec3 offset,
                   const std::string& name);
    [[nodiscard]] RigMotion motionOf(const ExportPerson& person, const Rig& rig,
                                     const std::function<void()>& tick) const;
    int addTimes(const std::vector<float>& times) { return file_.addFloats(times, 1, true); }

    const ExportClip& clip_;
    GlbFile file_;
    Json nodes_ = Json::array(), meshes_ = Json::array(), skins_ = Json::array(), materials_ = Json::array(),
         cameras_ = Json::array(), animation_;
    std::vector<int> roots_;
};

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
    MotionKeys keys;
    KeyTimes times;
    for (std::int64_t frame = begin; frame < end; ++frame) {
        if (frame > begin && clip_.isCut(frame) && times.add(clip_.clipSeconds(frame) - kCutSeconds)) {
            keys.repeatLast();
        }
        if (times.add(clip_.clipSeconds(frame))) {
            // The camera node looks along its own -z with y up: OpenCV's axes half turned about x.
            RigidTransform pose = clip_.worldFromCam(frame);
            pose.rotation = pose.rotation * flip;
            keys.add(pose);
        }
    }
    const int node = addNode({{"name", name},
                              {"camera", cameras_.size() - 1},
                              {"rotation", jsonOf(std::span(keys.rotations.data(), 4))},
                              {"translation", jsonOf(std::span(keys.translations.data(), 3))},
                              {"extras",
                               {{"focal_px", camera.focalPx},
                                {"centre_px", {camera.centreX, camera.centreY}},
                                {"size_px", {camera.width, camera.height}},
                                {"frames", {begin, end}}}}},
                             true);
    if (times.values().size() < 2) {
        return;
    }
    const bool turns = MotionKeys::varies(keys.rotations, 4, 1e-7F),
               moves = MotionKeys::varies(keys.translations, 3, 1e-7F);
    if (turns || moves) {
        const int input = addTimes(times.values());
        if (turns) {
            addChannel(node, "rotation", input, file_.addFloats(keys.rotations, 4, false), "LINEAR");
        }
        if (moves) {
            addChannel(node, "translation", input, file_.addFloats(keys.translations, 3, false), "LINEAR");
        }
        return;
    }
    // A camera at rest still has its two keys: they give the clip its length whoever is in the picture.
    const std::vector<float> ends = {times.values().front(), times.values().back()};
    std::vector<float> still(keys.translations.begin(), keys.translations.begin() + 3);
    still.insert(still.end(), keys.translations.begin(), keys.translations.begin() + 3);
    addChannel(node, "translation", addTimes(ends), file_.addFloats(still, 3, false), "STEP");
}

void GlbScene::addGround(std::span<const ExportPerson> people) {
    Vec3 low{1e9, 0, 1e9}, high{-1e9, 0, -1e9};
    for (const ExportPerson& person : people) {
        for (std::int64_t frame = clip_.begin; frame < clip_.end; ++frame) {
            if (const BodyFrame* body = person.shown(frame)) {
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

SkinError GlbScene::addSkinned(const ExportPerson& person, const std::function<void()>& tick) {
    const BodyModel& model = person.model();
    const GlbOptions& options = clip_.options.glb;
    const Rig rig = makeRig(model, *person.rest, options.rig, options.leafBones);
    const SkinSamples samples = sampleSkin(clip_, person, rig);
    RigSkin skin = reduceSkin(model.skin(), rig, options.influences > 4 ? 8 : 4);
    refineSkin(skin, model.skin(), rig, samples);

    // Motion first: a person who is never shown leaves nothing in the file.
    const RigMotion motion = motionOf(person, rig, tick);
    if (!motion.any) {
        return {};
    }

    const std::string& name = person.source->target.name;
    const SurfaceLayout layout = layOut(model.topology(), *person.rest);
    const Vec3 offset = bindOffset(rig, *person.rest, motion.joints[0], options.rig);
    const RigidTransform up{gltfFromOpenCv(), offset};
    std::vector<Vec3f> normals;
    std::vector<float> buffer;
    safeNormals(person.rest->vertices, model.topology(), normals);
    Json attributes;
    placeVertices(layout, person.rest->vertices, up, buffer);
    attributes["POSITION"] = file_.addFloats(buffer, 3, true, GlbFile::Target::Vertices);
    placeVertices(layout, normals, {up.rotation, {}}, buffer);
    attributes["NORMAL"] = file_.addFloats(buffer, 3, false, GlbFile::Target::Vertices);
    if (!layout.uv.empty()) {
        attributes["TEXCOORD_0"] = file_.addFloats(layout.uv, 2, false, GlbFile::Target::Vertices);
    }
    const auto per = static_cast<std::size_t>(skin.perVertex);
    for (std::size_t set = 0; set < per / 4; ++set) {
        std::vector<std::uint16_t> joints;
        std::vector<float> weights;
        for (const std::uint32_t v : layout.vertex) {
            const std::size_t at = v * per + 4 * set;
            joints.insert(joints.end(), skin.joint.begin() + static_cast<std::ptrdiff_t>(at),
                          skin.joint.begin() + static_cast<std::ptrdiff_t>(at + 4));
            weights.insert(weights.end(), skin.weight.begin() + static_cast<std::ptrdiff_t>(at),
                           skin.weight.begin() + static_cast<std::ptrdiff_t>(at + 4));
        }
        attributes["JOINTS_" + std::to_string(set)] = file_.addJoints(joints);
        attributes["WEIGHTS_" + std::to_string(set)] =
            file_.addFloats(weights, 4, false, GlbFile::Target::Vertices);
    }
    Json primitives = Json::array();
    const auto materials = addMaterials(person, layout);
    for (const auto& [region, list] : layout.triangles) {
        primitives.push_back({{"attributes", attributes},
                              {"indices", file_.addIndices(list)},
                              {"material", materials.at(region)}});
    }
    meshes_.push_back({{"name", name + " body"}, {"primitives", primitives}});

    addJoints(person, rig, motion, offset, name);
    addNode({{"name", name + " mesh"}, {"mesh", meshes_.size() - 1}, {"skin", skins_.size() - 1}}, true);
    return measureSkinError(samples, skin);
}

void GlbScene::addArmature(const ExportPerson& person, const std::function<void()>& tick) {
    const Rig rig = makeRig(person.model(), *person.rest, RigPreset::Own, false);
    const RigMotion motion = motionOf(person, rig, tick);
    if (!motion.any) {
        return;
    }
    const Vec3 offset = bindOffset(rig, *person.rest, motion.joints[0], RigPreset::Own);
    std::vector<float> points, weights;
    std::vector<std::uint16_t> ties;
    std::vector<std::uint32_t> lines;
    for (std::size_t j = 0; j < rig.joints.size(); ++j) {
        const Vec3 p = rig.joints[j].position + offset;
        for (const double c : {p.x, p.y, p.z}) {
            points.push_back(static_cast<float>(c));
        }
        ties.insert(ties.end(), {static_cast<std::uint16_t>(j), 0, 0, 0});
        weights.insert(weights.end(), {1.F, 0.F, 0.F, 0.F});
        // The first joint may be the world, far from the body.
        if (rig.joints[j].parent > 0) {
            lines.insert(lines.end(),
                         {static_cast<std::uint32_t>(rig.joints[j].parent), static_cast<std::uint32_t>(j)});
        }
    }
    if (lines.empty()) {
        return;
    }
    constexpr int kLines = 1;
    const std::string name = person.source->target.name + " armature (mesh not tied to it)";
    Json primitive = {{"attributes",
                       {{"POSITION", file_.addFloats(points, 3, true, GlbFile::Target::Vertices)},
                        {"JOINTS_0", file_.addJoints(ties)},
                        {"WEIGHTS_0", file_.addFloats(weights, 4, false, GlbFile::Target::Vertices)}}},
                      {"indices", file_.addIndices(lines)},
                      {"mode", kLines}};
    meshes_.push_back({{"name", name}, {"primitives", Json::array({primitive})}});
    addJoints(person, rig, motion, offset, name);
    addNode({{"name", name + " lines"}, {"mesh", meshes_.size() - 1}, {"skin", skins_.size() - 1}}, true);
}

RigMotion GlbScene::motionOf(const ExportPerson& person, const Rig& rig,
                             const std::function<void()>& tick) const {
    RigMotion motion;
    motion.joints.resize(rig.joints.size());
    RigPose pose;
    for (std::int64_t frame = clip_.begin; frame < clip_.end; ++frame) {
        tick();
        const BodyFrame* body = person.shown(frame);
        if (body == nullptr) {
            continue;
        }
        if (motion.any && clip_.isCut(frame) && motion.times.add(clip_.clipSeconds(frame) - kCutSeconds)) {
            for (MotionKeys& keys : motion.joints) {
                keys.repeatLast();
            }
        }
        if (motion.times.add(clip_.clipSeconds(frame))) {
            poseRig(rig, person.model().skeleton(*person.rest, body->pose), clip_.worldFromCam(frame), pose);
            for (std::size_t j = 0; j < rig.joints.size(); ++j) {
                motion.joints[j].add(pose.local[j]);
            }
            motion.any = true;
        }
    }
    return motion;
}

void GlbScene::addJoints(const ExportPerson& person, const Rig& rig, const RigMotion& motion, Vec3 offset,
                         const std::string& name) {
    const int personNode = addNode({{"name", name}, {"extras", personMetadata(clip_, person)}}, true);
    const int firstJoint = static_cast<int>(nodes_.size());
    std::vector<float> inverseBinds;
    Json jointNodes = Json::array();
    for (std::size_t j = 0; j < rig.joints.size(); ++j) {
        const RigJoint& joint = rig.joints[j];
        const MotionKeys& keys = motion.joints[j];
        const int node = addNode({{"name", joint.name},
                                  {"rotation", jsonOf(std::span(keys.rotations.data(), 4))},
                                  {"translation", jsonOf(std::span(keys.translations.data(), 3))}},
                                 false);
        Json& parent =
            nodes_[static_cast<std::size_t>(joint.parent < 0 ? personNode : firstJoint + joint.parent)];
        parent["children"].push_back(node);
        jointNodes.push_back(node);
        const RigidTransform unbind = inverse(RigidTransform{joint.bind, joint.position + offset});
        for (int column = 0; column < 3; ++column) {
            for (int row = 0; row < 3; ++row) {
                inverseBinds.push_back(static_cast<float>(unbind.rotation(row, column)));
            }
            inverseBinds.push_back(0.F);
        }
        for (const double c : {unbind.translation.x, unbind.translation.y, unbind.translation.z, 1.0}) {
            inverseBinds.push_back(static_cast<float>(c));
        }
    }
    skins_.push_back({{"name", name},
                      {"inverseBindMatrices", file_.addFloats(inverseBinds, 16, false)},
                      {"skeleton", firstJoint},
                      {"joints", jointNodes}});
    if (motion.times.values().size() > 1) {
        const int input = addTimes(motion.times.values());
        for (std::size_t j = 0; j < rig.joints.size(); ++j) {
            const int node = firstJoint + static_cast<int>(j);
            const MotionKeys& keys = motion.joints[j];
            if (MotionKeys::varies(keys.rotations, 4, 1e-6F)) {
                addChannel(node, "rotation", input, file_.addFloats(keys.rotations, 4, false), "LINEAR");
            }
            if (MotionKeys::varies(keys.translations, 3,
                                   1e-5F)) { // the root; others where a preset left joints out
                addChannel(node, "translation", input, file_.addFloats(keys.translations, 3, false),
                           "LINEAR");
            }
        }
    }
    if (clip_.frameCount() > 1) {
        addVisibility(personNode, [&](std::int64_t frame) { return person.shown(frame) != nullptr; });
    }
}

void GlbScene::addExact(const ExportPerson& person, const std::function<void()>& tick) {
    const BodyModel& model = person.model();
    const SurfaceLayout layout = layOut(model.topology(), *person.rest);
    const std::string& name = person.source->target.name;
    std::vector<Vec3f> vertices, normals;
    std::vector<float> buffer;
    Json children = Json::array();
    std::map<BodyRegion, int> materials, indices;
    int uv = -1;
    for (std::int64_t frame = clip_.begin; frame < clip_.end; ++frame) {
        tick();
        const BodyFrame* body = person.shown(frame);
        if (body == nullptr) {
            continue;
        }
        if (materials.empty()) {
            materials = addMaterials(person, layout);
            for (const auto& [region, list] : layout.triangles) {
                indices[region] = file_.addIndices(list);
            }
            if (!layout.uv.empty()) {
                uv = file_.addFloats(layout.uv, 2, false, GlbFile::Target::Vertices);
            }
        }
        model.pose(*person.rest, body->pose, vertices);
        safeNormals(vertices, model.topology(), normals);
        const RigidTransform place = clip_.worldFromCam(frame);
        Json attributes;
        placeVertices(layout, vertices, place, buffer);
        attributes["POSITION"] = file_.addFloats(buffer, 3, true, GlbFile::Target::Vertices);
        placeVertices(layout, normals, {place.rotation, {}}, buffer);
        attributes["NORMAL"] = file_.addFloats(buffer, 3, false, GlbFile::Target::Vertices);
        if (uv >= 0) {
            attributes["TEXCOORD_0"] = uv;
        }
        Json primitives = Json::array();
        for (const auto& [region, accessor] : indices) {
            primitives.push_back(
                {{"attributes", attributes}, {"indices", accessor}, {"material", materials.at(region)}});
        }
        const std::string meshName = name + " " + std::to_string(frame);
        meshes_.push_back({{"name", meshName}, {"primitives", primitives}});
        const bool first = children.empty();
        const int node = addNode({{"name", meshName},
                                  {"mesh", meshes_.size() - 1},
                                  {"extras", {{"frame", frame}, {"state", body4d::name(body->state)}}}},
                                 false);
        if (!first) { // viewers without animation show the first frame only
            nodes_[static_cast<std::size_t>(node)]["scale"] = {0.0, 0.0, 0.0};
        }
        children.push_back(node);
        if (clip_.frameCount() > 1) {
            addVisibility(node, [frame](std::int64_t at) { return at == frame; });
        }
    }
    if (!children.empty()) {
        addNode({{"name", name}, {"children", children}, {"extras", personMetadata(clip_, person)}}, true);
    }
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

} // namespace

ExportResult writeGlb(const ExportClip& clip, const fs::path& dir, const std::stop_token& stop,
                      const ProgressFn& progress) {
    const GlbOptions& options = clip.options.glb;
    ExportResult result;
    const long long total = static_cast<long long>(clip.people.size()) * clip.frameCount();
    long long done = 0;
    const auto tick = [&] {
        throwIfStopped(stop);
        ++done;
        if (progress && (done % 32 == 0 || done == total)) {
            progress({"export", "GLB", done, total, 0, -1});
        }
    };
    const auto writeOne = [&](const fs::path& path, std::span<const ExportPerson> people) {
        writeFileAtomically(path, [&](const fs::path& temporary) {
            GlbScene scene(clip, fs::path(temporary.string() + ".bin"));
            if (options.camera) {
                scene.addCameras();
            }
            for (const ExportPerson& person : people) {
                const std::string& name = person.source->target.name;
                const bool skinned = person.model().skin().perVertex > 0;
                if (options.mesh == GlbMesh::Exact || !skinned) {
                    scene.addExact(person, tick);
                    if (options.mesh != GlbMesh::Exact) {
                        const bool hasSkeleton = person.model().joints().size() > 1;
                        if (hasSkeleton) {
                            scene.addArmature(person, [&] { throwIfStopped(stop); });
                        }
                        result.notes.push_back(name +
                                               ": no weights tie this mesh to its joints, so the file holds "
                                               "the mesh of every frame" +
                                               (hasSkeleton
                                                    ? " and beside it the skeleton, which does not move it."
                                                    : " instead of a skeleton that moves one."));
                    }
                    continue;
                }
                const SkinError error = scene.addSkinned(person, tick);
                if (error.frames == 0) {
                    result.notes.push_back(name + " is not shown in these frames and is left out of " +
                                           path.filename().string() + ".");
                    continue;
                }
                char text[160];
                std::snprintf(
                    text, sizeof text,
                    "skin against the exact mesh: mean %.2f mm, max %.2f mm (%d frames, %d joints a vertex).",
                    error.meanMm, error.maxMm, error.frames, options.influences > 4 ? 8 : 4);
                result.notes.push_back(name + ": " + text);
            }
            scene.addPlace();
            if (options.ground) {
                scene.addGround(people);
            }
            scene.write(temporary);
        });
        result.files.push_back(path);
    };
    if (options.separateFiles) {
        for (const ExportPerson& person : clip.people) {
            writeOne(dir / (clip.fileStem(person) + ".glb"), std::span(&person, 1));
        }
    } else {
        writeOne(dir / (clip.fileStem() + ".glb"), clip.people);
    }
    // Half a pixel lies between those who count pixels from corners and from middles.
    constexpr double kOffAxisPx = 0.75;
    if (std::fabs(clip.camera.centreX - 0.5 * clip.camera.width) > kOffAxisPx ||
        std::fabs(clip.camera.centreY - 0.5 * clip.camera.height) > kOffAxisPx) {
        result.notes.emplace_back(
            "glTF cameras have their axis in the middle of the picture; this one's is elsewhere (see "
            "the camera's extras).");
    }
    return result;
}

} // namespace body4d
