#pragma once

#include "pipeline/job.h"

#include <functional>
#include <vector>

namespace body4d::detail {

/// How the camera turned over the job's range: as stored, as measured while tracking ran, or by a pass over the video.
/// @throws Cancelled
[[nodiscard]] CameraPath measuredCameraPath(Job& job, const BodyEstimator& bodies);

/// The cameras by frames, and every cut with the lens behind it: nothing is smoothed over a cut, though the lens be the
/// same.
[[nodiscard]] std::vector<ShotCamera> everyShot(const Job& job, const BodyEstimator& bodies);

/// Pictures by rising frame number, from a reader that is opened when the first one is asked for.
[[nodiscard]] std::function<ImagePtr(std::int64_t)> pictures(const Job& job);

} // namespace body4d::detail
