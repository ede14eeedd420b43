#include "models/sam3d_body/crops.h"

#include "base/error.h"
#include "models/sam3d_body/crop_device.h"
#include "models/sam3d_body/crop_host.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "nn/side_stream.h"

namespace body4d::sam3d_body {
namespace {

constexpr double kWidthOverHeight = 0.75; ///< a person's, to which boxes are grown first
constexpr std::int64_t kRowsAtOnce = 64; ///< of crops, for a thread of the CPU

template <typename T>
at::Tensor toDevice(const std::vector<T>& values, at::IntArrayRef shape, at::Device device) {
    return nn::uploaded(at::tensor(values).view(shape), device);
}

/// Pixels of one kind, flattened over pictures, and where each row's picture begins.
struct Source {
    at::Tensor pixels; ///< uint8 [pixels of all pictures, C]
    std::vector<std::int64_t> first;
};

/// The neighbours of every pixel of a crop, one axis at a time, both neighbours of each place beside each
/// other.
struct Taps {
    at::Tensor rows, columns;             ///< int64 [B, size, 2]: rows in pixels from the picture's beginning
    at::Tensor rowWeights, columnWeights; ///< [B, size, 2]
};

/// @param jobs any addresses in them are not looked at
Taps tapsOf(std::span<const CropJob> jobs, int size, WarpMode mode, at::Device device) {
    std::vector<std::int64_t> places;
    std::vector<float> weights;
    for (const bool isRow : {true, false}) {
        for (const auto& job : jobs) {
            for (int i = 0; i < size; ++i) {
                const auto tap = cropTap(isRow ? job.rows : job.columns, i, isRow, mode);
                const std::int64_t stride = isRow ? job.columns.limit : 1;
                places.insert(places.end(), {tap.first * stride, tap.second * stride});
                weights.insert(weights.end(), {tap.firstWeight, tap.secondWeight});
            }
        }
    }
    // Few large copies to the device instead of many small ones.
    const auto batch = static_cast<std::int64_t>(jobs.size());
    const auto placed = toDevice(places, {2, batch, size, 2}, device);
    const auto weighted = toDevice(weights, {2, batch, size, 2}, device);
    return {placed.select(0, 0), placed.select(0, 1), weighted.select(0, 0), weighted.select(0, 1)};
}

/// Blends four neighbours. @returns float32 [B, size, size, C], whole levels
at::Tensor warp(const Source& source, const Taps& taps, WarpMode mode) {
    const auto batch = taps.rows.size(0), size = taps.rows.size(1);
    auto rows = taps.rows;
    if (std::any_of(source.first.begin(), source.first.end(),
                    [](std::int64_t first) { return first != 0; })) {
        rows = rows + toDevice(source.first, {batch, 1, 1}, source.pixels.device());
    }
    const auto index = rows.view({batch, size, 2, 1, 1}) + taps.columns.view({batch, 1, 1, size, 2});
    const auto found = source.pixels.index_select(0, index.flatten()).view({batch, size, 2, size, 2, -1});
    const auto blend = [](const at::Tensor& weighted, std::int64_t axis) {
        return weighted.select(axis, 0) + weighted.select(axis, 1);
    };
    const auto along = blend(found * taps.columnWeights.view({batch, 1, 1, size, 2, 1}), 4);
    auto blended = blend(along * taps.rowWeights.view({batch, size, 2, 1, 1}), 2);
    return mode == WarpMode::OpenCv4 ? blended.add_(0.5).floor_() : blended.round_();
}

/// @param pictures uint8, one a row; equal ones are there once
Source sourceOf(const std::vector<at::Tensor>& pictures, std::int64_t channels) {
    Source source;
    std::map<const void*, std::int64_t> known;
    std::vector<at::Tensor> parts;
    std::int64_t next = 0;
    for (const auto& picture : pictures) {
        const auto [place, isNew] = known.emplace(picture.const_data_ptr(), next);
        if (isNew) {
            parts.push_back(picture.view({-1, channels}));
            next += parts.back().size(0);
        }
        source.first.push_back(place->second);
    }
    source.pixels = parts.size() == 1 ? parts.front() : at::cat(parts);
    return source;
}

/// Bytes of the host as a tensor of the device. On the CPU it is a view: nobody writes to it, and it is done
/// with before the picture can go.
at::Tensor bytesOn(at::Device device, const std::vector<std::uint8_t>& bytes) {
    const auto count = static_cast<std::int64_t>(bytes.size());
    return device.is_cuda() ? nn::uploadBytes(bytes.data(), {count}, device)
                            : at::from_blob(const_cast<std::uint8_t*>(bytes.data()), {count}, at::kByte);
}

void cutWithOperators(CropBatch& out, std::span<const CropJob> jobs, const std::vector<at::Tensor>& frames,
                      const std::vector<at::Tensor>& masks, int size, WarpMode mode) {
    const auto taps = tapsOf(jobs, size, mode, out.images.device());
    out.images = warp(sourceOf(frames, 3), taps, mode).div_(255).permute({0, 3, 1, 2});
    if (out.masks.defined()) {
        const auto some =
            std::find_if(masks.begin(), masks.end(), [](const at::Tensor& m) { return m.defined(); });
        std::vector<at::Tensor> all;
        for (std::size_t i = 0; i < masks.size(); ++i) {
            const auto pixels = frames[i].numel() / 3;
            all.push_back(masks[i].defined() ? masks[i] : at::zeros({pixels}, some->options()));
        }
        out.masks = warp(sourceOf(all, 1), taps, mode).permute({0, 3, 1, 2});
    }
}

void cutOnThisProcessor(CropBatch& out, std::span<const CropJob> jobs, int size, WarpMode mode) {
    auto* images = out.images.mutable_data_ptr<float>();
    auto* masks = out.masks.defined() ? out.masks.mutable_data_ptr<float>() : nullptr;
    const std::int64_t plane = static_cast<std::int64_t>(size) * size;
    at::parallel_for(0, static_cast<std::int64_t>(jobs.size()) * size, kRowsAtOnce,
                     [&](std::int64_t first, std::int64_t last) {
                         while (first < last) {
                             const auto crop = first / size;
                             const auto end = std::min<std::int64_t>(last, (crop + 1) * size);
                             cutOnHost(jobs[static_cast<std::size_t>(crop)], size, mode,
                                       static_cast<int>(first % size), static_cast<int>(end - crop * size),
                                       images + 3 * plane * crop,
                                       masks != nullptr ? masks + plane * crop : nullptr);
                             first = end;
                         }
                     });
}

/// The official map from a square to its crop, which comes from three points in single precision.
struct SquareMap {
    double scaleX, scaleY, offsetX, offsetY; ///< crop = scale * full + offset

