#include "models/blazepose/person_finder.h"

#include "models/blazepose/roi_map.h"
#include "models/blazepose/seen_part.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>

namespace body4d::blazepose {

namespace {

constexpr std::array<double, 5> kSides{1.0, 0.66, 0.4, 0.24, 0.14}; // of the longer side of the frame
constexpr std::array<double, 3> kTurns{1.5707963267948966, 3.141592653589793, -1.5707963267948966};
constexpr double kFinderThreshold = 0.25;
constexpr std::size_t kMostCandidates = 14;
constexpr double kFinderPresence = 0.3, kFewestPresenceUndetected = 0.8;
constexpr std::array<double, 5> kDirectSides{0.5, 0.33, 0.22, 0.15, 0.1};
constexpr double kUndetected = 0.5; ///< stands for the detector's score where it was not asked
constexpr double kCloseUp = 0.7; ///< of a body, if less is in the picture
constexpr double kSureRank = 0.8, kGoodRank = 0.55, kPoorRank = 0.08;

struct Ask {
    std::vector<Vec2> include, exclude; // index space
    std::optional<Box> box;             // index space
};

double gaussian(double x, double sigma) {
    return std::exp(-(x / sigma) * (x / sigma));
}

double rankOf(const Observation& o, double detectorScore, const Ask& ask, int width, int height) {
    double rank =
        o.score * (0.3 + 0.7 * insideShare(o, *o.mask, width, height)) * std::pow(detectorScore, 0.3);
    if (seenPart(o).side < kCloseUp * o.roi.side && inPicture(o, o.px[0])) {
        // Little more than head and shoulders: a head beside the mask is one between two people.
        rank *= 0.3 + 0.7 * maskAt(o, *o.mask, o.px[0]);
    }
    if (!ask.include.empty()) {
        double fit = 1;
        for (const Vec2 p : ask.include) {
            fit *= (0.05 + maskAt(o, *o.mask, p)) * gaussian(skeletonDistance(o, p), 0.12);
        }
        rank *= std::pow(fit, 1.0 / static_cast<double>(ask.include.size()));
    }
    for (const Vec2 p : ask.exclude) {
        // In the trunk or the head of this hypothesis: it is the person who is not meant. Beside them it may
        // be, or something held before the body.
        const double core = coreDistance(o, p), inside = maskAt(o, *o.mask, p);
        rank *= core <= 0 ? 0.03 : 1 - 0.5 * inside * gaussian(core, 0.03);
    }
    if (ask.box) {
        rank *= std::pow(intersectionOverUnion(*ask.box, bodyBox(o)), 0.5);
    }
    return rank;
}

/// Mean distance of the confident main points between two looks, as a share of the crop's side.
double moved(const Observation& a, const Observation& b) {
    double sum = 0, weights = 0;
    for (const int k : kMainPoints) {
        const auto i = static_cast<std::size_t>(k);
        const double weight = static_cast<double>(a.presence[i]) * a.visibility[i];
        if (weight > 0.5) {
            sum += weight * std::hypot(b.px[i].x - a.px[i].x, b.px[i].y - a.px[i].y) / a.roi.side;
            weights += weight;
        }
    }
    return weights > 0 ? sum / weights : 1;
}

/// How alike each of the people looks in slightly other crops, 0..1. The network sees a person in hands and
/// cups as surely as in people, but another one each time.
std::vector<double> steadiness(FrameEye& eye, std::span<const Observation> seen,
                               std::span<const Glance> close) {
    constexpr double kMoved = 0.06;
    struct Change {
        double x, y, size, turn; ///< x, y as shares of the side
    };
    constexpr std::array<Change, 4> kChanges{{{0.06, 0, 1.15, 0.2},
                                              {-0.05, 0.04, 0.92, -0.2},
                                              {0, -0.07, 1.05, 0.12},
                                              {-0.07, -0.02, 1.25, -0.12}}};
    std::vector<Glance> again;
    for (std::size_t i = 0; i < seen.size(); ++i) {
        const Roi& roi = seen[i].roi;
        for (const auto& [x, y, size, turn] : kChanges) {
            again.push_back(
                {{roi.centreX + x * roi.side, roi.centreY + y * roi.side, size * roi.side, roi.angle + turn},
                 nullptr,
                 close[i].picture});
        }
    }
    std::vector<double> alike(seen.size());
    const auto looks = eye.look(again);
    for (std::size_t k = 0; k < looks.size(); ++k) {
        const auto& first = seen[k / kChanges.size()];
        alike[k / kChanges.size()] +=
            looks[k].score * gaussian(moved(first, looks[k]), kMoved) / static_cast<double>(kChanges.size());
    }
    return alike;
}

/// The multiple of a right angle that turns a crop about as somebody is turned.
double nearestSide(double angle) {
    constexpr double kRightAngle = 1.5707963267948966;
    return kRightAngle * std::round(wrapAngle(angle) / kRightAngle);
}

/// Mean score, 0..1, with which the detector finds each of the people in crops about them, turned as they
/// are. It sees a person in a cloud or a table's foot at one place and size, and in people at all of them:
/// whom it finds in neither of the first crops it is not asked about again.
std::vector<double> confirmation(FrameEye& eye, std::span<const Observation> seen,
                                 std::span<const Glance> close) {
    constexpr double kThreshold = 0.1, kNear = 0.25, kSize = 1.8, kTurn = 0.6;
    constexpr std::array kSizes{1.3, 1.0, 1.8, 2.5};
    constexpr std::array kShifts{-0.1, 0.1};
    constexpr double kEach = kSizes.size() * kShifts.size();
    std::vector<double> out(seen.size());
    const auto ask = [&](std::span<const double> sizes, const std::vector<std::size_t>& whom) {
        std::vector<Glance> glances;
        for (const std::size_t i : whom) {
            const Roi& roi = seen[i].roi;
            for (const double size : sizes) {
                for (const double shift : kShifts) {
                    glances.push_back({{roi.centreX + shift * roi.side, roi.centreY, size * roi.side,
                                        nearestSide(roi.angle)},
                                       nullptr,
                                       close[i].picture});
                }
            }
        }
        const auto detections = eye.detect(glances, kThreshold);
        for (std::size_t k = 0; k < detections.size(); ++k) {
            const std::size_t i = whom[k / (sizes.size() * kShifts.size())];
            const Roi& roi = seen[i].roi;
            double best = 0;
            for (const Detection& d : detections[k]) {
                const Roi other = d.roi();
                const double size = other.side / roi.side;
                if (std::hypot(other.centreX - roi.centreX, other.centreY - roi.centreY) < kNear * roi.side &&
                    size < kSize && size > 1 / kSize &&
                    std::abs(wrapAngle(other.angle - roi.angle)) < kTurn) {
                    best = std::max(best, static_cast<double>(d.score));
                }
            }
            out[i] += best / kEach;
        }
    };
    std::vector<std::size_t> whom(seen.size());
    std::iota(whom.begin(), whom.end(), std::size_t{0});
    ask(std::span(kSizes).first(1), whom);
    std::erase_if(whom, [&](std::size_t i) { return out[i] <= 0; });
    ask(std::span(kSizes).subspan(1), whom);
    return out;
}

/// How likely a find is a person, 0..1, from the tilt of the trunk (branches, straps and hands look like
/// people lying down far more often than people lie down), how alike it looks in other crops and how well the
/// detector confirms it. A logistic regression over 278 finds in 180 frames of 45 videos, 16 of them without
/// people; for people found in videos that it was not fitted to it says 0.5 or more in 90 %, for other things
/// in 6 %. Beyond kMostTilt a steeper one says nothing more: people on their heads are as rare as people
/// lying down, and the crops that confirm a find are turned with it.
double personLikelihood(double angle, double alike, double confirmed) {
    constexpr double kUpright = 2.21, kAlike = 2.65, kConfirmed = 3.6, kBias = -4.07, kMostTilt = 0.25;
    return 1 / (1 + std::exp(-(kUpright * std::max(std::cos(angle), kMostTilt) + kAlike * alike +
                               kConfirmed * confirmed + kBias)));
}

/// Whether nobody is to be seen in crops a little beside those that showed somebody: the network sees people in the
/// empty sky, too, if it is asked at enough sizes, and no crop about them confirms it. Of people who are clicked most
/// crops do.
bool imagined(FrameEye& eye, const Observation& seen) {
    constexpr double kLeast = 0.1; // of both; people have 0.8 or more, places without anybody 0.00
    const std::array close{Glance{seen.roi, nullptr}};
    const std::span one(&seen, 1);
    return steadiness(eye, one, close).front() < kLeast && confirmation(eye, one, close).front() < kLeast;
}

} // namespace

std::optional<FoundPerson> findPrompted(FrameEye& eye, const Prompt& prompt, const Others& hidden,
                                        std::string& reason) {
    const int width = eye.frame().width, height = eye.frame().height;
    const double longer = std::max(width, height);
    Ask ask;
    for (const PointPrompt& p : prompt.points) {
        (p.include ? ask.include : ask.exclude).push_back(toIndexSpace(Vec2{p.x, p.y}));
        if (!(p.x >= 0 && p.y >= 0 && p.x <= width && p.y <= height)) {
            reason = "The click lies outside the picture.";
            return std::nullopt;
        }
    }
    if (prompt.box) {
        ask.box = Box{prompt.box->x0 - 0.5, prompt.box->y0 - 0.5, prompt.box->x1 - 0.5, prompt.box->y1 - 0.5};
    }
    if (ask.include.empty() && !ask.box) {
        reason = "There is no click on a person on this frame.";
        return std::nullopt;
    }

    std::vector<Vec2> centres = ask.include;
    std::vector<double> sides;
    if (ask.box) {
        const double side = std::max(ask.box->width(), ask.box->height());
        centres = {{(ask.box->x0 + ask.box->x1) / 2, (ask.box->y0 + ask.box->y1) / 2}};
        sides = {1.15 * side, 1.6 * side};
    } else {
        // More than one click on a person: the first finds, all of them judge.
        centres.resize(1);
        for (const double s : kSides) {
            sides.push_back(s * longer);
        }
    }

    std::optional<FoundPerson> best;
    const auto judge = [&](std::span<const Glance> close, std::span<const double> detectorScores,
                           double fewestPresence) {
        auto seen = eye.look(close);
        std::vector<bool> wanted(seen.size());
        for (std::size_t i = 0; i < seen.size(); ++i) {
            wanted[i] = seen[i].score >= fewestPresence;
        }
        eye.refine(seen, close, wanted);
        // Of somebody whose hips are out of the picture the lean may be imagined.
        std::vector<Glance> upright;
        std::vector<double> scores(detectorScores.begin(), detectorScores.end());
        for (std::size_t i = 0; i < close.size(); ++i) {
            Observation straight = seen[i];
            if (wanted[i] && standUnderShoulders(straight)) {
                upright.push_back(close[i]);
                upright.back().roi = nextRoi(straight);
                scores.push_back(detectorScores[i]);
            }
        }
        auto again = eye.look(upright);
        std::move(again.begin(), again.end(), std::back_inserter(seen));
        wanted.resize(seen.size(), true);
        for (std::size_t i = 0; i < seen.size(); ++i) {
            if (!wanted[i] || (i >= close.size() && seen[i].score < fewestPresence)) {
                continue;
            }
            const double rank = rankOf(seen[i], scores[i], ask, width, height);
            if (!best || rank > best->rank) {
                best = FoundPerson{std::move(seen[i]), rank};
            }
        }
    };
    const auto search = [&](std::span<const double> angles, std::size_t firstSide) {
        std::vector<Glance> glances;
        for (std::size_t s = firstSide; s < sides.size(); ++s) {
            for (const double angle : angles) {
                for (const Vec2 c : centres) {
                    glances.push_back({{c.x, c.y, sides[s], angle}, &hidden});
                }
            }
        }
        auto found = eye.candidates(glances, kFinderThreshold);
        found.resize(std::min(found.size(), kMostCandidates));
        std::vector<Glance> close;
        for (const Candidate& c : found) {
            close.push_back({c.roi, &hidden});
        }
        std::vector<double> scores;
        for (const Candidate& c : found) {
            scores.push_back(c.score);
        }
        judge(close, scores, kFinderPresence);
    };
    search(std::array{0.0}, 0);
    if (!best || best->rank < kSureRank) {
        // The detector overlooks people who are blurred or stand in a crowd, and what it finds instead may
        // span several of them. The prompt itself says where somebody is.
        std::vector<Glance> close;
        if (ask.box) {
            close = {{{centres[0].x, centres[0].y, sides[0], 0}, &hidden}};
        } else {
            for (const double s : kDirectSides) {
                close.push_back({{centres[0].x, centres[0].y, s * longer, 0}, &hidden});
            }
        }
        judge(close, std::vector<double>(close.size(), kUndetected), kFewestPresenceUndetected);
    }
    if (!best || best->rank < kGoodRank) {
        search(kTurns, ask.box ? 0 : 1);
    }
    if (!best || best->rank < kPoorRank || (best->rank < kSureRank && imagined(eye, best->seen))) {
        reason = "Nobody was recognised there. Click on the middle of the body, or on a frame where more of "
                 "it shows.";
        return std::nullopt;
    }
    return best;
}

namespace {

/// The whole picture, then squares of the shorter side and of half of it with half a square of overlap. The
/// larger ones are turned to the other sides as well, for those who lie or stand on their heads. Of many
/// looks at one video each turns them to another side, and every second one leaves the small squares out.
std::vector<Glance> tilesOf(const Image& picture, int look) {
    const double w = picture.width, h = picture.height;
    const double longer = std::max(w, h), shorter = std::min(w, h);
    std::vector<Glance> glances;
    const auto glance = [&](double x, double y, double side, bool turned) {
        glances.push_back({{x, y, side, 0}, nullptr, &picture});
        for (std::size_t t = 0; t < kTurns.size() && turned; ++t) {
            if (look < 0 || static_cast<std::size_t>(look) % kTurns.size() == t) {
                glances.push_back({{x, y, side, kTurns[t]}, nullptr, &picture});
            }
        }
    };
    glance(w / 2, h / 2, longer * 1.05, true);
    for (const double side : {shorter * 1.05, shorter * 0.6}) {
        const bool small = side < shorter;
        if (small && look > 0 && look % 2 == 1) {
            continue;
        }
        const int nx = std::max(1, static_cast<int>(std::ceil((w - side) / (side / 2) - 0.01)) + 1);
        const int ny = std::max(1, static_cast<int>(std::ceil((h - side) / (side / 2) - 0.01)) + 1);
        for (int j = 0; j < ny; ++j) {
            for (int i = 0; i < nx; ++i) {
                glance(nx > 1 ? side / 2 + (w - side) * i / (nx - 1) : w / 2,
                       ny > 1 ? side / 2 + (h - side) * j / (ny - 1) : h / 2, side, !small);
            }
        }
    }
    return glances;
}

/// One find on one of the pictures.
struct Find {
    Observation seen;
    Glance close;
    double rank = 0;       ///< clearness, 0..1
    double order = 0;      ///< of two finds of the same pixels the one with more of this stays
    double likelihood = 0; ///< personLikelihood()
};

/// Best first, of those who share their pixels with a better one none. @param turnedAlike only of those who
/// are turned about alike
std::vector<Find> withoutTwins(std::vector<Find> finds, bool turnedAlike) {
    constexpr double kSharedMask = 0.45, kTurn = 1;
    std::stable_sort(finds.begin(), finds.end(),
                     [](const auto& a, const auto& b) { return a.order > b.order; });
    std::vector<Find> apart;
    for (auto& find : finds) {
        if (std::none_of(apart.begin(), apart.end(), [&](const Find& o) {
                return (!turnedAlike ||
                        std::abs(wrapAngle(o.seen.roi.angle - find.seen.roi.angle)) < kTurn) &&
                       maskOverlap(o.seen, find.seen) > kSharedMask;
            })) {
            apart.push_back(std::move(find));
        }
    }
    return apart;
}

/// About where, as large and as turned as somebody who is known to be there.
bool explained(const Roi& roi, std::span<const PoseLandmarks> known) {
    constexpr double kNear = 0.15, kSize = 1.5, kTurn = 0.6;
    return std::any_of(known.begin(), known.end(), [&](const PoseLandmarks& pose) {
        const double size = roi.side / pose.roi.side;
        return std::hypot(roi.centreX - pose.roi.centreX, roi.centreY - pose.roi.centreY) <
                   kNear * pose.roi.side &&
               size < kSize && size > 1 / kSize && std::abs(wrapAngle(roi.angle - pose.roi.angle)) < kTurn;
    });
}

/// The body of somebody who is known to be there.
bool explained(const Observation& o, std::span<const PoseLandmarks> known) {
    constexpr double kNear = 0.08; // of the crop's side, mean of the main points
    return std::any_of(known.begin(), known.end(), [&](const PoseLandmarks& pose) {
        double sum = 0;
        for (const int k : kMainPoints) {
            const auto i = static_cast<std::size_t>(k);
            sum += norm(o.px[i] - toIndexSpace(pose.points[i].px));
        }
        return sum < kNear * o.roi.side * static_cast<double>(kMainPoints.size());
    });
}

std::vector<std::vector<FoundPerson>> everybodyOn(FrameEye& eye, std::span<const Image* const> pictures,
                                                  const PeopleSearch& search) {
    constexpr double kThreshold = 0.25, kTurnedThreshold = 0.4, kWorthRefining = 0.4, kPresence = 0.5,
                     kInside = 0.5, kLikely = 0.5;
    constexpr std::size_t kMost = 40;
    std::vector<Glance> wide;
    std::vector<std::size_t> pictureOf; // of a glance
    for (std::size_t p = 0; p < pictures.size(); ++p) {
        const auto tiles = tilesOf(*pictures[p], search.look);
        wide.insert(wide.end(), tiles.begin(), tiles.end());
        pictureOf.resize(wide.size(), p);
    }
    std::vector<std::vector<Candidate>> found(pictures.size());
    const auto detections = eye.detect(wide, kThreshold);
    for (std::size_t i = 0; i < wide.size(); ++i) {
        for (const Detection& d : detections[i]) {
            if (wide[i].roi.angle == 0 || d.score >= kTurnedThreshold) {
                found[pictureOf[i]].push_back({d.score, d.roi()});
            }
        }
    }
    std::vector<Glance> close;
    std::vector<double> detectorScores;
    pictureOf.clear();
    for (std::size_t p = 0; p < pictures.size(); ++p) {
        auto candidates = distinct(std::move(found[p]));
        std::erase_if(candidates, [&](const Candidate& c) { return explained(c.roi, search.known); });
        candidates.resize(std::min(candidates.size(), kMost));
        for (const Candidate& c : candidates) {
            close.push_back({c.roi, nullptr, pictures[p]});
            detectorScores.push_back(c.score);
        }
        pictureOf.resize(close.size(), p);
    }
    auto seen = eye.look(close);
    std::vector<bool> wanted(seen.size());
    for (std::size_t i = 0; i < seen.size(); ++i) {
        wanted[i] = seen[i].score >= kWorthRefining && !explained(seen[i], search.known);
    }
    eye.refine(seen, close, wanted);

    std::vector<std::vector<Find>> finds(pictures.size());
    for (std::size_t i = 0; i < seen.size(); ++i) {
        if (!wanted[i] || seen[i].score < kPresence || explained(seen[i], search.known)) {
            continue;
        }
        const auto& picture = *pictures[pictureOf[i]];
        const double inside = insideShare(seen[i], *seen[i].mask, picture.width, picture.height);
        if (inside >= kInside) {
            const double rank = seen[i].score * (0.3 + 0.7 * inside);
            finds[pictureOf[i]].push_back({std::move(seen[i]), close[i], rank, rank * detectorScores[i]});
        }
    }
    std::vector<Observation> all;
    close.clear();
    for (auto& here : finds) {
        // A body has the same outline on its head, and the network sees one in it either way.
        here = withoutTwins(std::move(here), true);
        for (auto& find : here) {
            all.push_back(find.seen);
            close.push_back(find.close);
        }
    }
    const auto confirmed = confirmation(eye, all, close);
    // What cannot become likely any more is not looked at again.
    std::vector<Observation> open;
    std::vector<Glance> openClose;
    std::vector<std::size_t> which;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (personLikelihood(all[i].roi.angle, 1, confirmed[i]) >= kLikely) {
            which.push_back(i);
            open.push_back(all[i]);
            openClose.push_back(close[i]);
        }
    }
    const auto steady = steadiness(eye, open, openClose);
    std::vector<double> likelihood(all.size());
    for (std::size_t k = 0; k < which.size(); ++k) {
        const std::size_t i = which[k];
        likelihood[i] = personLikelihood(all[i].roi.angle, steady[k], confirmed[i]);
    }
    std::vector<std::vector<FoundPerson>> out(pictures.size());
    std::size_t next = 0;
    for (std::size_t p = 0; p < pictures.size(); ++p) {
        for (auto& find : finds[p]) {
            find.likelihood = likelihood[next++];
            find.order = find.likelihood * find.rank;
        }
        std::erase_if(finds[p], [](const Find& find) { return find.likelihood < kLikely; });
        for (auto& find : withoutTwins(std::move(finds[p]), false)) {
            out[p].push_back({std::move(find.seen), find.rank});
        }
        std::stable_sort(out[p].begin(), out[p].end(),
                         [](const auto& a, const auto& b) { return a.rank > b.rank; });
    }
    return out;
}

} // namespace

std::vector<std::vector<FoundPerson>> findEverybody(PoseNetworks& networks, std::span<const ImagePtr> frames,
                                                    const PeopleSearch& search, const std::stop_token& stop) {
    constexpr std::size_t kTogether = 8; // frames whose crops are held at once
    std::vector<std::vector<FoundPerson>> out;
    for (std::size_t begin = 0; begin < frames.size(); begin += kTogether) {
        std::vector<const Image*> pictures;
        for (std::size_t i = begin; i < std::min(frames.size(), begin + kTogether); ++i) {
            pictures.push_back(frames[i].get());
        }
        FrameEye eye(networks, *pictures.front(), stop);
        auto found = everybodyOn(eye, pictures, search);
        std::move(found.begin(), found.end(), std::back_inserter(out));
    }
    return out;
}

} // namespace body4d::blazepose
