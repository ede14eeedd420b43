#include "models/blazepose/ownership.h"

#include "base/target_clones.h"
#include "models/blazepose/roi_map.h"
#include "models/blazepose/seen_part.h"

#include <algorithm>
#include <cmath>

namespace body4d::blazepose {

namespace {

constexpr int kGrid = 64;
constexpr double kPaintMarginPx = 2;
constexpr double kKeptMargin = 0.045; // of the side of the crop in which the mask was seen
constexpr float kKeptFrom = 0.15F;    // value of the mask

/// The smaller of `squared` and the squared distance of every cell to a piece of a line.
BODY4D_CLONES void nearBone(float ax, float ay, float dx, float dy, float* __restrict squared) {
    const float inverse = 1 / std::max(dx * dx + dy * dy, 1e-6F);
    for (int y = 0; y < kGrid; ++y) {
        float* row = squared + static_cast<std::ptrdiff_t>(y) * kGrid;
        const float py = static_cast<float>(y) - ay;
        for (int x = 0; x < kGrid; ++x) {
            const float px = static_cast<float>(x) - ax;
            const float t = std::min(1.F, std::max(0.F, (px * dx + py * dy) * inverse));
            const float ex = px - t * dx, ey = py - t * dy;
            row[x] = std::min(row[x], ex * ex + ey * ey);
        }
    }
}

/// Distance of every cell of a kGrid x kGrid crop of `view` to the skeleton of `o`.
std::vector<float> skeletonDistances(const Observation& o, const Roi& view) {
    std::vector<float> squared(kGrid * kGrid, 1e12F);
    const Affine map = cropFromFrame(view, kGrid);
    for (const auto& [i, j] : kOwnershipBones) {
        const Vec2 a = map(o.px[static_cast<std::size_t>(i)]), b = map(o.px[static_cast<std::size_t>(j)]);
        nearBone(static_cast<float>(a.x), static_cast<float>(a.y), static_cast<float>(b.x - a.x),
                 static_cast<float>(b.y - a.y), squared.data());
    }
    for (float& value : squared) {
        value = std::sqrt(value);
    }
    return squared;
}

float bilinear(const std::vector<float>& grid, double x, double y) {
    const double cx = std::clamp(x, 0.0, kGrid - 1.001), cy = std::clamp(y, 0.0, kGrid - 1.001);
    const auto i = static_cast<int>(cx), j = static_cast<int>(cy);
    const auto a = static_cast<float>(cx - i), b = static_cast<float>(cy - j);
    const float* p = grid.data() + static_cast<std::ptrdiff_t>(j) * kGrid + i;
    return (p[0] * (1 - a) + p[1] * a) * (1 - b) + (p[kGrid] * (1 - a) + p[kGrid + 1] * a) * b;
}

/// Largest value within `radius` cells along rows, then columns.
void dilate(std::vector<std::uint8_t>& plane, int n, int radius) {
    std::vector<std::uint8_t> line(static_cast<std::size_t>(n));
    const auto pass = [&](std::ptrdiff_t start, std::ptrdiff_t step) {
        int reach = -1; // last cell covered by a set one before it
        for (int i = 0; i < n; ++i) {
            reach = plane[static_cast<std::size_t>(start + i * step)] != 0 ? i + radius : reach;
            line[static_cast<std::size_t>(i)] = reach >= i ? 1 : 0;
        }
        reach = n;
        for (int i = n - 1; i >= 0; --i) {
            const auto at = static_cast<std::size_t>(start + i * step);
            reach = plane[at] != 0 ? i - radius : reach;
            plane[at] = static_cast<std::uint8_t>(line[static_cast<std::size_t>(i)] | (reach <= i ? 1 : 0));
        }
    };
    for (int y = 0; y < n; ++y) {
        pass(static_cast<std::ptrdiff_t>(y) * n, 1);
    }
    for (int x = 0; x < n; ++x) {
        pass(x, n);
    }
}

} // namespace

bool mayOverlap(const Roi& a, const Roi& b) {
    return std::hypot(a.centreX - b.centreX, a.centreY - b.centreY) <= (a.side + b.side) * 0.6;
}

std::shared_ptr<const CropMask> ownershipMask(const Observation& o,
                                              std::span<const Observation* const> others, double margin) {
    std::vector<float> mine, taken;
    for (const Observation* other : others) {
        if (!mayOverlap(other->roi, o.roi)) {
            continue;
        }
        if (mine.empty()) {
            mine = skeletonDistances(o, o.roi);
            taken.assign(kGrid * kGrid, 0);
        }
        const auto theirs = skeletonDistances(*other, o.roi);
        const CropMask& mask = other->ownMask();
        const Affine map = compose(cropFromFrame(other->roi, mask.side), frameFromCrop(o.roi, kGrid));
        for (int y = 0; y < kGrid; ++y) {
            for (int x = 0; x < kGrid; ++x) {
                const auto at = static_cast<std::size_t>(y * kGrid + x);
                if (theirs[at] <= mine[at] + margin) {
                    const Vec2 p = map({double(x), double(y)});
                    if (sampleMask(mask, p.x, p.y) > 0.5F) {
                        taken[at] = 1;
                    }
                }
            }
        }
    }
    if (std::none_of(taken.begin(), taken.end(), [](float v) { return v > 0; })) {
        return nullptr;
    }
    auto own = std::make_shared<CropMask>(*o.mask);
    const double scale = static_cast<double>(kGrid) / own->side;
    for (int y = 0; y < own->side; ++y) {
        for (int x = 0; x < own->side; ++x) {
            auto& value = own->values[static_cast<std::size_t>(y * own->side + x)];
            if (value > 0) {
                value = static_cast<std::uint8_t>(
                    value * (1 - bilinear(taken, (x + 0.5) * scale - 0.5, (y + 0.5) * scale - 0.5)));
            }
        }
    }
    return own;
}

namespace {

/// 1 where a pixel of a crop of `roi` is in the person's own mask.
void markMask(const Observation& person, const Roi& roi, int n, float threshold,
              std::vector<std::uint8_t>& marked) {
    marked.resize(static_cast<std::size_t>(n) * n);
    const CropMask& mask = person.ownMask();
    const Affine map = compose(cropFromFrame(person.roi, mask.side), frameFromCrop(roi, n));
    for (int y = 0; y < n; ++y) {
        for (int x = 0; x < n; ++x) {
            const Vec2 p = map({double(x), double(y)});
            if (p.x > -1 && p.y > -1 && p.x < mask.side && p.y < mask.side &&
                sampleMask(mask, p.x, p.y) > threshold) {
                marked[static_cast<std::size_t>(y * n + x)] = 1;
            }
        }
    }
}

/// Puts the backdrop where `marked` is `value`.
void paint(Crop& crop, const Roi& roi, const std::vector<std::uint8_t>& marked, std::uint8_t value,
           const Backdrop& backdrop) {
    const int n = crop.side;
    const Affine toFrame = frameFromCrop(roi, n);
    for (int y = 0; y < n; ++y) {
        for (int x = 0; x < n; ++x) {
            const auto at = static_cast<std::size_t>(y * n + x);
            if (marked[at] == value) {
                const Vec2 p = toFrame({double(x), double(y)});
                backdrop.colourAt(p.x, p.y, crop.rgb.data() + 3 * at);
            }
        }
    }
}

int pixelsOf(double length, const Roi& roi, int n) {
    return std::max(1, static_cast<int>(std::lround(length * n / roi.side)));
}

} // namespace

void paintOut(Crop& crop, const Roi& roi, std::span<const Observation* const> others,
              const Backdrop& backdrop) {
    std::vector<std::uint8_t> hidden;
    for (const Observation* other : others) {
        if (mayOverlap(other->roi, roi)) {
            markMask(*other, roi, crop.side, 0.5F, hidden);
        }
    }
    if (!hidden.empty()) {
        dilate(hidden, crop.side, pixelsOf(kPaintMarginPx, roi, crop.side));
        paint(crop, roi, hidden, 1, backdrop);
    }
}

void paintAround(Crop& crop, const Roi& roi, const Observation& person, const Backdrop& backdrop) {
    std::vector<std::uint8_t> kept;
    markMask(person, roi, crop.side, kKeptFrom, kept);
    dilate(kept, crop.side, pixelsOf(kKeptMargin * person.roi.side, roi, crop.side));
    paint(crop, roi, kept, 0, backdrop);
}

double skeletonCoverage(const Observation& o, const CropMask& mask) {
    constexpr float kNear = 4; // of kGrid
    constexpr int kStep = kLandmarkSide / kGrid;
    const auto distance = skeletonDistances(o, o.roi);
    int covered = 0, count = 0;
    for (int y = 0; y < kGrid; ++y) {
        for (int x = 0; x < kGrid; ++x) {
            if (mask.at(kStep * x + kStep / 2, kStep * y + kStep / 2) >= 128) {
                ++count;
                covered += distance[static_cast<std::size_t>(y * kGrid + x)] < kNear ? 1 : 0;
            }
        }
    }
    return count > 0 ? static_cast<double>(covered) / count : 0;
}

double skeletonDifference(const Observation& a, const Observation& b) {
    constexpr int kFewest = 3; // points seen in both
    double all = 0, seen = 0;
    int count = 0;
    const double side = 0.5 * (seenPart(a).side + seenPart(b).side), whole = 0.5 * (a.roi.side + b.roi.side);
    for (const int k : kMainPoints) {
        const auto i = static_cast<std::size_t>(k);
        const double d = norm(a.px[i] - b.px[i]);
        const bool both = inPicture(a, a.px[i]) && inPicture(b, b.px[i]);
        all += d;
        seen += both ? d : 0;
        count += both ? 1 : 0;
    }
    return side < whole && count >= kFewest ? seen / (count * side) : all / (kMainPoints.size() * whole);
}

double maskOverlap(const Observation& a, const Observation& b) {
    if (!mayOverlap(a.roi, b.roi)) {
        return 0;
    }
    const Observation& small = a.roi.side <= b.roi.side ? a : b;
    const Observation& large = a.roi.side <= b.roi.side ? b : a;
    constexpr int kStep = kLandmarkSide / kGrid;
    const Affine map =
        compose(cropFromFrame(large.roi, kLandmarkSide), frameFromCrop(small.roi, kLandmarkSide));
    int both = 0, one = 0;
    for (int y = 0; y < kLandmarkSide; y += kStep) {
        for (int x = 0; x < kLandmarkSide; x += kStep) {
            const Vec2 p = map({double(x), double(y)});
            const bool inSmall = small.ownMask().at(x, y) >= 128;
            both += inSmall && sampleMask(large.ownMask(), p.x, p.y) > 0.5F ? 1 : 0;
            one += inSmall ? 1 : 0;
        }
    }
    const double cell = small.roi.side / kGrid;
    const double largeArea =
        maskArea(large.ownMask()) * std::pow(large.roi.side / kLandmarkSide, 2) / (cell * cell);
    return both / std::max(one + largeArea - both, 1.0);
}

} // namespace body4d::blazepose
