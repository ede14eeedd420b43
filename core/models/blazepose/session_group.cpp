// Several targets close together: everybody in view is looked for and handed out to the targets at once, so
// that look-alikes who cross keep their names.
#include "models/blazepose/assignment.h"
#include "models/blazepose/roi_map.h"
#include "models/blazepose/seen_part.h"
#include "models/blazepose/session.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace body4d::blazepose {

namespace {

constexpr std::size_t kMostPlaces = 12;
constexpr auto kNowhere = static_cast<std::size_t>(-1);
constexpr double kMissQuality = 0.02;      // a target rather stays unseen than takes somebody worse than this
constexpr double kMoreLike = 1.2;          // clothes so much more like the target's than like the other's
constexpr double kLoneMissQuality = 0.008; // the same for one target among bystanders

} // namespace

bool Session::undisputed(std::size_t which, const std::vector<std::size_t>& group,
                         const std::vector<Sighting>& sightings) const {
    const Sighting& s = sightings[which];
    if (!s.found) {
        return false;
    }
    const TrackedTarget& target = targets_[which];
    const double off = target.offItsWay(s.seen);
    if (off > kLargestShift * seenPart(s.seen).side || s.judgement.grown > 1.5 || s.judgement.grown < 0.6 ||
        maskArea(s.seen.ownMask()) < 0.6 * maskArea(*s.seen.mask)) {
        return false;
    }
    return std::none_of(group.begin(), group.end(), [&](std::size_t other) {
        const bool near =
            targets_[other].bystander() ? sightings[other].found : targets_[other].lost() < kCloseMemory;
        return other != which && near &&
               (targets_[other].offItsWay(s.seen) < off ||
                (sightings[other].found && skeletonDifference(s.seen, sightings[other].seen) < kSamePerson));
    });
}

