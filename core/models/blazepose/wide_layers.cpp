#include "models/blazepose/wide_layers.h"

#include "base/error.h"

#include <algorithm>
#include <new>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#define BODY4D_INLINE inline __attribute__((always_inline))

namespace body4d::blazepose {

namespace {

constexpr int kHalf = kLandmarkSide / 2, kBlockChannels = 8;
constexpr int kPad = 16;     // zeros left and right of every row, as many as a register holds
constexpr int kWidest = 16;  // numbers in the largest register
constexpr int kTogether = 4; // output channels that one pass over the inputs computes
constexpr int kCoarseRim = 2; // coarse rows beyond a band's that its fine rows depend on

/// Rows [begin, end) of a plane.
struct RowRange {
    int begin, end;
    [[nodiscard]] bool has(int y) const { return y >= begin && y < end; }
    /// As many more on either side, as far as they lie in a plane of that height.
    [[nodiscard]] RowRange grown(int by, int height) const {
        return {std::max(0, begin - by), std::min(height, end + by)};
    }
};

/// The rows of a plane of kHalf rows that are a band's; an even number before each.
RowRange rowsOf(BandOf band) {
    return {kHalf / 2 * band.index / band.count * 2, kHalf / 2 * (band.index + 1) / band.count * 2};
}

/// Weights in the order in which they are used: for `kTogether` outputs (those of a mix) or for one, input by
/// input.
struct PackedMix {
    int outputs = 0, inputs = 0;
    std::vector<float> weights;
    std::vector<float> bias; ///< kWidest copies of each: a register is loaded faster than filled
    [[nodiscard]] const float* biasOf(int output) const {
        return bias.data() + static_cast<std::ptrdiff_t>(kWidest) * output;
    }
};

PackedMix pack(const Convolution& c, const char* name, int outputs, int inputs, int side, int together) {
    const auto perOutput = static_cast<std::size_t>(inputs) * side * side;
    if (c.outputs != outputs || c.inputs != inputs || c.side != side ||
        c.weights.size() != perOutput * static_cast<std::size_t>(outputs) ||
        c.bias.size() != static_cast<std::size_t>(outputs)) {
        throw Error(ErrorCode::MissingModel, "A pose network has other layers than expected.",
                    "Run packaging/setup.sh again; it replaces the files by the right version.", name);
    }
    PackedMix out{outputs, static_cast<int>(perOutput), std::vector<float>(c.weights.size()), {}};
    for (int o = 0; o < outputs; ++o) {
        for (std::size_t k = 0; k < perOutput; ++k) {
            out.weights[(static_cast<std::size_t>(o / together) * perOutput + k) * together + o % together] =
                c.weights[static_cast<std::size_t>(o) * perOutput + k];
        }
        out.bias.insert(out.bias.end(), kWidest, c.bias[static_cast<std::size_t>(o)]);
    }
    return out;
}

/// Memory that begins with a line of the cache: a register that crosses two of them is loaded at half the
/// speed.
template <typename T>
struct LineAllocator {
    using value_type = T;
    static constexpr std::align_val_t kLine{64};
    LineAllocator() = default;
    template <typename U>
    LineAllocator(const LineAllocator<U>&) {}
    T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), kLine)); }
    void deallocate(T* p, std::size_t) { ::operator delete(p, kLine); }
    bool operator==(const LineAllocator&) const { return true; }
};

/// The last few rows of a stack of planes, each row between zeros; rows outside the planes are zero.
class Rows {
public:
    Rows(int channels, int width, int height, int kept)
        : channels_(channels), stride_(width + 2 * kPad), height_(height), kept_(kept),
          data_(static_cast<std::size_t>(kept + 1) * channels * stride_) {}
    BODY4D_INLINE float* row(int y, int channel) {
        const int slot = y < 0 || y >= height_ ? kept_ : y % kept_;
        return data_.data() + (static_cast<std::ptrdiff_t>(slot) * channels_ + channel) * stride_ + kPad;
    }

private:
    int channels_, stride_, height_, kept_;
    std::vector<float, LineAllocator<float>> data_; // the last slot stays zero
};

