#include "base/parallel.h"
#include "video/hdr_internal.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace body4d {

namespace {

constexpr double kWhite = 203; ///< cd/m2 of diffuse white
constexpr double kPeak = 1000; ///< cd/m2 of the screen that HLG is shown on, and of what PQ is rolled off to

double linearFromHlg(double signal) {
    constexpr double a = 0.17883277, b = 1 - 4 * a;
    const double c = 0.5 - a * std::log(4 * a);
    return signal <= 0.5 ? signal * signal / 3 : (std::exp((signal - c) / a) + b) / 12;
}

/// @returns cd/m2
double linearFromPq(double signal) {
    constexpr double m1 = 2610.0 / 16384, m2 = 2523.0 / 32, c1 = 3424.0 / 4096, c2 = 2413.0 / 128,
                     c3 = 2392.0 / 128;
    const double p = std::pow(signal, 1 / m2);
    return 10000 * std::pow(std::max(p - c1, 0.0) / (c2 - c3 * p), 1 / m1);
}

/// Relative to diffuse white. Up to 0.7 as it is, then smoothly towards 1 at the peak.
double rolledOff(double light) {
    constexpr double knee = 0.7;
    if (light <= knee) {
        return light;
    }
    const double peak = kPeak / kWhite;
    const double t = std::min((light - knee) / (peak - knee), 1.0);
    const double power = (peak - knee) / (1 - knee); // so that the slope is 1 at the knee
    return 1 - (1 - knee) * std::pow(1 - t, power);
}

using Matrix = std::array<std::array<double, 3>, 3>;

/// Linear light from these primaries (white D65) to BT.709's.
Matrix toBt709(HdrToSdr::Primaries primaries) {
    switch (primaries) {
    case HdrToSdr::Primaries::P3:
        return {{{1.2249, -0.2247, 0}, {-0.0420, 1.0419, 0}, {-0.0197, -0.0786, 1.0979}}};
    case HdrToSdr::Primaries::Bt709:
        return {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    case HdrToSdr::Primaries::Bt2020:
        break;
    }
    return {{{1.6605, -0.5876, -0.0728}, {-0.1246, 1.1329, -0.0083}, {-0.0182, -0.1006, 1.1187}}};
}

} // namespace

HdrToSdr::HdrToSdr(Transfer transfer, Primaries primaries)
    : transfer_(transfer), primaries_(primaries), table_(std::size_t{kNodes} * kNodes * kNodes * 3) {
    const Matrix matrix = toBt709(primaries);
    std::size_t at = 0;
    for (int r = 0; r < kNodes; ++r) {
        for (int g = 0; g < kNodes; ++g) {
            for (int b = 0; b < kNodes; ++b) {
                std::array<double, 3> light{};
                const int node[3] = {r, g, b};
                for (std::size_t k = 0; k < 3; ++k) {
                    const double signal = static_cast<double>(node[k]) / (kNodes - 1);
                    light[k] =
                        transfer == Transfer::Hlg ? linearFromHlg(signal) : linearFromPq(signal) / kWhite;
                }
                if (transfer == Transfer::Hlg) {
                    // From the light of the scene to that of a screen.
                    const double scene = 0.2627 * light[0] + 0.6780 * light[1] + 0.0593 * light[2];
                    const double gain = kPeak / kWhite * std::pow(std::max(scene, 1e-6), 0.2);
                    for (double& value : light) {
                        value *= gain;
                    }
                }
                // All channels by the same factor, so that hues stay.
                const double brightest = std::max({light[0], light[1], light[2], 1e-9});
                const double factor = rolledOff(brightest) / brightest;
                const double red = light[0] * factor, green = light[1] * factor, blue = light[2] * factor;
                for (const auto& row : matrix) {
                    const double value = row[0] * red + row[1] * green + row[2] * blue;
                    table_[at++] = static_cast<float>(255 * std::pow(std::clamp(value, 0.0, 1.0), 1 / 2.2));
                }
            }
        }
    }
}

void HdrToSdr::apply(const std::uint16_t* from, std::ptrdiff_t fromStride, int width, int height,
                     std::uint8_t* to) const {
    constexpr std::ptrdiff_t kStepG = kNodes * 3, kStepR = kNodes * kNodes * 3;
    // swscale's 16-bit white is 255 * 256 and a little.
    constexpr float kScale = (kNodes - 1) / 65283.0F;
    parallelFor(static_cast<std::size_t>(height), [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            const std::uint16_t* in = from + static_cast<std::ptrdiff_t>(y) * fromStride;
            std::uint8_t* out = to + y * static_cast<std::size_t>(width) * 3;
            for (int x = 0; x < width; ++x, in += 3, out += 3) {
                float rest[3];
                std::ptrdiff_t node[3];
                for (int k = 0; k < 3; ++k) {
                    const float position = std::min(static_cast<float>(in[k]) * kScale, kNodes - 1.0F);
                    const int floor = std::min(static_cast<int>(position), kNodes - 2);
                    node[k] = floor;
                    rest[k] = position - static_cast<float>(floor);
                }
                // Tetrahedra, since they keep grey grey: from the cell's first corner along the largest rest
                // first.
                const float* corner = table_.data() + node[0] * kStepR + node[1] * kStepG + node[2] * 3;
                std::ptrdiff_t step[3] = {kStepR, kStepG, 3};
                const auto order = [&](int i, int j) {
                    if (rest[i] < rest[j]) {
                        std::swap(rest[i], rest[j]);
                        std::swap(step[i], step[j]);
                    }
                };
                order(0, 1);
                order(1, 2);
                order(0, 1);
                const float *second = corner + step[0], *third = second + step[1],
                            *opposite = third + step[2];
                for (int k = 0; k < 3; ++k) {
                    const float value = corner[k] * (1 - rest[0]) + second[k] * (rest[0] - rest[1]) +
                                        third[k] * (rest[1] - rest[2]) + opposite[k] * rest[2];
                    out[k] = static_cast<std::uint8_t>(value + 0.5F);
                }
            }
        }
    });
}

} // namespace body4d
