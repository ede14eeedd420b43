#pragma once

#include "base/pose_track.h"
#include "base/progress.h"
#include "body/body_track.h"

#include <memory>
#include <stop_token>

namespace body4d {

/// How strongly time smooths, per limb; 1 is the default, 0 none.
struct SmoothingStrength {
    double root = 1, torso = 1, arms = 1, legs = 1, head = 1;
};

struct BodyFitOptions {
    double fovLongSideRadians = 0.9599310885968813; ///< 55 degrees
    double focalPx = 0;                             ///< > 0 overrides the field of view
    SmoothingStrength smoothing;
    int maxIterations = 8;
    bool silhouette = true; ///< search build on key frames, silhouette term where it pays
    int windowFrames = 256; ///< frames solved together; results equal the whole track within 1 mm
};

/// Fits a parametric body to a track's landmarks and masks. The result does not depend on how the track was
/// batched.
class BodyFitter {
public:
    BodyFitter(std::shared_ptr<const BodyModel> anny, BodyFitOptions options);
    ~BodyFitter();
    /// The analytic body, microseconds a frame: for display while tracking still runs. Not smoothed.
    [[nodiscard]] BodyFrame preview(const TargetFrame& frame, const Intrinsics& camera,
                                    const BodyShape& shape) const;
    /// @param fps frames a second; 0 for a single picture
    /// @throws Cancelled
    [[nodiscard]] BodyTrack fit(const TargetTrack& track, const PersonTraits& traits, int width, int height,
                                double fps, const std::stop_token& stop, const ProgressFn& progress) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace body4d
