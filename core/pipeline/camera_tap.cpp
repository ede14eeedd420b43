#include "pipeline/camera_tap.h"

#include <utility>

namespace body4d::detail {

CameraMotionOptions cameraMotionOptions(const Options& options) {
    CameraMotionOptions out;
    if (options.text("world.camera") == "moving") { // no doubt about small turns, then
        out.movingPx = 0;
        out.movingShare = 0;
    }
    return out;
}

CameraTap::CameraTap(const Intrinsics& camera, const CameraMotionOptions& options, FrameRange range,
                     std::vector<TargetId> targets)
    : range_(range), targets_(std::move(targets)), next_(range.begin), estimator_(camera, options) {
    thread_ = std::jthread([this](const std::stop_token&) {
        try {
            while (const auto ready = queue_.pop()) {
                std::vector<const RleMask*> people;
                for (const auto& [id, mask] : ready->masks) {
                    people.push_back(&mask);
                }
                estimator_.push(ready->index, *ready->image, people, ready->newShot);
            }
        } catch (...) {
            failure_ = std::current_exception();
            queue_.close(); // nobody waits for room any more
        }
    });
}

CameraTap::~CameraTap() {
    queue_.close();
}

void CameraTap::frame(std::int64_t index, const ImagePtr& image, bool newShot) {
    // A batch that ran out of memory comes a second time.
    if (index >= next_ && index >= range_.begin && index < range_.end && !waiting_.contains(index)) {
        waiting_[index] = {index, image, newShot, {}};
    }
}

void CameraTap::mask(TargetId id, std::int64_t frame, const RleMask& mask) {
    if (const auto it = waiting_.find(frame); it != waiting_.end()) {
        it->second.masks[id] = mask;
        release();
    }
}

void CameraTap::release() {
    while (!waiting_.empty() && waiting_.begin()->second.masks.size() == targets_.size()) {
        next_ = waiting_.begin()->first + 1;
        queue_.push(std::move(waiting_.begin()->second));
        waiting_.erase(waiting_.begin());
    }
}

std::optional<CameraPath> CameraTap::finish() {
    queue_.close();
    thread_.join();
    if (failure_) {
        std::rethrow_exception(failure_);
    }
    if (next_ != range_.end) {
        return std::nullopt;
    }
    return estimator_.path();
}

} // namespace body4d::detail
