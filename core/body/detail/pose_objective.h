#pragma once

#include "body/body_fitter.h"
#include "body/detail/analytic_pose.h"

#include <array>
#include <span>
#include <vector>

namespace body4d::detail {

/// Variables of a frame: three per joint (rotation update D exp(delta)), then the root's translation.
inline constexpr std::size_t kPoseVariables = 3 * kFitJoints + 3;
using PoseVector = Eigen::Matrix<double, static_cast<int>(kPoseVariables), 1>;
using PoseMatrix = Eigen::Matrix<double, static_cast<int>(kPoseVariables), static_cast<int>(kPoseVariables)>;

/// Joint frames of a state.
struct PosedJoints {
    std::array<EMat3, kFitJoints> rotations; ///< R_b
    std::array<EVec3, kFitJoints> origins;   ///< o_b
};
[[nodiscard]] PosedJoints posedJoints(const PoseState& state, const FitBody& body);
[[nodiscard]] EVec3 positionOf(const CarriedPoint& point, const PosedJoints& posed);
[[nodiscard]] std::array<EVec3, kBodyKeypointCount> keypointsOf(const PoseState& state, const FitBody& body);

/// D_b <- D_b exp(step_b), t <- t + step_t.
[[nodiscard]] PoseState stepped(const PoseState& state, const PoseVector& step);

/// A vertex that belongs on a line of the picture: the contour of the mask seen from the body's rim.
struct ContourTie {
    CarriedPoint point;
    EVec2 px, normal; ///< a point of the line and the outward unit normal
    double weight = 0;
};

/// Constants of one target's fit.
struct ObjectiveSettings {
    Intrinsics camera;
    double worldScale = 1; ///< metres of the body per metre of the world landmarks
    double frameRatio = 1; ///< 30 / fps: sigmas of the temporal terms grow with the time between frames
    SmoothingStrength smoothing;
};

/// The weighted squared residuals of one frame and their normal equations; temporal terms between two frames.
class PoseObjective {
public:
    PoseObjective(const FitBody& body, const RestFrame& rest, const ObjectiveSettings& settings);

    [[nodiscard]] const FitBody& body() const { return body_; }
    [[nodiscard]] const ObjectiveSettings& settings() const { return settings_; }

    /// Data and prior terms of a frame.
    [[nodiscard]] double cost(const FrameInput& input, std::span<const ContourTie> ties,
                              const PoseState& state) const;
    /// The same, adding half its gradient to `gradient` and the Gauss-Newton matrix to `normal` (lower
    /// triangle).
    double linearize(const FrameInput& input, std::span<const ContourTie> ties, const PoseState& state,
                     PoseMatrix& normal, PoseVector& gradient) const;

    /// |log(D_a^T D_b)|^2 and |t_b - t_a|^2 in units of their sigmas.
    [[nodiscard]] double temporalCost(const PoseState& a, const PoseState& b) const;
    /// Half the gradient with respect to b; with respect to a it is the negative.
    [[nodiscard]] PoseVector temporalGradient(const PoseState& a, const PoseState& b) const;
    /// Diagonal of the temporal Gauss-Newton block, the same for all frames; the off-diagonal block is its
    /// negative.
    [[nodiscard]] const PoseVector& temporalWeight() const { return temporal_; }

    /// dX / d(variables) of one point, for tests. @returns 3 rows
    [[nodiscard]] static Eigen::Matrix<double, 3, static_cast<int>(kPoseVariables)>
    pointJacobian(const CarriedPoint& point, const PoseState& state, const FitBody& body);

private:
    /// A joint's share in the motion of a point: dX / d(rotation of joint about its origin) = -[arm]x.
    struct Lever {
        std::size_t joint;
        EVec3 arm;
    };
    struct Levers {
        std::size_t count = 0;
        std::array<Lever, kFitJoints> items;
    };
    static void gatherLevers(const CarriedPoint& point, const PosedJoints& posed, Levers& out);

    double priorTerms(const FrameInput& input, const PoseState& state, PoseMatrix* normal,
                      PoseVector* gradient) const;

    FitBody body_;
    std::array<EVec3, kFitJoints> hinge_;
    ObjectiveSettings settings_;
    PoseVector temporal_;
};

} // namespace body4d::detail
