// The factory of libbody4d_torch: the only file that the rest of the program reaches LibTorch through.
#include "nn/plugin/plugin.h"

#include <ATen/ATen.h>
#include <ATen/DeviceAccelerator.h>

#include <torch/headeronly/version.h>

#include "nn/runtime.h"
#include "nn/torch_plugin.h"
#include "nn/torch_interface.h"

namespace body4d {
namespace {

class Plugin final : public TorchPlugin {
public:
    std::string version() const override { return TORCH_VERSION; }

    std::vector<TorchDevice> devices() const override {
        return nn::guarded([] {
            std::vector<TorchDevice> found;
            if (!nn::cudaIsUsable()) {
                return found;
            }
            for (int i = 0; i < at::accelerator::deviceCount(); ++i) {
                const auto [freeBytes, totalBytes] =
                    at::accelerator::getMemoryInfo(static_cast<c10::DeviceIndex>(i));
                found.push_back({nn::deviceName(c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(i))),
                                 static_cast<std::int64_t>(totalBytes),
                                 static_cast<std::int64_t>(freeBytes)});
            }
            return found;
        });
    }

    AllocatorBytes allocator(int device) const override {
        return nn::guarded([device] {
            if (device < 0 || !nn::cudaIsUsable()) {
                return AllocatorBytes{};
            }
            const auto stats = at::accelerator::getDeviceStats(static_cast<c10::DeviceIndex>(device));
            return AllocatorBytes{stats.allocated_bytes[0].current, stats.allocated_bytes[0].peak,
                                  stats.reserved_bytes[0].current};
        });
    }

    void resetPeak(int device) override {
        nn::guarded([device] {
            if (device >= 0 && nn::cudaIsUsable()) {
                at::accelerator::resetPeakStats(static_cast<c10::DeviceIndex>(device));
            }
        });
    }

    void emptyCache() override {
        nn::guarded([] {
            if (nn::cudaIsUsable()) {
                at::accelerator::emptyCache();
            }
        });
    }

    TorchEngines& engines() override { return detail::torchEngines(); }
};

} // namespace
} // namespace body4d

/// Read by the program before it calls anything here.
extern "C" __attribute__((visibility("default"))) const char body4dTorchInterface[] = BODY4D_TORCH_INTERFACE;

extern "C" __attribute__((visibility("default"))) body4d::TorchPlugin* body4dTorchPlugin(const body4d::TorchHost* host) {
    body4d::setLogSink(
        [log = host->log](body4d::LogLevel level, const std::string& message) { log(level, message); });
    static body4d::Plugin plugin;
    return &plugin;
}
