#include "models/scene_input.h"

#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace body4d {
namespace {

constexpr int kPatch = 14;

int roundHalfEven(double x) {
    return static_cast<int>(std::nearbyint(x));
}

std::uint8_t clamped(int x) {
    return static_cast<std::uint8_t>(std::clamp(x, 0, 255));
}

/// OpenCV divides one by the factor it was given, which is not always the quotient of the sizes.
double openCvScale(int from, int to) {
    return 1.0 / (static_cast<double>(to) / from);
}

struct AreaTap {
    int to = 0, from = 0;
    float weight = 0;
};

std::vector<AreaTap> areaTaps(int from, int to, double scale) {
    constexpr double kNegligible = 1e-3;
    std::vector<AreaTap> taps;
    for (int i = 0; i < to; ++i) {
        const double begin = i * scale, end = begin + scale;
        const double cell = std::min(scale, from - begin);
        const int last = std::min(static_cast<int>(std::floor(end)), from - 1);
        const int first = std::min(static_cast<int>(std::ceil(begin)), last);
        if (first - begin > kNegligible) {
            taps.push_back({i, first - 1, static_cast<float>((first - begin) / cell)});
        }
        for (int s = first; s < last; ++s) {
            taps.push_back({i, s, static_cast<float>(1.0 / cell)});
        }
        if (end - last > kNegligible) {
            taps.push_back({i, last, static_cast<float>(std::min(std::min(end - last, 1.0), cell) / cell)});
        }
    }
    return taps;
}

/// Whole numbers of pixels become one.
Image reducedByBlocks(const Image& picture, int width, int height, int blockX, int blockY) {
    Image out(width, height);
    const float share = 1.0F / static_cast<float>(blockX * blockY);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            for (int c = 0; c < 3; ++c) {
                int sum = 0;
                for (int v = 0; v < blockY; ++v) {
                    const auto* row = picture.row(y * blockY + v) + 3 * x * blockX + c;
                    for (int u = 0; u < blockX; ++u) {
                        sum += row[3 * u];
                    }
                }
                out.row(y)[3 * x + c] =
                    blockX == 2 && blockY == 2
                        ? static_cast<std::uint8_t>((sum + 2) >> 2)
                        : clamped(static_cast<int>(std::nearbyintf(static_cast<float>(sum) * share)));
            }
        }
    }
    return out;
}

} // namespace

ProcessMethod processMethodFromName(const std::string& name) {
    if (name == "upper_bound_resize") {
        return ProcessMethod::UpperBoundResize;
    }
    if (name == "upper_bound_crop") {
        return ProcessMethod::UpperBoundCrop;
    }
    if (name == "lower_bound_resize") {
        return ProcessMethod::LowerBoundResize;
    }
    if (name == "lower_bound_crop") {
        return ProcessMethod::LowerBoundCrop;
    }
    throw Error(ErrorCode::Usage, "There is no way '" + name + "' to size pictures.",
                "Use upper_bound_resize, upper_bound_crop, lower_bound_resize or lower_bound_crop.");
}

