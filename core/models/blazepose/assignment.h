#pragma once

#include <span>
#include <vector>

namespace body4d::blazepose {

/// Cheapest one-to-one assignment of rows to columns (Hungarian method); a row may stay without one at
/// `missCost`.
/// @param cost rows x columns, row-major; infinity forbids
/// @returns the column of every row, -1 for none
[[nodiscard]] std::vector<int> assignRows(std::span<const double> cost, int rows, int columns,
                                          double missCost);

} // namespace body4d::blazepose
