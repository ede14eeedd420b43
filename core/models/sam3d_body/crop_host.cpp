#include "models/sam3d_body/crop_host.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace body4d::sam3d_body {
namespace {

// By features and not by levels (base/target_clones.h): a level brings fused multiply-adds, and then the results
// would no longer be LibTorch's to the bit.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define BODY4D_CLONES_WITHOUT_FMA __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define BODY4D_CLONES_WITHOUT_FMA
#endif

/// A row of the picture at the places of the crop's columns, plane by plane.
BODY4D_CLONES_WITHOUT_FMA void readRow(const unsigned char* row, const CropTap* taps, int size, int channels,
                                       float* out) {
    for (int x = 0; x < size; ++x) {
        const auto* first = row + taps[x].first * channels;
        const auto* second = row + taps[x].second * channels;
        for (int c = 0; c < channels; ++c) {
            out[c * size + x] = cropAlong(first[c], second[c], taps[x]);
        }
    }
}

BODY4D_CLONES_WITHOUT_FMA void blendRows(const float* above, const float* below, const CropTap& row,
                                         int count, WarpMode mode, float most, float* out) {
    if (mode == WarpMode::OpenCv4) {
        for (int x = 0; x < count; ++x) {
            out[x] =
                cropLevel(above[x], below[x], row.firstWeight, row.secondWeight, WarpMode::OpenCv4) / most;
        }
    } else {
        for (int x = 0; x < count; ++x) {
            out[x] = cropLevel(above[x], below[x], row.firstWeight, row.secondWeight, WarpMode::Exact) / most;
        }
    }
}

/// Rows of one picture. Where a crop is larger than what it shows, its rows read the same ones again.
class RowReader {
public:
    RowReader(const unsigned char* pixels, int channels, std::int64_t width,
              const std::vector<CropTap>& columns)
        : pixels_(pixels), channels_(channels), width_(width), columns_(columns) {
        for (auto& row : rows_) {
            row.values.resize(columns.size() * static_cast<std::size_t>(channels));
        }
    }
    /// @param other the one that is needed beside it
    const float* operator()(long long index, long long other) {
        auto* found =
            std::find_if(rows_.begin(), rows_.end(), [&](const Row& row) { return row.index == index; });
        if (found == rows_.end()) {
            found = rows_[0].index == other ? &rows_[1] : &rows_[0];
            found->index = index;
            readRow(pixels_ + index * width_ * channels_, columns_.data(), static_cast<int>(columns_.size()),
                    channels_, found->values.data());
        }
        return found->values.data();
    }

private:
    struct Row {
        long long index = -1;
        std::vector<float> values;
    };
    const unsigned char* pixels_;
    int channels_;
    std::int64_t width_;
    const std::vector<CropTap>& columns_;
    std::array<Row, 2> rows_;
};

} // namespace

void cutOnHost(const CropJob& job, int size, WarpMode mode, int firstRow, int lastRow, float* image,
               float* mask) {
    std::vector<CropTap> columns;
    columns.reserve(static_cast<std::size_t>(size));
    for (int x = 0; x < size; ++x) {
        columns.push_back(cropTap(job.columns, x, false, mode));
    }
    const auto plane = static_cast<std::ptrdiff_t>(size) * size;
    constexpr int kChannels = 3;
    RowReader picture(job.picture, kChannels, job.columns.limit, columns);
    RowReader outline(job.mask, 1, job.columns.limit, columns);
    std::vector<float> blended(static_cast<std::size_t>(kChannels * size));
    for (int y = firstRow; y < lastRow; ++y) {
        const CropTap row = cropTap(job.rows, y, true, mode);
        const auto* above = picture(row.first, row.second);
        const auto* below = picture(row.second, row.first);
        blendRows(above, below, row, kChannels * size, mode, 255.0F, blended.data());
        for (int c = 0; c < kChannels; ++c) {
            std::copy_n(blended.data() + c * size, size,
                        image + c * plane + static_cast<std::ptrdiff_t>(y) * size);
        }
        if (mask == nullptr) {
            continue;
        }
        auto* out = mask + static_cast<std::ptrdiff_t>(y) * size;
        if (job.mask == nullptr) {
            std::fill_n(out, size, 0.0F);
        } else {
            const auto* upper = outline(row.first, row.second);
            const auto* lower = outline(row.second, row.first);
            blendRows(upper, lower, row, size, mode, 1.0F, out);
        }
    }
}

} // namespace body4d::sam3d_body
