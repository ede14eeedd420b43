#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

namespace body4d::blazepose {

/// One thread that works off tasks in order while the caller goes on.
template <typename Result>
class TaskThread {
public:
    using Task = std::function<Result()>;
    TaskThread() : thread_([this](const std::stop_token& stop) { run(stop); }) {}
    /// Finishes what was submitted.
    ~TaskThread() = default;
    TaskThread(const TaskThread&) = delete;
    TaskThread& operator=(const TaskThread&) = delete;

    /// @returns the result to come; it throws what the task threw
    [[nodiscard]] std::shared_future<Result> submit(Task task) {
        std::packaged_task<Result()> packaged(std::move(task));
        auto future = packaged.get_future().share();
        {
            const std::scoped_lock lock(mutex_);
            tasks_.push_back(std::move(packaged));
        }
        filled_.notify_one();
        return future;
    }

private:
    void run(const std::stop_token& stop) {
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
    std::mutex mutex_;
    std::condition_variable_any filled_;
    std::deque<std::packaged_task<Result()>> tasks_;
    std::jthread thread_; // last: joined before the rest goes
};

} // namespace body4d::blazepose
