#pragma once

#include "body/body_keypoints.h"
#include "body/body_model.h"
#include "body/detail/rotation.h"

#include <array>
#include <filesystem>
#include <memory>
#include <vector>

namespace body4d::detail {

/// Joints that the fit moves; they are the first of the model's joints. Further ones follow: the forearm's
/// twist and the fingers of either side.
inline constexpr std::size_t kFitJoints = 20;

/// Positions among the model's joints.
namespace joint {
inline constexpr std::size_t kRoot = 0, kSpine05 = 1, kSpine03 = 2, kSpine01 = 3, kNeck = 4, kHead = 5,
                             kClavicleL = 6, kUpperArmL = 7, kLowerArmL = 8, kWristL = 9, kClavicleR = 10,
                             kUpperArmR = 11, kLowerArmR = 12, kWristR = 13, kUpperLegL = 14, kLowerLegL = 15,
                             kFootL = 16, kUpperLegR = 17, kLowerLegR = 18, kFootR = 19;
/// Beyond the fit's: a joint in the middle of the forearm that spreads the wrist's twist, and the fingers'
/// joints, thumb first, each finger from its base.
inline constexpr std::array<std::size_t, 2> kTwist{20, 36}, kFingers{21, 37}; ///< left, right
inline constexpr std::size_t kFingerCount = 5, kBonesPerFinger = 3, kCount = 52;
} // namespace joint

/// The joint of the fit that carries a joint of the model.
[[nodiscard]] constexpr std::size_t fitJointOf(std::size_t j) {
    if (j < kFitJoints) {
        return j;
    }
    const bool right = j >= joint::kTwist[1];
    if (j == joint::kTwist[right ? 1 : 0]) {
        return right ? joint::kLowerArmR : joint::kLowerArmL;
    }
    return right ? joint::kWristR : joint::kWristL;
}

/// Parents of the fit's joints.
inline constexpr std::array<int, kFitJoints> kFitParents{-1, 0,  1,  2,  3, 4,  3,  6, 7,  8,
                                                         3,  10, 11, 12, 0, 14, 15, 0, 17, 18};

/// A point carried by several joints: X = sum_b (R_b q_b + m_b o_b), with sum m_b = 1.
struct CarriedPoint {
    struct Part {
        std::size_t joint = 0;
        double mass = 0; ///< m_b
        EVec3 offset;    ///< q_b = p_b - m_b J_b
    };
    std::vector<Part> parts; ///< ascending joints
};

/// What the fit needs of a shaped body, in camera-aligned axes, metres.
struct FitBody {
    std::array<EVec3, kFitJoints> joints;                   ///< J_b
    std::array<CarriedPoint, kBodyKeypointCount> keypoints; ///< of kBodyKeypoints
    std::array<EVec3, kBodyKeypointCount> restKeypoints;    ///< at the identity pose, root at its rest place
};

/// The embedded body with the tables of the fit.
class AnnyModel final : public BodyModel {
public:
    explicit AnnyModel(const std::filesystem::path& file);

    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] const MeshTopology& topology() const override { return topology_; }
    [[nodiscard]] std::span<const BodyJoint> joints() const override { return joints_; }
    [[nodiscard]] const SkinWeights& skin() const override { return skin_; }
    [[nodiscard]] RestBody shaped(const BodyShape& shape) const override;

    [[nodiscard]] FitBody fitBody(const BodyShape& shape) const;
    /// The shaped body without its mesh: enough for skeletons, and cheap.
    [[nodiscard]] RestBody shapedJoints(const BodyShape& shape) const;
    /// A mesh vertex as a carried point of a shaped body.
    [[nodiscard]] CarriedPoint carriedVertex(const RestBody& rest, std::size_t vertex) const;

private:
    /// Where a keypoint's mass lies: one term per joint that carries it.
    struct KeypointPart {
        std::size_t keypoint = 0, joint = 0;
        double mass = 0;
    };

    [[nodiscard]] std::vector<double> coefficients(const BodyShape& shape) const;
    /// @param c coefficients of the shape
    [[nodiscard]] EVec3 jointAt(std::size_t j, const std::vector<double>& c) const;
    void readSkeleton(const class AnnyFile& file);
    void readKeypoints(const class AnnyFile& file);
    /// Adds the neutral mannequin's offsets, which are linear in the shape, to the displayed vertices; the
    /// keypoints keep the body as Anny has it.
    void applyMannequin(const class AnnyFile& file);

    std::string name_ = "anny";
    MeshTopology topology_;
    std::vector<BodyJoint> joints_;
    SkinWeights skin_;

    std::size_t vertexCount_ = 0, basisCount_ = 0;
    std::vector<std::uint8_t> phenotypeMask_; ///< [shapes * 26]
    std::vector<float> projection_;           ///< [shapes * basis]
    std::vector<float> vertexTemplate_;       ///< [V * 3], camera-aligned axes like all below
    std::vector<float> vertexBasis_;          ///< [basis * V * 3]
    std::vector<EVec3> jointTemplate_;        ///< [J], all joints of the model
    std::vector<EVec3> jointBasis_;           ///< [basis * J]
    std::vector<KeypointPart> keypointParts_; ///< ordered by keypoint, then joint
    std::vector<EVec3> keypointTemplate_;     ///< p_b of each part
    std::vector<EVec3> keypointBasis_;        ///< [basis * parts]
};

/// The model behind a BodyModel. @throws std::logic_error for another kind
[[nodiscard]] const AnnyModel& asAnny(const BodyModel& model);

} // namespace body4d::detail