/// Results smaller than any number count as zero: where a mask is empty, the last layers meet little else,
/// and the processor takes many times as long over them.
class TinyIsZero {
public:
#if defined(__x86_64__)
    TinyIsZero() : before_(_mm_getcsr()) {
        _mm_setcsr(before_ | 0x8040U);
    }
    ~TinyIsZero() {
        _mm_setcsr(before_);
    }

private:
    unsigned before_;

public:
#else
    TinyIsZero() = default;
#endif
    TinyIsZero(const TinyIsZero&) = delete;
    TinyIsZero& operator=(const TinyIsZero&) = delete;
};

} // namespace

struct WideLayers::Packed {
    PackedMix first, mix, expand, project, skipMix, mask;
    PackedMix depth, halve, skipDepth;
    std::array<std::array<PackedMix, 2>, 4> blocks; ///< depth and mix: two coarse, two fine
};

/// What one thread keeps of the rows that it works on.
struct WideBand {
    explicit WideBand(int coarseRows) : coarse(kBlockChannels, kHalf, kHalf, coarseRows) {}
    Rows colours{6, kHalf, kLandmarkSide, 4}; ///< even and odd columns of red, green and blue
    Rows first{24, kHalf, kHalf, 4}, deep{24, kHalf, kHalf, 1};
    Rows mixed{16, kHalf, kHalf, 4}, halves{32, kHalf / 2, kHalf, 1};
    Rows wide{128, kHalf / 2, kHalf, 4}, halved{64, kHalf / 2, kHalf / 2, 1};
    Rows skipDeep{16, kHalf, kHalf, 1};
    Rows narrow{1, kNarrowSide, 1, 1};
    Rows coarse;
    Rows coarseIn{kBlockChannels, kHalf, kHalf, 4}, coarseMid{kBlockChannels, kHalf, kHalf, 4};
    Rows fineIn{kBlockChannels, kLandmarkSide, kLandmarkSide, 4},
        fineMid{kBlockChannels, kLandmarkSide, kLandmarkSide, 4},
        fine{kBlockChannels, kLandmarkSide, kLandmarkSide, 4};
    Rows blockDeep{kBlockChannels, kLandmarkSide, 2, 2};
    Rows mixedHalf{1, kHalf, 1, 1};
};

struct WideScratch {
    explicit WideScratch(int count) {
        for (int i = 0; i < count; ++i) {
            bands.emplace_back(std::min(kHalf, kHalf / count + 2 * kCoarseRim + 1));
        }
    }
    std::vector<WideBand> bands;
    Rows skip{kBlockChannels, kHalf, kHalf, kHalf};
    std::vector<float> logits = std::vector<float>(kLandmarkSide * kLandmarkSide);
};

namespace {

/// Numbers in a register of kBytes bytes, and where they lie in memory.
template <int kBytes>
struct Register;
template <>
struct Register<16> {
    using Lanes = float __attribute__((vector_size(16)));
    using Index = int __attribute__((vector_size(16)));
    using Memory = float __attribute__((vector_size(16), aligned(4), may_alias));
};
template <>
struct Register<32> {
    using Lanes = float __attribute__((vector_size(32)));
    using Index = int __attribute__((vector_size(32)));
    using Memory = float __attribute__((vector_size(32), aligned(4), may_alias));
};
template <>
struct Register<64> {
    using Lanes = float __attribute__((vector_size(64)));
    using Index = int __attribute__((vector_size(64)));
    using Memory = float __attribute__((vector_size(64), aligned(4), may_alias));
};

/// The kernels for registers of kBytes bytes; the compiler turns them into the instructions of the function
/// that they are inlined into.
template <int kBytes>
struct Kernels {
    static constexpr int kLanes = kBytes / static_cast<int>(sizeof(float));
    using Lanes = typename Register<kBytes>::Lanes;
    using Index = typename Register<kBytes>::Index;
    using Memory = typename Register<kBytes>::Memory;

