#pragma once

#include "ui/post_to.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

namespace body4d::ui {

/// One worker thread that runs tasks in order. Destruction asks the running task to stop, drops the waiting ones that
/// may be dropped, and joins.
class TaskQueue {
public:
    using Task = std::function<void(const std::stop_token&)>;
    TaskQueue();
    ~TaskQueue();
    TaskQueue(const TaskQueue&) = delete;
    TaskQueue& operator=(const TaskQueue&) = delete;

    /// Runs after everything posted before; also while shutting down (for saving).
    void post(Task task);
    /// Replaces a waiting task of the same key; dropped when shutting down.
    void postLatest(const std::string& key, Task task);
    /// Like postLatest, and asks a running task of this key to stop.
    void restart(const std::string& key, Task task);
    /// Asks the running task of this key to stop and drops the waiting one.
    void cancel(const std::string& key);
    /// The same for every task that has a key.
    void cancelAll();
    /// Blocks until nothing waits or runs; for tests and for closing.
    void waitIdle();

private:
    struct Item {
        std::string key; ///< empty: never dropped
        Task task;
    };
    void work(const std::stop_token& stop);

    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::condition_variable idle_;
    std::deque<Item> waiting_;
    std::string runningKey_;
    std::stop_source runningStop_;
    bool running_ = false;
    std::jthread thread_; // last: joined before the rest goes
};

} // namespace body4d::ui
