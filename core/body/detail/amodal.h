#pragma once

#include "base/pose_track.h"
#include "body/body_model.h"
#include "body/body_track.h"
#include "body/detail/carried_outline.h"
#include "body/detail/visibility.h"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace body4d::detail {

/// Draws a person's whole mask from the body. Clothes and hair make it wider than the bare body: how much,
/// and where, is learned from the outlines of frames in which the person is seen; those of frames close by
/// are carried along. Safe to use from several threads.
class ClothedSilhouette {
public:
    /// @param examples frames (indices) that are seen well
    ClothedSilhouette(const BodyModel& model, const BodyTrack& body, const TargetTrack& track,
                      std::span<const std::size_t> examples);
    /// The mask of the person in a pose. Where the pose is uncertain it is the one that has the most in common with what
    /// the person may look like there, in the mean over all that may be: limbs of which nobody knows where they are count
    /// for less than the trunk.
    /// @param mayBe poses that are as probable as this one; empty: this one is certain
    /// @param seen what is visible, added to the drawing if at least `least` of it lies on the drawn body;
    /// may be empty
    /// @param camera that sees the pose
    /// @param sources frames whose outlines are carried here; may be empty
    [[nodiscard]] RleMask draw(const BodyPose& pose, std::span<const BodyPose> mayBe, const Intrinsics& camera,
                               const RleMask& seen, double least,
                               std::span<const CarriedOutline::Weighted> sources = {}) const;
    /// A frame in which the person is seen, as a source for others.
    [[nodiscard]] CarriedOutline::Source learn(const BodyPose& pose, const Intrinsics& camera,
                                               const RleMask& mask) const;
    /// Metres by which the outline stands off the bare body along the normal, one a vertex; below 0 where the
    /// body is too wide.
    [[nodiscard]] const std::vector<float>& padding() const { return padding_; }

private:
    /// Vertices of the clothed body in `pose`.
    [[nodiscard]] std::vector<Vec3f> dressed(const BodyPose& pose) const;
    /// What a person who may stand in several poses probably covers. @returns nothing where the first one says it as well
    [[nodiscard]] std::optional<Mask> probable(std::span<const std::vector<Vec3f>> bodies, const Intrinsics& camera,
                                               std::span<const CarriedOutline::Weighted> sources) const;

    const BodyModel& model_;
    RestBody rest_;
    CarriedOutline carried_;
    std::vector<float> padding_; ///< [V]
};

} // namespace body4d::detail