    static BODY4D_INLINE const Memory& at(const float* p) { return *reinterpret_cast<const Memory*>(p); }
    static BODY4D_INLINE Memory& at(float* p) { return *reinterpret_cast<Memory*>(p); }

    static BODY4D_INLINE void clamp(Lanes& value) {
        const Lanes zero{}, six = zero + 6.F;
        value = value > zero ? value : zero;
        value = value < six ? value : six;
    }

    /// Registers of one row that a pass computes for kTogether outputs: their sums must fit beside the
    /// inputs.
    static constexpr int kColumns = kBytes == 64 ? 4 : 2;

    /// out[o] = bias[o] + sum over k of weights[o][k] in[k], plus add[o] where given.
    template <bool kClamp>
    static BODY4D_INLINE void mix(const PackedMix& layer, const float* const* in, const float* const* add,
                                  int width, float* const* out) {
        for (int o = 0; o < layer.outputs; o += kTogether) {
            const float* weights = layer.weights.data() + static_cast<std::ptrdiff_t>(o) * layer.inputs;
            for (int x = 0; x < width; x += kColumns * kLanes) {
                Lanes sum[kTogether][kColumns];
#pragma GCC unroll 4
                for (int i = 0; i < kTogether; ++i) {
                    const Lanes start = at(layer.biasOf(o + i));
#pragma GCC unroll 4
                    for (int j = 0; j < kColumns; ++j) {
                        sum[i][j] = start;
                        if (add != nullptr) {
                            sum[i][j] += at(add[o + i] + x + j * kLanes);
                        }
                    }
                }
                const float* w = weights;
                for (int k = 0; k < layer.inputs; ++k, w += kTogether) {
                    Lanes value[kColumns];
#pragma GCC unroll 4
                    for (int j = 0; j < kColumns; ++j) {
                        value[j] = at(in[k] + x + j * kLanes);
                    }
#pragma GCC unroll 4
                    for (int i = 0; i < kTogether; ++i) {
#pragma GCC unroll 4
                        for (int j = 0; j < kColumns; ++j) {
                            sum[i][j] += w[i] * value[j];
                        }
                    }
                }
#pragma GCC unroll 4
                for (int i = 0; i < kTogether; ++i) {
#pragma GCC unroll 4
                    for (int j = 0; j < kColumns; ++j) {
                        if (kClamp) {
                            clamp(sum[i][j]);
                        }
                        at(out[o + i] + x + j * kLanes) = sum[i][j];
                    }
                }
            }
        }
    }

    static BODY4D_INLINE const float* ninthOf(const PackedMix& layer, int channel) {
        return layer.weights.data() + static_cast<std::ptrdiff_t>(9) * channel;
    }

    /// One channel, ReLU6(bias + sum over nine taps): the left, middle and right one of three rows.
    static BODY4D_INLINE void ninth(const float* weights, const float* bias, const float* const* left,
                                    const float* const* middle, int right, int width, float* out) {
        const float *a0 = left[0], *a1 = left[1], *a2 = left[2];
        const float *b0 = middle[0], *b1 = middle[1], *b2 = middle[2];
        // Held in registers: the compiler cannot know that `out` does not overwrite them.
        const Lanes none{};
        const Lanes w0 = none + weights[0], w1 = none + weights[1], w2 = none + weights[2],
                    w3 = none + weights[3], w4 = none + weights[4], w5 = none + weights[5],
                    w6 = none + weights[6], w7 = none + weights[7], w8 = none + weights[8];
        const Lanes start = at(bias);
        for (int x = 0; x < width; x += kLanes) {
            Lanes sum = w0 * at(a0 + x) + start;
            Lanes other = w1 * at(b0 + x);
            sum += w2 * at(a0 + x + right);
            other += w3 * at(a1 + x);
            sum += w4 * at(b1 + x);
            other += w5 * at(a1 + x + right);
            sum += w6 * at(a2 + x);
            other += w7 * at(b2 + x);
            sum += w8 * at(a2 + x + right);
            sum += other;
            clamp(sum);
            at(out + x) = sum;
        }
    }

