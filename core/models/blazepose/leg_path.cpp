#include "models/blazepose/leg_path.h"

#include "base/error.h"
#include "models/blazepose/limb_costs.h"
#include "models/blazepose/roi_map.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace body4d::blazepose {

namespace {

constexpr std::size_t kMostPlaces = 256;
constexpr std::size_t kHip = 23, kKnee = 25, kAnkle = 27, kHeel = 29,
                      kToe = 31;                       // of the left; the right follows
constexpr double kLegReach = 0.06, kTrunkReach = 0.05; // of the crop's side, from a bone to what it covers
constexpr int kBoneSamples = 8;
constexpr int kFewestOpen = 10; // places, from which it counts how many of them the legs cover
// Costs, as those of PoseOption.
constexpr double kInside = 0.5, kSeen = 0.8, kUncovered = 8;

constexpr std::array<std::pair<std::size_t, std::size_t>, 10> kRest{
    {{11, 12}, {11, 23}, {12, 24}, {23, 24}, {11, 13}, {13, 15}, {12, 14}, {14, 16}, {0, 11}, {0, 12}}};

void set(MaskPlaces& places, std::size_t i) {
    places[i / 64] |= std::uint64_t{1} << (i % 64);
}

double insideAlong(Vec2 a, Vec2 b, const CropMask& mask, const Affine& toCrop) {
    double sum = 0;
    for (int i = 0; i < kBoneSamples; ++i) {
        const Vec2 q = toCrop(a + (i + 0.5) / kBoneSamples * (b - a));
        sum += static_cast<double>(sampleMask(mask, q.x, q.y));
    }
    return sum / kBoneSamples;
}

/// Share of what is open that two legs cover.
double coverage(const MaskPlaces& open, const LegSight& left, const LegSight& right) {
    int all = 0, covered = 0;
    for (std::size_t w = 0; w < open.size(); ++w) {
        all += std::popcount(open[w]);
        covered += std::popcount(open[w] & (left.covers[w] | right.covers[w]));
    }
    return all >= kFewestOpen ? static_cast<double>(covered) / all : 1;
}

Limb leg(std::size_t side) {
    return {kHip + side, kKnee + side, kAnkle + side};
}

double legCost(const PoseOption& option, const PoseOption& trunk, std::size_t side, double least) {
    return -kInside * std::log(0.05 + 0.95 * option.legs[side].inside) -
           kSeen * std::log(0.2 + 0.8 * limbSeen(option.pose, leg(side))) +
           graftCost(option, trunk, leg(side), least);
}

/// A table of numbers, row by row.
template <typename T>
struct Table {
    std::size_t columns = 0;
    std::vector<T> values;
    Table() = default;
    Table(std::size_t rows, std::size_t n) : columns(n), values(rows * n) {}
    T& at(std::size_t row, std::size_t column) { return values[row * columns + column]; }
};

/// Costs of all pairs of legs on one frame.
Table<double> pairCosts(const PoseOptions& options, const PoseOption& trunk) {
    const std::size_t n = options.size();
    const double least = leastCost(options);
    Table<double> out(n, n);
    for (std::size_t i = 0; i < n; ++i) {
        const double left = legCost(options[i], trunk, 0, least);
        for (std::size_t j = 0; j < n; ++j) {
            const double covered = coverage(trunk.open, options[i].legs[0], options[j].legs[1]);
            out.at(i, j) =
                left + legCost(options[j], trunk, 1, least) - kUncovered * std::log(0.05 + 0.95 * covered);
        }
    }
    return out;
}

} // namespace

std::vector<Vec2> placesOn(const CropMask& mask, const Roi& roi) {
    const Affine toFrame = frameFromCrop(roi, mask.side);
    const int area = maskArea(mask);
    const int step = std::max(1, static_cast<int>(std::ceil(std::sqrt(area / double{kMostPlaces}))));
    std::vector<Vec2> places;
    for (int v = step / 2; v < mask.side; v += step) {
        for (int u = step / 2; u < mask.side && places.size() < kMostPlaces; u += step) {
            if (mask.at(u, v) >= 128) {
                places.push_back(toFrame({double(u), double(v)}));
            }
        }
    }
    return places;
}

