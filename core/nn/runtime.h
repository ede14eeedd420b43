#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/InferenceMode.h>

#include <exception>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace body4d::nn {

/// Where a network runs and in which precision.
struct Placement {
    at::Device device = at::kCPU;
    at::ScalarType dtype = at::kFloat; ///< of weights and activations, where a rule says nothing else
    bool tf32 =
        true;        ///< float32 products on the GPU may round their factors to 19 bits; no effect on the CPU
    int threads = 0; ///< on the CPU, for one call; 0: all usable cores

    /// Exceptions by the start of a key, the last match counts: {"neck.", kFloat} keeps a neck in float32.
    std::vector<std::pair<std::string, at::ScalarType>> rules;
    [[nodiscard]] at::ScalarType dtypeOf(const std::string& key) const;

    [[nodiscard]] bool onGpu() const { return device.is_cuda(); }
    [[nodiscard]] at::TensorOptions options() const {
        return at::TensorOptions().device(device).dtype(dtype);
    }

    /// @param deviceIndex -1: the CPU
    /// @param preferred what the engine's authors run, used where the device is fast with it: bfloat16 needs
    /// compute
    ///        capability 8.0; a CPU always gets float32
    [[nodiscard]] static Placement choose(int deviceIndex, at::ScalarType preferred = at::kFloat);
};

/// "CPU", or what the driver calls the device.
[[nodiscard]] std::string deviceName(c10::Device device);

/// Whether LibTorch was loaded with CUDA and a device answers.
[[nodiscard]] bool cudaIsUsable();

/// State of LibTorch's that belongs to a thread, for as long as the object lives: inference mode, current
/// device, number of CPU threads, TF32. Every thread that calls a network opens one first.
class EngineScope {
public:
    explicit EngineScope(const Placement& placement);
    ~EngineScope();
    EngineScope(const EngineScope&) = delete;
    EngineScope& operator=(const EngineScope&) = delete;

private:
    c10::InferenceMode inference_;
    at::Device before_;
    int threadsBefore_;
};

/// Rethrows the exception being handled as one of ours: OutOfMemoryError for whatever says that memory ran
/// out (after the device's cache was emptied, so that a smaller batch can succeed), Error{Internal} with one
/// line for other errors of LibTorch's. Error, Cancelled and standard exceptions pass unchanged. Call it in a
/// catch block.
[[noreturn]] void rethrowTranslated();

/// Calls fn; only Error, OutOfMemoryError, Cancelled and standard exceptions leave it.
template <typename Fn>
decltype(auto) guarded(Fn&& fn) {
    try {
        return std::forward<Fn>(fn)();
    } catch (...) {
        rethrowTranslated();
    }
}

} // namespace body4d::nn
