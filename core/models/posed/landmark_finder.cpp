#include "models/posed/landmark_finder.h"

#include "models/blazepose/roi_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace body4d::posed {
namespace {

using namespace blazepose;

constexpr int kShapeSide = 256;            ///< of the mask's own crop
constexpr double kShapeMargin = 1.2;       ///< of the box's longer side
constexpr double kGoodFit = 0.55;          ///< fit from which one look is enough
constexpr double kUsualCoverage = 0.85;    ///< share of a mask near a bone where the skeleton is right
constexpr double kPoorFit = 0.25;          ///< fit below which there are no landmarks
constexpr double kDetectorThreshold = 0.2; ///< low: that somebody is there is known
constexpr std::size_t kMostCandidates = 8;
constexpr std::array<double, 3> kTurns{1.5707963267948966, 3.141592653589793, -1.5707963267948966};
constexpr int kLongestPause = 8; ///< frames between two searches for somebody who shows no body

/// Share of two masks' common pixels, sampled on the observation's crop.
double agreement(const Observation& o, const Silhouette& silhouette) {
    constexpr int kGrid = 64;
    const auto& shape = *silhouette.shape.mask;
    const Affine toShape =
        compose(cropFromFrame(silhouette.shape.roi, shape.side), frameFromCrop(o.roi, kGrid));
    const double scale = static_cast<double>(o.mask->side) / kGrid;
    int both = 0, any = 0;
    for (int y = 0; y < kGrid; ++y) {
        for (int x = 0; x < kGrid; ++x) {
            const Vec2 p = toShape({double(x), double(y)});
            const bool a = p.x > -1 && p.y > -1 && p.x < shape.side && p.y < shape.side &&
                           sampleMask(shape, p.x, p.y) > 0.5F;
            const bool b = sampleMask(*o.mask, x * scale, y * scale) > 0.5F;
            both += a && b ? 1 : 0;
            any += a || b ? 1 : 0;
        }
    }
    return any > 0 ? static_cast<double>(both) / any : 0;
}

/// Share of the main points inside the picture that lie on the mask.
double onMask(const Observation& o, const Silhouette& silhouette, int width, int height) {
    const auto& shape = *silhouette.shape.mask;
    const Affine map = cropFromFrame(silhouette.shape.roi, shape.side);
    int on = 0, count = 0;
    for (const int k : kMainPoints) {
        const Vec2 p = o.px[static_cast<std::size_t>(k)];
        if (p.x >= 0 && p.y >= 0 && p.x <= width - 1 && p.y <= height - 1) {
            const Vec2 q = map(p);
            ++count;
            on += q.x > -1 && q.y > -1 && q.x < shape.side && q.y < shape.side &&
                          sampleMask(shape, q.x, q.y) > 0.5F
                      ? 1
                      : 0;
        }
    }
    return count > 2 ? static_cast<double>(on) / count : 0;
}

/// How well landmarks fit a mask, 0..1. A skeleton that is turned or on the wrong limb leaves parts of the
/// mask without bones, even where the network is sure of itself.
double fitOf(const Observation& o, const Silhouette& silhouette, int width, int height) {
    return o.score * std::sqrt(agreement(o, silhouette) * onMask(o, silhouette, width, height)) *
           std::min(1.0, skeletonCoverage(o, *o.mask) / kUsualCoverage);
}

} // namespace

std::optional<Silhouette> silhouetteOf(const RleMask& rle) {
    const auto mask = decodeRle(rle);
    int x0 = mask.width, x1 = -1, y0 = mask.height, y1 = -1;
    double sumX = 0, sumY = 0, count = 0;
    for (int y = 0; y < mask.height; ++y) {
        const auto* row = mask.row(y);
        for (int x = 0; x < mask.width; ++x) {
            if (row[x] >= 128) {
                x0 = std::min(x0, x);
                x1 = std::max(x1, x);
                y0 = std::min(y0, y);
                y1 = y;
                sumX += x;
                sumY += y;
                ++count;
            }
        }
    }
    if (x1 < 0) {
        return std::nullopt;
    }
    Silhouette out;
    out.box = {static_cast<double>(x0), static_cast<double>(y0), static_cast<double>(x1),
               static_cast<double>(y1)};
    out.centre = {sumX / count, sumY / count};
    out.shape.roi = {(out.box.x0 + out.box.x1) / 2, (out.box.y0 + out.box.y1) / 2,
                     kShapeMargin * (1 + std::max(out.box.width(), out.box.height())), 0};
    auto shape = std::make_shared<CropMask>(kShapeSide);
    const Affine toFrame = frameFromCrop(out.shape.roi, kShapeSide);
    for (int y = 0; y < kShapeSide; ++y) {
        for (int x = 0; x < kShapeSide; ++x) {
            const Vec2 p = toFrame({double(x), double(y)});
            const auto i = static_cast<int>(std::lround(p.x)), j = static_cast<int>(std::lround(p.y));
            if (i >= 0 && j >= 0 && i < mask.width && j < mask.height) {
                shape->values[static_cast<std::size_t>(y) * kShapeSide + x] = mask.row(j)[i];
            }
        }
    }
    out.shape.mask = std::move(shape);
    return out;
}

