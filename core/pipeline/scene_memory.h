#pragma once

#include "device/memory_budget.h"

#include <cstdint>
#include <functional>
#include <string>

namespace body4d::detail {

/// What makes a scene smaller, in the order in which it is worth trying: resolution (448, then 392), a
/// smaller model, fewer points. Leaves out what has been done already.
/// @param variant of the network; empty: it does not matter any more
/// @param points limit of the cloud; 0: no points were asked for
[[nodiscard]] std::string smallerSceneAdvice(int resolution, const std::string& variant, std::size_t points);

/// The same as a sentence: "It takes less with, in this order: ...", or that a larger budget is all there is.
[[nodiscard]] std::string smallerSceneRemedy(int resolution, const std::string& variant, std::size_t points);

/// The C library keeps freed memory for later, which counts as the process's own: what can be goes back.
void giveBackFreedMemory();

/// Runs `work` and, whenever memory runs out before or in it, `shrink` and then `work` again.
/// @param bytes that the work takes now, asked before each try
/// @param shrink makes it smaller @returns false where it cannot be, and gives up
/// @returns whether it was done  @throws whatever else `work` throws
bool runSmaller(const MemoryBudget& budget, const std::function<std::int64_t()>& bytes,
                const std::function<void()>& work, const std::function<bool()>& shrink);

} // namespace body4d::detail
