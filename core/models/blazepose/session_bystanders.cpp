// People whom nobody selected: followed silently while they are near a target, so that the target is not
// taken for one of them where they meet.
#include "models/blazepose/appearance.h"
#include "models/blazepose/roi_map.h"
#include "models/blazepose/seen_part.h"
#include "models/blazepose/session.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace body4d::blazepose {

namespace {

constexpr double kSearchSeconds = 0.3;               // between two looks around
constexpr int kFewestBetween = 3, kMostBetween = 12; // frames
constexpr int kSidesInTurn = 6; // frames between looks from which one side is enough while nobody is near
constexpr double kSearchSide = 1.7, kSearchOffset = 0.65; // squares left and right, of the target's crop
constexpr double kStrangerPresence = 0.9, kLeastInside = 0.75, kLeastCoverage = 0.8; // of somebody new
constexpr double kStranger = 0.3, kSharedMask = 0.1; // from a target: skeletons at least, masks at most
constexpr double kSamePlace = 0.25;                  // of the crop's side
constexpr double kBeside = 0.5;       // of the crop's side: close enough to be taken for one another
constexpr double kCareSeconds = 5;    // after which somebody lost may be anywhere
constexpr double kClose = 0.9;        // of the mean side of both crops
constexpr double kFarSeconds = 0.12;  // from one look at somebody farther off to the next
constexpr int kLongestPause = 3;      // frames
constexpr double kClearlyMore = 1.15; // somebody resembles themselves so much more than a lost target
constexpr double kTrustedPresence = 0.8, kTrustedInside = 0.6;
constexpr double kTargetsMargin = -1; // of 64: the target wins ties for a pixel

} // namespace

std::ptrdiff_t Session::selectedIn(const std::vector<std::size_t>& group) const {
    return std::count_if(group.begin(), group.end(), [this](std::size_t i) { return i < selectedCount_; });
}

bool Session::caredFor(const TrackedTarget& target) const {
    return target.started() && !target.awaitsCutMatch() && target.lost() * dt_ < kCareSeconds;
}

bool Session::nearSelected(const Roi& roi) const {
    return std::any_of(targets_.begin(), targets_.begin() + static_cast<std::ptrdiff_t>(selectedCount_),
                       [&](const TrackedTarget& t) { return caredFor(t) && mayOverlap(t.last().roi, roi); });
}

int Session::farPause() const {
    return std::clamp(static_cast<int>(std::lround(kFarSeconds / dt_)), 1, kLongestPause);
}

bool Session::wantsLook(const TrackedTarget& bystander) const {
    const int pause = farPause();
    if (bystander.lost() >= pause) {
        return false; // only a search or a look around finds them again
    }
    const double side = bystander.last().roi.side;
    return bystander.lost() == pause - 1 ||
           std::any_of(targets_.begin(), targets_.begin() + static_cast<std::ptrdiff_t>(selectedCount_),
                       [&](const TrackedTarget& t) {
                           return t.started() && norm(t.predictedCentre() - bystander.predictedCentre()) <
                                                     kClose * 0.5 * (t.last().roi.side + side);
                       });
}

Others Session::bystandersUnlike(std::size_t which, std::vector<Sighting>& sightings) const {
    Others out;
    for (std::size_t k = selectedCount_; k < sightings.size(); ++k) {
        Sighting& s = sightings[k];
        if (s.found && targets_[k].wellKnown() &&
            (!targets_[which].resembles(s.seen) ||
             targets_[k].likeness(s.seen) > kClearlyMore * targets_[which].likeness(s.seen))) {
            out.push_back(&s.seen);
        }
    }
    return out;
}

bool Session::disputedByBystander(const std::vector<std::size_t>& group,
                                  const std::vector<Sighting>& sightings) const {
    const auto me =
        *std::find_if(group.begin(), group.end(), [this](std::size_t i) { return i < selectedCount_; });
    const Sighting& s = sightings[me];
    if (!s.found) {
        return false;
    }
    const double off = targets_[me].offItsWay(s.seen), side = seenPart(s.seen).side;
    return std::any_of(group.begin(), group.end(), [&](std::size_t k) {
        if (k == me) {
            return false;
        }
        const double toThem = targets_[k].offItsWay(s.seen);
        if (sightings[k].found) {
            return skeletonDifference(s.seen, sightings[k].seen) < kSamePerson ||
                   (off > kLargestShift * side && toThem < off);
        }
        // Out of sight: behind the target, or what was found is them.
        const int lost = targets_[k].lost();
        return toThem < kBeside * side && (lost < 3 || lost % 4 == 0);
    });
}

void Session::leavePixelsToBystanders(std::vector<Sighting>& sightings) const {
    Others bystanders;
    for (std::size_t k = selectedCount_; k < sightings.size(); ++k) {
        const Sighting& s = sightings[k];
        if (s.found && targets_[k].wellKnown() && s.seen.score > kTrustedPresence &&
            s.judgement.inside > kTrustedInside) {
            bystanders.push_back(&s.seen);
        }
    }
    for (std::size_t i = 0; i < selectedCount_ && !bystanders.empty(); ++i) {
        Sighting& s = sightings[i];
        if (!s.found || s.prompted) {
            continue;
        }
        Observation seen = s.seen;
        seen.mask = seen.own ? seen.own : seen.mask;
        if (auto own = ownershipMask(seen, bystanders, kTargetsMargin)) {
            s.seen.own = std::move(own);
        }
    }
}