void seeLegs(const Observation& seen, const CropMask& mask, const Roi& roi, std::span<const Vec2> places,
             PoseOption& option) {
    BODY4D_EXPECT(places.size() <= kMostPlaces);
    const Affine toCrop = cropFromFrame(roi, mask.side);
    for (std::size_t side = 0; side < 2; ++side) {
        const Vec2 hip = seen.px[kHip + side], knee = seen.px[kKnee + side], ankle = seen.px[kAnkle + side];
        LegSight& leg = option.legs[side];
        leg.inside = 0.5 * (insideAlong(hip, knee, mask, toCrop) + insideAlong(knee, ankle, mask, toCrop));
        const std::array<std::pair<Vec2, Vec2>, 4> bones{
            {{hip, knee}, {knee, ankle}, {ankle, seen.px[kHeel + side]}, {ankle, seen.px[kToe + side]}}};
        for (std::size_t i = 0; i < places.size(); ++i) {
            if (std::any_of(bones.begin(), bones.end(), [&](const auto& bone) {
                    return segmentDistance(bone.first, bone.second, places[i]) < kLegReach * roi.side;
                })) {
                set(leg.covers, i);
            }
        }
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (std::none_of(kRest.begin(), kRest.end(), [&](const auto& bone) {
                return segmentDistance(seen.px[bone.first], seen.px[bone.second], places[i]) <
                       kTrunkReach * roi.side;
            })) {
            set(option.open, i);
        }
    }
}

std::vector<std::array<std::size_t, 2>> cheapestLegs(std::span<const PoseOptions> frames,
                                                     std::span<const std::size_t> path) {
    BODY4D_EXPECT(frames.size() == path.size());
    std::vector<std::array<std::size_t, 2>> out(frames.size());
    if (frames.empty()) {
        return out;
    }
    struct From {
        Table<std::size_t> right; ///< by the left leg before and the right one now: the right one before
        Table<std::size_t> left;  ///< by both legs now: the left one before
    };
    std::vector<From> from(frames.size());
    Table<double> cost = pairCosts(frames[0], frames[0][path[0]]);
    for (std::size_t f = 1; f < frames.size(); ++f) {
        const PoseOptions &before = frames[f - 1], &now = frames[f];
        const std::size_t m = before.size(), n = now.size();
        std::array<Table<double>, 2> step{Table<double>(m, n), Table<double>(m, n)};
        for (std::size_t side = 0; side < 2; ++side) {
            for (std::size_t i = 0; i < m; ++i) {
                for (std::size_t k = 0; k < n; ++k) {
                    step[side].at(i, k) = limbStepCost(before[i].pose, now[k].pose, leg(side));
                }
            }
        }
        // The legs move independently: first the best right leg before for every left one, then the left one.
        Table<double> half(m, n), next = pairCosts(now, now[path[f]]);
        from[f] = {Table<std::size_t>(m, n), Table<std::size_t>(n, n)};
        for (std::size_t i = 0; i < m; ++i) {
            for (std::size_t k = 0; k < n; ++k) {
                std::size_t best = 0;
                for (std::size_t j = 1; j < m; ++j) {
                    if (cost.at(i, j) + step[1].at(j, k) < cost.at(i, best) + step[1].at(best, k)) {
                        best = j;
                    }
                }
                half.at(i, k) = cost.at(i, best) + step[1].at(best, k);
                from[f].right.at(i, k) = best;
            }
        }
        for (std::size_t k = 0; k < n; ++k) {
            for (std::size_t l = 0; l < n; ++l) {
                std::size_t best = 0;
                for (std::size_t i = 1; i < m; ++i) {
                    if (half.at(i, l) + step[0].at(i, k) < half.at(best, l) + step[0].at(best, k)) {
                        best = i;
                    }
                }
                next.at(k, l) += half.at(best, l) + step[0].at(best, k);
                from[f].left.at(k, l) = best;
            }
        }
        cost = std::move(next);
    }
    const auto at = static_cast<std::size_t>(std::min_element(cost.values.begin(), cost.values.end()) -
                                             cost.values.begin());
    std::size_t left = at / cost.columns, right = at % cost.columns;
    for (std::size_t f = frames.size(); f-- > 0;) {
        out[f] = {left, right};
        if (f > 0) {
            left = from[f].left.at(left, right);
            right = from[f].right.at(left, right);
        }
    }
    return out;
}

void takeLeg(PoseLandmarks& pose, const PoseLandmarks& from, std::size_t side) {
    const Vec3 moved = pose.points[kHip + side].world - from.points[kHip + side].world;
    for (const std::size_t k : {kKnee, kAnkle, kHeel, kToe}) {
        PoseLandmark& point = pose.points[k + side];
        point = from.points[k + side];
        point.world = point.world + moved;
    }
}

} // namespace body4d::blazepose
