#include "nn/cpu_books.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <mutex>
#include <unordered_map>

namespace body4d::nn {
namespace {

/// LibTorch's own allocator with books beside it. Memory keeps its address, so that either can free what the
/// other gave out: oneDNN asks whichever is installed at the moment.
class Books final : public c10::Allocator {
public:
    explicit Books(c10::Allocator& below) : below_(below), free_(below.raw_deleter()) {}

    c10::DataPtr allocate(std::size_t bytes) override {
        if (bytes == 0) {
            return below_.allocate(0);
        }
        const auto size = static_cast<std::int64_t>(bytes);
        {
            const std::scoped_lock lock(mutex_);
            TORCH_CHECK_WITH(OutOfMemoryError, limit_ == 0 || current_ + size <= limit_,
                             "out of memory: a limit of ", limit_, " bytes, ", current_, " held, ", size,
                             " asked for");
        }
        void* const place = below_.raw_allocate(bytes);
        const std::scoped_lock lock(mutex_);
        sizes_[place] = size;
        current_ += size;
        peak_ = std::max(peak_, current_);
        return {place, place, &release, c10::Device(c10::kCPU)};
    }
    c10::DeleterFnPtr raw_deleter() const override { return &release; }
    void copy_data(void* to, const void* from, std::size_t bytes) const override {
        below_.copy_data(to, from, bytes);
    }

    [[nodiscard]] CpuBytes bytes() const {
        const std::scoped_lock lock(mutex_);
        return {current_, peak_};
    }
    void resetPeak() {
        const std::scoped_lock lock(mutex_);
        peak_ = current_;
    }
    void limit(std::int64_t bytes) {
        const std::scoped_lock lock(mutex_);
        limit_ = bytes;
    }
    static Books*& installed() {
        static Books* books = nullptr;
        return books;
    }

private:
    static void release(void* place) {
        auto& books = *installed();
        {
            const std::scoped_lock lock(books.mutex_);
            if (const auto found = books.sizes_.find(place); found != books.sizes_.end()) {
                books.current_ -= found->second;
                books.sizes_.erase(found);
            }
        }
        books.free_(place);
    }

    c10::Allocator& below_;
    const c10::DeleterFnPtr free_;
    mutable std::mutex mutex_;
    std::unordered_map<void*, std::int64_t> sizes_;
    std::int64_t current_ = 0, peak_ = 0, limit_ = 0;
};

} // namespace

void countCpuMemory() {
    static std::once_flag once;
    std::call_once(once, [] {
        // Lives as long as the process: tensors may be freed by whoever comes last.
        Books::installed() = new Books(*c10::GetCPUAllocator());
        c10::SetCPUAllocator(Books::installed());
    });
}

CpuBytes cpuBytes() {
    const auto* books = Books::installed();
    return books != nullptr ? books->bytes() : CpuBytes{};
}

void resetCpuPeak() {
    if (auto* books = Books::installed()) {
        books->resetPeak();
    }
}

void limitCpuMemory(std::int64_t bytes) {
    countCpuMemory();
    Books::installed()->limit(bytes);
}

} // namespace body4d::nn
