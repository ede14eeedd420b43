// The factory of libbody4d_torch: the only file that the rest of the program reaches LibTorch through.
#include "nn/torch_plugin.h"

#include <ATen/ATen.h>
#include <ATen/DeviceAccelerator.h>
#include <c10/core/InferenceMode.h>

#include <dlfcn.h>
#include <new>
#include <stdexcept>
#include <torch/headeronly/version.h>

namespace body4d {
namespace {

/// Runs fn and lets only standard exceptions out.
template <typename Fn>
auto guarded(Fn&& fn) {
    try {
        return fn();
    } catch (const c10::OutOfMemoryError&) {
        throw std::bad_alloc();
    } catch (const c10::Error& e) {
        throw std::runtime_error(e.what_without_backtrace());
    }
}

bool cudaIsUsable() { return at::hasCUDA() && at::accelerator::deviceCount() > 0; }

/// The name comes from the driver, so that no CUDA header is needed at build time.
std::string deviceName(int index) {
    using DeviceGet = int (*)(int*, int);
    using DeviceGetName = int (*)(char*, int, int);
    void* driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (driver == nullptr) {
        return "CUDA device";
    }
    auto* get = reinterpret_cast<DeviceGet>(dlsym(driver, "cuDeviceGet"));
    auto* getName = reinterpret_cast<DeviceGetName>(dlsym(driver, "cuDeviceGetName"));
    char name[128] = "CUDA device";
    int handle = 0;
    if (get != nullptr && getName != nullptr && get(&handle, index) == 0) {
        getName(name, sizeof name, handle);
    }
    return name;
}

class Plugin final : public TorchPlugin {
public:
    std::string version() const override { return TORCH_VERSION; }

    std::vector<TorchDevice> devices() const override {
        return guarded([] {
            std::vector<TorchDevice> found;
            if (!cudaIsUsable()) {
                return found;
            }
            for (int i = 0; i < at::accelerator::deviceCount(); ++i) {
                const auto [freeBytes, totalBytes] = at::accelerator::getMemoryInfo(static_cast<c10::DeviceIndex>(i));
                found.push_back({deviceName(i), static_cast<std::int64_t>(totalBytes), static_cast<std::int64_t>(freeBytes)});
            }
            return found;
        });
    }

    AllocatorBytes allocator(int device) const override {
        return guarded([device] {
            if (device < 0 || !cudaIsUsable()) {
                return AllocatorBytes{};
            }
            const auto stats = at::accelerator::getDeviceStats(static_cast<c10::DeviceIndex>(device));
            return AllocatorBytes{stats.allocated_bytes[0].current, stats.allocated_bytes[0].peak};
        });
    }

    void resetPeak(int device) override {
        guarded([device] {
            if (device >= 0 && cudaIsUsable()) {
                at::accelerator::resetPeakStats(static_cast<c10::DeviceIndex>(device));
            }
        });
    }

    void emptyCache() override {
        guarded([] {
            if (cudaIsUsable()) {
                at::accelerator::emptyCache();
            }
        });
    }

    std::vector<float> probe(int device, int batch, int size) override {
        return guarded([=] {
            const c10::InferenceMode inference;
            const auto where = device < 0 ? c10::Device(c10::kCPU) : c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(device));
            const auto options = at::TensorOptions().dtype(at::kFloat).device(where);
            // Weights and pictures are closed formulas: equal everywhere, no generator involved.
            const auto wave = [&](std::vector<std::int64_t> shape, double step) {
                std::int64_t n = 1;
                for (const auto d : shape) {
                    n *= d;
                }
                return at::arange(n, options).mul_(step).sin_().view(shape);
            };
            at::Tensor x = wave({batch, 3, size, size}, 0.37);                 // [B, 3, S, S]
            x = at::relu(at::conv2d(x, wave({32, 3, 3, 3}, 1.7), {}, 1, 1));    // [B, 32, S, S]
            x = at::relu(at::conv2d(x, wave({32, 32, 3, 3}, 2.3) * 0.1, {}, 2, 1)); // [B, 32, S/2, S/2]
            const at::Tensor means = x.mean({1, 2, 3}).to(at::kCPU).contiguous();    // [B]
            const auto* values = means.const_data_ptr<float>();
            return std::vector<float>(values, values + batch);
        });
    }
};

} // namespace
} // namespace body4d

extern "C" __attribute__((visibility("default"))) body4d::TorchPlugin* body4dTorchPlugin(int abi) {
    static body4d::Plugin plugin;
    return abi == body4d::kTorchPluginAbi ? &plugin : nullptr;
}
