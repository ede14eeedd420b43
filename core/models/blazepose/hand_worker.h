#pragma once

#include "models/blazepose/hand_tracker.h"
#include "models/blazepose/state_bytes.h"
#include "models/blazepose/task_thread.h"

#include <future>
#include <memory>
#include <utility>
#include <vector>

namespace body4d::blazepose {

/// Looks at hands beside the tracking of bodies, which does not need them.
class HandWorker {
public:
    using Result = std::vector<HandPair>; ///< one a person
    /// @param people how many are tracked
    HandWorker(std::shared_ptr<PoseNetworks> networks, std::size_t people)
        : networks_(std::move(networks)), people_(people), tracker_(people) {}

    /// The next frame. @param poses one for each person, score 0: not seen
    [[nodiscard]] std::shared_future<Result> submit(ImagePtr frame, std::vector<PoseLandmarks> poses) {
        // Not stopped half-way: what is saved on cancelling must be whole.
        last_ = thread_.submit([this, frame = std::move(frame), poses = std::move(poses)] {
            return tracker_.look(*networks_, *frame, poses, {});
        });
        return last_;
    }

    /// State after the frames submitted so far.
    void save(StateWriter& writer) const {
        if (last_.valid()) {
            last_.wait();
        }
        HandTracker copy = tracker_;
        copy.serialize(writer);
    }
    /// Before the first frame. @throws Error{Input} when it belongs to another number of people
    void restore(StateReader& reader) {
        tracker_.serialize(reader);
        if (tracker_.people() != people_) {
            StateReader::fail();
        }
    }

private:
    std::shared_ptr<PoseNetworks> networks_;
    std::size_t people_;
    HandTracker tracker_; ///< the thread's while `last_` is not ready
    std::shared_future<Result> last_;
    TaskThread<Result> thread_; // last: joined before the rest goes
};

} // namespace body4d::blazepose
