#include "ui/controllers/task_queue.h"

#include "base/log.h"

#include <algorithm>
#include <exception>

namespace body4d::ui {

TaskQueue::TaskQueue() : thread_([this](const std::stop_token& stop) { work(stop); }) {}

TaskQueue::~TaskQueue() {
    {
        const std::lock_guard lock(mutex_);
        std::erase_if(waiting_, [](const Item& item) { return !item.key.empty(); });
        if (!runningKey_.empty()) {
            runningStop_.request_stop();
        }
    }
    thread_.request_stop();
    wake_.notify_all();
}

void TaskQueue::post(Task task) {
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back({{}, std::move(task)});
    }
    wake_.notify_one();
}

void TaskQueue::postLatest(const std::string& key, Task task) {
    {
        const std::lock_guard lock(mutex_);
        const auto it = std::find_if(waiting_.begin(), waiting_.end(), [&](const Item& item) { return item.key == key; });
        if (it != waiting_.end()) {
            it->task = std::move(task);
            return;
        }
        waiting_.push_back({key, std::move(task)});
    }
    wake_.notify_one();
}

void TaskQueue::restart(const std::string& key, Task task) {
    cancel(key);
    postLatest(key, std::move(task));
}

void TaskQueue::cancel(const std::string& key) {
    const std::lock_guard lock(mutex_);
    std::erase_if(waiting_, [&](const Item& item) { return item.key == key; });
    if (running_ && runningKey_ == key) {
        runningStop_.request_stop();
    }
}

void TaskQueue::cancelAll() {
    const std::lock_guard lock(mutex_);
    std::erase_if(waiting_, [](const Item& item) { return !item.key.empty(); });
    if (running_ && !runningKey_.empty()) {
        runningStop_.request_stop();
    }
}

void TaskQueue::waitIdle() {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return waiting_.empty() && !running_; });
}

void TaskQueue::work(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (true) {
        // Saving tasks are finished even when asked to stop.
        wake_.wait(lock, stop, [this] { return !waiting_.empty(); });
        if (waiting_.empty()) {
            return;
        }
        Item item = std::move(waiting_.front());
        waiting_.pop_front();
        running_ = true;
        runningKey_ = item.key;
        runningStop_ = std::stop_source();
        const auto token = runningStop_.get_token();
        lock.unlock();
        try {
            item.task(token);
        } catch (const std::exception& e) {
            log(LogLevel::Error, std::string("Internal error in a background task: ") + e.what());
        }
        item.task = nullptr; // captured values go outside the lock
        lock.lock();
        running_ = false;
        runningKey_.clear();
        if (waiting_.empty()) {
            idle_.notify_all();
        }
    }
}

} // namespace body4d::ui
