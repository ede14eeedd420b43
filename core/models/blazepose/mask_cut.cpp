#include "models/blazepose/mask_cut.h"

#include "models/blazepose/roi_map.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace body4d::blazepose {

namespace {

constexpr int kSide = kLandmarkSide;
constexpr double kColourTolerance = 45; // distance in RGB levels
constexpr double kLargestShare = 0.4;   // of the mask: beyond, the region is the clothes themselves
constexpr double kPlainRadius = 10;     // crop pixels, where colour cannot tell
constexpr int kLongestAbsence = 12;     // frames
constexpr int kSmallestRegion = 12;     // crop pixels

std::size_t at(int x, int y) {
    return static_cast<std::size_t>(y) * kSide + static_cast<std::size_t>(x);
}

double colourDistance(const Crop& crop, std::size_t pixel, const std::array<float, 3>& colour) {
    double sum = 0;
    for (std::size_t c = 0; c < 3; ++c) {
        const double d = crop.rgb[3 * pixel + c] - colour[c];
        sum += d * d;
    }
    return std::sqrt(sum);
}

/// Pixels of the own mask in the cut's colour that hang together with `seed`.
std::vector<std::size_t> grow(const Observation& o, std::size_t seed, const std::array<float, 3>& colour,
                              std::vector<bool>& visited) {
    std::vector<std::size_t> region{seed};
    visited[seed] = true;
    for (std::size_t k = 0; k < region.size(); ++k) {
        const int x = static_cast<int>(region[k] % kSide), y = static_cast<int>(region[k] / kSide);
        for (const auto& [dx, dy] : {std::pair{1, 0}, std::pair{-1, 0}, std::pair{0, 1}, std::pair{0, -1}}) {
            const int u = x + dx, v = y + dy;
            if (u < 0 || v < 0 || u >= kSide || v >= kSide || visited[at(u, v)]) {
                continue;
            }
            visited[at(u, v)] = true;
            if (o.ownMask().at(u, v) >= 100 && colourDistance(*o.crop, at(u, v), colour) < kColourTolerance) {
                region.push_back(at(u, v));
            }
        }
    }
    return region;
}

MaskCut describe(const Observation& o, const std::vector<std::size_t>& region) {
    MaskCut cut;
    for (const std::size_t pixel : region) {
        const double n = static_cast<double>(region.size());
        cut.centre = cut.centre + 1 / n * Vec2{double(pixel % kSide), double(pixel / kSide)};
        for (std::size_t c = 0; c < 3; ++c) {
            cut.colour[c] += o.crop->rgb[3 * pixel + c] / static_cast<float>(n);
        }
    }
    cut.radius = std::sqrt(static_cast<double>(region.size()) / std::numbers::pi);
    return cut;
}

void remove(Observation& o, const std::vector<std::size_t>& region) {
    auto own = std::make_shared<CropMask>(o.ownMask());
    for (const std::size_t pixel : region) {
        const int x = static_cast<int>(pixel % kSide), y = static_cast<int>(pixel / kSide);
        for (int v = std::max(0, y - 1); v <= std::min(kSide - 1, y + 1); ++v) { // its mixed rim as well
            for (int u = std::max(0, x - 1); u <= std::min(kSide - 1, x + 1); ++u) {
                own->values[at(u, v)] = 0;
            }
        }
    }
    o.own = std::move(own);
}

} // namespace

std::optional<MaskCut> cutRegion(Observation& o, Vec2 place) {
    const Vec2 p = cropFromFrame(o.roi, kSide)(place);
    const int x = static_cast<int>(std::lround(p.x)), y = static_cast<int>(std::lround(p.y));
    if (x < 2 || y < 2 || x >= kSide - 2 || y >= kSide - 2 || o.ownMask().at(x, y) < 128 || !o.crop) {
        return std::nullopt;
    }
    std::array<float, 3> colour{};
    for (int v = y - 2; v <= y + 2; ++v) {
        for (int u = x - 2; u <= x + 2; ++u) {
            for (std::size_t c = 0; c < 3; ++c) {
                colour[c] += o.crop->rgb[3 * at(u, v) + c] / 25.F;
            }
        }
    }
    std::vector<bool> visited(static_cast<std::size_t>(kSide) * kSide);
    auto region = grow(o, at(x, y), colour, visited);
    if (static_cast<double>(region.size()) > kLargestShare * maskArea(o.ownMask())) {
        std::erase_if(region, [&](std::size_t pixel) {
            return std::hypot(double(pixel % kSide) - x, double(pixel / kSide) - y) > kPlainRadius;
        });
    }
    const MaskCut cut = describe(o, region);
    remove(o, region);
    return cut;
}

bool followCut(MaskCut& cut, Observation& o) {
    std::vector<bool> visited(static_cast<std::size_t>(kSide) * kSide);
    const double reach = 2.5 * cut.radius + 10 + 4 * cut.unseen;
    const double wanted = std::numbers::pi * cut.radius * cut.radius;
    std::vector<std::size_t> best;
    double bestCost = 1;
    for (int y = 0; y < kSide; ++y) {
        for (int x = 0; x < kSide; ++x) {
            const double off = std::hypot(x - cut.centre.x, y - cut.centre.y);
            if (off > reach || visited[at(x, y)] || o.ownMask().at(x, y) < 128 ||
                colourDistance(*o.crop, at(x, y), cut.colour) >= 0.6 * kColourTolerance) {
                continue;
            }
            auto region = grow(o, at(x, y), cut.colour, visited);
            const MaskCut found = describe(o, region);
            const double size = static_cast<double>(region.size()) / wanted;
            if (static_cast<int>(region.size()) < kSmallestRegion || size < 0.45 || size > 2.2) {
                continue;
            }
            const double cost = norm(found.centre - cut.centre) / reach + 0.3 * std::abs(std::log(size));
            if (cost < bestCost) {
                bestCost = cost;
                best = std::move(region);
            }
        }
    }
    if (best.empty()) {
        return ++cut.unseen <= kLongestAbsence;
    }
    const MaskCut found = describe(o, best);
    remove(o, best);
    cut.centre = found.centre;
    cut.radius += 0.2 * (found.radius - cut.radius);
    for (std::size_t c = 0; c < 3; ++c) {
        cut.colour[c] += 0.1F * (found.colour[c] - cut.colour[c]);
    }
    cut.unseen = 0;
    return true;
}

} // namespace body4d::blazepose