std::vector<std::optional<Observation>>
LandmarkFinder::look(FrameEye& eye, const std::vector<const Silhouette*>& silhouettes) {
    const int width = eye.frame().width, height = eye.frame().height;
    const auto count = targets_.size();
    std::vector<std::optional<Observation>> found(count);
    std::vector<double> fits(count, 0);
    std::vector<Others> others(count);
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t k = 0; k < count; ++k) {
            if (k != i && silhouettes[k] != nullptr) {
                others[i].push_back(&silhouettes[k]->shape);
            }
        }
    }
    const auto consider = [&](std::size_t i, Observation&& o) {
        const double fit = fitOf(o, *silhouettes[i], width, height);
        if (!found[i] || fit > fits[i]) {
            fits[i] = fit;
            found[i] = std::move(o);
        }
    };
    // Those who were followed: one look each, all in one call.
    std::vector<Glance> glances;
    std::vector<std::size_t> who;
    for (std::size_t i = 0; i < count; ++i) {
        if (silhouettes[i] != nullptr && targets_[i].followed) {
            Roi roi = roiFromPoints(targets_[i].filter.hips(), targets_[i].filter.sizePoint());
            roi.centreX += silhouettes[i]->centre.x - targets_[i].centre.x;
            roi.centreY += silhouettes[i]->centre.y - targets_[i].centre.y;
            glances.push_back({roi, &others[i]});
            who.push_back(i);
        }
    }
    auto seen = eye.look(glances);
    for (std::size_t k = 0; k < who.size(); ++k) {
        consider(who[k], std::move(seen[k]));
    }
    const auto search = [&](std::size_t i, std::span<const double> angles) {
        const auto& box = silhouettes[i]->box;
        const Vec2 centre{(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2};
        const double side = 1 + std::max(box.width(), box.height());
        std::vector<Glance> wide, close;
        for (const double angle : angles) {
            for (const double size : {1.15, 1.6}) {
                wide.push_back({{centre.x, centre.y, size * side, angle}, &others[i]});
            }
        }
        auto places = eye.candidates(wide, kDetectorThreshold);
        places.resize(std::min(places.size(), kMostCandidates));
        for (const auto& place : places) {
            close.push_back({place.roi, &others[i]});
        }
        // The mask's own box, where the detector sees nobody.
        for (const double angle : angles) {
            close.push_back({{centre.x, centre.y, 1.25 * side, angle}, &others[i]});
        }
        auto looks = eye.look(close);
        eye.refine(looks, close, std::vector<bool>(looks.size(), true));
        for (auto& o : looks) {
            consider(i, std::move(o));
        }
    };
    for (std::size_t i = 0; i < count; ++i) {
        auto& target = targets_[i];
        if (silhouettes[i] == nullptr) {
            target = {};
            continue;
        }
        if (fits[i] < kGoodFit) {
            if (target.pause > 0 && !silhouettes[i]->prompted) {
                --target.pause;
            } else {
                search(i, std::array{0.0});
                if (fits[i] < kGoodFit) {
                    search(i, kTurns);
                }
                target.failures = fits[i] < kGoodFit ? target.failures + 1 : 0;
                target.pause = std::min(target.failures * 2, kLongestPause);
            }
        } else {
            target.failures = target.pause = 0;
        }
        if (!found[i] || fits[i] < kPoorFit) {
            found[i].reset();
            target.followed = false;
            target.filter.reset();
            continue;
        }
        if (!target.followed) {
            target.filter.reset();
        }
        target.followed = true;
        target.centre = silhouettes[i]->centre;
        target.filter.push(found[i]->px[33], found[i]->px[34], dt_, found[i]->roi.side);
    }
    return found;
}

} // namespace body4d::posed
