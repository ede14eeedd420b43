// Skeletons of people upside down: the landmark network learned from people who stand, and there it mixes up
// limbs, differently from every angle. All that it says is kept, and what goes best through time is chosen
// afterwards.
#include "models/blazepose/leg_path.h"
#include "models/blazepose/roi_map.h"
#include "models/blazepose/session.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace body4d::blazepose {

namespace {

constexpr double kRoom = 1.35; // of the mask's longer side
constexpr double kDegree = 0.017453292519943295;
constexpr std::array<double, 9> kTurns{30, -30, 60, -60, 95, -95, 135, -135, 180}; // degrees
constexpr double kCropMetres = 2.1; // side of the crop about somebody who stands
constexpr double kCurled = 1.2; // such a crop against the one around the mask, from which both are looked at
constexpr double kSmallest = 0.3,
                 kLargest = 4; // of the crop around the mask: such a body is looked at closer
constexpr std::size_t kCloserLooks = 8;
constexpr int kEvery = 4; // pixels of the crop

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

/// Mean of the looks' own masks in the crop `roi`, by weight, of those whose crop shows the place.
std::shared_ptr<const CropMask> agreedMask(const Roi& roi,
                                           std::span<const std::pair<Observation, Judgement>> looks,
                                           std::span<const double> weights) {
    auto out = std::make_shared<CropMask>(kLandmarkSide);
    const Affine toFrame = frameFromCrop(roi, out->side);
    std::vector<Affine> toCrop;
    for (const auto& [o, j] : looks) {
        toCrop.push_back(cropFromFrame(o.roi, o.ownMask().side));
    }
    for (int v = 0; v < out->side; ++v) {
        for (int u = 0; u < out->side; ++u) {
            const Vec2 p = toFrame({double(u), double(v)});
            double sum = 0, all = 0;
            for (std::size_t i = 0; i < looks.size(); ++i) {
                const CropMask& mask = looks[i].first.ownMask();
                const Vec2 q = toCrop[i](p);
                if (q.x >= 0 && q.y >= 0 && q.x <= mask.side - 1 && q.y <= mask.side - 1) {
                    sum += 255 * weights[i] * sampleMask(mask, q.x, q.y);
                    all += weights[i];
                }
            }
            out->values[static_cast<std::size_t>(v) * out->side + u] =
                static_cast<std::uint8_t>(std::lround(all > 0 ? std::min(sum / all, 255.0) : 0));
        }
    }
    return out;
}

} // namespace

void Session::lookFromAllSides(FrameEye& eye, const TrackedTarget& target, const Others& others,
                               Sighting& sighting) const {
    const Image& frame = eye.frame();
    auto looks = std::exchange(sighting.looks, {});
    if (!upsideDown(sighting.seen) && !target.upsideDownLately()) {
        return;
    }
    looks.insert(looks.begin(), {sighting.seen, sighting.judgement});
    const Roi around = aroundMask(sighting.seen);
    std::vector<Glance> glances;
    for (const double turn : kTurns) {
        Roi roi = around;
        roi.angle = sighting.seen.roi.angle + turn * kDegree;
        glances.push_back({roi, &others});
    }
    // Somebody curled up fills less of a crop than the network is used to.
    if (const double usual = kCropMetres * target.usualScale(); usual > kCurled * around.side) {
        for (const double turn : kTurns) {
            const double angle = sighting.seen.roi.angle + turn * kDegree;
            glances.push_back({{around.centreX, around.centreY, usual, angle}, &others});
        }
    }
    const auto consider = [&](std::vector<Observation>&& seen) {
        for (Observation& o : seen) {
            const Judgement j = target.judge(o, others, frame.width, frame.height);
            if (j.quality > 0) {
                looks.emplace_back(std::move(o), j);
            }
        }
    };
    consider(eye.look(glances));
    // One mask for all poses, which the chosen one must fit: what most of the better looks agree on.
    const auto agree = [&] {
        std::vector<double> weights;
        for (const auto& [o, j] : looks) {
            weights.push_back(std::exp(-target.poseCost(o, j)));
        }
        return agreedMask(sighting.seen.roi, looks, weights);
    };
    // Closer, where the better ones say that the body lies: as it is, with nobody else in the picture, and
    // that as in a mirror. What the network mixes up it mixes up differently there.
    Observation alone = sighting.seen;
    alone.own = agree();
    std::vector<Candidate> closer;
    for (const auto& [o, j] : looks) {
        const Roi roi = nextRoi(o);
        if (roi.side > kSmallest * around.side && roi.side < kLargest * around.side) {
            closer.push_back({-target.poseCost(o, j), roi});
        }
    }
    closer = distinct(std::move(closer));
    closer.resize(std::min(closer.size(), kCloserLooks));
    glances.clear();
    for (const Candidate& place : closer) {
        glances.push_back({place.roi, &others});
        glances.push_back(glances.back());
        glances.back().alone = &alone;
        glances.push_back(glances.back());
        glances.back().mirrored = true;
    }
    consider(eye.look(glances));
    sighting.seen.own = agree();
    const auto places = placesOn(sighting.seen.ownMask(), sighting.seen.roi);
    for (const auto& [o, judgement] : looks) {
        Observation onMask = o;
        onMask.roi = sighting.seen.roi;
        Judgement j = judgement;
        j.inside = insideShare(onMask, sighting.seen.ownMask(), frame.width, frame.height);
        j.coverage = skeletonCoverage(onMask, sighting.seen.ownMask());
        PoseLandmarks pose = toPose(o);
        pose.roi = fromIndexSpace(nextRoi(o)); // the crops are of different sizes, the person is not
        PoseOption option{pose, target.poseCost(o, j)};
        seeLegs(o, sighting.seen.ownMask(), sighting.seen.roi, places, option);
        sighting.options.push_back(option);
    }
    settleOptions(sighting.options);
}

} // namespace body4d::blazepose
