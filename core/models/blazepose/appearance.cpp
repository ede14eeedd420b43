#include "models/blazepose/appearance.h"

#include "models/blazepose/roi_map.h"

#include <algorithm>
#include <cmath>

namespace body4d::blazepose {

namespace {

constexpr int kSide = 64;
constexpr int kBlock = kLandmarkSide / kSide;
constexpr double kBoneRadius = 2; // of 64
constexpr int kFewestPixels = 20;

constexpr std::uint8_t kAnyPart = 1, kUpperPart = 2, kLowerPart = 4;

std::uint8_t part(int i, int j) {
    if (i >= 11 && j <= 16) {
        return kAnyPart | kUpperPart;
    }
    if ((i == 11 && j == 23) || (i == 12 && j == 24)) {
        return kAnyPart | kUpperPart;
    }
    return i >= 23 && j >= 25 && j <= 28 ? kAnyPart | kLowerPart : kAnyPart;
}

/// For every pixel of the 64 x 64 crop the parts whose bones are near.
std::vector<std::uint8_t> nearSkeleton(const Observation& o) {
    std::vector<std::uint8_t> near(kSide * kSide);
    const Affine map = cropFromFrame(o.roi, kSide);
    for (const auto& [i, j] : kBones) {
        const auto bounded = [](Vec2 p) {
            return Vec2{std::clamp(p.x, -200.0, 264.0), std::clamp(p.y, -200.0, 264.0)};
        };
        const Vec2 a = bounded(map(o.px[static_cast<std::size_t>(i)]));
        const Vec2 d = bounded(map(o.px[static_cast<std::size_t>(j)])) - a;
        const double length2 = std::max(d.x * d.x + d.y * d.y, 1e-9);
        const auto from = [](double p, double q) {
            return std::max(0, int(std::floor(std::min(p, q) - kBoneRadius)));
        };
        const auto to = [](double p, double q) {
            return std::min(kSide - 1, int(std::ceil(std::max(p, q) + kBoneRadius)));
        };
        for (int y = from(a.y, a.y + d.y); y <= to(a.y, a.y + d.y); ++y) {
            for (int x = from(a.x, a.x + d.x); x <= to(a.x, a.x + d.x); ++x) {
                const double px = x - a.x, py = y - a.y;
                const double t = std::clamp((px * d.x + py * d.y) / length2, 0.0, 1.0);
                const double ex = px - t * d.x, ey = py - t * d.y;
                if (ex * ex + ey * ey <= kBoneRadius * kBoneRadius) {
                    near[static_cast<std::size_t>(y * kSide + x)] |= part(i, j);
                }
            }
        }
    }
    return near;
}

} // namespace

namespace {

using Counts = std::array<float, kHistogramBins>;

/// Binomial 3 x 3 over (hue, saturation x value), mirrored at the ends: small shifts of light change little.
Histogram smoothed(const Counts& counts) {
    constexpr int kRow = kSaturationBins * kValueBins;
    const auto mirrored = [](int i, int n) { return i < 0 ? -i : i >= n ? 2 * n - 2 - i : i; };
    Histogram out(kHistogramBins);
    float total = 0;
    for (int h = 0; h < kHueBins; ++h) {
        for (int c = 0; c < kRow; ++c) {
            float sum = 0;
            for (int j = -1; j <= 1; ++j) {
                for (int i = -1; i <= 1; ++i) {
                    const float weight = (j == 0 ? 0.5F : 0.25F) * (i == 0 ? 0.5F : 0.25F);
                    const int at = mirrored(h + j, kHueBins) * kRow + mirrored(c + i, kRow);
                    sum += weight * counts[static_cast<std::size_t>(at)];
                }
            }
            out[static_cast<std::size_t>(h * kRow + c)] = sum;
            total += sum;
        }
    }
    for (float& value : out) {
        value /= std::max(total, 1e-6F);
    }
    return out;
}

} // namespace

/// OpenCV's 8-bit HSV: hue 0..180, saturation and value 0..255.
int colourBin(int r, int g, int b) {
    const int high = std::max({r, g, b}), low = std::min({r, g, b}), range = high - low;
    double hue = 0;
    if (range > 0) {
        if (high == r) {
            hue = 30.0 * (g - b) / range;
        } else if (high == g) {
            hue = 60 + 30.0 * (b - r) / range;
        } else {
            hue = 120 + 30.0 * (r - g) / range;
        }
        hue += hue < 0 ? 180 : 0;
    }
    const int saturation = high > 0 ? (255 * range + high / 2) / high : 0;
    const int h = std::min(kHueBins - 1, static_cast<int>(std::lround(hue)) % 180 * kHueBins / 180);
    const int s = saturation * kSaturationBins / 256, v = high * kValueBins / 256;
    return (h * kSaturationBins + s) * kValueBins + v;
}

Histogram colourHistogram(std::span<const std::uint8_t> rgb, std::span<const std::uint8_t> chosen) {
    Counts counts{};
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        if (chosen[i] != 0) {
            counts[static_cast<std::size_t>(colourBin(rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]))] += 1;
        }
    }
    return smoothed(counts);
}

void measureClothes(Observation& o, const CropMask& mask, const Crop& crop) {
    const auto near = nearSkeleton(o);
    std::vector<std::uint8_t> inside(kSide * kSide);
    int both = 0;
    for (int y = 0; y < kSide; ++y) {
        for (int x = 0; x < kSide; ++x) {
            int sum = 0;
            for (int j = 0; j < kBlock; ++j) {
                for (int i = 0; i < kBlock; ++i) {
                    sum += mask.at(kBlock * x + i, kBlock * y + j);
                }
            }
            const auto at = static_cast<std::size_t>(y * kSide + x);
            inside[at] = sum > 127 * kBlock * kBlock ? 1 : 0;
            both += inside[at] != 0 && near[at] != 0 ? 1 : 0;
        }
    }
    const bool useSkeleton = both >= kFewestPixels;
    Counts all{}, upper{}, lower{};
    int upperCount = 0, lowerCount = 0;
    for (int y = 0; y < kSide; ++y) {
        for (int x = 0; x < kSide; ++x) {
            const auto at = static_cast<std::size_t>(y * kSide + x);
            if (inside[at] == 0 || (useSkeleton && near[at] == 0)) {
                continue;
            }
            int sum[3] = {0, 0, 0};
            for (int j = 0; j < kBlock; ++j) {
                const std::uint8_t* p =
                    crop.rgb.data() +
                    3 * (static_cast<std::ptrdiff_t>(kBlock * y + j) * crop.side + kBlock * x);
                for (int i = 0; i < kBlock; ++i, p += 3) {
                    sum[0] += p[0];
                    sum[1] += p[1];
                    sum[2] += p[2];
                }
            }
            constexpr int kCount = kBlock * kBlock;
            const auto which =
                static_cast<std::size_t>(colourBin(sum[0] / kCount, sum[1] / kCount, sum[2] / kCount));
            all[which] += 1;
            if ((near[at] & kUpperPart) != 0) {
                upper[which] += 1;
                ++upperCount;
            }
            if ((near[at] & kLowerPart) != 0) {
                lower[which] += 1;
                ++lowerCount;
            }
        }
    }
    o.histogram = smoothed(all);
    o.upperClothes = upperCount >= kFewestPixels ? smoothed(upper) : Histogram();
    o.lowerClothes = lowerCount >= kFewestPixels ? smoothed(lower) : Histogram();
}

double similarity(const Histogram& a, const Histogram& b) {
    double sum = 0;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        sum += std::sqrt(a[i] * b[i]);
    }
    return sum;
}

} // namespace body4d::blazepose
