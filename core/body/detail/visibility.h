#pragma once

#include "base/pose_track.h"
#include "body/body_model.h"
#include "body/body_track.h"
#include "body/limbs.h"
#include "body/rasterizer.h"
#include "body/detail/surface_colour.h"

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <vector>

namespace body4d::detail {

/// Limb of one of BlazePose's 33 points.
[[nodiscard]] Limb limbOfLandmark(std::size_t landmark);

/// Share of a body's projection that a mask covers.
struct Visibility {
    double seen = -1;       ///< of the projection inside the picture, 0..1; -1: not measured
    double inPicture = 0;   ///< of the whole projection, 0..1
    double outside = 0;     ///< share of the mask that the projection does not cover
    double projectionPx = 0, maskPx = 0; ///< areas in pixels of the full picture
    std::array<double, kLimbCount> limbSeen{};  ///< 0..1
    std::array<double, kLimbCount> limbShare{}; ///< of the projection that is this limb, 0..1
    double foreign = 0;     ///< share of what is seen that does not look like the person there; 0 where nobody looked
};

/// Compares projected bodies with masks at a size of about 100 pixels. One thread at a time.
class VisibilityMeter {
public:
    VisibilityMeter(const BodyModel& model, const BodyShape& shape, const Intrinsics& camera);
    /// Another camera from here on, with pictures of the same size.
    void lookThrough(const Intrinsics& camera) { camera_ = camera; }
    [[nodiscard]] Visibility measure(const BodyPose& pose, const RleMask& mask);
    /// What a picture shows of the body's surface where the mask covers it.
    [[nodiscard]] PatchViews look(const BodyPose& pose, const RleMask& mask, const Image& picture);
    /// The same visibility without patches that show something else than the body.
    [[nodiscard]] Visibility without(const ForeignPatches& foreign, const PatchViews& views, Visibility visibility) const;

private:
    /// Draws the body at the size at which it is compared. @returns pixels of the drawing per pixel of the picture, 0: nothing
    double draw(const BodyPose& pose, const RleMask& mask);
    void cutPatches();

    const BodyModel& model_;
    RestBody rest_;
    Intrinsics camera_;
    std::vector<Limb> limbOfTriangle_;
    std::vector<std::uint16_t> patchOfTriangle_; ///< empty until a picture is looked at
    std::array<Limb, kSurfacePatches> limbOfPatch_{};
    std::vector<Vec3f> vertices_;
    Box region_;
    DepthImage depth_;
    Mask covered_;
};

/// What speaks for and against a target being seen in a frame.
struct FrameEvidence {
    bool measured = false;
    Visibility visibility;
    double similarity = -1;   ///< appearance relative to usual, 1 = usual; -1: unknown
    bool odd = false;         ///< looks less like the person than it usually does
    bool stranger = false;    ///< does not look like the person at all
    double seen = 1;          ///< visibility.seen relative to usual
    double area = 1;          ///< mask area relative to the projection's, relative to usual
    double pointsOnMask = 0;  ///< share of the tracker's own points
    bool looked = false;      ///< at the picture: seen, area and limbs leave out what does not look like the person
    double jump = 0;          ///< shift from the frame before in box sides, relative to usual
    std::array<double, kLimbCount> limbSeen{}; ///< relative to usual
    std::array<double, kLimbCount> limbDrawn{}; ///< visibility.limbShare relative to usual: how far other limbs are in front
    bool hidden = false;      ///< the verdict
};

/// Evidence of every frame of a track and the frames in which the target is hidden.
/// @param visibleShare see CompletionOptions
/// @param pictures of frames by rising number, asked for around suspicious frames only; may be empty and may give null
/// @throws Cancelled
[[nodiscard]] std::vector<FrameEvidence> gatherEvidence(const BodyTrack& body, const TargetTrack& track, const BodyModel& model,
                                                        double visibleShare,
                                                        const std::function<ImagePtr(std::int64_t)>& pictures,
                                                        const std::stop_token& stop);

} // namespace body4d::detail
