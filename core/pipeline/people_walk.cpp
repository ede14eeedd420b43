#include "pipeline/people_walk.h"

#include "base/error.h"
#include "base/order_statistics.h"
#include "body/mask_sampling.h"
#include "models/blazepose/observation.h"
#include "models/people_finder.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>

namespace body4d::detail {
namespace {

constexpr double kClearEnough = 0.6, kDoubtful = 0.5;
constexpr int kFewestDoubtful = 2;       ///< looks that show somebody, where nobody is clear
constexpr double kInsideAnother = 0.6;   ///< share of a box inside a clearer person's: part of that one
constexpr double kSamePerson = 0.5;      ///< overlap of boxes from which on a click means who was found
constexpr double kSameMask = 0.4;        ///< of the smaller mask, from which on it is the same person
constexpr double kClearer = 0.1;         ///< worth gained that pays for a prompt on a later frame
/// Worth that no later frame betters: people prompted on one frame are told apart from there on.
constexpr double kQuiteClear = 0.8;
constexpr double kLostSeconds = 5;       ///< after which those who are out of sight are followed no more
constexpr std::size_t kFewestSteps = 10; ///< from frame to frame, to judge how somebody moves
constexpr double kLeastFps = 5;          ///< of them; what lies longer apart may have moved anyhow
constexpr double kUnseen = 0.3;          ///< share of the body below which nothing of it is seen
/// A body of which little is seen and that moves so much in a tenth of a second, one step in five, is none.
constexpr double kHalfSeen = 0.7, kRestlessMetres = 0.2, kRestlessRadians = 0.35;
constexpr double kSameOutline = 0.4;       ///< overlap of masks from which on both show one person
constexpr std::size_t kFewestTogether = 3; ///< frames on which two are on one place, for them to be one
constexpr int kChecks = 2; ///< looks at the place of somebody followed, for them to be found again
/// Overlap of the boxes of something that stays where it is, and on what share of the frames.
constexpr double kSamePlace = 0.2, kMostly = 0.7;
constexpr double kTogether = 0.5; ///< of the frames on which both are followed

/// A pixel centre inside the mask near the wanted place: where a person would have clicked.
PointPrompt clickInside(const RleMask& rle, Vec2 wanted) {
    const auto mask = decodeRle(rle);
    double best = 1e18;
    PointPrompt point{wanted.x, wanted.y, true};
    for (int y = 0; y < mask.height; ++y) {
        for (int x = 0; x < mask.width; ++x) {
            if (mask.row(y)[x] < 128) {
                continue;
            }
            const double d = norm(Vec2{x + 0.5, y + 0.5} - wanted);
            if (d < best) {
                best = d;
                point = {x + 0.5, y + 0.5, true};
            }
        }
    }
    return point;
}

/// People of one frame, clearest first, without those that are a part of a clearer one.
std::vector<PersonFind> findsOf(std::vector<SegmentPreview> people) {
    std::vector<PersonFind> all;
    for (auto& p : people) {
        if (p.found && !p.frame.mask.empty() && area(p.frame.mask) > 0) {
            const double worth = p.frame.confidence;
            const Box box = boundingBox(p.frame.mask);
            all.push_back({std::move(p.frame), box, worth});
        }
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.worth > b.worth; });
    std::vector<PersonFind> kept;
    for (auto& c : all) {
        const bool part = std::any_of(kept.begin(), kept.end(), [&c](const PersonFind& k) {
            const Box common{std::max(c.box.x0, k.box.x0), std::max(c.box.y0, k.box.y0),
                             std::min(c.box.x1, k.box.x1), std::min(c.box.y1, k.box.y1)};
            return common.area() > kInsideAnother * c.box.area();
        });
        if (!part) {
            kept.push_back(std::move(c));
        }
    }
    return kept;
}

/// A click in the middle of as much of somebody's trunk as is in the picture.
PointPrompt clickOn(const PersonFind& find, const Image& picture) {
    Vec2 sum;
    int count = 0;
    if (find.seen.pose.score > 0) {
        constexpr int kTrunk[] = {11, 12, 23, 24}; // shoulders and hips
        for (const int k : kTrunk) {
            const Vec2 px = find.seen.pose.points[k].px;
            if (px.x >= 0 && px.y >= 0 && px.x < picture.width && px.y < picture.height) {
                sum = sum + px;
                ++count;
            }
        }
    }
    const Vec2 middle{0.5 * (find.box.x0 + find.box.x1), 0.5 * (find.box.y0 + find.box.y1)};
    return clickInside(find.seen.mask, count > 0 ? (1.0 / count) * sum : middle);
}

/// The prompt that finds somebody again: tracking starts from a prompt, which looks closer than a search over
/// the whole frame, and that search takes coats on hooks for people. The embedded tracker looks for a person
/// around a click, and a box helps it where that finds something else. To a tracker of masks one click may
/// mean a shirt as well as who wears it: it gets the box as well, and the click alone where that finds
/// something else. @param mask of whom it finds
std::optional<Prompt> promptFor(const PersonFind& find, std::int64_t frame, const ImagePtr& picture,
                                Segmenter& segmenter, const std::stop_token& stop, RleMask& mask) {
    Prompt prompt;
    prompt.frame = frame;
    prompt.points.push_back(clickOn(find, *picture));
    const bool boxFirst = segmenter.takesMasks();
    for (const bool withBox : {boxFirst, !boxFirst}) {
        prompt.box = withBox ? std::optional<Box>(find.box) : std::nullopt;
        auto seen = segmenter.preview(picture, prompt, stop);
        if (seen.found && !seen.frame.mask.empty() &&
            intersectionOverUnion(boundingBox(seen.frame.mask), find.box) >= kSamePerson) {
            mask = std::move(seen.frame.mask);
            return prompt;
        }
    }
    return std::nullopt;
}

/// Pixels that two masks of one size have in common.
std::int64_t commonArea(const RleMask& a, const RleMask& b) {
    std::int64_t common = 0;
    std::size_t i = 0, k = 0;
    std::int64_t endA = a.counts.empty() ? 0 : a.counts[0], endB = b.counts.empty() ? 0 : b.counts[0], at = 0;
    while (i < a.counts.size() && k < b.counts.size()) {
        const std::int64_t end = std::min(endA, endB);
        common += i % 2 == 1 && k % 2 == 1 ? end - at : 0;
        at = end;
        if (endA == end && ++i < a.counts.size()) {
            endA += a.counts[i];
        }
        if (endB == end && ++k < b.counts.size()) {
            endB += b.counts[k];
        }
    }
    return common;
}

/// Mean share to which head, trunk and limbs are seen, as far as they are in the picture: in a close-up most
/// of the body is not.
double seenOf(const PoseLandmarks& pose, int width, int height) {
    double sum = 0;
    int count = 0;
    for (const int k : blazepose::kMainPoints) {
        const auto& point = pose.points[static_cast<std::size_t>(k)];
        if (point.px.x >= 0 && point.px.y >= 0 && point.px.x < width && point.px.y < height) {
            sum += point.visibility * point.presence;
            ++count;
        }
    }
    return count > 0 ? sum / count : 0;
}

/// Mean way of head, trunk and limbs about the hips, metres.
double movedBetween(const PoseLandmarks& a, const PoseLandmarks& b) {
    double sum = 0;
    for (const int k : blazepose::kMainPoints) {
        const auto i = static_cast<std::size_t>(k);
        sum += norm(b.points[i].world - a.points[i].world);
    }
    return sum / static_cast<double>(blazepose::kMainPoints.size());
}

double sharedMask(const RleMask& a, const RleMask& b) {
    const auto smaller = std::min(area(a), area(b));
    return smaller > 0 ? static_cast<double>(commonArea(a, b)) / static_cast<double>(smaller) : 0;
}

} // namespace

