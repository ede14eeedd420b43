#pragma once

#include <cstddef>
#include <functional>

namespace body4d {

/// Calls fn(begin, end) on pieces of [0, count) on up to `threads` threads (0: as many as the machine has) and waits.
/// The first exception thrown by a piece is rethrown. Pieces are contiguous and their number does not change results
/// as long as fn treats items independently.
void parallelFor(std::size_t count, const std::function<void(std::size_t begin, std::size_t end)>& fn,
                 unsigned threads = 0);

/// Cores this process may use, at least 1.
[[nodiscard]] unsigned usableCores() noexcept;

} // namespace body4d
