#include "models/blazepose/session.h"

#include "base/error.h"
#include "models/blazepose/mask_finish.h"
#include "models/blazepose/person_finder.h"
#include "models/blazepose/roi_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace body4d::blazepose {

namespace {

constexpr double kQuarterTurn = 1.5707963267948966;
constexpr std::size_t kSecondLooks = 3;
constexpr int kTurnedLooks = 4; // frames after a loss during which the last place is looked at from all sides
constexpr double kDefaultFps = 25;
// Frames after which poses are chosen even if doubt remains, but for so many of the newest.
constexpr std::size_t kLongestDoubt = 36, kLookAhead = 12;
constexpr int kSearchedAlways = 6, kSearchPause = 4; // frames without a sight: each one, then one in so many
constexpr int kScoutedAlways = 2, kScoutPause = 6;   // the same while scouting

} // namespace

namespace {

/// A negative point in the trunk or the head of `o`.
bool excludes(const Prompt& prompt, const Observation& o) {
    return std::any_of(prompt.points.begin(), prompt.points.end(), [&](const PointPrompt& p) {
        const Vec2 place = toIndexSpace(Vec2{p.x, p.y});
        return !p.include && maskAt(o, o.ownMask(), place) > 0.5 && coreDistance(o, place) <= 0;
    });
}

} // namespace

PoseLandmarks toPose(const Observation& o) {
    PoseLandmarks out;
    out.roi = fromIndexSpace(o.roi);
    out.score = o.score;
    // The network counts from the crop's edge, masks and crops from the middle of its first pixel.
    const Affine map = frameFromCrop(o.roi, kLandmarkSide);
    const Vec2 half{0.5 * (map.a + map.b), 0.5 * (map.d + map.e)};
    for (std::size_t k = 0; k < out.points.size(); ++k) {
        out.points[k] = {fromIndexSpace(o.px[k] - half), o.z[k], o.visibility[k], o.presence[k], o.world[k]};
    }
    return out;
}

Session::Session(std::shared_ptr<PoseNetworks> networks, std::vector<SessionTarget> targets, double fps,
                 Direction direction, const Segmenter::Options& options, bool scouting)
    : networks_(std::move(networks)), options_(options), scouting_(scouting), dt_(1 / (fps > 0 ? fps : kDefaultFps)),
      direction_(direction) {
    for (SessionTarget& target : targets) {
        targets_.emplace_back(target.id, std::move(target.prompts));
    }
    selectedCount_ = targets_.size();
    gaps_.resize(selectedCount_);
    if (options.hands) {
        hands_ = std::make_unique<HandWorker>(networks_, targets_.size());
    }
}

Session::~Session() = default;

SessionStep Session::advance(std::int64_t index, const ImagePtr& frame, bool newShot,
                             const std::stop_token& stop) {
    BODY4D_EXPECT(frame && !frame->empty());
    newest_ = index;
    if (newShot && direction_ == Direction::Forward) {
        cut();
    }
    FrameEye eye(*networks_, *frame, stop);
    std::vector<Sighting> sightings(targets_.size());
    findPromptedTargets(eye, index, sightings);
    if (!scouting_) {
        lookAtPrompted(eye, sightings);
    }
    followTargets(eye, sightings);
    if (!scouting_) {
        holdHidden(*frame, sightings);
        learnScene(*frame, index, sightings);
    }
    leavePixelsToBystanders(sightings);
    obeyExclusions(index, sightings);
    record(index, frame, sightings);
    if (!scouting_) {
        recall(sightings, stop);
        noteGaps(frame, sightings);
        updateBystanders(frame, index, sightings);
    }
    if (newShot && direction_ == Direction::Backward) {
        cut();
    }
    return release(false);
}

void Session::cut() {
    targets_.resize(selectedCount_, TrackedTarget(0, {}));
    std::for_each(targets_.begin(), targets_.end(), [](TrackedTarget& t) { t.cut(); });
    newcomers_ = {};
    scene_.forget();
    std::for_each(gaps_.begin(), gaps_.end(), [](auto& gap) { gap.clear(); });
}

SessionStep Session::finish() {
    std::for_each(targets_.begin(), targets_.end(), [](TrackedTarget& t) {
        t.settlePoses();
        t.settleSupposed(true);
    });
    return release(true);
}

