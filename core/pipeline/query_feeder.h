#pragma once

#include "base/bounded_queue.h"
#include "models/body_network.h"

#include <cstdint>
#include <exception>
#include <functional>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

namespace body4d::detail {

/// A person on a frame whom a network will look at.
struct WantedQuery {
    std::int64_t frame = 0;
    const RleMask* mask = nullptr; ///< outlives the feeder
    Intrinsics camera;
};

/// Decodes frames and unpacks masks on a thread of its own, a bounded number of rows ahead of the network, so
/// that neither waits for the other.
class QueryFeeder {
public:
    /// @param rows by rising frame
    /// @param pictures asked by the feeder's thread alone, once for each frame that rows follow one another
    /// on
    /// @param ahead rows that are ready beside those that were taken, at most
    QueryFeeder(std::vector<WantedQuery> rows, std::function<ImagePtr(std::int64_t)> pictures,
                std::size_t ahead);
    ~QueryFeeder();
    QueryFeeder(const QueryFeeder&) = delete;
    QueryFeeder& operator=(const QueryFeeder&) = delete;

    /// Waits until rows [first, last) are ready. Rows before `first` are let go; the same rows may be taken
    /// again, and fewer of them. The result is valid until the next call.
    /// @throws what reading a picture threw, Cancelled
    [[nodiscard]] std::span<const BodyQuery> take(std::int64_t first, std::int64_t last,
                                                  const std::stop_token& stop);

    /// How many rows of a picture's size may be ready ahead of the network.
    /// @param batch rows that it takes at once  @param room bytes that are free
    [[nodiscard]] static std::size_t rowsAhead(int width, int height, int batch, std::int64_t room);

private:
    void work(const std::stop_token& stop);

    std::vector<WantedQuery> rows_;
    std::function<ImagePtr(std::int64_t)> pictures_;
    BoundedQueue<BodyQuery> queue_;
    std::exception_ptr failure_; ///< set before the queue closes, read after
    std::vector<BodyQuery> held_;
    std::int64_t heldFrom_ = 0; ///< row of the first one held
    std::jthread thread_;       ///< last member: joined first
};

} // namespace body4d::detail
