#pragma once

#include "base/error.h"

#include <algorithm>
#include <cstddef>
#include <vector>

/// Values by their rank. All of them reorder `values`, which hold at least one.
namespace body4d {

/// @param rank from 0, of the smallest
template <typename T>
[[nodiscard]] T valueAtRank(std::vector<T>& values, std::size_t rank) {
    BODY4D_EXPECT(rank < values.size());
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

/// The value at or below which `share` of the others lie; one of the values, not between two.
template <typename T>
[[nodiscard]] T quantile(std::vector<T>& values, double share) {
    BODY4D_EXPECT(!values.empty());
    return valueAtRank(values, static_cast<std::size_t>(share * static_cast<double>(values.size() - 1)));
}

/// The middle one; of an even number the upper of the two in the middle.
template <typename T>
[[nodiscard]] T upperMedian(std::vector<T>& values) {
    return valueAtRank(values, values.size() / 2);
}

/// The middle one; of an even number the mean of the two in the middle.
template <typename T>
[[nodiscard]] T median(std::vector<T>& values) {
    const T upper = upperMedian(values);
    if (values.size() % 2 == 1) {
        return upper;
    }
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    return (*std::max_element(values.begin(), middle) + upper) / 2;
}

} // namespace body4d