    /// 3 x 3 per channel about rows y and y + 1 together: they share two of the three rows that each needs,
    /// and loading these is what takes time.
    static BODY4D_INLINE void deepenTwo(const PackedMix& layer, Rows& in, int y, int width, Rows& out,
                                        int to) {
        for (int c = 0; c < layer.outputs; ++c) {
            const float* weights = ninthOf(layer, c);
            const Lanes none{};
            const Lanes w0 = none + weights[0], w1 = none + weights[1], w2 = none + weights[2],
                        w3 = none + weights[3], w4 = none + weights[4], w5 = none + weights[5],
                        w6 = none + weights[6], w7 = none + weights[7], w8 = none + weights[8];
            const Lanes start = at(layer.biasOf(c));
            const float *a = in.row(y - 1, c), *b = in.row(y, c), *d = in.row(y + 1, c),
                        *e = in.row(y + 2, c);
            float *upper = out.row(to, c), *lower = out.row(to + 1, c);
            for (int x = 0; x < width; x += kLanes) {
                // Two chains of sums for either row, in the order of ninth().
                Lanes low, middle, high;
                const auto load = [&](const float* row) __attribute__((always_inline)) {
                    low = at(row + x - 1);
                    middle = at(row + x);
                    high = at(row + x + 1);
                };
                load(a);
                Lanes first = w0 * low + start, firstOther = w1 * middle;
                first += w2 * high;
                load(b);
                firstOther += w3 * low;
                first += w4 * middle;
                firstOther += w5 * high;
                Lanes second = w0 * low + start, secondOther = w1 * middle;
                second += w2 * high;
                load(d);
                first += w6 * low;
                firstOther += w7 * middle;
                first += w8 * high;
                secondOther += w3 * low;
                second += w4 * middle;
                secondOther += w5 * high;
                load(e);
                second += w6 * low;
                secondOther += w7 * middle;
                second += w8 * high;
                first += firstOther;
                second += secondOther;
                clamp(first);
                clamp(second);
                at(upper + x) = first;
                at(lower + x) = second;
            }
        }
    }

    /// 3 x 3 per channel about row y.
    static BODY4D_INLINE void deepen(const PackedMix& layer, Rows& in, int y, int width, Rows& out, int to) {
        for (int c = 0; c < layer.outputs; ++c) {
            const float *left[3], *middle[3];
            for (int k = 0; k < 3; ++k) {
                middle[k] = in.row(y + k - 1, c);
                left[k] = middle[k] - 1;
            }
            ninth(ninthOf(layer, c), layer.biasOf(c), left, middle, 2, width, out.row(to, c));
        }
    }

    template <bool kClamp>
    static BODY4D_INLINE void mixRow(const PackedMix& layer, Rows& in, int from, Rows* add, int addFrom,
                                     int width, Rows& out, int to) {
        const float *source[128], *added[kBlockChannels];
        float* target[64];
        for (int k = 0; k < layer.inputs; ++k) {
            source[k] = in.row(from, k);
        }
        for (int o = 0; o < layer.outputs; ++o) {
            target[o] = out.row(to, o);
            if (add != nullptr) {
                added[o] = add->row(addFrom, o);
            }
        }
        mix<kClamp>(layer, source, add != nullptr ? added : nullptr, width, target);
    }