void Session::findPromptedTargets(FrameEye& eye, std::int64_t index, std::vector<Sighting>& sightings) {
    Others known;
    for (std::size_t i = 0; i < targets_.size(); ++i) {
        const Prompt* prompt = targets_[i].promptOn(index);
        std::string reason;
        if (prompt == nullptr) {
            continue;
        }
        auto found = findPrompted(eye, *prompt, known, reason);
        if (!found) {
            continue;
        }
        Sighting& s = sightings[i];
        s.found = s.prompted = true;
        s.seen = std::move(found->seen);
        s.seen.own = ownershipMask(s.seen, known, 1);
        s.judgement.quality = s.judgement.identity = s.judgement.similarity = s.judgement.coverage = 1;
        s.judgement.inside = insideShare(s.seen, s.seen.ownMask(), eye.frame().width, eye.frame().height);
        known.push_back(&s.seen);
    }
}

void Session::lookAtPrompted(FrameEye& eye, std::vector<Sighting>& sightings) const {
    for (std::size_t i = 0; i < targets_.size(); ++i) {
        Sighting& s = sightings[i];
        if (!s.prompted || !upsideDown(s.seen)) {
            continue;
        }
        Others others;
        for (std::size_t k = 0; k < selectedCount_; ++k) {
            if (sightings[k].prompted && k != i) {
                others.push_back(&sightings[k].seen);
            }
        }
        TrackedTarget target = targets_[i];
        target.seed(s.seen, s.judgement.inside, dt_);
        Sighting looked = s;
        looked.judgement = target.judge(looked.seen, others, eye.frame().width, eye.frame().height);
        lookFromAllSides(eye, target, others, looked);
        s.options = std::move(looked.options);
    }
}

void Session::obeyExclusions(std::int64_t index, std::vector<Sighting>& sightings) {
    for (std::size_t i = 0; i < targets_.size(); ++i) {
        Sighting& s = sightings[i];
        if (!s.found) {
            continue;
        }
        const Prompt* prompt = targets_[i].promptOn(index);
        if (prompt != nullptr && !s.prompted && excludes(*prompt, s.seen)) {
            s.found = false; // "not this" on the body of the person that was followed
            targets_[i].end();
            continue;
        }
        targets_[i].applyCuts(s.seen, prompt);
    }
}

void Session::followTargets(FrameEye& eye, std::vector<Sighting>& sightings) {
    // Clear targets first; who may overlap an earlier one waits for it, everybody else is looked at together.
    // Bystanders come last in the order and wait for nobody: their looks fill cores that are idle otherwise.
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < targets_.size(); ++i) {
        if (targets_[i].started() && !sightings[i].found) {
            order.push_back(i);
        }
    }
    std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
        const TrackedTarget &p = targets_[a], &q = targets_[b];
        if (p.bystander() != q.bystander()) {
            return q.bystander();
        }
        return (p.lost() == 0) != (q.lost() == 0) ? p.lost() == 0 : p.clearness() > q.clearness();
    });
    std::vector<int> levelOf(targets_.size(), 0);
    int levels = order.empty() ? 0 : 1;
    for (std::size_t k = 0; k < order.size() && !targets_[order[k]].bystander(); ++k) {
        for (std::size_t earlier = 0; earlier < k; ++earlier) {
            if (targets_[order[k]].lost() > 0 ||
                mayOverlap(targets_[order[earlier]].last().roi, targets_[order[k]].last().roi)) {
                levelOf[order[k]] = std::max(levelOf[order[k]], levelOf[order[earlier]] + 1);
            }
        }
        levels = std::max(levels, levelOf[order[k]] + 1);
    }
    const auto groups = groupsOf(order);
    std::vector<bool> inGroup(targets_.size());
    for (const auto& group : groups) {
        for (const std::size_t i : group) {
            inGroup[i] = selectedIn(group) > 1 || targets_[i].bystander();
        }
    }
    std::vector<Others> others(targets_.size());
    for (int level = 0; level < levels; ++level) {
        std::vector<std::size_t> now;
        std::copy_if(order.begin(), order.end(), std::back_inserter(now),
                     [&](std::size_t i) { return levelOf[i] == level; });
        for (const std::size_t i : now) {
            for (std::size_t k = 0; k < selectedCount_; ++k) {
                if (sightings[k].found && k != i) {
                    others[i].push_back(&sightings[k].seen);
                }
            }
        }
        easyLook(eye, now, others, sightings);
        for (const std::size_t i : now) {
            if (!inGroup[i] && (!sightings[i].found || sightings[i].doubtful) && searchDue(i)) {
                if (targets_[i].lost() > 0) {
                    const Others strangers = bystandersUnlike(i, sightings);
                    others[i].insert(others[i].end(), strangers.begin(), strangers.end());
                }
                widerSearch(eye, i, others[i], sightings[i]);
                if (sightings[i].doubtful) {
                    targets_[i].noteSecondLook(sightings[i].judgement);
                }
            }
            if (!scouting_ && !inGroup[i] && sightings[i].found && targets_[i].lost() == 0) {
                lookFromAllSides(eye, targets_[i], others[i], sightings[i]);
            }
        }
    }
    for (const auto& group : groups) {
        if (selectedIn(group) == 1) {
            // One target among bystanders is followed as if it were alone, until it may be one of them.
            if (disputedByBystander(group, sightings)) {
                searchTogether(eye, group, sightings);
            }
            continue;
        }
        const bool due = std::any_of(group.begin(), group.end(), [&](std::size_t i) {
            return !targets_[i].bystander() && !undisputed(i, group, sightings) && searchDue(i);
        });
        if (group.size() > 1 && due) {
            searchTogether(eye, group, sightings);
        }
    }
}

