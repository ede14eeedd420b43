#pragma once

#include "base/pose_track.h"
#include "body/body_model.h"
#include "body/body_track.h"
#include "body/detail/visibility.h"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace body4d::detail {

/// Draws a person's whole mask from the body. Clothes and hair make it wider than the bare body: how much, per limb, is
/// learned from frames in which the person is seen.
class ClothedSilhouette {
public:
    /// @param examples frames (indices) that are seen well
    ClothedSilhouette(const BodyModel& model, const BodyTrack& body, const TargetTrack& track, std::span<const std::size_t> examples);
    /// @param seen what is visible, added to the drawing if at least `least` of it lies on the drawn body; may be empty
    [[nodiscard]] RleMask draw(const BodyPose& pose, const RleMask& seen, double least);
    /// Metres by which torso, head, arms and legs are wider than the bare body.
    [[nodiscard]] const std::array<double, 4>& padding() const { return padding_; }

private:
    void pad(std::span<const Vec3f> vertices, std::span<const Vec3f> normals, std::vector<Vec3f>& out) const;

    const BodyModel& model_;
    Intrinsics camera_;
    RestBody rest_;
    std::vector<std::array<float, 4>> part_; ///< [V] share of torso, head, arms, legs
    std::array<double, 4> padding_{};
    std::vector<Vec3f> vertices_, normals_, padded_;
};

} // namespace body4d::detail
