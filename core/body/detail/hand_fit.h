#pragma once

#include "base/pose_track.h"
#include "body/detail/analytic_pose.h"
#include "body/detail/fit_input.h"
#include "body/detail/hand_rig.h"

#include <span>
#include <utility>

namespace body4d::detail {

/// Turns wrists and bends fingers of fitted bodies by measured hands. Where no hand was measured, fingers are
/// at ease and the wrist stays as fitted; both ways blend into each other within a few frames.
class HandFit {
public:
    /// @param rest shaped body; its joints are enough
    HandFit(const BodyModel& model, RestBody rest)
        : model_(model), rest_(std::move(rest)), rigs_{HandRig(rest_, 0), HandRig(rest_, 1)} {}

    /// Frames of a track. @param poses fitted bodies, one a frame  @param input one a frame: says where shots
    /// begin
    void smooth(std::span<const TargetFrame> frames, std::span<const FrameInput> input, double fps,
                std::span<BodyPose> poses) const;
    /// Turning a wrist moves the skin around it a little: bends the elbow so that the wrist's landmark stays
    /// where it was fitted, and the hand as it was turned.
    static void holdWrists(const FitBody& body, const PoseState& fitted, BodyPose& pose);
    /// One frame by itself.
    void single(const TargetFrame& frame, BodyPose& pose) const;

private:
    /// A hand as the body can follow it.
    struct Measured {
        double weight = 0;          ///< 0: none
        Eigen::Quaterniond turn = Eigen::Quaterniond::Identity(); ///< of the wrist after the fitted one
        HandAngles angles{};
    };
    [[nodiscard]] Measured measure(const HandRig& rig, const HandLandmarks& hand, const BodyPose& pose) const;
    void smoothShot(const HandRig& rig, std::span<Measured> hands, double fps,
                    std::span<BodyPose> poses) const;
    static void apply(const HandRig& rig, const EMat3& turn, const HandAngles& angles, BodyPose& pose);

    const BodyModel& model_;
    RestBody rest_;
    std::array<HandRig, 2> rigs_;
};

} // namespace body4d::detail