Image resizedByArea(const Image& picture, int width, int height) {
    const double scaleX = openCvScale(picture.width, width), scaleY = openCvScale(picture.height, height);
    BODY4D_EXPECT(scaleX >= 1 && scaleY >= 1);
    const int wholeX = roundHalfEven(scaleX), wholeY = roundHalfEven(scaleY);
    constexpr double kExact = 2.220446049250313e-16;
    if (std::abs(scaleX - wholeX) < kExact && std::abs(scaleY - wholeY) < kExact) {
        return reducedByBlocks(picture, width, height, wholeX, wholeY);
    }
    const auto columns = areaTaps(picture.width, width, scaleX);
    const auto rows = areaTaps(picture.height, height, scaleY);
    Image out(width, height);
    const auto values = static_cast<std::size_t>(width) * 3;
    std::vector<float> line(values), sum(values, 0.0F);
    const auto write = [&](int y) {
        auto* to = out.row(y);
        for (std::size_t i = 0; i < values; ++i) {
            to[i] = clamped(static_cast<int>(std::nearbyintf(sum[i])));
        }
    };
    int current = -1;
    for (const auto& row : rows) {
        std::fill(line.begin(), line.end(), 0.0F);
        const auto* from = picture.row(row.from);
        for (const auto& tap : columns) {
            const auto* p = from + static_cast<std::ptrdiff_t>(3) * tap.from;
            auto* t = line.data() + static_cast<std::ptrdiff_t>(3) * tap.to;
            t[0] += static_cast<float>(p[0]) * tap.weight;
            t[1] += static_cast<float>(p[1]) * tap.weight;
            t[2] += static_cast<float>(p[2]) * tap.weight;
        }
        if (row.to != current) {
            if (current >= 0) {
                write(current);
            }
            for (std::size_t i = 0; i < values; ++i) {
                sum[i] = row.weight * line[i];
            }
            current = row.to;
        } else {
            for (std::size_t i = 0; i < values; ++i) {
                sum[i] += row.weight * line[i];
            }
        }
    }
    write(current);
    return out;
}

namespace {

struct CubicTap {
    std::array<int, 4> from{};
    std::array<float, 4> weight{};
};

std::vector<CubicTap> cubicTaps(int from, int to) {
    const double scale = static_cast<double>(from) / to;
    constexpr double a = -0.75;
    std::vector<CubicTap> taps(static_cast<std::size_t>(to));
    for (int i = 0; i < to; ++i) {
        const double position = (i + 0.5) * scale - 0.5;
        const int whole = static_cast<int>(std::floor(position));
        const double x = position - whole;
        std::array<double, 4> w{};
        w[0] = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a;
        w[1] = ((a + 2) * x - (a + 3)) * x * x + 1;
        w[2] = ((a + 2) * (1 - x) - (a + 3)) * (1 - x) * (1 - x) + 1;
        w[3] = 1 - w[0] - w[1] - w[2];
        auto& tap = taps[static_cast<std::size_t>(i)];
        for (std::size_t k = 0; k < 4; ++k) {
            tap.from[k] = std::clamp(whole - 1 + static_cast<int>(k), 0, from - 1);
            tap.weight[k] = static_cast<float>(w[k]);
        }
    }
    return taps;
}

} // namespace

Image resizedByCubic(const Image& picture, int width, int height) {
    const auto columns = cubicTaps(picture.width, width), rows = cubicTaps(picture.height, height);
    const auto values = static_cast<std::size_t>(width) * 3;
    std::vector<float> wide(values * static_cast<std::size_t>(picture.height));
    for (int y = 0; y < picture.height; ++y) {
        const auto* from = picture.row(y);
        auto* to = wide.data() + values * static_cast<std::size_t>(y);
        for (int x = 0; x < width; ++x) {
            const auto& tap = columns[static_cast<std::size_t>(x)];
            for (int c = 0; c < 3; ++c) {
                const auto term = [&](std::size_t k) {
                    return static_cast<float>(from[3 * tap.from[k] + c]) * tap.weight[k];
                };
                to[3 * x + c] = (term(0) + term(1)) + (term(2) + term(3));
            }
        }
    }
    Image out(width, height);
    for (int y = 0; y < height; ++y) {
        const auto& tap = rows[static_cast<std::size_t>(y)];
        std::array<const float*, 4> line{};
        for (std::size_t k = 0; k < 4; ++k) {
            line[k] = wide.data() + values * static_cast<std::size_t>(tap.from[k]);
        }
        auto* to = out.row(y);
        for (std::size_t i = 0; i < values; ++i) {
            const auto term = [&](std::size_t k) { return line[k][i] * tap.weight[k]; };
            to[i] = clamped(static_cast<int>(std::nearbyintf((term(0) + term(1)) + (term(2) + term(3)))));
        }
    }
    return out;
}