bool Session::searchDue(std::size_t which) const {
    const int missing = targets_[which].unconfirmed();
    if (scouting_) {
        return missing <= kScoutedAlways || missing % kScoutPause == 0;
    }
    return missing < kSearchedAlways || missing % kSearchPause == 0;
}

std::vector<std::vector<std::size_t>> Session::groupsOf(const std::vector<std::size_t>& order) const {
    std::vector<std::vector<std::size_t>> groups;
    for (const std::size_t i : order) {
        if (targets_[i].lost() >= kCloseMemory || targets_[i].awaitsCutMatch()) {
            continue;
        }
        Roi mine = targets_[i].last().roi;
        mine.centreX = targets_[i].predictedCentre().x;
        mine.centreY = targets_[i].predictedCentre().y;
        std::vector<std::size_t> joined;
        std::erase_if(groups, [&](const std::vector<std::size_t>& group) {
            const bool touches = std::any_of(group.begin(), group.end(), [&](std::size_t k) {
                Roi theirs = targets_[k].last().roi;
                theirs.centreX = targets_[k].predictedCentre().x;
                theirs.centreY = targets_[k].predictedCentre().y;
                return mayOverlap(mine, theirs);
            });
            if (touches) {
                joined.insert(joined.end(), group.begin(), group.end());
            }
            return touches;
        });
        joined.push_back(i);
        groups.push_back(std::move(joined));
    }
    return groups;
}

void Session::easyLook(FrameEye& eye, const std::vector<std::size_t>& level, std::vector<Others>& others,
                       std::vector<Sighting>& sightings) {
    std::vector<Glance> glances;
    std::vector<std::size_t> who;
    for (const std::size_t i : level) {
        if (targets_[i].bystander() ? wantsLook(targets_[i]) : targets_[i].lost() == 0) {
            glances.push_back({targets_[i].predictedRoi(), &others[i]});
            who.push_back(i);
        }
    }
    auto seen = eye.look(glances);
    for (std::size_t k = 0; k < who.size(); ++k) {
        Sighting& s = sightings[who[k]];
        s.seen = std::move(seen[k]);
        s.judgement = targets_[who[k]].judge(s.seen, others[who[k]], eye.frame().width, eye.frame().height);
        s.found = targets_[who[k]].clearlyFits(s.seen, s.judgement);
        s.doubtful = !scouting_ && s.found && targets_[who[k]].doubtful(s.judgement);
    }
}

