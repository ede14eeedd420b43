#include "base/target_clones.h"
#include "video/scene_cut_internal.h"
#include "video/video_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <deque>

namespace body4d {

namespace {

constexpr int kThumbLongSide = 112;
constexpr int kBlock = 14;  ///< an eighth of the long side: large enough that chance does not find a twin
constexpr int kSearch = 10; ///< about an eleventh of the long side between two frames
constexpr float kSureBlock = 0.8F; ///< so good a fit in place needs no search

struct BlockSums {
    float mean = 0, deviation = 0;
};

BlockSums sumsOf(const Thumbnail& t, int x0, int y0) {
    float sum = 0, squares = 0;
    for (int y = y0; y < y0 + kBlock; ++y) {
        const float* row = t.luma.data() + y * t.width;
        for (int x = x0; x < x0 + kBlock; ++x) {
            sum += row[x];
            squares += row[x] * row[x];
        }
    }
    constexpr float kCount = kBlock * kBlock;
    const float mean = sum / kCount;
    return {mean, std::sqrt(std::max(squares / kCount - mean * mean, 0.0F))};
}

constexpr int kLanes = 16; ///< numbers of a block's row with those that fill it up
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float)), aligned(sizeof(float)), may_alias));

/// A block of one frame, to be found in the other.
struct Block {
    int x = 0, y = 0;
    float deviation = 0;
    std::array<float, kBlock * kLanes> centred{}; ///< luma less its mean; zeros behind every row
};

struct Moments {
    float dot = 0, sum = 0, squares = 0;
};

/// @param row first of kBlock rows of the other frame, with two numbers more behind the last
BODY4D_CLONES void momentsAt(const float* row, std::ptrdiff_t stride, const float* centred, Moments& out) {
    static_assert(kBlock == kLanes - 2);
    constexpr std::int32_t kOn = -1, kOff = 0;
    using Bits = std::int32_t __attribute__((vector_size(kLanes * sizeof(float))));
    constexpr Bits kWithin{kOn, kOn, kOn, kOn, kOn, kOn, kOn, kOn, kOn, kOn, kOn, kOn, kOn, kOn, kOff, kOff};
    Lanes dot{}, sum{}, squares{};
    for (int y = 0; y < kBlock; ++y, row += stride, centred += kLanes) {
        const auto values =
            reinterpret_cast<Lanes>(reinterpret_cast<Bits>(*reinterpret_cast<const Lanes*>(row)) & kWithin);
        dot += *reinterpret_cast<const Lanes*>(centred) * values;
        sum += values;
        squares += values * values;
    }
    for (int i = 0; i < kLanes; ++i) {
        out.dot += dot[i];
        out.sum += sum[i];
        out.squares += squares[i];
    }
}

/// Correlation with the place (u, v) of the other frame: blind to brightness and contrast, so that a flash
/// does not count.
float correlation(const Thumbnail& other, const Block& block, int u, int v) {
    Moments m;
    momentsAt(other.luma.data() + static_cast<std::ptrdiff_t>(v) * other.width + u, other.width,
              block.centred.data(), m);
    constexpr float kCount = kBlock * kBlock;
    const float variance = m.squares / kCount - (m.sum / kCount) * (m.sum / kCount);
    // A flat place fits everything: two grey levels are added to its contrast.
    const float deviation = std::sqrt(std::max(variance, 0.0F)) + 2.0F;
    return m.dot / kCount / (deviation * (block.deviation + 2.0F));
}

