#pragma once

#include "body/body_model.h"
#include "export/export_types.h"

#include <string>
#include <utility>
#include <vector>

namespace body4d {

/// A joint as files carry it. Rest positions and directions in glTF axes (y up, facing +z), metres.
struct RigJoint {
    std::string name;
    int parent = -1;
    int source = -1; ///< joint of the body model that it follows; for an end joint, the one that it ends
    bool isEnd = false;
    Vec3 position; ///< at rest
    Mat3 bind;     ///< its axes at rest: y points along the bone, so that tools draw bones as bones
    Vec3 tip;      ///< where the bone ends at rest; the child's position or the reach of its skin
};

/// A skeleton for files, made from the body's: all of its joints, or those that a preset knows.
struct Rig {
    std::vector<RigJoint> joints;  ///< parents first
    std::vector<int> ofModelJoint; ///< [J] rig joint that a model joint's skin goes to
};

/// @param alignBones false: every bind is the identity (BVH)
/// @throws Error{Usage} when the body's joints are not known to the preset
[[nodiscard]] Rig makeRig(const BodyModel& model, const RestBody& rest, RigPreset preset, bool endJoints,
                          bool alignBones = true);

/// Transforms of one frame, y up.
struct RigPose {
    std::vector<RigidTransform> global; ///< of each rig joint
    std::vector<RigidTransform> local;  ///< relative to the parent
};
/// @param fileFromCam from camera space to y up
void poseRig(const Rig& rig, const PosedSkeleton& skeleton, const RigidTransform& fileFromCam, RigPose& out);

/// At most `influences` joints a vertex, weights float that sum to 1, unused (0, 0).
struct RigSkin {
    int perVertex = 4;
    std::vector<std::uint16_t> joint; ///< [V * perVertex]
    std::vector<float> weight;        ///< [V * perVertex]
    int mostInBody = 0;               ///< joints a vertex has before the cut, at most
};
/// The heaviest joints of each vertex, renormalised.
[[nodiscard]] RigSkin reduceSkin(const SkinWeights& skin, const Rig& rig, int influences);
/// Sets one vertex. @param entries (weight, rig joint), at most perVertex, weights above 0; sorted and
/// normalised here
void setWeights(RigSkin& skin, std::size_t vertex, std::vector<std::pair<double, int>>& entries);

} // namespace body4d
