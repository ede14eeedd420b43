#include "fake_backend.h"

#include <cmath>

namespace body4d::ui::test {
namespace {

struct Bone {
    const char* name;
    int parent;
    Vec3 joint, tip; ///< rest, camera axes: y down
    double radius;
    BodyRegion region;
};
/// Person of 1.7 m, pelvis at the origin, arms hanging.
const Bone kBones[] = {
    {"root", -1, {0, 0, 0}, {0, -0.12, 0}, 0.13, BodyRegion::SuitAccent},
    {"chest", 0, {0, -0.12, 0}, {0, -0.42, 0}, 0.15, BodyRegion::Suit},
    {"head", 1, {0, -0.56, 0}, {0, -0.68, 0}, 0.11, BodyRegion::Head},
    {"arm.L", 1, {0.2, -0.45, 0}, {0.26, -0.18, 0}, 0.05, BodyRegion::Suit},
    {"hand.L", 3, {0.27, -0.14, 0}, {0.29, 0.1, 0}, 0.045, BodyRegion::Hands},
    {"arm.R", 1, {-0.2, -0.45, 0}, {-0.26, -0.18, 0}, 0.05, BodyRegion::Suit},
    {"hand.R", 5, {-0.27, -0.14, 0}, {-0.29, 0.1, 0}, 0.045, BodyRegion::Hands},
    {"leg.L", 0, {0.1, 0.05, 0}, {0.11, 0.8, 0}, 0.075, BodyRegion::Suit},
    {"leg.R", 0, {-0.1, 0.05, 0}, {-0.11, 0.8, 0}, 0.075, BodyRegion::Suit},
};

class CapsuleBody : public BodyModel {
public:
    CapsuleBody() {
        constexpr int kAround = 20, kAlong = 14;
        int index = 0;
        for (const auto& bone : kBones) {
            joints_.push_back({bone.name, bone.parent});
            rest_.joints.push_back(bone.joint);
            const Vec3 axis = bone.tip - bone.joint;
            const double length = norm(axis);
            const Vec3 along = (1 / length) * axis;
            const Vec3 helper = std::abs(along.x) < 0.8 ? Vec3{1, 0, 0} : Vec3{0, 0, 1};
            const Vec3 u = unit(cross(along, helper)), v = cross(along, u);
            const auto first = static_cast<std::uint32_t>(rest_.vertices.size());
            for (int i = 0; i <= kAlong; ++i) {
                // Half spheres at both ends.
                const double a = M_PI * i / kAlong;
                const double r = bone.radius * std::sin(a);
                const double t = (i < kAlong / 2 ? 0 : length) - bone.radius * std::cos(a);
                for (int k = 0; k < kAround; ++k) {
                    const double phi = 2 * M_PI * k / kAround;
                    const Vec3 p = bone.joint + t * along + (r * std::cos(phi)) * u + (r * std::sin(phi)) * v;
                    rest_.vertices.push_back({static_cast<float>(p.x), static_cast<float>(p.y), static_cast<float>(p.z)});
                    topology_.region.push_back(static_cast<std::uint8_t>(bone.region));
                    skin_.joint.push_back(static_cast<std::uint16_t>(index));
                    skin_.weight.push_back(1);
                }
            }
            for (std::uint32_t i = 0; i < kAlong; ++i) {
                for (std::uint32_t k = 0; k < kAround; ++k) {
                    const auto a = first + i * kAround + k, b = first + i * kAround + (k + 1) % kAround;
                    // Counter-clockwise from outside.
                    topology_.triangles.push_back({a, b, a + kAround});
                    topology_.triangles.push_back({b, b + kAround, a + kAround});
                }
            }
            ++index;
        }
        skin_.perVertex = 1;
        rest_.heightMetres = 1.7;
    }
    const std::string& name() const override { return name_; }
    const MeshTopology& topology() const override { return topology_; }
    std::span<const BodyJoint> joints() const override { return joints_; }
    const SkinWeights& skin() const override { return skin_; }
    RestBody shaped(const BodyShape&) const override { return rest_; }

private:
    static Vec3 cross(Vec3 a, Vec3 b) { return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }
    static Vec3 unit(Vec3 v) { return (1 / norm(v)) * v; }
    std::string name_ = "capsules";
    MeshTopology topology_;
    std::vector<BodyJoint> joints_;
    SkinWeights skin_;
    RestBody rest_;
};

} // namespace

std::shared_ptr<const BodyModel> makeCapsuleBody() { return std::make_shared<CapsuleBody>(); }

} // namespace body4d::ui::test