PeopleWalk::PeopleWalk(Segmenter& segmenter, double fps, int stride, std::stop_token stop)
    : segmenter_(segmenter), fps_(fps), stride_(stride), stop_(std::move(stop)) {}

std::unique_ptr<SegmenterSession> PeopleWalk::follow(const std::vector<SessionTarget>& targets) const {
    return startScouting(segmenter_, targets, fps_ / stride_);
}

bool PeopleWalk::advance(std::int64_t index, const ImagePtr& picture, bool newShot, bool look) {
    for (Party& party : parties_) {
        take(party.session->advance(index, picture, newShot, stop_));
    }
    return look && this->look(index, picture);
}

void PeopleWalk::take(const SessionStep& step) {
    for (const auto& [id, frame] : step.items) {
        Person& person = people_.at(static_cast<std::size_t>(id) - 1);
        // What was settled comes again from the session that goes on.
        const bool known = !person.places.empty() && person.places.back().frame >= frame.frame;
        if (known || frame.state != FrameState::Visible || frame.mask.empty()) {
            continue;
        }
        if (frame.pose.score > 0) {
            const bool next = !person.places.empty() && person.pose.score > 0 &&
                              frame.frame - person.places.back().frame <= stride_;
            if (next) {
                person.moved.push_back(movedBetween(person.pose, frame.pose));
                person.turned.push_back(std::abs(
                    std::remainder(frame.pose.roi.angle - person.pose.roi.angle, 2 * std::numbers::pi)));
            }
            person.seen.push_back(seenOf(frame.pose, frame.mask.width, frame.mask.height));
        }
        person.pose = frame.pose;
        person.mask = frame.mask;
        person.clearness = frame.confidence;
        person.places.push_back({frame.frame, MaskSketch(frame.mask)});
    }
}

