#include "device/memory_budget.h"

#include "base/error.h"
#include "device/proc.h"

#include <algorithm>
#include <atomic>
#include <new>

namespace body4d {
namespace {

constexpr double kGiB = 1024.0 * 1024 * 1024;
std::atomic<std::int64_t> fakeLimit{0};

std::string gib(std::int64_t bytes) {
    const auto tenths = static_cast<long long>(static_cast<double>(bytes) / kGiB * 10 + 0.5);
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " GiB";
}

} // namespace

MemoryBudget::MemoryBudget(double gibibytes) {
    if (gibibytes > 0) {
        bytes_ = static_cast<std::int64_t>(gibibytes * kGiB);
        return;
    }
    // What is free less a margin for everything else on the machine.
    const auto memory = detail::systemMemory();
    const auto margin = std::max<std::int64_t>(memory.totalBytes / 10, 256LL << 20);
    bytes_ = std::max<std::int64_t>(256LL << 20,
                                    detail::processUse().residentBytes + memory.availableBytes - margin);
}

std::int64_t MemoryBudget::remaining() const {
    return std::max<std::int64_t>(0, bytes_ - detail::processUse().residentBytes);
}

void MemoryBudget::setFakeLimitForTests(std::int64_t bytesOrZero) {
    fakeLimit = bytesOrZero;
}

void MemoryBudget::require(std::int64_t bytes) const {
    if (const auto limit = fakeLimit.load(); limit > 0) {
        if (bytes > limit) {
            throw OutOfMemoryError(gib(bytes) + " wanted, the limit is " + gib(limit));
        }
        return;
    }
    if (const auto left = remaining(); bytes > left) {
        throw OutOfMemoryError(gib(bytes) + " wanted, " + gib(left) + " left of a budget of " + gib(bytes_));
    }
}

BatchReport runBatched(std::int64_t items, const BatchPlan& plan, const MemoryBudget& budget,
                       const std::function<void(std::int64_t, std::int64_t)>& fn,
                       const std::stop_token& stop) {
    BatchReport report;
    std::int64_t size = std::max(1, plan.batch);
    if (plan.bytesPerItem > 0) {
        const auto room = budget.remaining() - plan.bytesFixed;
        size = std::clamp<std::int64_t>(room / plan.bytesPerItem, 1, size);
    }
    report.sizesTried.push_back(static_cast<int>(size));
    for (std::int64_t at = 0; at < items;) {
        if (stop.stop_requested()) {
            throw Cancelled();
        }
        const auto end = std::min(items, at + size);
        std::string why;
        try {
            if (fakeLimit.load() > 0) {
                budget.require(plan.bytesFixed + (end - at) * plan.bytesPerItem);
            }
            fn(at, end);
            at = end;
            continue;
        } catch (const OutOfMemoryError& e) {
            why = e.detail();
        } catch (const std::bad_alloc&) {
            why = "an allocation failed";
        }
        if (end - at <= 1) {
            throw Error(ErrorCode::OutOfMemory, "Not enough memory, even for one frame at a time.",
                        "Close other programs, raise the memory budget, or use a video of lower resolution.",
                        why);
        }
        size = std::max<std::int64_t>(1, (end - at) / 2);
        report.sizesTried.push_back(static_cast<int>(size));
    }
    report.finalSize = static_cast<int>(size);
    if (size < plan.batch) {
        report.advice = "Memory allowed batches of " + std::to_string(size) + " instead of " +
                        std::to_string(plan.batch) +
                        ": results are the same; a higher budget or a lower resolution makes it faster.";
    }
    return report;
}

} // namespace body4d
