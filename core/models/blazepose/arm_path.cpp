#include "models/blazepose/arm_path.h"

#include "base/error.h"
#include "models/blazepose/cheapest_way.h"
#include "models/blazepose/limb_costs.h"

#include <cmath>

namespace body4d::blazepose {

namespace {

constexpr std::size_t kShoulder = 11, kElbow = 13, kWrist = 15, kLittleFinger = 17, kIndexFinger = 19,
                      kThumb = 21;  // of the left; the right follows
constexpr double kSeen = 1.6;       // cost, as those of PoseOption
constexpr double kHardlySeen = 0.2; // added to what is seen

Limb arm(std::size_t side) {
    return {kShoulder + side, kElbow + side, kWrist + side};
}

} // namespace

std::vector<std::array<std::size_t, 2>> cheapestArms(std::span<const PoseOptions> frames,
                                                     std::span<const std::size_t> path) {
    BODY4D_EXPECT(frames.size() == path.size());
    std::vector<std::array<std::size_t, 2>> out(frames.size());
    for (std::size_t side = 0; side < 2; ++side) {
        const auto way = cheapestWay(
            frames,
            [&](std::size_t f, const PoseOption& option) {
                const double seen = kHardlySeen + (1 - kHardlySeen) * limbSeen(option.pose, arm(side));
                return graftCost(option, frames[f][path[f]], arm(side), leastCost(frames[f])) -
                       kSeen * std::log(seen);
            },
            [&](const PoseLandmarks& before, const PoseLandmarks& now) {
                return limbStepCost(before, now, arm(side));
            });
        for (std::size_t f = 0; f < frames.size(); ++f) {
            out[f][side] = way[f];
        }
    }
    return out;
}

void takeArm(PoseLandmarks& pose, const PoseLandmarks& from, std::size_t side) {
    const Vec3 moved = pose.points[kShoulder + side].world - from.points[kShoulder + side].world;
    for (const std::size_t k : {kElbow, kWrist, kLittleFinger, kIndexFinger, kThumb}) {
        PoseLandmark& point = pose.points[k + side];
        point = from.points[k + side];
        point.world = point.world + moved;
    }
}

} // namespace body4d::blazepose