    /// Even and odd columns of red, green and blue, 0..1.
    static BODY4D_INLINE void colourRow(const Crop& crop, int y, Rows& out) {
        using Bytes = std::uint8_t __attribute__((vector_size(16)));
        using Eight = std::uint8_t __attribute__((vector_size(8)));
        using EightNumbers = float __attribute__((vector_size(32)));
        const std::uint8_t* p = crop.rgb.data() + static_cast<std::ptrdiff_t>(y) * 3 * kLandmarkSide;
        for (int x = 0; x < kHalf; x += 8, p += 48) { // 16 pixels
            Bytes part[3];
            __builtin_memcpy(part, p, sizeof part);
#pragma GCC unroll 6
            for (int k = 0; k < 6; ++k) { // colour k / 2, column parity k % 2
                Bytes first{}, second{};
                for (int i = 0; i < 8; ++i) {
                    const int from = 6 * i + 3 * (k % 2) + k / 2;
                    first[i] = static_cast<std::uint8_t>(from < 32 ? from : 0);
                    second[i] = static_cast<std::uint8_t>(from < 32 ? i : 16 + from - 32);
                }
                const Bytes gathered =
                    __builtin_shuffle(__builtin_shuffle(part[0], part[1], first), part[2], second);
                Eight low;
                __builtin_memcpy(&low, &gathered, sizeof low);
                const EightNumbers numbers = __builtin_convertvector(low, EightNumbers) * (1.F / 255.F);
                __builtin_memcpy(out.row(y, k) + x, &numbers, sizeof numbers);
            }
        }
    }

    static BODY4D_INLINE void enter(const WideLayers::Packed& layers, const Crop& crop, float* narrow,
                                    WideScratch& scratch, BandOf band) {
        constexpr int kQuarter = kHalf / 2;
        WideBand& s = scratch.bands[static_cast<std::size_t>(band.index)];
        const RowRange own = rowsOf(band), mixedRows = own.grown(1, kHalf), firstRows = own.grown(2, kHalf);
        Index evens{}, odds{};
        for (int i = 0; i < kLanes; ++i) {
            evens[i] = 2 * i;
            odds[i] = 2 * i + 1;
        }
        if (firstRows.begin > 0) {
            colourRow(crop, 2 * firstRows.begin - 1, s.colours);
        }
        for (int y = firstRows.begin; y < own.end + 2; ++y) {
            if (firstRows.has(y)) {
                // Stride 2: row y takes rows 2y - 1 to 2y + 1, column x columns 2x - 1 to 2x + 1.
                colourRow(crop, 2 * y, s.colours);
                colourRow(crop, 2 * y + 1, s.colours);
                const float* taps[27];
                float* target[24];
                for (int c = 0; c < 3; ++c) {
                    for (int k = 0; k < 3; ++k) {
                        const int row = 2 * y + k - 1;
                        taps[9 * c + 3 * k + 1] = s.colours.row(row, 2 * c);
                        taps[9 * c + 3 * k + 2] = s.colours.row(row, 2 * c + 1);
                        taps[9 * c + 3 * k] = taps[9 * c + 3 * k + 2] - 1;
                    }
                }
                for (int o = 0; o < 24; ++o) {
                    target[o] = s.first.row(y, o);
                }
                mix<true>(layers.first, taps, nullptr, kHalf, target);
            }
            const int m = y - 1;
            if (mixedRows.has(m)) {
                deepen(layers.depth, s.first, m, kHalf, s.deep, m);
                mixRow<false>(layers.mix, s.deep, m, nullptr, 0, kHalf, s.mixed, m);
                for (int c = 0; c < 16; ++c) {
                    const float* p = s.mixed.row(m, c);
                    float *even = s.halves.row(m, c), *odd = s.halves.row(m, 16 + c);
                    for (int x = 0; x < kQuarter; x += kLanes) {
                        const Lanes a = at(p + 2 * x), b = at(p + 2 * x + kLanes);
                        at(even + x) = __builtin_shuffle(a, b, evens);
                        at(odd + x) = __builtin_shuffle(a, b, odds);
                    }
                }
                const float* source[16];
                float* target[64];
                for (int odd = 0; odd < 2; ++odd) {
                    for (int c = 0; c < 16; ++c) {
                        source[c] = s.halves.row(m, 16 * odd + c);
                    }
                    for (int o = 0; o < 64; ++o) {
                        target[o] = s.wide.row(m, 64 * odd + o);
                    }
                    mix<true>(layers.expand, source, nullptr, kQuarter, target);
                }
            }
            if (own.has(m) && m % 2 == 1) {
                const int j = m / 2;
                for (int c = 0; c < 64; ++c) {
                    const float *left[3], *middle[3];
                    for (int k = 0; k < 3; ++k) {
                        left[k] = s.wide.row(2 * j + k - 1, 64 + c) - 1;
                        middle[k] = s.wide.row(2 * j + k - 1, c);
                    }
                    ninth(ninthOf(layers.halve, c), layers.halve.biasOf(c), left, middle, 1, kQuarter,
                          s.halved.row(j, c));
                }
                const float* source[64];
                float* target[kNarrowIn];
                for (int c = 0; c < 64; ++c) {
                    source[c] = s.halved.row(j, c);
                }
                for (int o = 0; o < kNarrowIn; ++o) {
                    target[o] = narrow + (static_cast<std::ptrdiff_t>(o) * kNarrowSide + j) * kNarrowSide;
                }
                mix<false>(layers.project, source, nullptr, kQuarter, target);
            }
            const int n = y - 2;
            if (own.has(n)) {
                deepen(layers.skipDepth, s.mixed, n, kHalf, s.skipDeep, n);
                mixRow<true>(layers.skipMix, s.skipDeep, n, nullptr, 0, kHalf, scratch.skip, n);
            }
        }
    }

