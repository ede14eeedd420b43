#pragma once

#include "body/body_model.h"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace body4d {

/// Number of joints and vertices of MHR, the body of SAM 3D Body, at its first level of detail.
inline constexpr std::size_t kMhrJointCount = 127, kMhrVertexCount = 18439;

/// MHR's joints with parents. Names tell the place: the release names them only in files that are not part of
/// this program. Joint 0 is the world, 1 the root.
[[nodiscard]] const std::vector<BodyJoint>& mhrJoints();

/// One joint at the middle, for meshes without a skeleton.
[[nodiscard]] std::vector<BodyJoint> singleJoint();

/// A body whose every pose carries a MeasuredSurface.
/// @param rest a mesh with joints to stand for the body at rest, camera axes, metres
/// @param skin ties mesh and joints where that is known; then surfaces' rotations lead from `rest` to the
/// pose
[[nodiscard]] std::shared_ptr<const BodyModel>
makeMeasuredBody(std::string name, std::vector<BodyJoint> joints,
                 std::vector<std::array<std::uint32_t, 3>> triangles, RestBody rest, SkinWeights skin = {});

/// What leads joints' frames at rest to those of a pose, joint by joint.
[[nodiscard]] std::vector<Mat3> turnsFromRest(std::span<const Mat3> frames, std::span<const Mat3> atRest);

/// Fills rotations of a pose from the frames of its surface, each relative to its parent's.
void setRotationsFromSurface(BodyPose& pose, std::span<const BodyJoint> joints);

} // namespace body4d
