#pragma once

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <malloc.h>
#include <new>

/// Counts the bytes that a program holds by operator new, so that tests can bound what a job needs whatever else the
/// machine does. To be included by one file of an executable.
namespace body4d::test {

inline std::atomic<std::size_t> liveBytes{0}, peakBytes{0};

inline void* counted(void* at) {
    if (at == nullptr) {
        throw std::bad_alloc();
    }
    const std::size_t now = liveBytes += malloc_usable_size(at);
    for (std::size_t peak = peakBytes; now > peak && !peakBytes.compare_exchange_weak(peak, now);) {
    }
    return at;
}

inline void released(void* at) {
    if (at != nullptr) {
        liveBytes -= malloc_usable_size(at);
        std::free(at);
    }
}

/// The most bytes that `work` held beyond what was held before it.
template <typename Work>
std::size_t peakOf(const Work& work) {
    const std::size_t before = liveBytes;
    peakBytes = before;
    work();
    return peakBytes - before;
}

} // namespace body4d::test

void* operator new(std::size_t size) { return body4d::test::counted(std::malloc(size > 0 ? size : 1)); }
void* operator new(std::size_t size, std::align_val_t align) {
    const auto to = static_cast<std::size_t>(align);
    return body4d::test::counted(std::aligned_alloc(to, (size + to - 1) / to * to));
}
void operator delete(void* at) noexcept { body4d::test::released(at); }
void operator delete(void* at, std::size_t) noexcept { body4d::test::released(at); }
void operator delete(void* at, std::align_val_t) noexcept { body4d::test::released(at); }
void operator delete(void* at, std::size_t, std::align_val_t) noexcept { body4d::test::released(at); }