    /// Twice the size, bilinear, from the two rows that row y lies between.
    static BODY4D_INLINE void doubleRow(const float* nearer, const float* farther, int width, float* between,
                                        float* out) {
        for (int x = 0; x < width; x += kLanes) {
            at(between + x) = 0.75F * at(nearer + x) + 0.25F * at(farther + x);
        }
        between[-1] = between[0];
        between[width] = between[width - 1];
        Index low{}, high{};
        for (int i = 0; i < kLanes; ++i) {
            low[i] = i / 2 + (i % 2) * kLanes;
            high[i] = low[i] + kLanes / 2;
        }
        for (int x = 0; x < width; x += kLanes) {
            const Lanes own = 0.75F * at(between + x);
            const Lanes even = own + 0.25F * at(between + x - 1), odd = own + 0.25F * at(between + x + 1);
            at(out + 2 * x) = __builtin_shuffle(even, odd, low);
            at(out + 2 * x + kLanes) = __builtin_shuffle(even, odd, high);
        }
    }

    /// Rows y and y + 1, as far as they are wanted.
    static BODY4D_INLINE void block(const std::array<PackedMix, 2>& layers, Rows& in, int y, int width,
                                    RowRange wanted, Rows& deep, Rows& out) {
        const int begin = std::max(y, wanted.begin), end = std::min(y + 2, wanted.end);
        if (end - begin == 2) {
            deepenTwo(layers[0], in, y, width, deep, 0);
        } else if (begin < end) {
            deepen(layers[0], in, begin, width, deep, 0);
        }
        for (int row = begin; row < end; ++row) {
            mixRow<true>(layers[1], deep, row - begin, &in, row, width, out, row);
        }
    }

