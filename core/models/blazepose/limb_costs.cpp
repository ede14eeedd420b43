#include "models/blazepose/limb_costs.h"

#include <algorithm>

namespace body4d::blazepose {

namespace {

// Costs, as those of PoseOption.
constexpr double kApart = 5; // of a limb whose root lies the crop's side from that of the trunk
constexpr double kWhole = 0.4, kWorstWhole = 4; // share of the cost of the pose that the limb comes from
constexpr double kMotion = 9, kFarthest = 0.5;  // a crop's side
constexpr double kWorldMotion = 0.7, kWorldFarthest = 0.6; // a metre

} // namespace

double limbSeen(const PoseLandmarks& pose, const Limb& limb) {
    const PoseLandmark &middle = pose.points[limb.middle], &end = pose.points[limb.end];
    return 0.5 * static_cast<double>(middle.visibility * middle.presence + end.visibility * end.presence);
}

double graftCost(const PoseOption& option, const PoseOption& trunk, const Limb& limb, double least) {
    const double apart = norm(option.pose.points[limb.root].px - trunk.pose.points[limb.root].px) /
                         std::max(trunk.pose.roi.side, 1.0);
    return kApart * apart + kWhole * std::min(option.cost - least, kWorstWhole);
}

double limbStepCost(const PoseLandmarks& before, const PoseLandmarks& now, const Limb& limb) {
    const double size = 0.5 * (before.roi.side + now.roi.side);
    double moved = 0, turned = 0;
    for (const std::size_t k : {limb.middle, limb.end}) {
        moved += 0.5 * std::min(norm(before.points[k].px - now.points[k].px) / size, kFarthest);
        turned += 0.5 * std::min(norm(before.points[k].world - now.points[k].world), kWorldFarthest);
    }
    return kMotion * moved + kWorldMotion * turned;
}

double leastCost(const PoseOptions& options) {
    return std::min_element(options.begin(), options.end(),
                            [](const PoseOption& a, const PoseOption& b) { return a.cost < b.cost; })
        ->cost;
}

} // namespace body4d::blazepose
