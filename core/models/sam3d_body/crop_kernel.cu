// All crops of a batch with their masks, in one launch: a thread for each pixel of a crop.
#include "models/sam3d_body/crop_pixel.h"

/// @param jobs one for each crop, blockIdx.z
/// @param images float32 [crops, 3, size, size] in 0..1
/// @param masks float32 [crops, 1, size, size] in 0..255, or null
extern "C" __global__ void body4dCutCrops(const body4d::sam3d_body::CropJob* jobs, int size, int mode,
                                          float* images, float* masks) {
    using namespace body4d::sam3d_body;
    const int x = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    const int y = static_cast<int>(blockIdx.y * blockDim.y + threadIdx.y);
    if (x >= size || y >= size) {
        return;
    }
    const CropJob job = jobs[blockIdx.z];
    const auto way = static_cast<WarpMode>(mode);
    const CropTap column = cropTap(job.columns, x, false, way), row = cropTap(job.rows, y, true, way);
    const long long width = job.columns.limit;
    const long long above = row.first * width, below = row.second * width;
    const long long plane = static_cast<long long>(size) * size;
    const long long pixel = static_cast<long long>(y) * size + x;
    float* image = images + 3 * plane * blockIdx.z + pixel;
    for (int channel = 0; channel < 3; ++channel) {
        const unsigned char* from = job.picture + channel;
        const float upper =
            cropAlong(from[3 * (above + column.first)], from[3 * (above + column.second)], column);
        const float lower =
            cropAlong(from[3 * (below + column.first)], from[3 * (below + column.second)], column);
        image[channel * plane] = cropLevel(upper, lower, row.firstWeight, row.secondWeight, way) / 255.0F;
    }
    if (masks != nullptr) {
        float level = 0;
        if (job.mask != nullptr) {
            const unsigned char* from = job.mask;
            const float upper = cropAlong(from[above + column.first], from[above + column.second], column);
            const float lower = cropAlong(from[below + column.first], from[below + column.second], column);
            level = cropLevel(upper, lower, row.firstWeight, row.secondWeight, way);
        }
        masks[plane * blockIdx.z + pixel] = level;
    }
}
