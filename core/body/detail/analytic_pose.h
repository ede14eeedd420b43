#pragma once

#include "body/detail/fit_input.h"

#include <array>
#include <span>
#include <vector>

namespace body4d::detail {

/// Variables of one frame.
struct PoseState {
    std::array<EMat3, kFitJoints> rotations; ///< D_b
    EVec3 translation = EVec3::Zero();       ///< root joint in camera space
};

/// Rest geometry that the analytic start and the hinges need; of a default adult, whatever the person's
/// shape.
struct RestFrame {
    FitBody body;
    std::array<EVec3, kFitJoints>
        hinge; ///< flexion axis of knees and elbows in rest axes, zero for other joints
    explicit RestFrame(const AnnyModel& model);
};

/// Rotations straight from the world landmarks: torso by Kabsch, limbs by their planes (specification 6.4).
/// @param world origin mid-hip, camera axes, metres
[[nodiscard]] std::array<EMat3, kFitJoints>
analyticRotations(const std::array<EVec3, kBodyKeypointCount>& world, const RestFrame& rest);

/// Distance of the person from the ratio of the spreads in space and on the picture.
/// @param worldScale metres of the body per metre of the world landmarks
[[nodiscard]] double depthFromSpread(const FrameInput& input, double worldScale, double focalPx);

/// Root position that puts the weighted mean of the landmarks where it is seen.
/// @param depth of the landmarks' mean
[[nodiscard]] EVec3 translationAt(const FrameInput& input, double worldScale, const Intrinsics& camera,
                                  double depth);

/// Lengths of a person's segments in world landmarks, gathered from frames that may come piece by piece.
class WorldLengths {
public:
    WorldLengths();
    void add(std::span<const FrameInput> input); ///< measured ones count
    /// Sum of the medians over all frames added; 0: none was measured.
    [[nodiscard]] double total() const;

private:
    std::vector<std::vector<double>> lengths_; ///< by segment
};

/// Ratio of the body's segment lengths to the person's in world landmarks. @param worldLength of WorldLengths
[[nodiscard]] double worldScale(const FitBody& body, double worldLength);
[[nodiscard]] double worldScale(const FitBody& body, std::span<const FrameInput> input);

} // namespace body4d::detail
