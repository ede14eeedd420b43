#include "export/export_metadata_internal.h"
#include "export/glb_scene_internal.h"

#include <limits>
#include <utility>

// People in a glTF file: as a skin on a moving skeleton, as that skeleton alone, as the exact mesh of every frame.

namespace body4d::detail {
using Json = GlbFile::Json;
namespace {

constexpr float kTurnTolerance = 1e-6F, kMoveTolerance = 1e-5F; // what a joint at rest may waver

/// Where the bind pose stands. Viewers that take a skin's size and place from its bind pose (VTK, old
/// three.js) would cut off or cull a person who moves elsewhere, so it stands in the middle of the motion;
/// Mixamo's rigs stand on the origin, where retargeting looks for them.
Vec3 bindOffset(const Rig& rig, const RestBody& rest, const MotionTable& motion, RigPreset preset) {
    const Vec3 start = rig.joints[0].position;
    if (preset == RigPreset::Mixamo) {
        float lowest = std::numeric_limits<float>::max();
        for (const Vec3f& p : rest.vertices) {
            lowest = std::min(lowest, -p.y);
        }
        return {-start.x, -lowest, -start.z};
    }
    return 0.5 * (motion.low() + motion.high()) - start;
}

} // namespace

SkinError GlbScene::addSkinned(const ExportPerson& person, const std::function<void()>& tick) {
    const BodyModel& model = person.model();
    const GlbOptions& options = clip_.options.glb;
    const Rig rig = makeRig(model, *person.rest, options.rig, options.leafBones);
    const SkinSamples samples = sampleSkin(clip_, person, rig);
    RigSkin skin = reduceSkin(model.skin(), rig, options.influences > 4 ? 8 : 4);
    refineSkin(skin, model.skin(), rig, samples);

    // Motion first: a person who is never shown leaves nothing in the file.
    const auto motion = motionOf(person, rig, tick);
    if (motion->keys.empty()) {
        return {};
    }

    const std::string& name = person.source->target.name;
    const SurfaceLayout layout = layOut(model.topology(), *person.rest);
    const Vec3 offset = bindOffset(rig, *person.rest, motion->keys, options.rig);
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

    addJoints(person, rig, *motion, offset, name);
    addNode({{"name", name + " mesh"}, {"mesh", meshes_.size() - 1}, {"skin", skins_.size() - 1}}, true);
    return measureSkinError(samples, skin);
}

void GlbScene::addArmature(const ExportPerson& person, const std::function<void()>& tick) {
    const Rig rig = makeRig(person.model(), *person.rest, RigPreset::Own, false);
    const auto motion = motionOf(person, rig, tick);
    if (motion->keys.empty()) {
        return;
    }
    const Vec3 offset = bindOffset(rig, *person.rest, motion->keys, RigPreset::Own);
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
    addJoints(person, rig, *motion, offset, name);
    addNode({{"name", name + " lines"}, {"mesh", meshes_.size() - 1}, {"skin", skins_.size() - 1}}, true);
}

std::unique_ptr<RigMotion> GlbScene::motionOf(const ExportPerson& person, const Rig& rig,
                                              const std::function<void()>& tick) const {
    // A key a frame, and one more before every cut.
    const std::size_t most = static_cast<std::size_t>(clip_.frameCount()) + clip_.scene.cuts.size();
    std::unique_ptr<RigMotion> motion(
        new RigMotion{{keysFile(), rig.joints.size(), most, kTurnTolerance, kMoveTolerance}, {}});
    RigPose pose;
    for (std::int64_t frame = clip_.begin; frame < clip_.end; ++frame) {
        tick();
        const auto body = person.shown(frame);
        if (body == nullptr) {
            continue;
        }
        if (!motion->keys.empty() && clip_.isCut(frame) && motion->times.add(clip_.clipSeconds(frame) - kCutSeconds)) {
            motion->keys.repeatLast();
        }
        if (motion->times.add(clip_.clipSeconds(frame))) {
            poseRig(rig, person.model().skeleton(*person.rest, body->pose), clip_.worldFromCam(frame), pose);
            motion->keys.add(pose.local);
        }
    }
    motion->keys.finish();
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
        const MotionKey& first = motion.keys.first(j);
        const int node = addNode({{"name", joint.name},
                                  {"rotation", jsonOf(first.rotation)},
                                  {"translation", jsonOf(first.translation)}},
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
            if (motion.keys.turns(j)) {
                addChannel(node, "rotation", input, file_.addFloats(motion.keys.rotations(j), 4), "LINEAR");
            }
            if (motion.keys.moves(j)) { // the root; others where a preset left joints out
                addChannel(node, "translation", input, file_.addFloats(motion.keys.translations(j), 3), "LINEAR");
            }
        }
    }
    if (clip_.frameCount() > 1) {
        addVisibility(personNode, [&](std::int64_t frame) { return person.isShown(frame); });
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
        const auto body = person.shown(frame);
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

} // namespace body4d::detail