void PeopleWalk::settle(Party& party) {
    const auto state = party.session->saveState();
    take(party.session->finish());
    party.session = follow(party.targets);
    party.session->restoreState(state);
}

bool PeopleWalk::followedOn(const Person& person, std::int64_t frame) const {
    return !person.places.empty() && person.places.back().frame == frame;
}

std::optional<std::size_t> PeopleWalk::personAt(const RleMask& mask, std::int64_t frame) const {
    std::optional<std::size_t> who;
    double best = kSameMask;
    for (std::size_t i = 0; i < people_.size(); ++i) {
        const double shared = followedOn(people_[i], frame) ? sharedMask(people_[i].mask, mask) : 0;
        if (shared >= best) {
            best = shared;
            who = i;
        }
    }
    return who;
}

bool PeopleWalk::look(std::int64_t index, const ImagePtr& picture) {
    for (Party& party : parties_) {
        settle(party);
    }
    const auto seenClearer = [&](Person& person, const PersonFind& find) {
        RleMask mask;
        if (person.worth >= kQuiteClear || find.worth <= person.worth + kClearer) {
            return;
        }
        if (auto prompt = promptFor(find, index, picture, segmenter_, stop_, mask)) {
            person.prompt = std::move(*prompt);
            person.worth = find.worth;
        }
    };
    std::vector<PoseLandmarks> known;
    for (Person& person : people_) {
        if (followedOn(person, index) && person.pose.score > 0) {
            if (person.confirmed > 0 || person.checks >= kChecks) {
                known.push_back(person.pose);
            } else {
                ++person.checks;
            }
            TargetFrame seen;
            seen.pose = person.pose;
            seen.mask = person.mask;
            seenClearer(person, {std::move(seen), boundingBox(person.mask), person.clearness});
        }
    }
    const auto finds = findsOf(findOthers(segmenter_, picture, known, looks_++, stop_));
    doubtfulLooks_ += finds.empty() || finds.front().worth < kDoubtful ? 0 : 1;
    const auto before = people_.size();
    std::vector<SessionTarget> fresh;
    bool clear = false;
    for (const PersonFind& find : finds) {
        clear = clear || find.worth >= kClearEnough;
        if (const auto who = personAt(find.seen.mask, index)) {
            if (*who < before) {
                ++people_[*who].confirmed;
                seenClearer(people_[*who], find);
            }
            continue;
        }
        const bool better =
            !clear && people_.empty() && find.worth >= kDoubtful && find.worth > doubtfulWorth_;
        if (find.worth < kClearEnough && !better) {
            continue;
        }
        RleMask mask;
        auto prompt = promptFor(find, index, picture, segmenter_, stop_, mask);
        if (!prompt || personAt(mask, index)) {
            continue;
        }
        if (find.worth < kClearEnough) {
            doubtful_ = std::move(prompt);
            doubtfulWorth_ = find.worth;
            continue;
        }
        Person person;
        person.prompt = std::move(*prompt);
        person.worth = find.worth;
        person.places.push_back({index, MaskSketch(mask)});
        person.mask = std::move(mask);
        people_.push_back(std::move(person));
        fresh.push_back({static_cast<TargetId>(people_.size()), {people_.back().prompt}, {}});
    }
    if (!fresh.empty()) {
        for (std::size_t i = before; i < people_.size(); ++i) {
            people_[i].places.clear(); // the session says it again
        }
        Party party{fresh, follow(fresh)};
        take(party.session->advance(index, picture, false, stop_));
        parties_.push_back(std::move(party));
    }
    std::erase_if(parties_, [&](const Party& party) {
        return std::all_of(party.targets.begin(), party.targets.end(), [&](const SessionTarget& t) {
            const Person& p = people_[static_cast<std::size_t>(t.id) - 1];
            const auto last = p.places.empty() ? p.prompt.frame : p.places.back().frame;
            return static_cast<double>(index - last) > kLostSeconds * fps_;
        });
    });
    return people_.size() > before;
}

