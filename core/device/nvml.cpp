#include "device/nvml.h"

#include <array>
#include <algorithm>
#include <dlfcn.h>
#include <unistd.h>
#include <vector>

namespace body4d::detail {
namespace {

// The few entry points that are used, as documented in NVML's API reference; 0 is success everywhere.
using Device = void*;
struct MemoryInfo {
    unsigned long long total, free, used;
};
struct Utilization {
    unsigned gpu, memory;
};

struct ProcessInfo {
    unsigned pid;
    unsigned long long usedGpuMemory;
    unsigned gpuInstance, computeInstance;
};
constexpr unsigned long long kNotTold = ~0ULL;
constexpr int kTooSmall = 7; ///< NVML_ERROR_INSUFFICIENT_SIZE: the count says how many there are

} // namespace

struct Nvml::Impl {
    void* library = nullptr;
    Device device = nullptr;
    int (*shutdown)() = nullptr;
    int (*memoryInfo)(Device, MemoryInfo*) = nullptr;
    int (*utilization)(Device, Utilization*) = nullptr;
    int (*deviceName)(Device, char*, unsigned) = nullptr;
    int (*driverVersion)(char*, unsigned) = nullptr;
    int (*computeProcesses)(Device, unsigned*, ProcessInfo*) = nullptr;  ///< absent in old drivers
    int (*graphicsProcesses)(Device, unsigned*, ProcessInfo*) = nullptr; ///< absent in old drivers

    ~Impl() {
        if (device != nullptr && shutdown != nullptr) {
            shutdown();
        }
        if (library != nullptr) {
            ::dlclose(library);
        }
    }

    template <typename Fn>
    bool resolve(Fn& fn, const char* symbol) const {
        fn = reinterpret_cast<Fn>(::dlsym(library, symbol));
        return fn != nullptr;
    }
};

Nvml::Nvml(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Nvml::~Nvml() = default;

std::unique_ptr<Nvml> Nvml::load() {
    auto impl = std::make_unique<Impl>();
    impl->library = ::dlopen("libnvidia-ml.so.1", RTLD_LAZY | RTLD_LOCAL);
    int (*init)() = nullptr;
    int (*handleByIndex)(unsigned, Device*) = nullptr;
    if (impl->library == nullptr || !impl->resolve(init, "nvmlInit_v2") ||
        !impl->resolve(handleByIndex, "nvmlDeviceGetHandleByIndex_v2") ||
        !impl->resolve(impl->shutdown, "nvmlShutdown") ||
        !impl->resolve(impl->memoryInfo, "nvmlDeviceGetMemoryInfo") ||
        !impl->resolve(impl->utilization, "nvmlDeviceGetUtilizationRates") ||
        !impl->resolve(impl->deviceName, "nvmlDeviceGetName") ||
        !impl->resolve(impl->driverVersion, "nvmlSystemGetDriverVersion") || init() != 0) {
        return nullptr;
    }
    (void)impl->resolve(impl->computeProcesses, "nvmlDeviceGetComputeRunningProcesses_v3");
    (void)impl->resolve(impl->graphicsProcesses, "nvmlDeviceGetGraphicsRunningProcesses_v3");
    if (Device device = nullptr; handleByIndex(0, &device) == 0) {
        impl->device = device;
        return std::unique_ptr<Nvml>(new Nvml(std::move(impl)));
    }
    impl->shutdown();
    return nullptr;
}

std::optional<Nvml::Memory> Nvml::memory() const {
    MemoryInfo info{};
    if (impl_->memoryInfo(impl_->device, &info) != 0) {
        return std::nullopt;
    }
    return Memory{static_cast<std::int64_t>(info.used), static_cast<std::int64_t>(info.total)};
}

std::optional<double> Nvml::load01() const {
    Utilization use{};
    if (impl_->utilization(impl_->device, &use) != 0) {
        return std::nullopt;
    }
    return use.gpu / 100.0;
}

std::optional<std::int64_t> Nvml::processBytes() const {
    std::optional<std::int64_t> bytes;
    for (const auto list : {impl_->computeProcesses, impl_->graphicsProcesses}) {
        std::vector<ProcessInfo> processes(64);
        auto count = static_cast<unsigned>(processes.size());
        int code = list != nullptr ? list(impl_->device, &count, processes.data()) : -1;
        if (code == kTooSmall) {
            processes.resize(count + 16);
            count = static_cast<unsigned>(processes.size());
            code = list(impl_->device, &count, processes.data());
        }
        for (unsigned i = 0; code == 0 && i < std::min<std::size_t>(count, processes.size()); ++i) {
            if (processes[i].pid == static_cast<unsigned>(::getpid()) && processes[i].usedGpuMemory != kNotTold) {
                // A process that computes and draws stands in both lists with the same number.
                bytes = std::max(bytes.value_or(0), static_cast<std::int64_t>(processes[i].usedGpuMemory));
            }
        }
    }
    return bytes;
}

std::string Nvml::gpuName() const {
    std::array<char, 96> text{};
    return impl_->deviceName(impl_->device, text.data(), text.size()) == 0 ? text.data() : "NVIDIA GPU";
}

std::string Nvml::driver() const {
    std::array<char, 96> text{};
    return impl_->driverVersion(text.data(), text.size()) == 0 ? text.data() : "";
}

} // namespace body4d::detail
