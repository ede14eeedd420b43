#include "models/sam3d_body/crop_device.h"

#include "crop_kernel_text.h"

#include "base/error.h"
#include "base/log.h"

#include <ATen/ATen.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <map>
#include <memory>
#include <mutex>

#include "nn/side_stream.h"

namespace body4d::sam3d_body {
namespace {

constexpr unsigned kBlockWidth = 32, kBlockHeight = 8; ///< threads: neighbours along a row read neighbours

/// The kernel on each GPU, loaded when it is first asked for.
struct Ready {
    std::unique_ptr<const nn::DeviceKernel> kernel; ///< null: it does not run there
    std::string why;                                ///< then
};

std::string reasonOf(const Error& e) {
    return e.detail().substr(0, e.detail().find('\n'));
}

void sayOnce(const std::string& why) {
    log(LogLevel::Warning, "The GPU cuts crops by LibTorch's operators, not by one kernel: " + why);
}

const Ready& readyOn(c10::DeviceIndex index) {
    static std::mutex mutex;
    static std::map<c10::DeviceIndex, Ready> all;
    const std::scoped_lock lock(mutex);
    const auto [entry, isNew] = all.try_emplace(index);
    auto& ready = entry->second;
    if (isNew) {
        try {
            const auto* driver = nn::CudaDriver::open();
            if (driver == nullptr) {
                throw Error(ErrorCode::Internal, "There is no driver.", "", "no NVIDIA driver");
            }
            ready.kernel = std::make_unique<nn::DeviceKernel>(cropProgram(), index, *driver,
                                                              nn::kernelCompilerOfTorch());
        } catch (const Error& e) {
            ready.why = reasonOf(e);
            sayOnce(ready.why);
        }
    }
    return ready;
}

} // namespace

nn::KernelProgram cropProgram() {
    nn::KernelProgram program;
    program.entry = "body4dCutCrops";
    const std::span texts(kCropTexts);
    program.source = texts.front();
    program.headers.assign(texts.begin() + 1, texts.end());
    program.binary = kCropBinary;
    return program;
}

void launchCrops(const nn::DeviceKernel& kernel, const void* jobs, int count, int size, WarpMode mode,
                 float* images, float* masks, void* stream) {
    int way = static_cast<int>(mode);
    void* arguments[] = {&jobs, &size, &way, &images, &masks};
    const auto blocks = [size](unsigned side) { return (static_cast<unsigned>(size) + side - 1) / side; };
    kernel.launch({blocks(kBlockWidth), blocks(kBlockHeight), static_cast<unsigned>(count)},
                  {kBlockWidth, kBlockHeight, 1}, arguments, stream);
}

bool cutOnDevice(std::span<const CropJob> jobs, int size, WarpMode mode, const at::Tensor& images,
                 const at::Tensor& masks) {
    const auto device = images.device();
    const auto& ready = readyOn(device.index());
    if (!ready.kernel) {
        return false;
    }
    try {
        const auto uploaded =
            nn::uploadBytes(jobs.data(), {static_cast<std::int64_t>(jobs.size_bytes())}, device);
        const auto stream = c10::impl::VirtualGuardImpl(device.type()).getStream(device);
        launchCrops(*ready.kernel, uploaded.const_data_ptr(), static_cast<int>(jobs.size()), size, mode,
                    images.mutable_data_ptr<float>(),
                    masks.defined() ? masks.mutable_data_ptr<float>() : nullptr, stream.native_handle());
        return true;
    } catch (const OutOfMemoryError&) {
        throw;
    } catch (const Error& e) {
        static std::once_flag said;
        std::call_once(said, [&] { sayOnce(reasonOf(e)); });
        return false;
    }
}

std::string cropMethod(c10::Device device) {
    if (device.is_cpu()) {
        return "on the processor";
    }
    const auto& ready = readyOn(device.index());
    return ready.kernel ? "one kernel, " + ready.kernel->origin() : "LibTorch's operators: " + ready.why;
}

} // namespace body4d::sam3d_body
