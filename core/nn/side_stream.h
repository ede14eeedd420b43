#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Event.h>
#include <c10/core/Stream.h>

#include <optional>
#include <utility>

#include "nn/runtime.h"

namespace body4d::nn {

/// A second queue of work on a device, beside the one that a thread uses anyway. On the CPU there are no
/// queues: work is done at once, and nothing is ever waited for. One thread at a time.
class SideStream {
public:
    explicit SideStream(const Placement& placement);

    /// A point in the queue.
    class Mark {
    public:
        /// The end of what the current thread has asked of its own queue so far.
        [[nodiscard]] static Mark here(c10::Device device);
        /// Makes the current thread's own queue wait until all work before the mark is done; does not wait
        /// itself.
        void holdBack() const;
        /// Waits until then.
        void wait() const;

    private:
        friend class SideStream;
        std::optional<c10::Event> event_;
    };

    /// Puts the work of `fn` into this queue, behind all that the thread's own queue holds so far.
    template <typename Fn>
    decltype(auto) run(Fn&& fn) {
        const Entered entered(*this);
        return std::forward<Fn>(fn)();
    }
    [[nodiscard]] Mark mark() const;
    /// Says that this queue uses a tensor that was made in the thread's own one.
    void borrow(const at::Tensor& tensor) const;
    /// Says that the thread's own queue will use a tensor that was made here, so that its memory is not given
    /// away too early.
    void handOver(const at::Tensor& tensor) const;

private:
    class Entered {
    public:
        explicit Entered(SideStream& side);
        ~Entered();
        Entered(const Entered&) = delete;
        Entered& operator=(const Entered&) = delete;

    private:
        std::optional<c10::Stream> before_;
    };
    c10::Device device_;
    std::optional<c10::Stream> stream_; ///< on a GPU
};

/// Bytes of the host on the device. From pinned memory and without waiting where there is a GPU.
/// @param shape of the result, uint8
[[nodiscard]] at::Tensor uploadBytes(const void* bytes, at::IntArrayRef shape, c10::Device device);
/// The same of a tensor of the host.
[[nodiscard]] at::Tensor uploaded(const at::Tensor& host, c10::Device device);

} // namespace body4d::nn
