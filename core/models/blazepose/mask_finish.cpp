#include "models/blazepose/mask_finish.h"

#include "base/target_clones.h"
#include "models/blazepose/roi_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <span>

namespace body4d::blazepose {

namespace {

constexpr int kSide = kLandmarkSide;
constexpr int kRadius = 4;       // of the guided filter, crop pixels
constexpr float kEpsilon = 60.F; // its regulariser, squared levels of 0..255
constexpr int kBand = 3;         // how far the edge may move, crop pixels
constexpr std::uint8_t kOutside = 0, kInside = 1, kEdge = 2;
constexpr int kBlockBits = 3,
              kBlocks = kSide >> kBlockBits; // squares of crop pixels of one kind are crossed at once

/// Linear model of the mask in the frame's colours: r, g, b, constant.
using Model = float __attribute__((vector_size(16)));

struct Range {
    int x0 = kSide, y0 = kSide, x1 = 0, y1 = 0; // half open
    [[nodiscard]] bool empty() const { return x0 >= x1 || y0 >= y1; }
    void add(int x, int y) {
        x0 = std::min(x0, x);
        y0 = std::min(y0, y);
        x1 = std::max(x1, x + 1);
        y1 = std::max(y1, y + 1);
    }
    [[nodiscard]] Range grown(int by) const {
        return {std::max(0, x0 - by), std::max(0, y0 - by), std::min(kSide, x1 + by),
                std::min(kSide, y1 + by)};
    }
};

/// The mask without islands: parts that are small against the largest one and hold no main point of the body.
CropMask withoutIslands(const Observation& o) {
    constexpr double kSmall = 0.08; // of the largest part
    CropMask mask = o.ownMask();
    std::vector<int> label(mask.values.size(), -1);
    std::vector<std::vector<int>> parts;
    for (int start = 0; start < kSide * kSide; ++start) {
        if (mask.values[static_cast<std::size_t>(start)] < 128 ||
            label[static_cast<std::size_t>(start)] >= 0) {
            continue;
        }
        const int name = static_cast<int>(parts.size());
        auto& part = parts.emplace_back(1, start);
        label[static_cast<std::size_t>(start)] = name;
        for (std::size_t k = 0; k < part.size(); ++k) {
            const int x = part[k] % kSide, y = part[k] / kSide;
            const auto visit = [&](int u, int v) {
                const int at = v * kSide + u;
                if (u >= 0 && v >= 0 && u < kSide && v < kSide && label[static_cast<std::size_t>(at)] < 0 &&
                    mask.values[static_cast<std::size_t>(at)] >= 128) {
                    label[static_cast<std::size_t>(at)] = name;
                    part.push_back(at);
                }
            };
            visit(x + 1, y);
            visit(x - 1, y);
            visit(x, y + 1);
            visit(x, y - 1);
        }
    }
    if (parts.size() < 2) {
        return mask;
    }
    std::size_t largest = 0;
    for (const auto& part : parts) {
        largest = std::max(largest, part.size());
    }
    std::vector<bool> keep(parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
        keep[i] = static_cast<double>(parts[i].size()) > kSmall * static_cast<double>(largest);
    }
    const Affine map = cropFromFrame(o.roi, kSide);
    for (const int k : kMainPoints) {
        const Vec2 p = map(o.px[static_cast<std::size_t>(k)]);
        if (p.x >= 0 && p.y >= 0 && p.x < kSide && p.y < kSide) {
            const int at =
                label[static_cast<std::size_t>(static_cast<int>(p.y) * kSide + static_cast<int>(p.x))];
            if (at >= 0) {
                keep[static_cast<std::size_t>(at)] = true;
            }
        }
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (!keep[i]) {
            for (const int at : parts[i]) {
                mask.values[static_cast<std::size_t>(at)] = 0;
            }
        }
    }
    return mask;
}

struct Classes {
    std::vector<std::uint8_t> at = std::vector<std::uint8_t>(kSide * kSide, kOutside);
    std::array<std::uint8_t, kBlocks * kBlocks>
        blocks{}; ///< kInside or kOutside where all of a square is, else kEdge
    Range inside;
};

/// The last row and column of squares stay kEdge: the crop's rim is told pixel by pixel.
void findBlocks(Classes& classes) {
    constexpr int kBlock = 1 << kBlockBits;
    classes.blocks.fill(kEdge);
    for (int row = 0; row + 1 < kBlocks; ++row) {
        for (int column = 0; column + 1 < kBlocks; ++column) {
            const std::uint8_t* first = classes.at.data() + (row * kSide + column) * kBlock;
            std::uint64_t wanted = 0, different = 0;
            std::memset(&wanted, first[0], sizeof wanted);
            for (int y = 0; y < kBlock; ++y) {
                std::uint64_t line = 0;
                std::memcpy(&line, first + y * kSide, sizeof line);
                different |= line ^ wanted;
            }
            classes.blocks[static_cast<std::size_t>(row * kBlocks + column)] =
                different == 0 ? first[0] : kEdge;
        }
    }
}

/// Steps that stay in a square of the crop, along one axis. @param at 65536ths of a pixel, not negative
std::int64_t stepsWithin(std::int64_t at, std::int64_t step) {
    constexpr std::int64_t kSize = std::int64_t{1} << (16 + kBlockBits);
    const std::int64_t in = at & (kSize - 1);
    if (step == 0) {
        return std::numeric_limits<std::int64_t>::max();
    }
    return step > 0 ? (kSize - in + step - 1) / step : in / -step + 1;
}

/// One row: what is inside, and where the pixel to the right or below is not as this one. @returns pixels
/// inside
BODY4D_CLONES int markRow(const std::uint8_t* __restrict row, bool hasBelow, std::uint8_t* __restrict inside,
                          std::uint8_t* __restrict edge) {
    const std::uint8_t* below = hasBelow ? row + kSide : row;
    int count = 0;
    for (int x = 0; x < kSide; ++x) {
        inside[x] = row[x] >> 7;
        count += inside[x];
    }
    for (int x = 0; x + 1 < kSide; ++x) {
        edge[x] = static_cast<std::uint8_t>(((row[x] ^ row[x + 1]) | (row[x] ^ below[x])) >> 7);
    }
    edge[kSide - 1] = static_cast<std::uint8_t>((row[kSide - 1] ^ below[kSide - 1]) >> 7);
    return count;
}

/// Marks every crop pixel as inside, outside or near the edge.
Classes classify(const CropMask& mask) {
    Classes out;
    std::vector<std::uint8_t> edge(kSide * kSide);
    for (int y = 0; y < kSide; ++y) {
        const auto row = static_cast<std::size_t>(y) * kSide;
        if (const int count =
                markRow(mask.values.data() + row, y + 1 < kSide, out.at.data() + row, edge.data() + row);
            count > 0) {
            const auto* begin = out.at.data() + row;
            out.inside.add(static_cast<int>(std::find(begin, begin + kSide, kInside) - begin), y);
            int last = kSide - 1;
            while (begin[last] != kInside) {
                --last;
            }
            out.inside.add(last, y);
        }
    }
    for (int y = 0; y < kSide; ++y) {
        for (int x = 0; x < kSide; ++x) {
            if (edge[static_cast<std::size_t>(y * kSide + x)] == 0) {
                continue;
            }
            for (int j = std::max(0, y - kBand + 1); j <= std::min(kSide - 1, y + kBand); ++j) {
                std::memset(out.at.data() + j * kSide + std::max(0, x - kBand + 1), kEdge,
                            static_cast<std::size_t>(std::min(kSide - 1, x + kBand) -
                                                     std::max(0, x - kBand + 1) + 1));
            }
        }
    }
    findBlocks(out);
    return out;
}

constexpr int kWindow = 2 * kRadius + 1;
static_assert(kWindow == 9, "windowSums adds nine by doubling");
/// Of (r, g, b, m): themselves, the products of the colours with each other, those with the mask.
constexpr int kMoments = 13;
constexpr int kModel = 4;
constexpr int kStride = kSide + 2 * kWindow; // a row between zeros

/// What the filter holds while it goes over a crop, row by row. Rows begin at the left end of the range and
/// lie between zeros, so that what is outside the range does not count.
struct FilterRows {
    using Row = std::array<float, kStride>;
    std::array<std::array<Row, kMoments>, kWindow> recent{}; ///< ring of rows
    std::array<Row, kMoments> column{};                      ///< sums of the rows in the window
    std::array<Row, kMoments> sums{};
    std::array<std::array<Row, kModel>, kWindow> models{}; ///< ring of rows
    Row above{};                                           ///< sums of models over rows
    Row pairs{}, fours{}, count{};
    std::vector<Model> smooth = std::vector<Model>(static_cast<std::size_t>(kSide) * kSide);
};

/// Sums of nine neighbours: out[x] of in[x - kRadius] to in[x + kRadius].
BODY4D_CLONES void windowSums(const float* __restrict in, int width, float* __restrict pairs,
                              float* __restrict fours, float* __restrict out) {
    const float* first = in - kRadius;
    for (int x = 0; x < width + 6; ++x) {
        pairs[x] = first[x] + first[x + 1];
    }
    for (int x = 0; x < width + 4; ++x) {
        fours[x] = pairs[x] + pairs[x + 2];
    }
    for (int x = 0; x < width; ++x) {
        out[x] = fours[x] + fours[x + 4] + first[x + 8];
    }
}

/// One row of moments. All are whole numbers below 2^24, so that their sums are exact in any order.
BODY4D_CLONES void momentRow(const std::uint8_t* __restrict rgb, const std::uint8_t* __restrict mask,
                             int width, float* __restrict out) {
    for (int x = 0; x < width; ++x) {
        const float r = rgb[3 * x], g = rgb[3 * x + 1], b = rgb[3 * x + 2], m = mask[x];
        const float values[kMoments] = {r,     g,     b,     m,     r * r, r * g, r * b,
                                        g * g, g * b, b * b, r * m, g * m, b * m};
        for (int k = 0; k < kMoments; ++k) {
            out[k * kStride + x] = values[k];
        }
    }
}

BODY4D_CLONES void addRow(const float* __restrict row, float* __restrict sum, int width) {
    for (int x = 0; x < width; ++x) {
        sum[x] += row[x];
    }
}

BODY4D_CLONES void takeRow(const float* __restrict row, float* __restrict sum, int width) {
    for (int x = 0; x < width; ++x) {
        sum[x] -= row[x];
    }
}

/// The least squares of every window: covariance of the colours (with the regulariser) and with the mask, 3 x
/// 3 by cofactors. @param count columns in the window  @param out kModel rows
BODY4D_CLONES void solveRow(const float* __restrict sums, const float* __restrict count, float rows,
                            int width, float* __restrict out) {
    constexpr float kMask = 1.F / 255.F;
    for (int x = 0; x < width; ++x) {
        const float n = 1.F / (rows * count[x]);
        const auto mean = [&](int k) { return sums[k * kStride + x] * n; };
        const float r = mean(0), g = mean(1), b = mean(2), m = mean(3) * kMask;
        const float rr = mean(4) - r * r + kEpsilon, rg = mean(5) - r * g, rb = mean(6) - r * b;
        const float gg = mean(7) - g * g + kEpsilon, gb = mean(8) - g * b;
        const float bb = mean(9) - b * b + kEpsilon;
        const float cr = mean(10) * kMask - r * m, cg = mean(11) * kMask - g * m,
                    cb = mean(12) * kMask - b * m;
        const float i00 = gg * bb - gb * gb, i01 = rb * gb - rg * bb, i02 = rg * gb - rb * gg;
        const float i11 = rr * bb - rb * rb, i12 = rb * rg - rr * gb, i22 = rr * gg - rg * rg;
        const float inverse = 1.F / (rr * i00 + rg * i01 + rb * i02);
        const float ar = (i00 * cr + i01 * cg + i02 * cb) * inverse;
        const float ag = (i01 * cr + i11 * cg + i12 * cb) * inverse;
        const float ab = (i02 * cr + i12 * cg + i22 * cb) * inverse;
        out[x] = ar;
        out[kStride + x] = ag;
        out[2 * kStride + x] = ab;
        out[3 * kStride + x] = m - ar * r - ag * g - ab * b;
    }
}

/// @param sums kModel rows  @param out one model after the other
BODY4D_CLONES void meanRow(const float* __restrict sums, const float* __restrict count, float rows, int width,
                           float* __restrict out) {
    for (int x = 0; x < width; ++x) {
        const float n = 1.F / (rows * count[x]);
        for (int k = 0; k < kModel; ++k) {
            out[kModel * x + k] = sums[k * kStride + x] * n;
        }
    }
}

/// Guided filter: for every pixel of `range` the model, averaged over the windows that contain it. Valid
/// until the next call in this thread.
std::span<const Model> edgeModels(const CropMask& mask, const Crop& crop, const Range& range) {
    thread_local const auto kept = std::make_unique<FilterRows>();
    FilterRows& f = *kept;
    const int width = range.x1 - range.x0, height = range.y1 - range.y0;
    const auto inWindow = [](int at, int size) {
        return static_cast<float>(std::min(size - 1, at + kRadius) - std::max(0, at - kRadius) + 1);
    };
    for (int x = 0; x < width; ++x) {
        f.count[static_cast<std::size_t>(x)] = inWindow(x, width);
    }
    // The range of the call before was another one: what is beyond the end of a row is zero again.
    for (auto& row : f.column) {
        row.fill(0);
    }
    const auto from = [](FilterRows::Row& row) { return row.data() + kWindow; };
    const auto begin = [&](auto& rows) { return from(rows[0]); };
    for (int ahead = 0; ahead < height + 2 * kRadius; ++ahead) {
        auto& slot = f.recent[static_cast<std::size_t>(ahead % kWindow)];
        if (ahead >= kWindow) {
            for (std::size_t k = 0; k < kMoments; ++k) {
                takeRow(from(slot[k]), from(f.column[k]), width);
            }
        }
        if (ahead < height) {
            const auto at = (static_cast<std::ptrdiff_t>(range.y0) + ahead) * kSide + range.x0;
            momentRow(crop.rgb.data() + 3 * at, mask.values.data() + at, width, begin(slot));
            for (std::size_t k = 0; k < kMoments; ++k) {
                addRow(from(slot[k]), from(f.column[k]), width);
            }
        }
        if (const int y = ahead - kRadius; y >= 0 && y < height) {
            for (std::size_t k = 0; k < kMoments; ++k) {
                windowSums(from(f.column[k]), width, f.pairs.data(), f.fours.data(), from(f.sums[k]));
            }
            solveRow(begin(f.sums), f.count.data(), inWindow(y, height), width,
                     begin(f.models[static_cast<std::size_t>(y % kWindow)]));
        }
        if (const int y = ahead - 2 * kRadius; y >= 0) {
            const int first = std::max(0, y - kRadius), last = std::min(height - 1, y + kRadius);
            for (std::size_t k = 0; k < kModel; ++k) {
                f.above.fill(0);
                for (int row = first; row <= last; ++row) {
                    addRow(from(f.models[static_cast<std::size_t>(row % kWindow)][k]), from(f.above), width);
                }
                windowSums(from(f.above), width, f.pairs.data(), f.fours.data(), from(f.sums[k]));
            }
            auto* out = f.smooth.data() + (static_cast<std::ptrdiff_t>(range.y0) + y) * kSide + range.x0;
            meanRow(begin(f.sums), f.count.data(), static_cast<float>(last - first + 1), width,
                    reinterpret_cast<float*>(out));
        }
    }
    return f.smooth;
}

/// Writes runs column by column.
class RunWriter {
public:
    explicit RunWriter(RleMask& rle) : rle_(rle) {}
    void add(bool inside, std::uint32_t count) {
        if (count == 0) {
            return;
        }
        if (inside != inside_) {
            rle_.counts.push_back(run_);
            run_ = 0;
            inside_ = inside;
        }
        run_ += count;
    }
    void finish() { rle_.counts.push_back(run_); }

private:
    RleMask& rle_;
    bool inside_ = false;
    std::uint32_t run_ = 0;
};

} // namespace

RleMask finishMask(const Observation& o, const Image& frame, bool sharpen) {
    RleMask rle{frame.width, frame.height, {}};
    RunWriter runs(rle);
    const CropMask mask = withoutIslands(o);
    const Classes classes = classify(mask);
    const auto total = static_cast<std::uint32_t>(frame.width) * static_cast<std::uint32_t>(frame.height);
    if (classes.inside.empty()) {
        runs.add(false, total);
        runs.finish();
        return rle;
    }
    const Range touched = classes.inside.grown(kBand + 1);
    std::span<const Model> models;
    if (sharpen && o.crop) {
        models = edgeModels(mask, *o.crop, touched.grown(2 * kRadius));
    }

    // The box of the touched part of the crop in the frame.
    const Affine toFrame = frameFromCrop(o.roi, kSide);
    double fx0 = 1e30, fy0 = 1e30, fx1 = -1e30, fy1 = -1e30;
    for (const int x : {touched.x0, touched.x1}) {
        for (const int y : {touched.y0, touched.y1}) {
            const Vec2 p = toFrame({double(x), double(y)});
            fx0 = std::min(fx0, p.x);
            fy0 = std::min(fy0, p.y);
            fx1 = std::max(fx1, p.x);
            fy1 = std::max(fy1, p.y);
        }
    }
    const auto bound = [](double v, int size) { return static_cast<int>(std::clamp(v, 0.0, double(size))); };
    const int x0 = bound(std::floor(fx0), frame.width), x1 = bound(std::ceil(fx1) + 1, frame.width);
    const int y0 = bound(std::floor(fy0), frame.height), y1 = bound(std::ceil(fy1) + 1, frame.height);
    if (x0 >= x1 || y0 >= y1) {
        runs.add(false, total);
        runs.finish();
        return rle;
    }

    constexpr double kOne = 1 << 16;
    const Affine map = cropFromFrame(o.roi, kSide);
    const auto du = static_cast<std::int64_t>(std::llround(map.b * kOne));
    const auto dv = static_cast<std::int64_t>(std::llround(map.e * kOne));
    runs.add(false, static_cast<std::uint32_t>(x0) * static_cast<std::uint32_t>(frame.height));
    for (int x = x0; x < x1; ++x) {
        runs.add(false, static_cast<std::uint32_t>(y0));
        auto u = static_cast<std::int64_t>(std::llround((map.a * x + map.b * y0 + map.c) * kOne));
        auto v = static_cast<std::int64_t>(std::llround((map.d * x + map.e * y0 + map.f) * kOne));
        for (int y = y0; y < y1; ++y, u += du, v += dv) {
            const auto i = static_cast<int>(u >> 16), j = static_cast<int>(v >> 16);
            if (i >= 0 && j >= 0 && i < kSide && j < kSide) {
                const auto block = static_cast<std::size_t>((j >> kBlockBits) * kBlocks + (i >> kBlockBits));
                if (const std::uint8_t kind = classes.blocks[block]; kind != kEdge) {
                    const std::int64_t steps =
                        std::min({stepsWithin(u, du), stepsWithin(v, dv), std::int64_t{y1} - y});
                    runs.add(kind == kInside, static_cast<std::uint32_t>(steps));
                    y += static_cast<int>(steps) - 1;
                    u += (steps - 1) * du;
                    v += (steps - 1) * dv;
                    continue;
                }
            }
            if (i < 0 || j < 0 || i + 1 >= kSide || j + 1 >= kSide) {
                // Beyond the crop nothing is known; its last row and column count as their neighbours do.
                const bool rim = i >= 0 && j >= 0 && i < kSide && j < kSide;
                runs.add(rim && mask.at(i, j) >= 128, 1);
                continue;
            }
            const auto at = static_cast<std::size_t>(j * kSide + i);
            const std::uint8_t kind = classes.at[at];
            if (kind != kEdge) {
                runs.add(kind == kInside, 1);
                continue;
            }
            const float a = static_cast<float>(u & 0xffff) / 65536.F,
                        b = static_cast<float>(v & 0xffff) / 65536.F;
            const float w00 = (1 - a) * (1 - b), w01 = a * (1 - b), w10 = (1 - a) * b, w11 = a * b;
            float value = 0;
            if (models.empty()) {
                const std::uint8_t* p = mask.values.data() + at;
                value = (w00 * p[0] + w01 * p[1] + w10 * p[kSide] + w11 * p[kSide + 1]) / 255.F;
            } else {
                const Model* p = models.data() + at;
                const Model m = w00 * p[0] + w01 * p[1] + w10 * p[kSide] + w11 * p[kSide + 1];
                const std::uint8_t* c = frame.row(y) + 3 * static_cast<std::ptrdiff_t>(x);
                value = m[0] * c[0] + m[1] * c[1] + m[2] * c[2] + m[3];
            }
            runs.add(value >= 0.5F, 1);
        }
        runs.add(false, static_cast<std::uint32_t>(frame.height - y1));
    }
    runs.add(false, static_cast<std::uint32_t>(frame.width - x1) * static_cast<std::uint32_t>(frame.height));
    runs.finish();
    return rle;
}

} // namespace body4d::blazepose