void Session::searchTogether(FrameEye& eye, const std::vector<std::size_t>& group,
                             std::vector<Sighting>& sightings) {
    // Who is beyond doubt may be hidden while the others are looked for.
    std::vector<std::size_t> clear, open;
    for (const std::size_t i : group) {
        if (undisputed(i, group, sightings)) {
            clear.push_back(i);
        } else if (!targets_[i].bystander() || selectedIn(group) == 1) {
            open.push_back(i);
        }
    }
    std::vector<Observation> pool;
    std::vector<std::size_t> looked; // place in the pool of what each one was found as
    for (const std::size_t i : group) {
        looked.push_back(sightings[i].found ? pool.size() : kNowhere);
        if (sightings[i].seen.mask) {
            pool.push_back(sightings[i].seen);
        }
    }
    Others hidden;
    for (const std::size_t i : clear) {
        hidden.push_back(&sightings[i].seen);
    }
    const auto gather = [&](const Others* hide) {
        std::vector<Glance> wide, close;
        for (const std::size_t i : open) {
            const Vec2 c = targets_[i].predictedCentre();
            const double side = targets_[i].last().roi.side;
            for (const double size : {1.2, 2.0}) {
                wide.push_back({{c.x, c.y, size * side, 0}, hide});
            }
            close.push_back({{c.x, c.y, side, targets_[i].last().roi.angle}, hide});
        }
        auto places = eye.candidates(wide, kDetectorThreshold);
        // Those who are clear have been looked at already.
        std::erase_if(places, [&](const Candidate& place) {
            return std::any_of(hidden.begin(), hidden.end(), [&](const Observation* known) {
                return sameCandidate(place.roi, known->roi) || sameCandidate(place.roi, nextRoi(*known));
            });
        });
        places.resize(std::min(places.size(), kMostPlaces));
        std::vector<bool> wanted(close.size(), true);
        for (const Candidate& place : places) {
            close.push_back({place.roi, hide});
            wanted.push_back(true);
        }
        auto seen = eye.look(close);
        eye.refine(seen, close, wanted);
        std::move(seen.begin(), seen.end(), std::back_inserter(pool));
    };
    if (open.size() > 1 || hidden.empty() || selectedIn(group) == 1) {
        gather(nullptr);
    }
    if (!hidden.empty()) {
        gather(&hidden);
    }

    // Observations of one person make a column.
    std::vector<std::vector<std::size_t>> people;
    for (std::size_t k = 0; k < pool.size(); ++k) {
        const auto same = std::find_if(people.begin(), people.end(), [&](const auto& person) {
            return skeletonDifference(pool[person.front()], pool[k]) < kSamePerson;
        });
        if (same == people.end()) {
            people.push_back({k});
        } else {
            same->push_back(k);
        }
    }
    const int width = eye.frame().width, height = eye.frame().height;
    std::vector<double> cost(group.size() * people.size(), std::numeric_limits<double>::infinity());
    std::vector<std::size_t> pick(cost.size());
    for (std::size_t r = 0; r < group.size(); ++r) {
        for (std::size_t c = 0; c < people.size(); ++c) {
            for (const std::size_t k : people[c]) {
                Observation o = pool[k];
                const TrackedTarget& target = targets_[group[r]];
                const double quality = target.motionQuality(o, target.judge(o, {}, width, height));
                const double here =
                    quality > 0 ? -std::log(quality) : std::numeric_limits<double>::infinity();
                if (here < cost[r * people.size() + c]) {
                    cost[r * people.size() + c] = here;
                    pick[r * people.size() + c] = k;
                }
            }
        }
    }
    const auto columns = assignRows(cost, static_cast<int>(group.size()), static_cast<int>(people.size()),
                                    -std::log(selectedIn(group) == 1 ? kLoneMissQuality : kMissQuality));

    // Among bystanders the question is only whether the one target was taken for somebody else: where it was
    // found it stays, however suddenly it moved, unless somebody claims that person who is at least as much
    // like them.
    const bool lone = selectedIn(group) == 1;
    std::vector<bool> settled(sightings.size());
    std::vector<int> given(columns.begin(), columns.end());
    const auto shows = [&](int column, std::size_t observation) {
        const auto& person = people[static_cast<std::size_t>(column)];
        return std::find(person.begin(), person.end(), observation) != person.end();
    };
    for (std::size_t r = 0; r < group.size() && lone; ++r) {
        const std::size_t me = group[r];
        if (targets_[me].bystander() || !sightings[me].found) {
            continue;
        }
        const Observation& seen = sightings[me].seen;
        const double mine = targets_[me].likeness(seen);
        bool disowned = false;
        for (std::size_t k = 0; k < group.size(); ++k) {
            if (k == r || given[k] < 0 || !shows(given[k], looked[r])) {
                continue;
            }
            if (mine > kMoreLike * targets_[group[k]].likeness(seen)) {
                given[k] = -1;
            } else {
                disowned = true;
            }
        }
        settled[me] = !disowned && (given[r] < 0 || shows(given[r], looked[r]));
    }
    for (std::size_t r = 0; r < group.size(); ++r) {
        Sighting& s = sightings[group[r]];
        if (lone && given[r] >= 0 && shows(given[r], looked[r])) {
            settled[group[r]] = true;
        }
        if (settled[group[r]]) {
            continue;
        }
        s.found = given[r] >= 0;
        s.doubtful = false;
        s.options.clear();
        if (s.found) {
            s.seen = pool[pick[r * people.size() + static_cast<std::size_t>(given[r])]];
        }
    }
    for (const std::size_t i : group) {
        Sighting& s = sightings[i];
        if (!s.found || settled[i]) {
            continue;
        }
        Others others;
        for (std::size_t k = 0; k < sightings.size(); ++k) {
            if (k != i && sightings[k].found) {
                others.push_back(&sightings[k].seen);
            }
        }
        s.seen.own = nullptr;
        s.judgement = targets_[i].judge(s.seen, others, width, height);
        // Among several targets, who was just lost is not whoever else stands there.
        s.found = targets_[i].acceptable(s.seen, s.judgement, targets_[i].lost() == 0) &&
                  (targets_[i].lost() == 0 || lone || targets_[i].dressedAsUsual(s.judgement));
        s.moved = targets_[i].offItsWay(s.seen) > kLargestShift * seenPart(s.seen).side;
        targets_[i].disputed();
    }
}

} // namespace body4d::blazepose
