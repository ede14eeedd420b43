#pragma once

#include "base/bounded_queue.h"
#include "base/geometry.h"
#include "base/image.h"
#include "base/pose_track.h"
#include "pipeline/options.h"
#include "pipeline/project.h"
#include "scene/camera_motion.h"

#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace body4d::detail {

/// What the person's options say about measuring the camera.
[[nodiscard]] CameraMotionOptions cameraMotionOptions(const Options& options);

/// Measures how the camera turns while tracking runs, from the frames that are decoded for tracking anyway.
/// Frames come in rising order; masks come when the tracker is sure of them. The result is that of a pass of
/// its own over the finished tracks: a run that is killed and goes on must end in the same world.
class CameraTap {
public:
    /// @param range frames to measure; others are ignored  @param targets whose masks are waited for
    CameraTap(const Intrinsics& camera, const CameraMotionOptions& options, FrameRange range, std::vector<TargetId> targets);
    ~CameraTap();
    void frame(std::int64_t index, const ImagePtr& image, bool newShot);
    /// @param mask as the finished track will have it
    void mask(TargetId id, std::int64_t frame, const RleMask& mask);
    /// Waits for the last frame. @returns a path of the whole range; nothing where masks did not come for all of it
    [[nodiscard]] std::optional<CameraPath> finish();

private:
    struct Ready {
        std::int64_t index = 0;
        ImagePtr image;
        bool newShot = false;
        std::map<TargetId, RleMask> masks;
    };
    void release();

    FrameRange range_;
    std::vector<TargetId> targets_;
    std::map<std::int64_t, Ready> waiting_; ///< by rising frame
    std::int64_t next_;                     ///< first frame that has not been handed on
    CameraMotionEstimator estimator_;       ///< the thread's while it runs
    std::exception_ptr failure_;
    BoundedQueue<Ready> queue_{4};
    std::jthread thread_; ///< last member: joined first
};

} // namespace body4d::detail