    static BODY4D_INLINE void leave(const WideLayers::Packed& layers, const float* narrow,
                                    WideScratch& scratch, BandOf band) {
        WideBand& s = scratch.bands[static_cast<std::size_t>(band.index)];
        const RowRange own = rowsOf(band), ownFine{2 * own.begin, 2 * own.end};
        const auto nearer = [](int y) { return y / 2; };
        const auto farther = [](int y, int height) {
            return std::clamp(y / 2 + (y % 2 == 0 ? -1 : 1), 0, height - 1);
        };
        // Two rows at a time, every stage one row behind the stage before it.
        const RowRange coarse = own.grown(kCoarseRim, kHalf), coarseMid = coarse.grown(1, kHalf),
                       coarseIn = coarse.grown(2, kHalf);
        for (int y = coarseIn.begin; y < coarse.end + 2; y += 2) {
            for (int row = y; row < std::min(y + 2, coarseIn.end); ++row) {
                for (int c = 0; c < kBlockChannels; ++c) {
                    const float* plane = narrow + static_cast<std::ptrdiff_t>(c) * kNarrowSide * kNarrowSide;
                    float* out = s.coarseIn.row(row, c);
                    doubleRow(plane + static_cast<std::ptrdiff_t>(nearer(row)) * kNarrowSide,
                              plane + static_cast<std::ptrdiff_t>(farther(row, kNarrowSide)) * kNarrowSide,
                              kNarrowSide, s.narrow.row(0, 0), out);
                    const float* skip = scratch.skip.row(row, c);
                    for (int x = 0; x < kHalf; x += kLanes) {
                        at(out + x) += at(skip + x);
                    }
                }
            }
            block(layers.blocks[0], s.coarseIn, y - 1, kHalf, coarseMid, s.blockDeep, s.coarseMid);
            block(layers.blocks[1], s.coarseMid, y - 2, kHalf, coarse, s.blockDeep, s.coarse);
        }
        const RowRange fine = ownFine.grown(1, kLandmarkSide), fineMid = ownFine.grown(2, kLandmarkSide),
                       fineIn = ownFine.grown(3, kLandmarkSide);
        for (int y = ownFine.grown(4, kLandmarkSide).begin; y < ownFine.end + 4; y += 2) {
            for (int row = std::max(y, fineIn.begin); row < std::min(y + 2, fineIn.end); ++row) {
                for (int c = 0; c < kBlockChannels; ++c) {
                    doubleRow(s.coarse.row(nearer(row), c), s.coarse.row(farther(row, kHalf), c), kHalf,
                              s.mixedHalf.row(0, 0), s.fineIn.row(row, c));
                }
            }
            block(layers.blocks[2], s.fineIn, y - 1, kLandmarkSide, fineMid, s.blockDeep, s.fineMid);
            block(layers.blocks[3], s.fineMid, y - 2, kLandmarkSide, fine, s.blockDeep, s.fine);
            for (int row = std::max(ownFine.begin, y - 3); row < std::min(y - 1, ownFine.end); ++row) {
                maskRow(layers.mask, s.fine, row,
                        scratch.logits.data() + static_cast<std::ptrdiff_t>(row) * kLandmarkSide);
            }
        }
    }

    static BODY4D_INLINE void maskRow(const PackedMix& layer, Rows& in, int y, float* out) {
        const float* taps[9 * kBlockChannels];
        for (int c = 0; c < kBlockChannels; ++c) {
            for (int k = 0; k < 9; ++k) {
                taps[9 * c + k] = in.row(y + k / 3 - 1, c) + k % 3 - 1;
            }
        }
        constexpr int kSide = 2 * kColumns; // sums side by side: one has to wait for its last addition
        for (int x = 0; x < kLandmarkSide; x += kSide * kLanes) {
            Lanes sum[kSide]{};
#pragma GCC unroll 8
            for (int i = 0; i < kSide; ++i) {
                sum[i] = at(layer.biasOf(0));
            }
            for (int k = 0; k < 9 * kBlockChannels; ++k) {
#pragma GCC unroll 8
                for (int i = 0; i < kSide; ++i) {
                    sum[i] += layer.weights[static_cast<std::size_t>(k)] * at(taps[k] + x + i * kLanes);
                }
            }
#pragma GCC unroll 8
            for (int i = 0; i < kSide; ++i) {
                at(out + x + i * kLanes) = sum[i];
            }
        }
    }
};

} // namespace

