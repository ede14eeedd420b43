// Skeletons of people upside down: the landmark network learned from people who stand, and there it mixes up
// limbs, differently from every angle. All that it says is kept, and what goes best through time is chosen
// afterwards.
#include "models/blazepose/roi_map.h"
#include "models/blazepose/session.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace body4d::blazepose {

namespace {

constexpr double kRoom = 1.35; // of the mask's longer side
constexpr float kFewestPresence = 0.4F;
constexpr double kDegree = 0.017453292519943295;
constexpr std::array<double, 9> kTurns{30, -30, 60, -60, 95, -95, 135, -135, 180}; // degrees
constexpr int kEvery = 4;                                                          // pixels of the crop

/// Upright in the frame, around what is seen of somebody.
Roi aroundMask(const Observation& o) {
    const CropMask& mask = o.ownMask();
    const Affine toFrame = frameFromCrop(o.roi, mask.side);
    Box box{1e30, 1e30, -1e30, -1e30};
    for (int v = 0; v < mask.side; v += kEvery) {
        for (int u = 0; u < mask.side; u += kEvery) {
            if (mask.at(u, v) >= 128) {
                const Vec2 p = toFrame({double(u), double(v)});
                box = {std::min(box.x0, p.x), std::min(box.y0, p.y), std::max(box.x1, p.x),
                       std::max(box.y1, p.y)};
            }
        }
    }
    if (box.x1 <= box.x0 || box.y1 <= box.y0) {
        return {o.roi.centreX, o.roi.centreY, o.roi.side, 0};
    }
    return {0.5 * (box.x0 + box.x1), 0.5 * (box.y0 + box.y1), kRoom * std::max(box.width(), box.height()), 0};
}

} // namespace

void Session::lookFromAllSides(FrameEye& eye, std::size_t which, const Others& others,
                               Sighting& sighting) const {
    const TrackedTarget& target = targets_[which];
    const Image& frame = eye.frame();
    // The mask stays that of the first choice, and a pose must fit the mask that is shown.
    const auto keep = [&](const Observation& o, Judgement j) {
        Observation onMask = o;
        onMask.roi = sighting.seen.roi;
        j.inside = insideShare(onMask, sighting.seen.ownMask(), frame.width, frame.height);
        j.coverage = skeletonCoverage(onMask, sighting.seen.ownMask());
        sighting.options.push_back({toPose(o), target.poseCost(o, j)});
    };
    const auto looks = std::exchange(sighting.looks, {});
    if (!upsideDown(sighting.seen) && !target.upsideDownLately()) {
        return;
    }
    keep(sighting.seen, sighting.judgement);
    for (const auto& [o, judgement] : looks) {
        keep(o, judgement);
    }
    const Roi around = aroundMask(sighting.seen);
    std::vector<Glance> glances;
    for (const double turn : kTurns) {
        Roi roi = around;
        roi.angle = sighting.seen.roi.angle + turn * kDegree;
        glances.push_back({roi, &others});
    }
    auto seen = eye.look(glances);
    std::vector<bool> wanted(seen.size());
    for (std::size_t i = 0; i < seen.size(); ++i) {
        wanted[i] = seen[i].score >= kFewestPresence;
    }
    auto again = seen;
    eye.refine(again, glances, wanted);
    const auto consider = [&](Observation& o) {
        const Judgement j = target.judge(o, others, frame.width, frame.height);
        if (j.quality > 0) {
            keep(o, j);
        }
    };
    for (std::size_t i = 0; i < seen.size(); ++i) {
        consider(seen[i]);
        if (wanted[i]) {
            consider(again[i]);
        }
    }
    settleOptions(sighting.options);
}

} // namespace body4d::blazepose