bool PeopleWalk::imagined(const Person& person) const {
    if (person.places.empty()) {
        return true;
    }
    if (person.moved.size() < kFewestSteps || fps_ / stride_ < kLeastFps) {
        return false;
    }
    auto shares = person.seen, metres = person.moved, radians = person.turned;
    const double seen = quantile(shares, 0.5);
    const bool restless = quantile(metres, 0.8) > kRestlessMetres && quantile(radians, 0.8) > kRestlessRadians;
    return seen < kUnseen || (seen < kHalfSeen && restless);
}

bool PeopleWalk::thing(const Person& person) const {
    if (person.confirmed > 0 || person.checks < kChecks) {
        return false;
    }
    const Box& middle = person.places[person.places.size() / 2].mask.box();
    const auto there = std::count_if(person.places.begin(), person.places.end(), [&](const Place& place) {
        return intersectionOverUnion(middle, place.mask.box()) >= kSamePlace;
    });
    return static_cast<double>(there) >= kMostly * static_cast<double>(person.places.size());
}

bool PeopleWalk::sameAs(const Person& a, const Person& b) {
    std::size_t both = 0, same = 0;
    auto other = b.places.begin();
    for (const Place& place : a.places) {
        while (other != b.places.end() && other->frame < place.frame) {
            ++other;
        }
        if (other != b.places.end() && other->frame == place.frame) {
            ++both;
            same += other->mask.overlap(place.mask) >= kSameOutline ? 1 : 0;
        }
    }
    return same >= kFewestTogether && same >= kTogether * static_cast<double>(both);
}

std::vector<Prompt> PeopleWalk::finish() {
    for (Party& party : parties_) {
        take(party.session->finish());
    }
    parties_.clear();
    // Of two who turn out to be one, who was clearer for longer stays.
    std::vector<const Person*> order, kept;
    for (const Person& person : people_) {
        if (!imagined(person) && !thing(person)) {
            order.push_back(&person);
        }
    }
    const auto weight = [](const Person* p) { return p->worth * static_cast<double>(p->places.size()); };
    std::stable_sort(order.begin(), order.end(),
                     [&](const Person* a, const Person* b) { return weight(a) > weight(b); });
    for (const Person* person : order) {
        if (std::none_of(kept.begin(), kept.end(),
                         [&](const Person* other) { return sameAs(*person, *other); })) {
            kept.push_back(person);
        }
    }
    std::sort(kept.begin(), kept.end()); // as they were found
    std::vector<Prompt> prompts;
    std::transform(kept.begin(), kept.end(), std::back_inserter(prompts),
                   [](const Person* person) { return person->prompt; });
    if (prompts.empty() && doubtful_ && (doubtfulLooks_ >= kFewestDoubtful || doubtfulLooks_ == looks_)) {
        prompts.push_back(*doubtful_);
    }
    return prompts;
}

} // namespace body4d::detail
