#pragma once

// The GPU's kernel, compiled as C++: what CUDA gives a kernel beside its arguments is given by hand.

namespace body4d::sam3d_body::testing {

struct Extent {
    unsigned x = 1, y = 1, z = 1;
};
inline thread_local Extent blockIdx, blockDim, threadIdx;

} // namespace body4d::sam3d_body::testing

using body4d::sam3d_body::testing::blockDim;
using body4d::sam3d_body::testing::blockIdx;
using body4d::sam3d_body::testing::threadIdx;
#define __global__
#include "models/sam3d_body/crop_kernel.cu"
#undef __global__

namespace body4d::sam3d_body::testing {

/// Every thread of a launch, one after the other.
/// @param arguments as cuLaunchKernel() takes them
inline void runCropKernel(Extent grid, Extent block, void** arguments) {
    blockDim = block;
    for (blockIdx.z = 0; blockIdx.z < grid.z; ++blockIdx.z) {
        for (blockIdx.y = 0; blockIdx.y < grid.y; ++blockIdx.y) {
            for (blockIdx.x = 0; blockIdx.x < grid.x; ++blockIdx.x) {
                for (threadIdx.y = 0; threadIdx.y < block.y; ++threadIdx.y) {
                    for (threadIdx.x = 0; threadIdx.x < block.x; ++threadIdx.x) {
                        body4dCutCrops(*static_cast<const CropJob**>(arguments[0]),
                                       *static_cast<int*>(arguments[1]), *static_cast<int*>(arguments[2]),
                                       *static_cast<float**>(arguments[3]),
                                       *static_cast<float**>(arguments[4]));
                    }
                }
            }
        }
    }
}

} // namespace body4d::sam3d_body::testing
