#include "body/detail/hidden_runs.h"

#include <algorithm>
#include <cmath>

namespace body4d::detail {

namespace {

constexpr std::size_t kLongestBlink = 1; // visible frames amid hidden ones that are not believed
constexpr double kLimbHidden = 0.5;      // of a limb's usual share from which it counts as seen
constexpr double kLimbLost = 0.25;       // the same where nothing is known from the other side
constexpr double kLegBehind = 0.8;       // of what is usually drawn of a leg, below which the other one is in front of it
constexpr double kLegPassed = 0.55;      // and below which it passes it, as in walking
constexpr std::size_t kStance = 12;      // frames on either side of a stretch that tell whether somebody walks
constexpr std::size_t kCarriedOn = 6;    // frames on either side of a gap in which the speed is kept
constexpr std::size_t kGrowthFrames =
    12; // before the gap, of which the change of size is measured: it trembles more
constexpr double kBodyHidden = 0.3; // of the body's usual share below which no limb is believed

/// How much is drawn, of the usual, of the leg of which less is drawn.
double legDrawn(const FrameEvidence& e) {
    return std::min(e.limbDrawn[static_cast<std::size_t>(Limb::LeftLeg)],
                    e.limbDrawn[static_cast<std::size_t>(Limb::RightLeg)]);
}

/// Whether the person stands with legs apart before and after a stretch, rather than walks.
bool standsApart(const std::vector<FrameEvidence>& evidence, const HiddenRun& run) {
    const auto passing = [](const FrameEvidence& e) { return e.measured && legDrawn(e) < kLegPassed; };
    const auto at = [&](std::size_t i) { return evidence.begin() + static_cast<std::ptrdiff_t>(i); };
    return std::none_of(at(run.begin - std::min(kStance, run.begin)), at(run.begin), passing) &&
           std::none_of(at(run.end), at(std::min(evidence.size(), run.end + kStance)), passing);
}

/// @param openEnded the stretch begins or ends with the track: what little is seen is then all there is to go
/// by
/// @param standing with legs apart before and after: if one covers the other in between, the network has put
/// both of them where one shows
LimbFlags limbsSeen(const FrameEvidence& e, bool openEnded, bool standing) {
    LimbFlags out{};
    if (!e.measured || e.seen < kBodyHidden || e.stranger) {
        return out;
    }
    for (std::size_t l = 0; l < kLimbCount; ++l) {
        out[l] = e.limbSeen[l] >= (openEnded ? kLimbLost : kLimbHidden);
    }
    if (standing && legDrawn(e) < kLegBehind) {
        out[static_cast<std::size_t>(Limb::LeftLeg)] = out[static_cast<std::size_t>(Limb::RightLeg)] = false;
    }
    const auto seen = std::count(out.begin(), out.end(), true);
    const auto has = [&](Limb l) { return out[static_cast<std::size_t>(l)]; };
    const bool anchored =
        has(Limb::Torso) || (has(Limb::Head) && (has(Limb::LeftLeg) || has(Limb::RightLeg)));
    if (!anchored || seen < 2) {
        out.fill(false); // nothing to hang the seen limbs on
    }
    return out;
}

bool hasPose(const TargetFrame& f) {
    return f.state == FrameState::Visible && f.pose.score > 0;
}

/// The place of a person in the picture: the middle of shoulders and hips, pixels.
Vec2 middleOf(const PoseLandmarks& pose) {
    Vec2 sum;
    for (const std::size_t k : {11, 12, 23, 24}) {
        sum = sum + 0.25 * pose.points[k].px;
    }
    return sum;
}

/// Growth of a person in the picture at the end of a stretch of measurements: slope of log(size) a frame.
/// @param rim last frame  @param step away from the stretch: 1 or -1  @param count frames of the stretch,
/// from the rim on
double growthAt(const std::vector<TargetFrame>& frames, std::size_t rim, int step, std::size_t count) {
    double sumT = 0, sumS = 0, sumTT = 0, sumTS = 0;
    for (std::size_t d = 0; d < count; ++d) {
        const double t = -static_cast<double>(d),
                     s = std::log(frames[step > 0 ? rim - d : rim + d].pose.roi.side);
        sumT += t;
        sumS += s;
        sumTT += t * t;
        sumTS += t * s;
    }
    const auto n = static_cast<double>(count);
    return (n * sumTS - sumT * sumS) / (n * sumTT - sumT * sumT);
}

/// What somebody who keeps their pose and goes on at their speed shows as long after the measurement `rim` as
/// the measurement `before` lies before it.  @param grown size relative to the rim's
PoseLandmarks carriedOn(const PoseLandmarks& rim, const PoseLandmarks& before, double grown) {
    PoseLandmarks out = rim;
    const Vec2 middle = middleOf(rim), was = middleOf(before), there = 2 * middle - was;
    const double alike = rim.roi.side / before.roi.side;
    for (std::size_t k = 0; k < out.points.size(); ++k) {
        PoseLandmark& p = out.points[k];
        const PoseLandmark& q = before.points[k];
        p.px = there + 0.5 * grown * (p.px - middle + alike * (q.px - was));
        p.z = static_cast<float>(0.5 * grown * (p.z + alike * q.z));
        p.world = 0.5 * (p.world + q.world);
        p.visibility = std::min(p.visibility, q.visibility);
        p.presence = std::min(p.presence, q.presence);
    }
    out.roi.centreX += middle.x - was.x;
    out.roi.centreY += middle.y - was.y;
    out.roi.side *= grown;
    out.score = std::min(rim.score, before.score);
    return out;
}

/// Lends measurements that go on as before to the first frames of a gap. Whatever smooths a track lags where
/// it ends, for nothing pulls from the other side: bodies would slow down before they go out of sight.
/// @param rim last measured frame  @param step towards the gap: 1 or -1  @param room frames of the gap that
/// may be used
void carryOn(std::vector<TargetFrame>& frames, std::size_t rim, int step, std::size_t room) {
    const std::size_t most = std::min(kGrowthFrames, step > 0 ? rim : frames.size() - 1 - rim);
    std::size_t usable = 0; // measured frames of the same shot before the rim
    for (std::size_t d = 1; d <= most; ++d, ++usable) {
        const TargetFrame& before = frames[step > 0 ? rim - d : rim + d];
        if (!hasPose(before) || before.afterCut != frames[rim].afterCut || !(before.pose.roi.side > 0)) {
            break;
        }
    }
    if (usable == 0 || !(frames[rim].pose.roi.side > 0)) {
        return;
    }
    const double growth = growthAt(frames, rim, step, usable + 1);
    for (std::size_t d = 1; d <= std::min(room, usable); ++d) {
        const TargetFrame& before = frames[step > 0 ? rim - d : rim + d];
        TargetFrame& after = frames[step > 0 ? rim + d : rim - d];
        after.state = FrameState::Visible;
        after.afterCut = frames[rim].afterCut;
        after.pose = carriedOn(frames[rim].pose, before.pose, std::exp(growth * static_cast<double>(d)));
        after.pose.score *= static_cast<float>(room + 1 - d) / static_cast<float>(room + 1);
    }
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
    for (LimbFlags& all : limbs) {
        all.fill(true);
    }
    for (const HiddenRun& run : runs) {
        const bool openEnded = run.begin == 0 || run.end == evidence.size();
        const bool standing = !openEnded && standsApart(evidence, run);
        for (std::size_t i = run.begin; i < run.end; ++i) {
            if (evidence[i].hidden || openEnded) {
                limbs[i] = limbsSeen(evidence[i], openEnded, standing);
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
        for (std::size_t p = 0; p < frame.pose.points.size(); ++p) {
            if (!limbs[i][static_cast<std::size_t>(limbOfLandmark(p))] ||
                !inMask.near(frame.pose.points[p].px, near)) {
                frame.pose.points[p].visibility = 0;
                frame.pose.points[p].presence = 0;
            }
        }
        frame.mask = {}; // its outline is in part that of what is in front
    }
    std::vector<HiddenRun> gaps;
    for (std::size_t i = 0; i < out.frames.size(); ++i) {
        if (hasPose(out.frames[i]) || !evidence[i].hidden) {
            continue;
        }
        HiddenRun gap{i, i};
        while (gap.end < out.frames.size() && !hasPose(out.frames[gap.end])) {
            ++gap.end;
        }
        gaps.push_back(gap);
        i = gap.end;
    }
    for (const HiddenRun& gap : gaps) {
        // Both sides stay apart, so that no jump is seen between what is made up on either.
        const std::size_t room = std::min(kCarriedOn, (gap.size() - 1) / 2);
        if (gap.begin > 0) {
            carryOn(out.frames, gap.begin - 1, 1, room);
        }
        if (gap.end < out.frames.size()) {
            carryOn(out.frames, gap.end, -1, room);
        }
    }
    return out;
}

} // namespace body4d::detail
