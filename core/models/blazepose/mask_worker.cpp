#include "models/blazepose/mask_worker.h"

namespace body4d::blazepose {

MaskWorker::MaskWorker() : thread_([this](const std::stop_token& stop) { run(stop); }) {}

MaskWorker::~MaskWorker() = default;

std::shared_future<RleMask> MaskWorker::submit(Task task) {
    std::packaged_task<RleMask()> packaged(std::move(task));
    auto future = packaged.get_future().share();
    {
        const std::scoped_lock lock(mutex_);
        tasks_.push_back(std::move(packaged));
    }
    filled_.notify_one();
    return future;
}

void MaskWorker::run(const std::stop_token& stop) {
    for (;;) {
        std::unique_lock lock(mutex_);
        filled_.wait(lock, stop, [this] { return !tasks_.empty(); });
        if (tasks_.empty()) {
            return;
        }
        auto task = std::move(tasks_.front());
        tasks_.pop_front();
        lock.unlock();
        task();
    }
}

} // namespace body4d::blazepose
