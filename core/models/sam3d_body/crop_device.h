#pragma once

#include "models/sam3d_body/crop_pixel.h"

#include <span>
#include <string>

#include "nn/blocks/layers.h"
#include "nn/device_kernel.h"

namespace body4d::sam3d_body {

/// The kernel that cuts crops.
[[nodiscard]] nn::KernelProgram cropProgram();

/// What launching the kernel takes: one thread a pixel.
void launchCrops(const nn::DeviceKernel& kernel, const void* jobs, int count, int size, WarpMode mode,
                 float* images, float* masks, void* stream);

/// Cuts all crops by one launch into the thread's own queue; waits for nothing.
/// @param jobs with addresses on the device
/// @param images float32 [B, 3, size, size]  @param masks float32 [B, 1, size, size], or undefined
/// @returns false where the kernel does not run on this device, after saying why in the log; nothing was done
/// then
[[nodiscard]] bool cutOnDevice(std::span<const CropJob> jobs, int size, WarpMode mode,
                               const at::Tensor& images, const at::Tensor& masks);

/// How crops are cut on a device, for people.
[[nodiscard]] std::string cropMethod(c10::Device device);

} // namespace body4d::sam3d_body
