#include "nn/runtime.h"

#include "base/error.h"
#include "base/log.h"
#include "base/parallel.h"

#include <ATen/ATen.h>
#include <ATen/DeviceAccelerator.h>
#include <ATen/Parallel.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <new>
#include <string_view>

#include "nn/cuda_driver.h"

namespace body4d::nn {
namespace {

at::Device currentDevice(const at::Device& like) {
    return like.is_cuda() ? c10::impl::VirtualGuardImpl(like.type()).getDevice() : at::Device(at::kCPU);
}

void setCurrentDevice(const at::Device& device) {
    if (device.is_cuda()) {
        c10::impl::VirtualGuardImpl(device.type()).setDevice(device);
    }
}

/// Memory that ran out, told in words: LibTorch has a type of its own for the caching allocator only.
bool tellsOfMemory(std::string_view message) {
    static constexpr std::array<std::string_view, 8> kSigns = {
        "can't allocate memory", "out of memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED",
        "CUSOLVER_STATUS_ALLOC_F", "std::bad_alloc",
        // What oneDNN says when its code or its scratch memory does not fit any more.
        "could not create a primitive", "could not execute a primitive"};
    return std::any_of(kSigns.begin(), kSigns.end(),
                       [&](std::string_view sign) { return message.find(sign) != std::string_view::npos; });
}

std::string firstLine(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

[[noreturn]] void throwOutOfMemory(const std::string& detail) {
    try {
        if (cudaIsUsable()) {
            at::accelerator::emptyCache();
        }
    } catch (const std::exception& e) {
        log(LogLevel::Debug, std::string("The device's cache could not be emptied: ") + firstLine(e.what()));
    }
    throw OutOfMemoryError(detail);
}

} // namespace

at::ScalarType Placement::dtypeOf(const std::string& key) const {
    for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
        if (key.starts_with(rule->first)) {
            return rule->second;
        }
    }
    return dtype;
}

Placement Placement::choose(int deviceIndex, at::ScalarType preferred) {
    Placement placement;
    if (deviceIndex < 0) {
        return placement;
    }
    placement.device = at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(deviceIndex));
    const auto* driver = CudaDriver::open();
    const int capability = driver != nullptr ? driver->computeCapabilityOf(deviceIndex) : 0;
    const bool fast = preferred != at::kBFloat16 || capability >= 80;
    placement.dtype = fast ? preferred : at::kFloat;
    return placement;
}

std::string deviceName(c10::Device device) {
    if (device.is_cpu()) {
        return "CPU";
    }
    const auto* driver = CudaDriver::open();
    const auto name = driver != nullptr ? driver->nameOf(device.index()) : std::string();
    return name.empty() ? device.str() : name;
}

bool cudaIsUsable() {
    return at::hasCUDA() && at::accelerator::deviceCount() > 0;
}

EngineScope::EngineScope(const Placement& placement)
    : before_(currentDevice(placement.device)), threadsBefore_(at::get_num_threads()) {
    setCurrentDevice(placement.device);
    if (placement.onGpu()) {
        at::globalContext().setAllowTF32CuBLAS(placement.tf32);
        at::globalContext().setAllowTF32CuDNN(placement.tf32);
    } else {
        at::set_num_threads(placement.threads > 0 ? placement.threads : static_cast<int>(usableCores()));
    }
}

EngineScope::~EngineScope() {
    setCurrentDevice(before_);
    at::set_num_threads(threadsBefore_);
}

void rethrowTranslated() {
    try {
        throw;
    } catch (const Error&) {
        throw;
    } catch (const Cancelled&) {
        throw;
    } catch (const std::bad_alloc&) {
        throwOutOfMemory("an allocation failed");
    } catch (const c10::OutOfMemoryError& e) {
        throwOutOfMemory(firstLine(e.what_without_backtrace()));
    } catch (const c10::Error& e) {
        const std::string message = e.what_without_backtrace();
        if (tellsOfMemory(message)) {
            throwOutOfMemory(firstLine(message));
        }
        throw Error(ErrorCode::Internal, "A network failed in LibTorch.",
                    "This is a mistake of the program: please report it with the line below.",
                    firstLine(message));
    } catch (const std::exception& e) { // oneDNN's errors are of no narrower type
        if (tellsOfMemory(e.what())) {
            throwOutOfMemory(firstLine(e.what()));
        }
        throw;
    }
}

} // namespace body4d::nn