void Session::updateBystanders(const ImagePtr& frame, std::int64_t index, const std::vector<Sighting>& sightings) {
    std::vector<const Observation*> selected;
    for (std::size_t i = 0; i < selectedCount_; ++i) {
        if (sightings[i].found) {
            selected.push_back(&targets_[i].last());
        }
    }
    const auto isSelected = [&](const Observation& o) {
        return std::any_of(selected.begin(), selected.end(),
                           [&](const Observation* s) { return skeletonDifference(*s, o) < kSamePerson; });
    };
    const auto first = targets_.begin() + static_cast<std::ptrdiff_t>(selectedCount_);
    targets_.erase(std::remove_if(first, targets_.end(),
                                  [&](const TrackedTarget& t) {
                                      return t.lost() >= kCloseMemory || !nearSelected(t.last().roi) ||
                                             (t.lost() == 0 && isSelected(t.last()));
                                  }),
                   targets_.end());
    if (newcomers_.valid()) {
        meetNewcomers();
    }
    const auto period =
        std::clamp(static_cast<int>(std::lround(kSearchSeconds / dt_)), kFewestBetween, kMostBetween);
    if (index % period != 0 || selectedCount_ > 1) {
        return; // several targets settle among themselves who is who
    }
    std::vector<double> sides{-kSearchOffset, kSearchOffset};
    if (period >= kSidesInTurn && targets_.size() == selectedCount_) {
        sides = {sides[static_cast<std::size_t>(index / period % 2)]};
    }
    LookAround around;
    for (const TrackedTarget& t : targets_) {
        if (t.started() && t.lost() == 0) {
            around.known.push_back(t.last());
        }
        if (t.started() && t.lost() < farPause()) {
            around.taken.push_back(seenPart(t.last()));
        }
    }
    for (std::size_t i = 0; i < selectedCount_; ++i) {
        if (!caredFor(targets_[i])) {
            continue;
        }
        around.near.push_back(targets_[i].last().roi);
        if (!(sightings[i].found && sightings[i].doubtful)) {
            const Roi roi = seenPart(targets_[i].last());
            for (const double offset : sides) {
                around.wide.push_back(
                    {roi.centreX + offset * roi.side, roi.centreY, kSearchSide * roi.side, 0});
            }
        }
    }
    const std::size_t most = selectedCount_ + kMostBystanders;
    around.room = most - std::min(targets_.size(), most);
    if (!around.wide.empty() && around.room > 0) {
        // Not stopped half-way: what is saved on cancelling must be whole.
        newcomers_ = lookout_.submit([networks = networks_, frame, around = std::move(around), dt = dt_] {
            FrameEye eye(*networks, *frame, {});
            return lookAround(eye, around, dt);
        });
    }
}

std::vector<TrackedTarget> Session::lookAround(FrameEye& eye, const LookAround& around, double dt) {
    // Painted out, those who are known do not draw the detector away from their neighbours.
    Others known;
    for (const Observation& o : around.known) {
        known.push_back(&o);
    }
    std::vector<Glance> wide;
    for (const Roi& roi : around.wide) {
        wide.push_back({roi, &known});
    }
    auto places = eye.candidates(wide, kDetectorThreshold);
    std::erase_if(places, [&](const Candidate& place) {
        const Roi there = seenPart(place.roi, eye.frame().width, eye.frame().height);
        return std::none_of(around.near.begin(), around.near.end(),
                            [&](const Roi& roi) { return mayOverlap(roi, place.roi); }) ||
               std::any_of(around.taken.begin(), around.taken.end(), [&](const Roi& last) {
                   return norm(centre(last) - centre(there)) < kSamePlace * std::max(last.side, there.side);
               });
    });
    places.resize(std::min(places.size(), around.room));
    std::vector<Glance> close;
    for (const Candidate& place : places) {
        close.push_back({place.roi, nullptr});
    }
    auto seen = eye.look(close);
    const auto firstLook = seen;
    eye.refine(seen, close, std::vector<bool>(seen.size(), true));
    std::vector<TrackedTarget> out;
    for (std::size_t i = 0; i < seen.size(); ++i) {
        Observation& o = seen[i];
        // Who is there looks the same from a slightly other crop.
        if (o.score >= kStrangerPresence && skeletonDifference(firstLook[i], o) <= kSamePerson &&
            insideShare(o, *o.mask, eye.frame().width, eye.frame().height) >= kLeastInside &&
            skeletonCoverage(o, *o.mask) >= kLeastCoverage) {
            measureClothes(o, *o.mask, *o.crop);
            out.emplace_back(kBystander, std::vector<Prompt>()).seed(std::move(o), 1, dt);
        }
    }
    return out;
}

void Session::meetNewcomers() {
    const auto looked = std::exchange(newcomers_, {}); // owns what the loop goes over
    for (const TrackedTarget& newcomer : looked.get()) {
        const Observation& o = newcomer.last();
        const bool strange = std::none_of(targets_.begin(), targets_.end(), [&](const TrackedTarget& t) {
            return t.started() && t.lost() < farPause() &&
                   (skeletonDifference(t.last(), o) < kStranger || maskOverlap(t.last(), o) > kSharedMask);
        });
        // It must not be a target who was lost and comes back.
        const bool lostTarget = std::any_of(
            targets_.begin(), targets_.begin() + static_cast<std::ptrdiff_t>(selectedCount_),
            [&](const TrackedTarget& t) { return caredFor(t) && t.lost() > 0 && t.resembles(o); });
        if (!strange || lostTarget) {
            continue;
        }
        // Somebody who was out of sight near by is back.
        std::erase_if(targets_, [&](const TrackedTarget& t) {
            return t.bystander() && t.lost() >= farPause() && t.offItsWay(o) < kBeside * seenPart(o).side;
        });
        targets_.push_back(newcomer);
    }
}

} // namespace body4d::blazepose