namespace {

/// Pillow's coefficients of one output pixel.
struct PillowTap {
    int first = 0;
    std::vector<int> weights;
};

constexpr int kPillowBits = 32 - 8 - 2;

std::vector<PillowTap> pillowTaps(int from, int to) {
    const auto cubic = [](double x) {
        constexpr double a = -0.5;
        x = std::abs(x);
        if (x < 1) {
            return ((a + 2) * x - (a + 3)) * x * x + 1;
        }
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0.0;
    };
    const double scale = static_cast<double>(from) / to;
    const double filterScale = std::max(scale, 1.0);
    const double support = 2 * filterScale;
    std::vector<PillowTap> taps(static_cast<std::size_t>(to));
    std::vector<double> weights;
    for (int i = 0; i < to; ++i) {
        const double centre = (i + 0.5) * scale;
        const double inverse = 1.0 / filterScale;
        const int first = std::max(0, static_cast<int>(centre - support + 0.5));
        const int last = std::min(from, static_cast<int>(centre + support + 0.5));
        weights.assign(static_cast<std::size_t>(last - first), 0);
        double sum = 0;
        for (int k = 0; k < last - first; ++k) {
            const double w = cubic((k + first - centre + 0.5) * inverse);
            weights[static_cast<std::size_t>(k)] = w;
            sum += w;
        }
        auto& tap = taps[static_cast<std::size_t>(i)];
        tap.first = first;
        for (double w : weights) {
            w = sum != 0 ? w / sum : w;
            tap.weights.push_back(static_cast<int>((w < 0 ? -0.5 : 0.5) + w * (1 << kPillowBits)));
        }
    }
    return taps;
}

} // namespace

Image resizedLikePillow(const Image& picture, int width, int height) {
    Image wide = picture;
    if (width != picture.width) {
        wide = Image(width, picture.height);
        const auto taps = pillowTaps(picture.width, width);
        for (int y = 0; y < picture.height; ++y) {
            const auto* from = picture.row(y);
            auto* to = wide.row(y);
            for (int x = 0; x < width; ++x) {
                const auto& tap = taps[static_cast<std::size_t>(x)];
                for (int c = 0; c < 3; ++c) {
                    int sum = 1 << (kPillowBits - 1);
                    for (std::size_t k = 0; k < tap.weights.size(); ++k) {
                        sum += from[3 * (tap.first + static_cast<int>(k)) + c] * tap.weights[k];
                    }
                    to[3 * x + c] = clamped(sum >> kPillowBits);
                }
            }
        }
    }
    if (height == picture.height) {
        return wide;
    }
    Image out(width, height);
    const auto taps = pillowTaps(picture.height, height);
    const int values = 3 * width;
    for (int y = 0; y < height; ++y) {
        const auto& tap = taps[static_cast<std::size_t>(y)];
        auto* to = out.row(y);
        for (int i = 0; i < values; ++i) {
            int sum = 1 << (kPillowBits - 1);
            for (std::size_t k = 0; k < tap.weights.size(); ++k) {
                sum += wide.row(tap.first + static_cast<int>(k))[i] * tap.weights[k];
            }
            to[i] = clamped(sum >> kPillowBits);
        }
    }
    return out;
}

Image centreCrop(const Image& picture, int width, int height) {
    BODY4D_EXPECT(width <= picture.width && height <= picture.height);
    Image out(width, height);
    const int left = (picture.width - width) / 2, top = (picture.height - height) / 2;
    for (int y = 0; y < height; ++y) {
        std::copy_n(picture.row(top + y) + 3 * left, 3 * width, out.row(y));
    }
    return out;
}