/// Best correlation within the search, on a grid of two pixels first.
float bestCorrelation(const Thumbnail& other, const Block& block) {
    const int left = std::max(0, block.x - kSearch),
              right = std::min(other.width - kBlock, block.x + kSearch);
    const int top = std::max(0, block.y - kSearch),
              bottom = std::min(other.height - kBlock, block.y + kSearch);
    float best = correlation(other, block, block.x, block.y);
    if (best > kSureBlock) {
        return best;
    }
    int bestU = block.x, bestV = block.y;
    const auto look = [&](int u, int v) {
        if (const float value = correlation(other, block, u, v); value > best) {
            best = value;
            bestU = u;
            bestV = v;
        }
    };
    for (int v = top; v <= bottom; v += 2) {
        for (int u = left; u <= right; u += 2) {
            look(u, v);
        }
    }
    const int centreU = bestU, centreV = bestV;
    for (int v = std::max(top, centreV - 1); v <= std::min(bottom, centreV + 1); ++v) {
        for (int u = std::max(left, centreU - 1); u <= std::min(right, centreU + 1); ++u) {
            look(u, v);
        }
    }
    return std::clamp(best, 0.0F, 1.0F);
}

double colourIntersection(const Thumbnail& a, const Thumbnail& b) {
    // Colour differences are divided by brightness, so that exposure hardly moves the bins.
    constexpr int kBins = 12;
    const auto histogram = [](const Thumbnail& t) {
        std::vector<float> bins(kBins * kBins);
        for (std::size_t i = 0; i < t.blue.size(); ++i) {
            const float scale = 96.0F / (t.luma[i] + 32.0F);
            const auto bin = [&](float value) {
                return std::clamp(static_cast<int>((value * scale + 96.0F) / 192.0F * kBins), 0, kBins - 1);
            };
            bins[static_cast<std::size_t>(bin(t.blue[i]) * kBins + bin(t.red[i]))] += 1;
        }
        for (float& value : bins) {
            value /= static_cast<float>(t.blue.size());
        }
        return bins;
    };
    const auto ha = histogram(a), hb = histogram(b);
    double common = 0;
    for (std::size_t i = 0; i < ha.size(); ++i) {
        common += std::min(ha[i], hb[i]);
    }
    return common;
}

float likeness(const Thumbnail& before, const Thumbnail& now, int x, int y, BlockSums sums) {
    Block block;
    block.x = x;
    block.y = y;
    block.deviation = sums.deviation;
    for (int v = 0; v < kBlock; ++v) {
        for (int u = 0; u < kBlock; ++u) {
            block.centred[static_cast<std::size_t>(v * kLanes + u)] =
                now.luma[static_cast<std::size_t>((y + v) * now.width + x + u)] - sums.mean;
        }
    }
    return bestCorrelation(before, block);
}

BODY4D_CLONES void addBytes(const std::uint8_t* __restrict bytes, std::size_t count,
                            std::uint32_t* __restrict sums) {
    for (std::size_t i = 0; i < count; ++i) {
        sums[i] += bytes[i];
    }
}

} // namespace

Thumbnail makeThumbnail(const Image& image) {
    Thumbnail t;
    const double scale = static_cast<double>(kThumbLongSide) / std::max(image.width, image.height);
    t.width = std::max(kBlock, static_cast<int>(std::lround(image.width * scale)));
    t.height = std::max(kBlock, static_cast<int>(std::lround(image.height * scale)));
    const std::size_t count = static_cast<std::size_t>(t.width) * t.height;
    t.luma.resize(count + kLanes - kBlock);
    t.blue.resize(count);
    t.red.resize(count);
    std::vector<std::uint32_t> sums(static_cast<std::size_t>(image.width) * 3);
    for (int y = 0; y < t.height; ++y) {
        const int y0 = static_cast<int>(std::int64_t{y} * image.height / t.height);
        const int y1 = std::max(y0 + 1, static_cast<int>(std::int64_t{y + 1} * image.height / t.height));
        // Every second pixel of a cell is enough for its mean: rows first, all columns at once.
        std::fill(sums.begin(), sums.end(), std::uint32_t{0});
        int rows = 0;
        for (int v = y0; v < y1; v += 2, ++rows) {
            addBytes(image.row(v), sums.size(), sums.data());
        }
        for (int x = 0; x < t.width; ++x) {
            const int x0 = static_cast<int>(std::int64_t{x} * image.width / t.width);
            const int x1 = std::max(x0 + 1, static_cast<int>(std::int64_t{x + 1} * image.width / t.width));
            std::uint32_t r = 0, g = 0, b = 0;
            int n = 0;
            for (int u = x0; u < x1; u += 2, n += rows) {
                const std::uint32_t* sum = sums.data() + 3 * static_cast<std::ptrdiff_t>(u);
                r += sum[0];
                g += sum[1];
                b += sum[2];
            }
            const float scaleRgb = 1.0F / static_cast<float>(n);
            const float red = static_cast<float>(r) * scaleRgb, green = static_cast<float>(g) * scaleRgb,
                        blue = static_cast<float>(b) * scaleRgb;
            const std::size_t at = static_cast<std::size_t>(y) * t.width + x;
            t.luma[at] = 0.299F * red + 0.587F * green + 0.114F * blue;
            t.blue[at] = blue - t.luma[at];
            t.red[at] = red - t.luma[at];
        }
    }
    return t;
}