    SquareMap(const CropSquare& square, std::int64_t size) {
        const double half = static_cast<double>(size) / 2;
        const float top =
            static_cast<float>(static_cast<double>(square.centreY) - 0.5 * static_cast<double>(square.side));
        const float reach = square.centreY - top, left = square.centreX - reach;
        scaleX = half / (static_cast<double>(square.centreX) - static_cast<double>(left));
        scaleY = half / (static_cast<double>(square.centreY) - static_cast<double>(top));
        offsetX = half - scaleX * square.centreX;
        offsetY = half - scaleY * square.centreY;
    }
};

} // namespace

CropSquare CropSquare::around(const Box& box, double padding) {
    const auto width = static_cast<float>(box.x1 - box.x0) * static_cast<float>(padding);
    const auto height = static_cast<float>(box.y1 - box.y0) * static_cast<float>(padding);
    CropSquare square;
    square.centreX = static_cast<float>((box.x0 + box.x1) / 2);
    square.centreY = static_cast<float>((box.y0 + box.y1) / 2);
    square.side = std::max(height, width / static_cast<float>(kWidthOverHeight));
    return square;
}

void uploadFrames(std::span<CropRequest> requests, at::Device device) {
    if (device.is_cpu()) {
        return;
    }
    std::map<const Image*, at::Tensor> known;
    for (auto& request : requests) {
        auto& there = known[request.frame.get()];
        if (request.uploaded.defined()) {
            there = request.uploaded;
        } else if (!there.defined()) {
            there = bytesOn(device, request.frame->rgb);
        }
        request.uploaded = there;
    }
}

std::vector<CropJob> cropJobs(std::span<const CropRequest> requests, std::int64_t size) {
    std::vector<CropJob> jobs;
    for (const auto& request : requests) {
        BODY4D_EXPECT(request.frame && !request.frame->empty() && !request.square.empty());
        const auto width = request.frame->width, height = request.frame->height;
        CropJob job;
        job.picture = request.frame->rgb.data();
        if (request.mask) {
            BODY4D_EXPECT(request.mask->width == width && request.mask->height == height);
            job.mask = request.mask->values.data();
        }
        const SquareMap map(request.square, size);
        job.columns = {1 / map.scaleX, -map.offsetX / map.scaleX, width, request.mirrored ? 1 : 0};
        job.rows = {1 / map.scaleY, -map.offsetY / map.scaleY, height, 0};
        jobs.push_back(job);
    }
    return jobs;
}

CropBatch cutCrops(std::span<const CropRequest> requests, std::int64_t size, WarpMode mode, at::Device device,
                   CropMethod method) {
    BODY4D_EXPECT(!requests.empty());
    const auto batch = static_cast<std::int64_t>(requests.size());
    auto jobs = cropJobs(requests, size);
    std::vector<CropRequest> here(requests.begin(), requests.end());
    uploadFrames(here, device);
    std::vector<at::Tensor> frames, masks;
    std::vector<float> geometry, has;
    for (const auto& request : here) {
        const auto& square = request.square;
        const SquareMap map(square, size);
        frames.push_back(request.uploaded.defined() ? request.uploaded : bytesOn(device, request.frame->rgb));
        masks.push_back(request.mask ? bytesOn(device, request.mask->values) : at::Tensor());
        has.push_back(request.mask ? 1.0F : 0.0F);
        auto& job = jobs[frames.size() - 1];
        job.picture = frames.back().const_data_ptr<std::uint8_t>();
        job.mask = request.mask ? masks.back().const_data_ptr<std::uint8_t>() : nullptr;
        geometry.insert(geometry.end(),
                        {square.centreX, square.centreY, square.side, static_cast<float>(map.scaleX),
                         static_cast<float>(map.offsetX), static_cast<float>(map.offsetY),
                         static_cast<float>(request.focalX), static_cast<float>(request.focalY),
                         static_cast<float>(request.middleX), static_cast<float>(request.middleY)});
    }
    CropBatch out;
    const auto numbers = toDevice(geometry, {batch, 10}, device);
    out.geometry = {numbers.narrow(1, 0, 2), numbers.select(1, 2),    numbers.select(1, 3),
                    numbers.narrow(1, 4, 2), numbers.narrow(1, 6, 2), numbers.narrow(1, 8, 2)};
    const auto options = at::TensorOptions().dtype(at::kFloat).device(device);
    out.images = at::empty({batch, 3, size, size}, options);
    const bool some = std::find(has.begin(), has.end(), 1.0F) != has.end();
    if (some) {
        out.masks = at::empty({batch, 1, size, size}, options);
        if (std::find(has.begin(), has.end(), 0.0F) != has.end()) {
            out.masked = toDevice(has, {batch}, device) > 0;
        }
    }
    const int side = static_cast<int>(size);
    if (method == CropMethod::Operators ||
        (device.is_cuda() && !cutOnDevice(jobs, side, mode, out.images, out.masks))) {
        cutWithOperators(out, jobs, frames, masks, side, mode);
    } else if (device.is_cpu()) {
        cutOnThisProcessor(out, jobs, side, mode);
    }
    return out;
}

Box maskBox(const Mask& mask) {
    Box box{static_cast<double>(mask.width), static_cast<double>(mask.height), 0, 0};
    for (int y = 0; y < mask.height; ++y) {
        const auto* row = mask.row(y);
        const auto* end = row + mask.width;
        const auto* first = std::find_if(row, end, [](std::uint8_t v) { return v != 0; });
        if (first == end) {
            continue;
        }
        const auto* last = end - 1;
        while (*last == 0) {
            --last;
        }
        box.x0 = std::min<double>(box.x0, static_cast<double>(first - row));
        box.x1 = std::max<double>(box.x1, static_cast<double>(last - row + 1));
        box.y0 = std::min<double>(box.y0, y);
        box.y1 = y + 1;
    }
    return box.x1 > box.x0 ? box : Box{};
}

} // namespace body4d::sam3d_body
