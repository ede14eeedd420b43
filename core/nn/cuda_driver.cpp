#include "nn/cuda_driver.h"

#include <array>
#include <dlfcn.h>

namespace body4d::nn {
namespace {

constexpr int kComputeCapabilityMajor = 75,
              kComputeCapabilityMinor = 76; // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_...

template <typename Function>
bool find(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(library, name));
    return function != nullptr;
}

} // namespace

bool CudaDriver::openFrom(const char* name) {
    void* library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    return library != nullptr && find(library, "cuDeviceGet", deviceGet) &&
           find(library, "cuDeviceGetName", deviceGetName) &&
           find(library, "cuDeviceGetAttribute", deviceGetAttribute) &&
           find(library, "cuDevicePrimaryCtxRetain", primaryContextRetain) &&
           find(library, "cuCtxGetCurrent", contextGetCurrent) &&
           find(library, "cuCtxSetCurrent", contextSetCurrent) &&
           find(library, "cuModuleLoadData", moduleLoadData) &&
           find(library, "cuModuleGetFunction", moduleGetFunction) &&
           find(library, "cuLaunchKernel", launchKernel) && find(library, "cuGetErrorString", getErrorString);
}

const CudaDriver* CudaDriver::open() {
    static CudaDriver driver;
    static const bool there = driver.openFrom("libcuda.so.1");
    return there ? &driver : nullptr;
}

std::string CudaDriver::nameOf(int ordinal) const {
    std::array<char, 256> text{};
    int device = 0;
    if (deviceGet(&device, ordinal) != 0 ||
        deviceGetName(text.data(), static_cast<int>(text.size()) - 1, device) != 0) {
        return {};
    }
    return text.data();
}

int CudaDriver::computeCapabilityOf(int ordinal) const {
    int device = 0, major = 0, minor = 0;
    if (deviceGet(&device, ordinal) != 0 ||
        deviceGetAttribute(&major, kComputeCapabilityMajor, device) != 0 ||
        deviceGetAttribute(&minor, kComputeCapabilityMinor, device) != 0) {
        return 0;
    }
    return 10 * major + minor;
}

std::string CudaDriver::describe(int error) const {
    const char* text = nullptr;
    if (getErrorString(error, &text) != 0 || text == nullptr) {
        return "error " + std::to_string(error);
    }
    return text;
}

} // namespace body4d::nn
