#pragma once

#include "body/detail/analytic_pose.h"

namespace body4d::detail {

/// The fit's state as a pose of the model; joints beyond the fit's stay at rest.
[[nodiscard]] inline BodyPose toBodyPose(const PoseState& state, const BodyModel& model) {
    BodyPose pose;
    pose.translation = fromEigen(state.translation);
    pose.rotations.resize(model.joints().size());
    for (std::size_t j = 0; j < kFitJoints; ++j) {
        pose.rotations[j] = fromEigen(state.rotations[j]);
    }
    return pose;
}

[[nodiscard]] inline PoseState toPoseState(const BodyPose& pose) {
    PoseState state;
    state.translation = toEigen(pose.translation);
    for (std::size_t j = 0; j < kFitJoints; ++j) {
        state.rotations[j] = toEigen(pose.rotations[j]);
    }
    return state;
}

} // namespace body4d::detail
