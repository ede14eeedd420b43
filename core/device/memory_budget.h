#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace body4d {

/// How much memory the person lets us use. Obeyed by every stage.
class MemoryBudget {
public:
    /// @param gib  GiB of main memory (and of the device's, for engines that use one); 0: what is free less a
    /// margin
    explicit MemoryBudget(double gib = 0);
    [[nodiscard]] std::int64_t bytes() const { return bytes_; }
    /// What this process may still take, now.
    [[nodiscard]] std::int64_t remaining() const;
    /// For tests: allocations above this many bytes per item count fail with OutOfMemoryError inside
    /// runBatched.
    static void setFakeLimitForTests(std::int64_t bytesOrZero);
    /// @throws OutOfMemoryError when `bytes` more do not fit the budget or the fake limit
    void require(std::int64_t bytes) const;

private:
    std::int64_t bytes_ = 0;
};

/// Runs fn over [0, items) in batches of at most `batch`. Starts from the smaller of `batch` and what the
/// budget holds (items * bytesPerItem + bytesFixed), halves on OutOfMemoryError or std::bad_alloc, repeats
/// the failed batch, goes on with the size that fits and reports it.
struct BatchPlan {
    int batch = 16;
    std::int64_t bytesPerItem = 0, bytesFixed = 0;
};
struct BatchReport {
    std::vector<int> sizesTried; ///< in order, only changes
    int finalSize = 0;
    std::string advice; ///< empty, or what the person can do about a shrunken batch
};
/// @throws Error{OutOfMemory} when even one item does not fit, Cancelled
BatchReport runBatched(std::int64_t items, const BatchPlan& plan, const MemoryBudget& budget,
                       const std::function<void(std::int64_t begin, std::int64_t end)>& fn,
                       const std::stop_token& stop);

} // namespace body4d
