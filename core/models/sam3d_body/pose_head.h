#pragma once

#include "models/sam3d_body/condition.h"
#include "models/sam3d_body/mhr.h"

#include <utility>

#include "nn/blocks/layers.h"

namespace body4d::sam3d_body {

/// Two linear layers with ReLU between. Keys layers.0.0 and layers.1.
struct Mlp2 {
    nn::Linear first, second;
    Mlp2() = default;
    Mlp2(std::int64_t in, std::int64_t hidden, std::int64_t out);
    void fields(nn::Fields& f);
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
};

/// What a pose head says, taken apart: B rows, radians.
struct PoseParameters {
    at::Tensor raw;       ///< [B, 266]: rotation and body as the head says them
    at::Tensor globalRot; ///< [B, 3], in the order z y x; the body model reads it as x y z
    at::Tensor bodyPose;  ///< [B, 133], hands and jaw at rest
    at::Tensor shape;     ///< [B, 45]
    at::Tensor scale;     ///< [B, 28]
    at::Tensor hand;      ///< [B, 108]: left, right
    at::Tensor fingers;   ///< [B, 54]: the angles that `hand` says; undefined: not known yet
    [[nodiscard]] PoseParameters select(const at::Tensor& rows) const;
};

/// A posed body with its camera: B rows, metres, x right, y down, z forward, around the body's own origin.
struct PosedBody {
    PoseParameters pose;
    at::Tensor camera;          ///< [B, 3] as the head says it
    at::Tensor parameters;      ///< [B, 204] of the body model
    at::Tensor joints;          ///< [B, 127, 3]
    at::Tensor rotations;       ///< [B, 127, 3, 3], the body model's axes
    at::Tensor keypoints;       ///< [B, 70, 3]
    at::Tensor vertices;        ///< [B, V, 3], where they were asked for
    at::Tensor translation;     ///< [B, 3]: to be added for the camera's space
    at::Tensor keypointsPx;     ///< [B, 70, 2], full pixels
    at::Tensor depth;           ///< [B, 70]
    at::Tensor keypointsInCrop; ///< [B, 70, 2], -0.5..0.5
};

/// From a token to a body. Keys of head_pose or head_pose_hand beside proj: constants that come with the
/// weights.
struct PoseHead {
    Mlp2 proj;
    at::Tensor joint_rotation, scale_mean, scale_comps, faces, hand_pose_mean, hand_pose_comps,
        hand_joint_idxs_left, hand_joint_idxs_right, keypoint_mapping, right_wrist_coords, root_coords,
        local_to_world_wrist, nonhand_param_idxs;
    /// @param isHand the right hand's head: only its keypoints count, and its rotation is that of the wrist
    PoseHead(const Config& config, bool isHand);
    void fields(nn::Fields& f);
    /// Builds the tables and finds out which vertices the keypoints hang on.
    void prepare(const Config& config, const Mhr& mhr);

    /// @param said [B, 519], with what it adds to already added
    [[nodiscard]] PoseParameters parameters(const at::Tensor& said) const;
    /// @param wholeMesh false: no vertices come out, and only those that keypoints need are computed
    /// @param frames also joints and rotations
    void pose(PosedBody& body, const Mhr& mhr, bool wholeMesh, bool frames = true) const;
    /// Bodies' vertices, [B, V, 3], of what pose() was given.
    [[nodiscard]] at::Tensor mesh(const at::Tensor& parameters, const at::Tensor& shape,
                                  const Mhr& mhr) const;

private:
    [[nodiscard]] at::Tensor modelParameters(const PoseParameters& pose) const;
    /// [B, 108] to what stands for angles in each hand: five rotations, then 12 pairs of sine and cosine
    [[nodiscard]] at::Tensor handValues(const at::Tensor& hand) const; ///< [B, 2, 54]
    bool isHand_;
    at::Tensor handMean_, handComps_; ///< hand_pose_mean and hand_pose_comps in the order of handValues()
    /// int64 [3 + 133 + 54] into all angles and values that a head says: rotation of the whole, body, fingers
    at::Tensor saidOrder_;
    at::Tensor fingerOrder_;    ///< int64 [54] into (30 + 24 angles)
    at::Tensor parameterOrder_; ///< int64 [204] into (136 posed, 54 fingers, 68 scales)
    at::Tensor zero_;           ///< [1, 1]
    at::Tensor keep_;           ///< [204]: 0 where the hand's head knows nothing; undefined for the body
    Mhr::Part part_;            ///< vertices that keypoints hang on; none: joints say it all
    at::Tensor fromVertices_, fromJoints_; ///< [70, n], [70, 127]
    at::Tensor metres_;                    ///< [3]: from the body model's axes and units
};

/// Keys of head_camera or head_camera_hand.
struct CameraHead {
    Mlp2 proj;
    double factor = 1; ///< of the crop's side
    CameraHead(const Config& config, double sideFactor);
    void fields(nn::Fields& f);
    /// Once the parameters are in place.
    void prepare();
    /// What a crop decides of the projection, whatever the body.
    struct View {
        at::Tensor side;                 ///< [B, 1]: times what the head says
        at::Tensor place;                ///< [B, 3]: of the crop, times half its side
        at::Tensor focal, middle;        ///< [B, 1, 2], full pixels
        at::Tensor cropScale, cropStart; ///< [B, 1, 2]: the same in crops' units
    };
    [[nodiscard]] View view(const CropGeometry& crops, std::int64_t imageSize) const;
    /// Places body.keypoints in front of the camera. @param body with camera and keypoints
    /// @param pixels also in full pixels
    void project(PosedBody& body, const View& view, bool pixels = true) const;

private:
    at::Tensor nearest_; ///< keeps a side from being zero
    at::Tensor shift_; ///< [3, 3]: from what the head says to the translation of a body in the crop's middle
};

/// 3x3 rotations [..., 3, 3] of angles [..., 3] about x, y and z, in that order: Rz Ry Rx.
[[nodiscard]] at::Tensor rotationXyz(const at::Tensor& angles);
/// And back, [..., 3].
[[nodiscard]] at::Tensor anglesXyz(const at::Tensor& rotations);

} // namespace body4d::sam3d_body