namespace {

#if defined(__x86_64__)
__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma"))) void
enterWidest(const WideLayers::Packed& layers, const Crop& crop, float* narrow, WideScratch& scratch,
            BandOf band) {
    Kernels<64>::enter(layers, crop, narrow, scratch, band);
}
__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma"))) void
leaveWidest(const WideLayers::Packed& layers, const float* narrow, WideScratch& scratch, BandOf band) {
    Kernels<64>::leave(layers, narrow, scratch, band);
}
__attribute__((target("avx2,fma"))) void enterWider(const WideLayers::Packed& layers, const Crop& crop,
                                                    float* narrow, WideScratch& scratch, BandOf band) {
    Kernels<32>::enter(layers, crop, narrow, scratch, band);
}
__attribute__((target("avx2,fma"))) void leaveWider(const WideLayers::Packed& layers, const float* narrow,
                                                    WideScratch& scratch, BandOf band) {
    Kernels<32>::leave(layers, narrow, scratch, band);
}
#endif
void enterPlain(const WideLayers::Packed& layers, const Crop& crop, float* narrow, WideScratch& scratch,
                BandOf band) {
    Kernels<16>::enter(layers, crop, narrow, scratch, band);
}
void leavePlain(const WideLayers::Packed& layers, const float* narrow, WideScratch& scratch, BandOf band) {
    Kernels<16>::leave(layers, narrow, scratch, band);
}

struct Ends {
    decltype(&enterPlain) enter = enterPlain;
    decltype(&leavePlain) leave = leavePlain;
};

/// The fastest that this processor has instructions for.
const Ends& ends() {
    static const Ends chosen = [] {
#if defined(__x86_64__)
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
            __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
            __builtin_cpu_supports("fma")) {
            return Ends{enterWidest, leaveWidest};
        }
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
            return Ends{enterWider, leaveWider};
        }
#endif
        return Ends{};
    }();
    return chosen;
}

} // namespace

WideLayers::WideLayers(const WideWeights& w) {
    auto packed = std::make_unique<Packed>();
    packed->first = pack(w.first, "first", 24, 3, 3, kTogether);
    packed->depth = pack(w.depth, "depth", 24, 1, 3, 1);
    packed->mix = pack(w.mix, "mix", 16, 24, 1, kTogether);
    packed->expand = pack(w.expand, "expand", 64, 16, 1, kTogether);
    packed->halve = pack(w.halve, "halve", 64, 1, 3, 1);
    packed->project = pack(w.project, "project", kNarrowIn, 64, 1, kTogether);
    packed->skipDepth = pack(w.skipDepth, "skipDepth", 16, 1, 3, 1);
    packed->skipMix = pack(w.skipMix, "skipMix", kBlockChannels, 16, 1, kTogether);
    for (std::size_t i = 0; i < packed->blocks.size(); ++i) {
        const auto& block = i < 2 ? w.coarse[i] : w.fine[i - 2];
        packed->blocks[i] = {pack(block.depth, "block depth", kBlockChannels, 1, 3, 1),
                             pack(block.mix, "block mix", kBlockChannels, kBlockChannels, 1, kTogether)};
    }
    packed->mask = pack(w.mask, "mask", 1, kBlockChannels, 3, 1);
    packed_ = std::move(packed);
}

WideLayers::~WideLayers() = default;

void WideScratchDeleter::operator()(WideScratch* scratch) const {
    delete scratch;
}

WideScratchPtr WideLayers::makeScratch(int bands) {
    BODY4D_EXPECT(bands >= 1 && bands <= kMostBands);
    return WideScratchPtr(new WideScratch(bands));
}

void WideLayers::enter(const Crop& crop, float* narrow, WideScratch& scratch, BandOf band) const {
    BODY4D_EXPECT(crop.side == kLandmarkSide &&
                  crop.rgb.size() == static_cast<std::size_t>(3) * kLandmarkSide * kLandmarkSide);
    BODY4D_EXPECT(band.index >= 0 && band.index < band.count &&
                  band.count == static_cast<int>(scratch.bands.size()));
    const TinyIsZero guard;
    ends().enter(*packed_, crop, narrow, scratch, band);
}

void WideLayers::leave(const float* narrow, WideScratch& scratch, BandOf band) const {
    BODY4D_EXPECT(band.index >= 0 && band.index < band.count &&
                  band.count == static_cast<int>(scratch.bands.size()));
    const TinyIsZero guard;
    ends().leave(*packed_, narrow, scratch, band);
}

std::span<const float> WideLayers::logits(const WideScratch& scratch) {
    return scratch.logits;
}

} // namespace body4d::blazepose
