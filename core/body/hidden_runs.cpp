#include "body/detail/hidden_runs.h"

#include <algorithm>
#include <cmath>

namespace body4d::detail {

namespace {

constexpr std::size_t kLongestBlink = 1; // visible frames amid hidden ones that are not believed
constexpr double kLimbHidden = 0.5;      // of a limb's usual share from which it counts as seen
constexpr double kLimbLost = 0.25;       // the same where nothing is known from the other side
constexpr double kBodyHidden = 0.3;      // of the body's usual share below which no limb is believed

/// @param openEnded the stretch begins or ends with the track: what little is seen is then all there is to go by
LimbFlags limbsSeen(const FrameEvidence& e, bool openEnded) {
    LimbFlags out{};
    if (!e.measured || e.seen < kBodyHidden || e.stranger) {
        return out;
    }
    int seen = 0;
    for (std::size_t l = 0; l < kLimbCount; ++l) {
        out[l] = e.limbSeen[l] >= (openEnded ? kLimbLost : kLimbHidden);
        seen += out[l] ? 1 : 0;
    }
    const auto has = [&](Limb l) { return out[static_cast<std::size_t>(l)]; };
    const bool anchored =
        has(Limb::Torso) || (has(Limb::Head) && (has(Limb::LeftLeg) || has(Limb::RightLeg)));
    if (!anchored || seen < 2) {
        out.fill(false); // nothing to hang the seen limbs on
    }
    return out;
}

/// A limb that flickers between seen and hidden within a stretch is hidden.
void steady(const HiddenRun& run, std::vector<LimbFlags>& flags) {
    constexpr std::size_t kLeast = 4;
    for (std::size_t l = 0; l < kLimbCount; ++l) {
        for (std::size_t i = run.begin; i < run.end; ++i) {
            if (!flags[i][l]) {
                continue;
            }
            std::size_t end = i;
            while (end < run.end && flags[end][l]) {
                ++end;
            }
            const bool touchesRim = i == run.begin || end == run.end;
            if (end - i < kLeast && !touchesRim) {
                for (std::size_t k = i; k < end; ++k) {
                    flags[k][l] = false;
                }
            }
            i = end;
        }
    }
}

} // namespace

std::vector<HiddenRun> hiddenRuns(std::vector<FrameEvidence>& evidence, double fps) {
    const std::size_t count = evidence.size();
    // A stray believed frame amid hidden ones is part of the stretch.
    for (std::size_t i = 0; i < count; ++i) {
        if (evidence[i].hidden) {
            continue;
        }
        std::size_t end = i;
        while (end < count && !evidence[end].hidden) {
            ++end;
        }
        if (i > 0 && end < count && end - i <= kLongestBlink) {
            for (std::size_t k = i; k < end; ++k) {
                evidence[k].hidden = true;
            }
        }
        i = end;
    }
    std::vector<HiddenRun> runs;
    const auto shortest = static_cast<std::size_t>(std::max(3.0, std::round(0.12 * fps)));
    for (std::size_t i = 0; i < count; ++i) {
        if (!evidence[i].hidden) {
            continue;
        }
        HiddenRun run{i, i};
        bool severe = false, seenToBeHidden = false;
        while (run.end < count && evidence[run.end].hidden) {
            const FrameEvidence& e = evidence[run.end];
            severe |= !e.measured || e.seen < 0.45;
            // Looks alone change with light, a turn or a thing held up; something must also be missing or out
            // of place.
            seenToBeHidden |= !e.measured || e.seen < 0.8 || e.area < 0.75 || e.area > 1.35 || e.jump > 8;
            ++run.end;
        }
        if (seenToBeHidden && (run.size() >= shortest || severe)) {
            runs.push_back(run);
        } else { // a moment's misfit is no occlusion
            for (std::size_t k = run.begin; k < run.end; ++k) {
                evidence[k].hidden = false;
            }
        }
        i = run.end;
    }
    return runs;
}

bool isRooted(const LimbFlags& seen) {
    const auto has = [&](Limb l) { return seen[static_cast<std::size_t>(l)]; };
    return (has(Limb::Torso) || has(Limb::Head)) && (has(Limb::LeftLeg) || has(Limb::RightLeg));
}

std::vector<LimbFlags> limbsInView(const std::vector<FrameEvidence>& evidence,
                                   std::span<const HiddenRun> runs) {
    std::vector<LimbFlags> limbs(evidence.size());
    for (std::size_t i = 0; i < evidence.size(); ++i) {
        if (evidence[i].hidden) {
            limbs[i] = limbsSeen(evidence[i], false);
        } else {
            limbs[i].fill(true);
        }
    }
    for (const HiddenRun& run : runs) {
        if (run.begin == 0 || run.end == evidence.size()) {
            for (std::size_t i = run.begin; i < run.end; ++i) {
                limbs[i] = limbsSeen(evidence[i], true);
            }
        }
        steady(run, limbs);
    }
    return limbs;
}

TargetTrack withoutHidden(const TargetTrack& track, const std::vector<FrameEvidence>& evidence,
                          const std::vector<LimbFlags>& limbs) {
    TargetTrack out = track;
    for (std::size_t i = 0; i < out.frames.size(); ++i) {
        TargetFrame& frame = out.frames[i];
        if (!evidence[i].hidden || !evidence[i].measured) {
            continue;
        }
        if (std::none_of(limbs[i].begin(), limbs[i].end(), [](bool seen) { return seen; })) {
            frame.state = FrameState::Occluded;
            frame.pose = {};
            frame.hands = {};
            frame.mask = {};
            continue;
        }
        // The network makes points up behind what is in front: believed are those on or next to the visible
        // mask.
        const PixelTest inMask(frame.mask);
        const double near = 0.02 * frame.pose.roi.side;
        const auto visible = [&](Vec2 px) {
            for (const Vec2 step : {Vec2{0, 0}, Vec2{1, 0}, Vec2{-1, 0}, Vec2{0, 1}, Vec2{0, -1}}) {
                if (inMask(px + near * step)) {
                    return true;
                }
            }
            return false;
        };
        for (std::size_t p = 0; p < frame.pose.points.size(); ++p) {
            if (!limbs[i][static_cast<std::size_t>(limbOfLandmark(p))] || !visible(frame.pose.points[p].px)) {
                frame.pose.points[p].visibility = 0;
                frame.pose.points[p].presence = 0;
            }
        }
        frame.mask = {}; // its outline is in part that of what is in front
    }
    return out;
}

} // namespace body4d::detail