void Session::widerSearch(FrameEye& eye, std::size_t which, const Others& others, Sighting& sighting) {
    const TrackedTarget& target = targets_[which];
    const int lost = target.lost();
    const bool afterCut = target.awaitsCutMatch();
    const Roi last = target.last().roi;
    const bool trackedOn = lost == 0 && sighting.judgement.identity > 0.1;
    const double width = eye.frame().width, height = eye.frame().height, longer = std::max(width, height);
    bool any = trackedOn;
    const auto remember = [&](const Observation& o, const Judgement& j) {
        if (trackedOn && j.quality > 0) {
            sighting.looks.emplace_back(o, j);
        }
    };
    remember(sighting.seen, sighting.judgement);

    const auto consider = [&](const std::vector<Candidate>& places) {
        std::vector<Glance> close;
        for (const Candidate& place : places) {
            close.push_back({place.roi, &others});
        }
        auto seen = eye.look(close);
        // Only the most promising are looked at twice.
        std::vector<double> first(seen.size());
        for (std::size_t i = 0; i < seen.size(); ++i) {
            first[i] = target.judge(seen[i], others, eye.frame().width, eye.frame().height).quality;
        }
        auto sorted = first;
        std::sort(sorted.begin(), sorted.end(), std::greater<>());
        std::vector<bool> wanted(seen.size());
        for (std::size_t i = 0; i < seen.size(); ++i) {
            wanted[i] = seen[i].score >= 0.4 && first[i] >= sorted[std::min(sorted.size(), kSecondLooks) - 1];
        }
        const auto unrefined = seen;
        eye.refine(seen, close, wanted);
        const auto compare = [&](Observation& o) {
            const Judgement j = target.judge(o, others, eye.frame().width, eye.frame().height);
            remember(o, j);
            if (j.quality > 0 && (!any || j.quality > sighting.judgement.quality)) {
                sighting.judgement = j;
                sighting.seen = std::move(o);
                any = true;
            }
        };
        for (std::size_t i = 0; i < seen.size(); ++i) {
            Observation before = unrefined[i];
            compare(before);
            if (wanted[i]) {
                compare(seen[i]);
            }
        }
    };
    const auto turned = [&](std::initializer_list<double> quarters, std::vector<Candidate>& places) {
        for (const double turn : quarters) {
            places.push_back(
                {0.4, {last.centreX, last.centreY, last.side, last.angle + turn * kQuarterTurn}});
        }
    };
    const auto accepted = [&] {
        return any && target.acceptable(sighting.seen, sighting.judgement, trackedOn);
    };

    if (!afterCut && lost < kTurnedLooks) {
        // Near by: the last place from slightly turned sides, and what the detector says there.
        auto places = eye.candidates(
            std::vector<Glance>{{{last.centreX, last.centreY, 1.3 * last.side, last.angle}, &others}},
            kDetectorThreshold);
        places.resize(std::min<std::size_t>(places.size(), 2));
        const auto settled = [&] { return accepted() && (scouting_ || target.convincing(sighting.judgement)); };
        if (scouting_) {
            turned({0.25, -0.25}, places);
            consider(places);
        } else {
            // Most doubts end with another crop from the same side: four more looks are for those that do not.
            turned({0}, places);
            consider(places);
            if (!settled()) {
                places.clear();
                turned({0.25, -0.25, 0.5, -0.5}, places);
                consider(places);
            }
        }
        if (settled()) {
            sighting.found = true;
            return;
        }
    }
    std::vector<Glance> glances;
    if (!afterCut) {
        const double grown = 1 + 0.06 * std::min(lost, 25);
        const bool upright = std::abs(last.angle) < 0.6 && !trackedOn && lost < 2;
        for (const double size : trackedOn ? std::vector{1.3} : std::vector{1.2 * grown, 2 * grown}) {
            for (int turn = 0; turn < (upright ? 1 : 4); ++turn) {
                glances.push_back(
                    {{last.centreX, last.centreY, size * last.side, turn * kQuarterTurn}, &others});
            }
        }
    }
    auto places = eye.candidates(glances, kDetectorThreshold);
    places.resize(std::min<std::size_t>(places.size(), 6));
    if (!afterCut) {
        if (lost < kTurnedLooks) {
            turned({1.0, -1.0, 1.5, -1.5, 2.0}, places);
        } else {
            places.push_back({0.5, last});
        }
    }
    if (afterCut || (lost >= 4 && lost % 8 == 4)) {
        std::vector<Glance> wide{{{width / 2, height / 2, longer * 1.05, 0}, &others}};
        for (const double x : {0.2, 0.5, 0.8}) {
            wide.push_back({{width * x, height / 2, std::max(height * 1.05, last.side), 0}, &others});
        }
        auto anywhere = eye.candidates(wide, kDetectorThreshold);
        anywhere.resize(std::min<std::size_t>(anywhere.size(), 10));
        places.insert(places.end(), anywhere.begin(), anywhere.end());
    }
    consider(places);
    sighting.found = sighting.doubtful || accepted();
}

