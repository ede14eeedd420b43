#include "base/parallel.h"

#include <algorithm>
#include <exception>
#include <sched.h>
#include <thread>
#include <vector>

namespace body4d {

unsigned usableCores() noexcept {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        return std::max(1, CPU_COUNT(&set));
    }
    return std::max(1U, std::thread::hardware_concurrency());
}

void parallelFor(std::size_t count, const std::function<void(std::size_t, std::size_t)>& fn, unsigned threads) {
    const std::size_t wanted = threads > 0 ? threads : usableCores();
    const std::size_t pieces = std::min(wanted, count);
    if (pieces <= 1) {
        if (count > 0) {
            fn(0, count);
        }
        return;
    }
    std::vector<std::exception_ptr> failures(pieces);
    {
        std::vector<std::jthread> workers;
        workers.reserve(pieces - 1);
        const auto run = [&](std::size_t piece) {
            try {
                fn(count * piece / pieces, count * (piece + 1) / pieces);
            } catch (...) {
                failures[piece] = std::current_exception();
            }
        };
        for (std::size_t piece = 1; piece < pieces; ++piece) {
            workers.emplace_back(run, piece);
        }
        run(0);
    }
    for (const auto& failure : failures) {
        if (failure) {
            std::rethrow_exception(failure);
        }
    }
}

} // namespace body4d
