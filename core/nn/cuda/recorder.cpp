// CUDA graphs by LibTorch's own class, whose allocator takes part: the only file that includes CUDA's headers.
#include "nn/cuda/recorder_entry.h"

#include "nn/graph_cache.h"

#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>

namespace body4d::nn {
namespace {

class Graph final : public RecordedWork {
public:
    void launch() override { graph.replay(); }
    at::cuda::CUDAGraph graph;
};

class Recorder final : public WorkRecorder {
public:
    explicit Recorder(c10::DeviceIndex device) : device_(device) {}

    std::unique_ptr<RecordedWork> record(const std::function<void()>& work) override {
        auto recorded = std::make_unique<Graph>();
        // The default queue cannot be recorded.
        const c10::cuda::CUDAStreamGuard apart(c10::cuda::getStreamFromPool(false, device_));
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
