#include "body/measured_body.h"

#include "base/error.h"

#include <algorithm>

namespace body4d {
namespace {

constexpr std::array<int, kMhrJointCount> kParents = {
    -1, 0,   1,   2,   3,   4,   5,   6,   7,   3,   3,   3,   3,   2,   2,   2,   2,  2,  1,  18, 19, 20,
    21, 22,  23,  19,  19,  19,  19,  18,  18,  18,  18,  18,  1,   34,  35,  36,  37, 38, 39, 40, 41, 42,
    43, 44,  45,  46,  42,  48,  49,  50,  42,  52,  53,  54,  42,  56,  57,  58,  42, 60, 61, 62, 63, 40,
    40, 40,  40,  39,  39,  39,  39,  39,  37,  74,  75,  76,  77,  78,  79,  80,  81, 82, 78, 84, 85, 86,
    78, 88,  89,  90,  78,  92,  93,  94,  78,  96,  97,  98,  99,  76,  76,  76,  76, 75, 75, 75, 75, 75,
    37, 110, 110, 110, 113, 114, 114, 114, 117, 118, 119, 120, 113, 122, 113, 124, 113};

/// Fingers as the joints are stored, from the wrist: first joint and length of each chain, counted from the
/// wrist.
struct Chain {
    const char* name;
    int first, count;
};
constexpr std::array<Chain, 5> kFingers = {
    {{"pinky", 1, 5}, {"ring", 6, 4}, {"middle", 10, 4}, {"index", 14, 4}, {"thumb", 18, 5}}};

std::vector<BodyJoint> namedMhrJoints() {
    std::vector<BodyJoint> joints(kMhrJointCount);
    for (std::size_t j = 0; j < joints.size(); ++j) {
        joints[j] = {"joint_" + std::to_string(j), kParents[j]};
    }
    const auto call = [&](int joint, const std::string& name) {
        joints[static_cast<std::size_t>(joint)].name = name;
    };
    call(0, "world");
    call(1, "root");
    for (const auto& [side, leg] : {std::pair{"left", 2}, std::pair{"right", 18}}) {
        const std::string prefix = std::string(side) + "_";
        call(leg, prefix + "upper_leg");
        call(leg + 1, prefix + "lower_leg");
        for (int k = 2; k < 7; ++k) {
            call(leg + k, prefix + "foot_" + std::to_string(k - 1));
        }
    }
    for (int k = 0; k < 4; ++k) {
        call(34 + k, "spine_" + std::to_string(k));
    }
    for (const auto& [side, arm] : {std::pair{"right", 38}, std::pair{"left", 74}}) {
        const std::string prefix = std::string(side) + "_";
        call(arm, prefix + "clavicle");
        call(arm + 1, prefix + "upper_arm");
        call(arm + 2, prefix + "lower_arm");
        call(arm + 3, prefix + "wrist_twist");
        call(arm + 4, prefix + "wrist");
        for (const auto& finger : kFingers) {
            for (int k = 0; k < finger.count; ++k) {
                call(arm + 4 + finger.first + k, prefix + finger.name + "_" + std::to_string(k));
            }
        }
    }
    call(110, "neck");
    call(113, "head");
    call(114, "jaw");
    return joints;
}

class MeasuredBody final : public BodyModel {
public:
    MeasuredBody(std::string name, std::vector<BodyJoint> joints,
                 std::vector<std::array<std::uint32_t, 3>> triangles, RestBody rest, SkinWeights skin)
        : name_(std::move(name)), joints_(std::move(joints)), skin_(std::move(skin)), rest_(std::move(rest)) {
        BODY4D_EXPECT(rest_.joints.size() == joints_.size());
        const auto pairs = rest_.vertices.size() * static_cast<std::size_t>(skin_.perVertex);
        BODY4D_EXPECT(skin_.joint.size() == pairs && skin_.weight.size() == pairs);
        BODY4D_EXPECT(std::all_of(skin_.joint.begin(), skin_.joint.end(),
                                  [this](std::uint16_t j) { return j < joints_.size(); }));
        topology_.triangles = std::move(triangles);
        for (const auto& triangle : topology_.triangles) {
            BODY4D_EXPECT(*std::max_element(triangle.begin(), triangle.end()) < rest_.vertices.size());
        }
    }
    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] const MeshTopology& topology() const override { return topology_; }
    [[nodiscard]] std::span<const BodyJoint> joints() const override { return joints_; }
    [[nodiscard]] const SkinWeights& skin() const override { return skin_; }
    [[nodiscard]] RestBody shaped(const BodyShape&) const override { return rest_; }

private:
    std::string name_;
    std::vector<BodyJoint> joints_;
    SkinWeights skin_;
    RestBody rest_;
    MeshTopology topology_;
};

} // namespace

const std::vector<BodyJoint>& mhrJoints() {
    static const std::vector<BodyJoint> joints = namedMhrJoints();
    return joints;
}

std::vector<BodyJoint> singleJoint() {
    return {{"root", -1}};
}

std::shared_ptr<const BodyModel> makeMeasuredBody(std::string name, std::vector<BodyJoint> joints,
                                                  std::vector<std::array<std::uint32_t, 3>> triangles,
                                                  RestBody rest, SkinWeights skin) {
    return std::make_shared<const MeasuredBody>(std::move(name), std::move(joints), std::move(triangles),
                                                std::move(rest), std::move(skin));
}

std::vector<Mat3> turnsFromRest(std::span<const Mat3> frames, std::span<const Mat3> atRest) {
    BODY4D_EXPECT(frames.size() == atRest.size());
    std::vector<Mat3> turns;
    for (std::size_t j = 0; j < frames.size(); ++j) {
        turns.push_back(frames[j] * transpose(atRest[j]));
    }
    return turns;
}

void setRotationsFromSurface(BodyPose& pose, std::span<const BodyJoint> joints) {
    BODY4D_EXPECT(pose.surface && pose.surface->rotations.size() == joints.size());
    const auto& frames = pose.surface->rotations;
    pose.rotations.resize(joints.size());
    for (std::size_t j = 0; j < joints.size(); ++j) {
        pose.rotations[j] = joints[j].parent < 0
                                ? frames[j]
                                : transpose(frames[static_cast<std::size_t>(joints[j].parent)]) * frames[j];
    }
}

} // namespace body4d
