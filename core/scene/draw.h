#pragma once

#include <cstddef>
#include <cstdint>

namespace body4d {

/// The same numbers on every machine, unlike the library's distributions: for samples that decide a result.
class Draw {
public:
    /// @param n above 0  @returns 0 to n - 1
    std::size_t below(std::size_t n) {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::size_t>((state_ >> 33) % n);
    }

private:
    std::uint64_t state_ = 0x853c49e6748fea9bULL;
};

} // namespace body4d
