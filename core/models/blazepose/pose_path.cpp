#include "models/blazepose/pose_path.h"

#include "models/blazepose/cheapest_way.h"
#include "models/blazepose/observation.h"

#include <algorithm>
#include <cmath>

namespace body4d::blazepose {

namespace {

constexpr std::size_t kMostOptions = 16;
constexpr double kSamePose = 0.08;     // of the crop's side, mean of the main points: the same pose
constexpr double kRepeats = 0.02;      // the same: nothing new
constexpr double kConsensus = 0.7;     // weight of what share of the options show about the same
constexpr double kLoneShare = 0.05;    // added to that share
constexpr double kMotion = 3;          // cost of moving by the crop's side
constexpr double kWorldMotion = 2;     // cost of moving about the hips by a metre
constexpr double kResize = 1;          // cost of growing e times
constexpr double kFarthest = 0.5;      // of the crop's side,
constexpr double kWorldFarthest = 0.6; // and metres: a point that moves farther is just lost

/// Mean distance of the main points as a share of the crops' side, each at most `farthest`.
double difference(const PoseLandmarks& a, const PoseLandmarks& b, double farthest) {
    const double side = 0.5 * (a.roi.side + b.roi.side);
    double sum = 0;
    for (const int k : kMainPoints) {
        const auto i = static_cast<std::size_t>(k);
        sum += std::min(norm(a.points[i].px - b.points[i].px) / side, farthest);
    }
    return sum / static_cast<double>(kMainPoints.size());
}

double worldDifference(const PoseLandmarks& a, const PoseLandmarks& b) {
    double sum = 0;
    for (const int k : kMainPoints) {
        const auto i = static_cast<std::size_t>(k);
        sum += std::min(norm(a.points[i].world - b.points[i].world), kWorldFarthest);
    }
    return sum / static_cast<double>(kMainPoints.size());
}

double stepCost(const PoseLandmarks& a, const PoseLandmarks& b) {
    return kMotion * difference(a, b, kFarthest) + kWorldMotion * worldDifference(a, b) +
           kResize * std::abs(std::log(std::max(bodyScale(b), 1e-3) / std::max(bodyScale(a), 1e-3)));
}

} // namespace

void settleOptions(PoseOptions& options) {
    std::vector<double> added;
    for (const PoseOption& one : options) {
        const auto alike = std::count_if(options.begin(), options.end(), [&](const PoseOption& other) {
            return difference(one.pose, other.pose, 1) < kSamePose;
        });
        const double share = static_cast<double>(alike) / static_cast<double>(options.size());
        added.push_back(-kConsensus * std::log((kLoneShare + share) / (kLoneShare + 1)));
    }
    for (std::size_t i = 0; i < options.size(); ++i) {
        options[i].cost += added[i];
    }
    std::stable_sort(options.begin(), options.end(),
                     [](const PoseOption& a, const PoseOption& b) { return a.cost < b.cost; });
    PoseOptions kept;
    for (const PoseOption& o : options) {
        const bool repeats = std::any_of(kept.begin(), kept.end(), [&](const PoseOption& better) {
            return difference(better.pose, o.pose, 1) < kRepeats;
        });
        if (!repeats && kept.size() < kMostOptions) {
            kept.push_back(o);
        }
    }
    options = std::move(kept);
}

std::vector<std::size_t> cheapestPath(std::span<const PoseOptions> frames) {
    return cheapestWay(
        frames, [](std::size_t, const PoseOption& option) { return option.cost; }, stepCost);
}

} // namespace body4d::blazepose