void Session::record(std::int64_t index, const ImagePtr& frame, std::vector<Sighting>& sightings) {
    for (std::size_t i = 0; i < sightings.size(); ++i) {
        TrackedTarget& target = targets_[i];
        Sighting& s = sightings[i];
        if (target.bystander()) {
            bool firm = false;
            if (s.found) {
                static_cast<void>(target.accept(s.seen, s.judgement, dt_, firm));
            } else {
                static_cast<void>(target.miss(frame->width, frame->height, dt_));
            }
            continue;
        }
        HeldFrame held;
        held.frame.frame = index;
        bool kept = s.found, firm = s.prompted, takeBack = false;
        const std::size_t openFrames = target.revocable();
        if (s.found || s.supposed) {
            held = heldFrame(index, frame, s);
        }
        if (!s.supposed) {
            target.settleSupposed(s.found && target.goesOnFromSupposed(s.seen));
        }
        if (s.found) {
            if (s.prompted) {
                target.seed(std::move(s.seen), s.judgement.inside, dt_);
            } else if (s.held) {
                target.hold(std::move(s.seen));
            } else {
                kept = target.accept(s.seen, s.judgement, dt_, firm);
                takeBack = !kept;
            }
        } else if (target.started()) {
            takeBack = !target.miss(frame->width, frame->height, dt_);
        }
        if (takeBack) {
            for (std::size_t k = 0; k < openFrames; ++k) {
                target.held[target.held.size() - 1 - k].forget();
            }
            held.forget();
        }
        held.frame.firm = kept && firm;
        held.frame.afterCut = kept && target.afterCut();
        target.held.push_back(std::move(held));
        if (const std::size_t doubt = target.inDoubt(); doubt == 0 || doubt >= kLongestDoubt) {
            target.settlePoses(doubt == 0 ? 0 : kLookAhead);
        }
    }
    if (hands_) {
        lookAtHands(frame);
    }
}

HeldFrame Session::heldFrame(std::int64_t index, const ImagePtr& frame, Sighting& s) const {
    HeldFrame held;
    held.frame.frame = index;
    held.frame.state = FrameState::Visible;
    held.frame.pose = toPose(s.seen);
    held.frame.similarity = static_cast<float>(s.judgement.similarity);
    held.frame.confidence =
        static_cast<float>(s.seen.score * (0.3 + 0.7 * s.judgement.inside) * s.judgement.similarity);
    held.frame.prompted = s.prompted;
    held.options = std::move(s.options);
    held.supposed = s.supposed;
    if (options_.needMasks) {
        held.mask = masks_.submit([seen = s.seen, frame, sharpen = options_.sharpenEdges] {
            return finishMask(seen, *frame, sharpen);
        });
    }
    return held;
}

void Session::lookAtHands(const ImagePtr& frame) {
    const std::span selected(targets_.data(), selectedCount_);
    std::vector<PoseLandmarks> poses;
    for (const TrackedTarget& target : selected) {
        poses.push_back(target.held.back().frame.pose);
    }
    const auto hands = hands_->submit(frame, std::move(poses));
    for (TrackedTarget& target : selected) {
        if (target.held.back().frame.pose.score > 0) {
            target.held.back().hands = hands;
        }
    }
}

void Session::collect(HeldFrame& held, std::size_t target) {
    if (held.mask.valid()) {
        held.frame.mask = held.mask.get();
    }
    if (held.hands.valid()) {
        held.frame.hands = held.hands.get()[target];
    }
}

SessionStep Session::release(bool everything) {
    SessionStep step;
    for (std::size_t i = 0; i < selectedCount_; ++i) {
        TrackedTarget& target = targets_[i];
        std::size_t count = target.held.size();
        if (!everything) {
            count = std::min(target.settled(), count - std::min(count, gaps_[i].size()));
        }
        // The newest frame's mask is still being made while the next frame is looked at.
        if (!everything && count == target.held.size() && count > 0) {
            --count;
        }
        for (; count > 0; --count) {
            HeldFrame& held = target.held.front();
            collect(held, i);
            step.items.push_back({target.id(), std::move(held.frame)});
            target.held.pop_front();
        }
    }
    std::stable_sort(step.items.begin(), step.items.end(), [this](const auto& a, const auto& b) {
        return direction_ == Direction::Forward ? a.frame.frame < b.frame.frame
                                                : a.frame.frame > b.frame.frame;
    });
    return step;
}

} // namespace body4d::blazepose