namespace {

bool scalesLongSide(ProcessMethod method) {
    return method == ProcessMethod::UpperBoundResize || method == ProcessMethod::UpperBoundCrop;
}

bool cuts(ProcessMethod method) {
    return method == ProcessMethod::UpperBoundCrop || method == ProcessMethod::LowerBoundCrop;
}

struct Steps {
    int width = 0, height = 0;           ///< after the first scaling
    bool grows = false;                  ///< in it
    int finalWidth = 0, finalHeight = 0; ///< after the second scaling or the cut
};

Steps stepsFor(int width, int height, int resolution, ProcessMethod method) {
    Steps steps{width, height, false, 0, 0};
    const int side = scalesLongSide(method) ? std::max(width, height) : std::min(width, height);
    if (side != resolution) {
        const double scale = static_cast<double>(resolution) / side;
        steps.width = std::max(1, roundHalfEven(width * scale));
        steps.height = std::max(1, roundHalfEven(height * scale));
        steps.grows = scale > 1;
    }
    if (cuts(method)) {
        steps.finalWidth = steps.width / kPatch * kPatch;
        steps.finalHeight = steps.height / kPatch * kPatch;
    } else {
        const auto nearest = [](int x) {
            const int down = x / kPatch * kPatch;
            return std::max(1, down + kPatch - x <= x - down ? down + kPatch : down);
        };
        steps.finalWidth = nearest(steps.width);
        steps.finalHeight = nearest(steps.height);
    }
    if (steps.finalWidth < kPatch || steps.finalHeight < kPatch) {
        throw Error(ErrorCode::Usage, "At this resolution a side of the pictures has fewer than 14 pixels.",
                    "Use a larger --process-res or the method lower_bound_resize.");
    }
    return steps;
}

} // namespace

InputMapping inputMapping(int width, int height, int resolution, ProcessMethod method) {
    const auto steps = stepsFor(width, height, resolution, method);
    InputMapping mapping;
    mapping.width = steps.finalWidth;
    mapping.height = steps.finalHeight;
    if (cuts(method)) {
        mapping.scaleX = static_cast<double>(steps.width) / width;
        mapping.scaleY = static_cast<double>(steps.height) / height;
        mapping.offsetX = (steps.width - steps.finalWidth) / 2;
        mapping.offsetY = (steps.height - steps.finalHeight) / 2;
    } else {
        mapping.scaleX = static_cast<double>(steps.finalWidth) / width;
        mapping.scaleY = static_cast<double>(steps.finalHeight) / height;
    }
    return mapping;
}

Image processInput(const Image& picture, int resolution, ProcessMethod method) {
    const auto steps = stepsFor(picture.width, picture.height, resolution, method);
    const auto resize = [](const Image& from, int width, int height, bool grows) {
        if (from.width == width && from.height == height) {
            return from;
        }
        return grows ? resizedByCubic(from, width, height) : resizedByArea(from, width, height);
    };
    const auto first = resize(picture, steps.width, steps.height, steps.grows);
    if (cuts(method)) {
        return centreCrop(first, steps.finalWidth, steps.finalHeight);
    }
    return resize(first, steps.finalWidth, steps.finalHeight,
                  steps.finalWidth > steps.width || steps.finalHeight > steps.height);
}

namespace {

/// The multiple of 14 that a resolution means.
int vggtLength(int resolution) {
    return std::max(kPatch, kPatch * roundHalfEven(static_cast<double>(resolution) / kPatch));
}

/// To `length` for the side that decides, and the nearest multiple of 14 for the other one.
int vggtSide(int side, int deciding, int length) {
    return std::max(kPatch, kPatch * roundHalfEven(side * (static_cast<double>(length) / deciding) / kPatch));
}

} // namespace

VggtMode vggtModeFromName(const std::string& name) {
    if (name == "crop" || name == "pad" || name == "square") {
        return name == "crop" ? VggtMode::Crop : name == "pad" ? VggtMode::Pad : VggtMode::Square;
    }
    throw Error(ErrorCode::Usage, "There is no VGGT mode '" + name + "'.", "Use crop, pad or square.");
}

