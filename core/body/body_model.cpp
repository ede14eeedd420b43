#include "body/body_model.h"

#include "base/error.h"
#include "body/detail/anny_model.h"

#include <cmath>

namespace body4d {
namespace {

/// Four floats in one register; the fourth is padding.
using Float4 = float __attribute__((vector_size(16)));

/// A joint's map from rest to posed space, by columns.
struct SkinTransform {
    Float4 x, y, z, origin;
};

} // namespace

BodyModel::~BodyModel() = default;

PosedSkeleton BodyModel::skeleton(const RestBody& rest, const BodyPose& pose) const {
    const auto tree = joints();
    if (pose.surface) {
        BODY4D_EXPECT(pose.surface->joints.size() == tree.size() && pose.surface->rotations.size() == tree.size());
        PosedSkeleton measured{pose.surface->rotations, pose.surface->joints};
        for (auto& joint : measured.joints) {
            joint = joint + pose.translation;
        }
        return measured;
    }
    BODY4D_EXPECT(pose.rotations.size() == tree.size() && rest.joints.size() == tree.size());
    PosedSkeleton posed;
    posed.rotations.resize(tree.size());
    posed.joints.resize(tree.size());
    for (std::size_t j = 0; j < tree.size(); ++j) {
        if (tree[j].parent < 0) {
            posed.rotations[j] = pose.rotations[j];
            posed.joints[j] = pose.translation;
            continue;
        }
        const auto p = static_cast<std::size_t>(tree[j].parent);
        posed.rotations[j] = posed.rotations[p] * pose.rotations[j];
        posed.joints[j] = posed.joints[p] + posed.rotations[p] * (rest.joints[j] - rest.joints[p]);
    }
    return posed;
}

void BodyModel::pose(const RestBody& rest, const BodyPose& pose, std::vector<Vec3f>& vertices) const {
    if (pose.surface) {
        const Vec3f shift{static_cast<float>(pose.translation.x), static_cast<float>(pose.translation.y),
                          static_cast<float>(pose.translation.z)};
        vertices = pose.surface->vertices;
        for (auto& v : vertices) {
            v = {v.x + shift.x, v.y + shift.y, v.z + shift.z};
        }
        return;
    }
    const PosedSkeleton posed = skeleton(rest, pose);
    std::vector<SkinTransform> transforms(posed.joints.size());
    for (std::size_t j = 0; j < transforms.size(); ++j) {
        const Mat3& r = posed.rotations[j];
        const Vec3 origin = posed.joints[j] - r * rest.joints[j];
        const auto column = [&](int c) {
            return Float4{static_cast<float>(r(0, c)), static_cast<float>(r(1, c)),
                          static_cast<float>(r(2, c)), 0};
        };
        transforms[j] = {column(0), column(1), column(2),
                         Float4{static_cast<float>(origin.x), static_cast<float>(origin.y),
                                static_cast<float>(origin.z), 0}};
    }
    const SkinWeights& weights = skin();
    const auto width = static_cast<std::size_t>(weights.perVertex);
    vertices.resize(rest.vertices.size());
    for (std::size_t v = 0; v < vertices.size(); ++v) {
        const float* w = weights.weight.data() + v * width;
        const std::uint16_t* joint = weights.joint.data() + v * width;
        const Vec3f& p = rest.vertices[v];
        Float4 sum{};
        for (std::size_t k = 0; k < width && w[k] > 0; ++k) {
            const SkinTransform& t = transforms[joint[k]];
            sum += w[k] * (p.x * t.x + p.y * t.y + p.z * t.z + t.origin);
        }
        vertices[v] = {sum[0], sum[1], sum[2]};
    }
}

std::shared_ptr<const BodyModel> BodyModel::loadAnny(const std::filesystem::path& file) {
    if (!std::filesystem::exists(file)) {
        throw Error(ErrorCode::MissingModel, "The body model's data is not there.",
                    "Run packaging/setup.sh; it takes the data out of the package it comes in.",
                    file.string());
    }
    return std::make_shared<detail::AnnyModel>(file);
}

void computeNormals(std::span<const Vec3f> vertices, const MeshTopology& topology,
                    std::vector<Vec3f>& normals) {
    thread_local std::vector<Float4> sums; // reused between frames
    sums.assign(vertices.size(), Float4{});
    for (const auto& [ia, ib, ic] : topology.triangles) {
        const Vec3f &a = vertices[ia], &b = vertices[ib], &c = vertices[ic];
        const float ux = b.x - a.x, uy = b.y - a.y, uz = b.z - a.z;
        const float vx = c.x - a.x, vy = c.y - a.y, vz = c.z - a.z;
        const Float4 n{uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx,
                       0}; // length is twice the area
        sums[ia] += n;
        sums[ib] += n;
        sums[ic] += n;
    }
    normals.resize(vertices.size());
    for (std::size_t v = 0; v < normals.size(); ++v) {
        const Float4& n = sums[v];
        const float length = std::sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
        normals[v] = length > 0 ? Vec3f{n[0] / length, n[1] / length, n[2] / length} : Vec3f{0, 0, -1};
    }
}

} // namespace body4d
