#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace body4d {

/// Hands values from one thread to another, at most `capacity` at a time. Both ends give up when `stop` is requested.
template <typename T>
class BoundedQueue {
public:
    explicit BoundedQueue(std::size_t capacity) : capacity_(capacity > 0 ? capacity : 1) {}

    /// Waits for room. @returns false when stopped or closed; the value is then dropped.
    bool push(T value, const std::stop_token& stop = {}) {
        std::unique_lock lock(mutex_);
        if (!room_.wait(lock, stop, [this] { return closed_ || items_.size() < capacity_; }) || closed_) {
            return false;
        }
        items_.push_back(std::move(value));
        lock.unlock();
        filled_.notify_one();
        return true;
    }

    /// Waits for a value. @returns nothing when stopped, or closed and empty.
    std::optional<T> pop(const std::stop_token& stop = {}) {
        std::unique_lock lock(mutex_);
        if (!filled_.wait(lock, stop, [this] { return closed_ || !items_.empty(); }) || items_.empty()) {
            return std::nullopt;
        }
        std::optional<T> value(std::move(items_.front()));
        items_.pop_front();
        lock.unlock();
        room_.notify_one();
        return value;
    }

    /// No more values will come; what is inside can still be popped.
    void close() {
        {
            const std::scoped_lock lock(mutex_);
            closed_ = true;
        }
        filled_.notify_all();
        room_.notify_all();
    }

private:
    std::size_t capacity_;
    std::mutex mutex_;
    std::condition_variable_any room_, filled_;
    std::deque<T> items_;
    bool closed_ = false;
};

} // namespace body4d
