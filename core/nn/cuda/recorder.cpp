// CUDA graphs by LibTorch's own class, whose allocator takes part: the only file that includes CUDA's headers.
#include "nn/cuda/recorder_entry.h"

#include "nn/graph_cache.h"

#include <ATen/cuda/CUDAGraph.h>
#include <c10/core/impl/VirtualGuardImpl.h>

namespace body4d::nn {
namespace {

class Graph final : public RecordedWork {
public:
    void launch() override { graph.replay(); }
    at::cuda::CUDAGraph graph;
};

/// The thread asks another queue of the device for as long as this lives.
class InAnotherQueue {
public:
    explicit InAnotherQueue(c10::DeviceIndex device)
        : before_(guard_.exchangeStream(guard_.getStreamFromGlobalPool(c10::Device(c10::kCUDA, device)))) {}
    ~InAnotherQueue() { (void)guard_.exchangeStream(before_); }
    InAnotherQueue(const InAnotherQueue&) = delete;
    InAnotherQueue& operator=(const InAnotherQueue&) = delete;

private:
    c10::impl::VirtualGuardImpl guard_{c10::kCUDA};
    c10::Stream before_;
};

class Recorder final : public WorkRecorder {
public:
    explicit Recorder(c10::DeviceIndex device) : device_(device) {}

    std::unique_ptr<RecordedWork> record(const std::function<void()>& work) override {
        auto recorded = std::make_unique<Graph>();
        const InAnotherQueue apart(device_); // the default one cannot be recorded
        // Other threads may go on with what a recording thread must not do.
        recorded->graph.capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
        try {
            work();
        } catch (...) {
            try {
                recorded->graph.capture_end(); // what was begun has to be ended, although it is worth nothing
            } catch (const c10::Error&) {
            }
            throw;
        }
        recorded->graph.capture_end();
        return recorded;
    }

private:
    c10::DeviceIndex device_;
};

} // namespace
} // namespace body4d::nn

extern "C" __attribute__((visibility("default"))) body4d::nn::WorkRecorder* body4dWorkRecorder(int abi,
                                                                                               int device) {
    return abi == body4d::nn::kRecorderAbi
               ? new body4d::nn::Recorder(static_cast<c10::DeviceIndex>(device))
               : nullptr;
}