InputMapping vggtMapping(int width, int height, VggtMode mode, int resolution) {
    const int length = vggtLength(resolution);
    if (mode == VggtMode::Square) {
        const int side = std::max(width, height);
        const double scale = static_cast<double>(length) / side;
        return {length, length, scale, scale, -scale * ((side - width) / 2), -scale * ((side - height) / 2)};
    }
    const bool upright = mode == VggtMode::Pad && height > width;
    const int scaledWidth = upright ? vggtSide(width, height, length) : length;
    const int scaledHeight = upright ? length : vggtSide(height, width, length);
    InputMapping mapping;
    mapping.scaleX = static_cast<double>(scaledWidth) / width;
    mapping.scaleY = static_cast<double>(scaledHeight) / height;
    mapping.width = length;
    if (mode == VggtMode::Pad) {
        mapping.height = length;
        mapping.offsetX = -((length - scaledWidth) / 2);
        mapping.offsetY = -((length - scaledHeight) / 2);
    } else {
        mapping.height = std::min(scaledHeight, length);
        mapping.offsetY = (scaledHeight - mapping.height) / 2;
    }
    return mapping;
}

namespace {

/// Between the four pixels around, as PyTorch's `interpolate` without aligned corners, rounded to 8 bits.
Image resizedBilinearly(const Image& picture, int side) {
    struct Tap {
        int low = 0, high = 0;
        double part = 0; ///< of the higher one
    };
    const auto tapsOf = [side](int from) {
        std::vector<Tap> taps;
        for (int i = 0; i < side; ++i) {
            const double at = std::max(0.0, (i + 0.5) * from / side - 0.5);
            const int low = std::min(static_cast<int>(at), from - 1);
            taps.push_back({low, std::min(low + 1, from - 1), at - low});
        }
        return taps;
    };
    const auto columns = tapsOf(picture.width), rows = tapsOf(picture.height);
    Image out(side, side);
    for (int y = 0; y < side; ++y) {
        const auto& row = rows[static_cast<std::size_t>(y)];
        const auto *upper = picture.row(row.low), *lower = picture.row(row.high);
        for (int x = 0; x < side; ++x) {
            const auto& column = columns[static_cast<std::size_t>(x)];
            for (int c = 0; c < 3; ++c) {
                const auto across = [&](const std::uint8_t* line) {
                    return line[3 * column.low + c] +
                           column.part * (line[3 * column.high + c] - line[3 * column.low + c]);
                };
                const double above = across(upper);
                out.row(y)[3 * x + c] =
                    static_cast<std::uint8_t>(std::lround(above + row.part * (across(lower) - above)));
            }
        }
    }
    return out;
}

Image squareVggtInput(const Image& picture, int length) {
    constexpr int kLoaded = 1024; // what the official square loader scales to
    const int side = std::max(picture.width, picture.height);
    Image square(side, side);
    const int left = (side - picture.width) / 2, top = (side - picture.height) / 2;
    for (int y = 0; y < picture.height; ++y) {
        std::copy_n(picture.row(y), 3 * picture.width, square.row(top + y) + 3 * left);
    }
    return resizedBilinearly(resizedLikePillow(square, kLoaded, kLoaded), length);
}

} // namespace

Image processVggtInput(const Image& picture, VggtMode mode, int resolution) {
    if (mode == VggtMode::Square) {
        return squareVggtInput(picture, vggtLength(resolution));
    }
    const auto mapping = vggtMapping(picture.width, picture.height, mode, resolution);
    const auto scaled =
        resizedLikePillow(picture, static_cast<int>(std::lround(mapping.scaleX * picture.width)),
                          static_cast<int>(std::lround(mapping.scaleY * picture.height)));
    if (mode == VggtMode::Crop) {
        return centreCrop(scaled, mapping.width, mapping.height);
    }
    Image out(mapping.width, mapping.height);
    std::fill(out.rgb.begin(), out.rgb.end(), std::uint8_t{255});
    const int left = static_cast<int>(-mapping.offsetX), top = static_cast<int>(-mapping.offsetY);
    for (int y = 0; y < scaled.height; ++y) {
        std::copy_n(scaled.row(y), 3 * scaled.width, out.row(top + y) + 3 * left);
    }
    return out;
}

} // namespace body4d
