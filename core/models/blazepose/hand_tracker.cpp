#include "models/blazepose/hand_tracker.h"

#include "base/error.h"
#include "models/blazepose/crop.h"
#include "models/blazepose/roi_map.h"

#include <algorithm>
#include <cmath>

namespace body4d::blazepose {

namespace {

constexpr float kDepthUnit = 0.4F; // the network's depths are in these of its own pixels
constexpr float kLeastPresence = 0.5F;
constexpr double kLeastSide = 0.5;      // averaged probability of the right side
constexpr double kSideAdaptation = 0.3; // of a new frame
constexpr double kWristReach = 0.35;    // of the body's square: how far apart both wrists may be
constexpr double kSamePlace = 0.3;      // of the square: closer together two hands are one
constexpr int kPatience = 3;            // failures before looks become rarer
constexpr int kLongestPause = 4;        // frames

HandPoints pointsOf(const HandLandmarks& hand) {
    HandPoints out;
    for (std::size_t k = 0; k < out.size(); ++k) {
        out[k] = {hand.points[k].px.x, hand.points[k].px.y};
    }
    return out;
}

/// Can the square be a hand of this body?
bool agrees(const Roi& roi, const HandPlace& place) {
    const double ratio = roi.side / place.roi.side;
    return ratio > 0.3 && ratio < 1.6 && norm(centre(roi) - centre(place.roi)) < 0.5 * place.roi.side;
}

/// A hand under examination.
struct HandLook {
    std::size_t person = 0, side = 0;
    HandPlace place;
    Roi roi;
    bool followed = false; ///< the square comes from the hand's own points
    HandLandmarks found;
};

void lookAt(PoseNetworks& networks, const Image& frame, std::vector<HandLook*>& which,
            const std::stop_token& stop) {
    networks.hands(
        which.size(),
        [&](std::size_t i, Crop& crop) { sampleCrop(frame, toIndexSpace(which[i]->roi), kHandSide, crop); },
        [&](std::size_t i, const HandTensors& t) {
            which[i]->found = decodeHand(t, which[i]->roi, which[i]->side);
        },
        stop);
}

} // namespace

HandLandmarks decodeHand(const HandTensors& tensors, const Roi& roi, std::size_t side) {
    HandLandmarks out;
    const Affine map = frameFromCrop(toIndexSpace(roi), kHandSide);
    const double c = std::cos(roi.angle), s = std::sin(roi.angle), scale = roi.side / kHandSide;
    for (std::size_t k = 0; k < out.points.size(); ++k) {
        const float *p = &tensors.points[3 * k], *w = &tensors.world[3 * k];
        const Vec2 px = fromIndexSpace(map(Vec2{p[0], p[1]}));
        out.points[k].px = {static_cast<float>(px.x), static_cast<float>(px.y),
                            static_cast<float>(scale) * p[2] / kDepthUnit};
        out.points[k].world = {static_cast<float>(c * w[0] - s * w[1]),
                               static_cast<float>(s * w[0] + c * w[1]), w[2]};
    }
    out.roi = roi;
    out.score = tensors.presence[0];
    out.sideScore = side == 1 ? tensors.right[0] : 1 - tensors.right[0];
    return out;
}

std::vector<HandPair> HandTracker::look(PoseNetworks& networks, const Image& frame,
                                        std::span<const PoseLandmarks> poses, const std::stop_token& stop) {
    BODY4D_EXPECT(poses.size() == people_.size());
    std::vector<HandLook> candidates;
    for (std::size_t i = 0; i < poses.size(); ++i) {
        for (std::size_t side = 0; side < 2; ++side) {
            Memory& memory = people_[i][side];
            HandLook c{i, side, handPlace(poses[i], side, frame.width, frame.height), {}, false, {}};
            if (!c.place.visible) {
                memory = {};
                continue;
            }
            if (memory.pause > 0) {
                --memory.pause;
                continue;
            }
            c.roi = c.place.roi;
            if (memory.seen) {
                // The body's motion carries the hand on; its own points say where it is.
                Roi own = handRoi(memory.points);
                own.centreX += c.place.knuckles.x - memory.knuckles.x;
                own.centreY += c.place.knuckles.y - memory.knuckles.y;
                c.followed = agrees(own, c.place);
                c.roi = c.followed ? own : c.roi;
            }
            candidates.push_back(c);
        }
    }
    std::vector<HandLook*> now;
    for (HandLook& c : candidates) {
        now.push_back(&c);
    }
    lookAt(networks, frame, now, stop);
    // The body's square is rough: a first look there says where to look, whatever it says else.
    std::vector<HandLook*> again;
    for (HandLook& c : candidates) {
        const Roi own = handRoi(pointsOf(c.found));
        if (!c.followed && agrees(own, c.place)) {
            c.roi = own;
            again.push_back(&c);
        }
    }
    lookAt(networks, frame, again, stop);

    std::vector<const HandLook*> accepted;
    for (HandLook& c : candidates) {
        Memory& memory = people_[c.person][c.side];
        const Vec2 wrist{c.found.points[0].px.x, c.found.points[0].px.y};
        const bool fits = c.found.score >= kLeastPresence && agrees(handRoi(pointsOf(c.found)), c.place) &&
                          norm(wrist - c.place.wrist) < kWristReach * c.place.roi.side;
        const double side = static_cast<double>(c.found.sideScore);
        memory.side = memory.seen ? memory.side + kSideAdaptation * (side - memory.side) : side;
        c.found.sideScore = static_cast<float>(memory.side);
        if (fits && memory.side >= kLeastSide) {
            accepted.push_back(&c);
        }
    }
    // Two hands in one place are one, and it belongs where the network is surer.
    const auto certainty = [](const HandLook* c) { return c->found.score * c->found.sideScore; };
    std::stable_sort(accepted.begin(), accepted.end(),
                     [&](const auto* a, const auto* b) { return certainty(a) > certainty(b); });
    std::vector<const HandLook*> kept;
    for (const HandLook* c : accepted) {
        if (std::none_of(kept.begin(), kept.end(), [&](const HandLook* k) {
                return norm(centre(handRoi(pointsOf(c->found))) - centre(handRoi(pointsOf(k->found)))) <
                       kSamePlace * std::max(c->found.roi.side, k->found.roi.side);
            })) {
            kept.push_back(c);
        }
    }
    std::vector<HandPair> out(poses.size());
    for (const HandLook& c : candidates) {
        Memory& memory = people_[c.person][c.side];
        if (std::find(kept.begin(), kept.end(), &c) != kept.end()) {
            memory = {true, pointsOf(c.found), c.place.knuckles, memory.side, 0, 0};
            out[c.person][c.side] = c.found;
        } else {
            const int failures = memory.failures + 1;
            memory = {};
            memory.failures = failures;
            memory.pause = failures > kPatience ? std::min(failures - kPatience, kLongestPause) : 0;
        }
    }
    return out;
}

} // namespace body4d::blazepose
