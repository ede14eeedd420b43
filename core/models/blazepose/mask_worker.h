#pragma once

#include "base/image.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

namespace body4d::blazepose {

/// One thread that finishes masks while the networks are busy with the next frame.
class MaskWorker {
public:
    using Task = std::function<RleMask()>;
    MaskWorker();
    /// Finishes what was submitted.
    ~MaskWorker();
    MaskWorker(const MaskWorker&) = delete;
    MaskWorker& operator=(const MaskWorker&) = delete;
    [[nodiscard]] std::shared_future<RleMask> submit(Task task);

private:
    void run(const std::stop_token& stop);
    std::mutex mutex_;
    std::condition_variable_any filled_;
    std::deque<std::packaged_task<RleMask()>> tasks_;
    std::jthread thread_; // last: joined before the rest goes
};

} // namespace body4d::blazepose
