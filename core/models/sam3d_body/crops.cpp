#include "models/sam3d_body/crops.h"

#include "base/error.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace body4d::sam3d_body {
namespace {

constexpr double kWidthOverHeight = 0.75; ///< a person's, to which boxes are grown first

/// Places of one axis: two neighbouring pixels with their weights. Outside of the frame is black.
struct Axis {
    bool rows =
        false; ///< OpenCV 4 rounds a row's place once, a column's start and its distance from there apart
    std::vector<std::int64_t> places; ///< two for each pixel
    std::vector<float> weights;

    void add(double step, double start, std::int64_t count, std::int64_t limit, bool mirrored,
             WarpMode mode) {
        for (std::int64_t i = 0; i < count; ++i) {
            std::int64_t cell = 0;
            double part = 0;
            if (mode == WarpMode::OpenCv4) {
                const double along = step * static_cast<double>(i);
                const auto place = rows ? std::llrint((along + start) * 1024)
                                        : std::llrint(along * 1024) + std::llrint(start * 1024);
                const auto q = (place + 16) >> 5;
                cell = q >> 5;
                part = static_cast<double>(q & 31) / 32;
            } else {
                const double place = step * static_cast<double>(i) + start;
                cell = static_cast<std::int64_t>(std::floor(place));
                part = place - static_cast<double>(cell);
            }
            const auto put = [&](std::int64_t x, double w) {
                const bool inside = x >= 0 && x < limit;
                const auto at = std::clamp<std::int64_t>(x, 0, limit - 1);
                places.push_back(mirrored ? limit - 1 - at : at);
                weights.push_back(inside ? static_cast<float>(w) : 0.0F);
            };
            put(cell, 1 - part);
            put(cell + 1, part);
        }
    }
};

template <typename T>
at::Tensor toDevice(const std::vector<T>& values, at::IntArrayRef shape, at::Device device) {
    return at::tensor(values).view(shape).to(device);
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

template <typename Picture, typename Bytes>
Source sourceOf(const std::vector<std::shared_ptr<const Picture>>& pictures, Bytes bytes,
                std::int64_t channels, at::Device device) {
    Source source;
    std::map<const Picture*, std::int64_t> known;
    std::vector<at::Tensor> parts;
    std::int64_t next = 0;
    for (const auto& picture : pictures) {
        const auto [place, isNew] = known.emplace(picture.get(), next);
        if (isNew) {
            // Nobody writes to it, and the copies are done before the picture can go.
            auto* data = const_cast<std::uint8_t*>(bytes(*picture).data());
            const auto pixels = static_cast<std::int64_t>(bytes(*picture).size()) / channels;
            parts.push_back(at::from_blob(data, {pixels, channels}, at::kByte).to(device));
            next += pixels;
        }
        source.first.push_back(place->second);
    }
    source.pixels = parts.size() == 1 ? parts.front() : at::cat(parts);
    return source;
}

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

CropBatch cutCrops(std::span<const CropRequest> requests, std::int64_t size, WarpMode mode,
                   at::Device device) {
    BODY4D_EXPECT(!requests.empty());
    const auto batch = static_cast<std::int64_t>(requests.size());
    const double half = static_cast<double>(size) / 2;
    Axis columns, rows;
    rows.rows = true;
    std::vector<float> geometry;
    std::vector<ImagePtr> frames;
    std::vector<std::shared_ptr<const Mask>> masks;
    std::int64_t withMask = 0;
    for (const auto& request : requests) {
        BODY4D_EXPECT(request.frame && !request.square.empty());
        const auto& square = request.square;
        // The official code finds the map from three points in single precision.
        const float top =
            static_cast<float>(static_cast<double>(square.centreY) - 0.5 * static_cast<double>(square.side));
        const float reach = square.centreY - top, left = square.centreX - reach;
        const double s = half / (static_cast<double>(square.centreX) - static_cast<double>(left));
        const double sy = half / (static_cast<double>(square.centreY) - static_cast<double>(top));
        const double tx = half - s * square.centreX, ty = half - sy * square.centreY;
        const auto width = request.frame->width, height = request.frame->height;
        columns.add(1 / s, -tx / s, size, width, request.mirrored, mode);
        rows.add(1 / sy, -ty / sy, size, height, false, mode);
        for (auto i = rows.places.size() - static_cast<std::size_t>(2 * size); i < rows.places.size(); ++i) {
            rows.places[i] *= width;
        }
        geometry.insert(geometry.end(),
                        {square.centreX, square.centreY, square.side, static_cast<float>(s),
                         static_cast<float>(tx), static_cast<float>(ty), static_cast<float>(request.focalX),
                         static_cast<float>(request.focalY), static_cast<float>(request.middleX),
                         static_cast<float>(request.middleY)});
        frames.push_back(request.frame);
        if (request.mask) {
            BODY4D_EXPECT(request.mask->width == width && request.mask->height == height &&
                          !request.mirrored);
            ++withMask;
        }
    }
    // Few large copies to the device instead of many small ones.
    auto places = std::move(rows.places);
    places.insert(places.end(), columns.places.begin(), columns.places.end());
    auto weights = std::move(rows.weights);
    weights.insert(weights.end(), columns.weights.begin(), columns.weights.end());
    const auto placed = toDevice(places, {2, batch, size, 2}, device);
    const auto weighted = toDevice(weights, {2, batch, size, 2}, device);
    const Taps taps{placed.select(0, 0), placed.select(0, 1), weighted.select(0, 0), weighted.select(0, 1)};
    CropBatch out;
    const auto numbers = toDevice(geometry, {batch, 10}, device);
    out.geometry = {numbers.narrow(1, 0, 2), numbers.select(1, 2),    numbers.select(1, 3),
                    numbers.narrow(1, 4, 2), numbers.narrow(1, 6, 2), numbers.narrow(1, 8, 2)};
    const auto pictures = sourceOf<Image>(
        frames, [](const Image& i) -> const auto& { return i.rgb; }, 3, device);
    out.images = warp(pictures, taps, mode).div_(255).permute({0, 3, 1, 2});
    if (withMask > 0) {
        const auto none =
            std::make_shared<const Mask>(requests.front().frame->width, requests.front().frame->height);
        std::vector<float> has;
        for (const auto& request : requests) {
            masks.push_back(request.mask ? request.mask : none);
            has.push_back(request.mask ? 1.0F : 0.0F);
        }
        const auto source = sourceOf<Mask>(
            masks, [](const Mask& m) -> const auto& { return m.values; }, 1, device);
        out.masks = warp(source, taps, mode).permute({0, 3, 1, 2});
        if (withMask < batch) {
            out.masked = toDevice(has, {batch}, device) > 0;
        }
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