FrameLikeness compareFrames(const Thumbnail& before, const Thumbnail& now) {
    FrameLikeness result;
    double weights = 0, sum = 0;
    int blocks = 0;
    for (int y = 0; y + kBlock <= now.height; y += kBlock) {
        for (int x = 0; x + kBlock <= now.width; x += kBlock) {
            const BlockSums block = sumsOf(now, x, y);
            ++blocks;
            result.texture += block.deviation;
            // Strong edges do not outvote the rest of the picture.
            const double weight = std::min(block.deviation, 20.0F);
            weights += weight;
            sum += weight > 2 ? weight * likeness(before, now, x, y, block) : weight;
        }
    }
    result.texture /= std::max(blocks, 1);
    result.structure = weights > 0 ? sum / weights : 1;
    result.colour = colourIntersection(before, now);
    return result;
}

/// Thresholds stand between what was measured inside shots (structure 0.50 and up over six frames of fast
/// dance, colour 0.94 and up) and across cuts between unlike clips (structure 0.47 and down, colour 0.73 and
/// down).
struct SceneCutDetector::Impl {
    static constexpr double kFlat = 3;          ///< texture of frames with nothing to compare: flash, black
    static constexpr double kUnlike = 0.58;     ///< structure of a cut between pictures of other colours
    static constexpr double kVeryUnlike = 0.50; ///< structure of a cut between pictures of like colours
    static constexpr double kOtherColours = 0.85;
    static constexpr double kDrop = 0.15; ///< below what this shot is used to: noise and haste are no cuts
    static constexpr std::size_t kMemory = 9;

    Thumbnail reference; ///< last frame with something to see
    double referenceTexture = 0;
    std::deque<double> recent;

    bool push(const Image& frame) {
        Thumbnail now = makeThumbnail(frame);
        if (reference.luma.empty() || reference.width != now.width || reference.height != now.height) {
            referenceTexture = compareFrames(now, now).texture;
            reference = std::move(now);
            recent.clear();
            return false;
        }
        const FrameLikeness likeness = compareFrames(reference, now);
        if (referenceTexture < kFlat) { // a shot that begins with black
            reference = std::move(now);
            referenceTexture = likeness.texture;
            return false;
        }
        if (likeness.texture < kFlat) {
            return false; // decided when there is a picture again
        }
        double usual = 1;
        if (recent.size() >= 3) {
            std::deque<double> sorted = recent;
            std::sort(sorted.begin(), sorted.end());
            usual = sorted[sorted.size() / 2];
        }
        const bool unlike = likeness.structure < kVeryUnlike ||
                            (likeness.structure < kUnlike && likeness.colour < kOtherColours);
        const bool cut = unlike && likeness.structure < usual - kDrop;
        recent.push_back(likeness.structure);
        if (recent.size() > kMemory) {
            recent.pop_front();
        }
        reference = std::move(now);
        referenceTexture = likeness.texture;
        return cut;
    }
};

SceneCutDetector::SceneCutDetector() : impl_(std::make_unique<Impl>()) {}
SceneCutDetector::~SceneCutDetector() = default;
bool SceneCutDetector::push(const Image& frame) {
    return impl_->push(frame);
}

} // namespace body4d
