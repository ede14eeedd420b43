// A target that a thing half hides from the networks is kept by what still differs from the scene where it
// was.
#include "models/blazepose/appearance.h"
#include "models/blazepose/roi_map.h"
#include "models/blazepose/tracked_target.h"

#include <algorithm>
#include <cmath>

namespace body4d::blazepose {

namespace {

constexpr int kLatest = 3;          // lost frames after which the place alone proves nothing
constexpr double kLongestHold = 10; // seconds
constexpr double kReach = 0.12;     // of the crop's side, from where it is expected
constexpr double kAstray = 0.5;     // of the crop's side, from its way had it gone on as before
constexpr int kMostSteps = 6;       // cells
constexpr int kInnerRim = 1, kOuterRim = 4;
constexpr double kRimWeight = 0.5;   // of a cell that differs about the outline, against one inside
constexpr double kFreeWeight = 1;    // of a cell inside where nothing could hide anybody, and nobody is
constexpr double kAsNear = 1.1;      // crops so much larger may be as far off
constexpr double kStepWeight = 0.01; // of the outline's area, for each cell away from the expected place
constexpr double kDownTheGround = 2; // steps across rows weigh more: they are longer ways over the ground
constexpr double kLeastArea = 0.15, kGoingOnArea = 0.1;   // of the target's usual one; held on the frame before
constexpr double kLeastShare = 0.25, kGoingOnShare = 0.2; // of the outline that nobody covers; the same
constexpr double kRimShare = 1;      // of that, at most, about the outline
constexpr double kLikeness = 0.7;    // of the usual similarity, to begin with
constexpr double kGoingOn = 0.66;    // the same where it was held on the frame before
constexpr double kLeastLikeness = 0.57,
                 kSteady = 0.78; // the same where what shows looks as it did then
constexpr double kSureShare = 0.7,
                 kSightLikeness = 0.8; // beyond doubt: of the outline, of the usual similarity
constexpr float kHiddenPoint = 0.3F;  // of its visibility that a hidden point keeps
constexpr double kMotion = 0.3;

struct Place {
    int x = 0, y = 0;
};

struct Outline {
    std::vector<Place> inside, around; ///< cells relative to the one of the crop's centre
};

Outline outlineOf(const StillScene::Grid& grid, const Roi& roi, const CropMask& mask) {
    const int reach = static_cast<int>(std::ceil(0.75 * roi.side / grid.cell)) + kOuterRim, n = 2 * reach + 1;
    const StillScene::Grid local{grid.cell, n, n};
    Observation moved; // only where it is matters
    moved.roi = roi;
    const Vec2 middle = local.centre(reach, reach);
    moved.roi.centreX = middle.x;
    moved.roi.centreY = middle.y;
    std::vector<std::uint8_t> body(local.count()), inner(local.count()), outer(local.count());
    markCells(local, moved, mask, 0, body);
    markCells(local, moved, mask, kInnerRim, inner);
    markCells(local, moved, mask, kOuterRim, outer);
    Outline out;
    for (int y = 0; y < n; ++y) {
        for (int x = 0; x < n; ++x) {
            const std::size_t i = local.at(x, y);
            if (body[i] != 0) {
                out.inside.push_back({x - reach, y - reach});
            } else if (outer[i] != 0 && inner[i] == 0) {
                out.around.push_back({x - reach, y - reach});
            }
        }
    }
    return out;
}

} // namespace

std::optional<HiddenSight> TrackedTarget::stillThere(const StillScene& scene, const Others& others,
                                                     double dt) const {
    if (!started_ || cutPending_ || left_ || trial_ > 0 || !wellKnown() || lost_ > kLatest ||
        keptFor_ * dt > kLongestHold) {
        return std::nullopt;
    }
    const StillScene::Grid& grid = scene.grid();
    const Outline outline = outlineOf(grid, good_.roi, good_.ownMask());
    std::vector<std::uint8_t> covered(grid.count());
    for (const Observation* other : others) {
        markCells(grid, *other, other->ownMask(), 1, covered);
    }
    // A weak run says nothing about where it went.
    const Vec2 expected = weak_ > 0 ? centre(good_.roi) : predictedCentre();
    const auto column = static_cast<int>(std::floor((expected.x + 0.5) / grid.cell));
    const auto row = static_cast<int>(std::floor((expected.y + 0.5) / grid.cell));
    const auto look = [&](int x, int y) { // 1: somebody, 0: nobody, -1: not to be said
        if (x < 0 || y < 0 || x >= grid.columns || y >= grid.rows || covered[grid.at(x, y)] != 0) {
            return -1;
        }
        const StillScene::Cell cell = scene.cell(x, y);
        return cell == StillScene::Cell::Unknown ? -1 : cell == StillScene::Cell::Differs ? 1 : 0;
    };
    // Somebody no nearer was seen in front of all that stands there.
    const auto free = [&](int x, int y) {
        const float passed = scene.passedBy(x, y);
        return passed > 0 && passed < kAsNear * good_.roi.side;
    };
    struct Tally {
        int differs = 0, seen = 0, free = 0;
        [[nodiscard]] double share() const { return seen > 0 ? static_cast<double>(differs) / seen : 0; }
    };
    const auto count = [&](const std::vector<Place>& places, Place at) {
        Tally tally;
        for (const Place& p : places) {
            const int what = look(at.x + p.x, at.y + p.y);
            tally.differs += what == 1 ? 1 : 0;
            tally.seen += what >= 0 ? 1 : 0;
            tally.free += what == 0 && free(at.x + p.x, at.y + p.y) ? 1 : 0;
        }
        return tally;
    };
    const int reach =
        std::clamp(static_cast<int>(std::lround(kReach * good_.roi.side / grid.cell)), 1, kMostSteps);
    const double areaCells = static_cast<double>(outline.inside.size());
    double best = 0;
    Place shift;
    for (int dy = -reach; dy <= reach; ++dy) {
        for (int dx = -reach; dx <= reach; ++dx) {
            const Place at{column + dx, row + dy};
            const Tally inside = count(outline.inside, at);
            const double gain = inside.differs - kFreeWeight * inside.free -
                                kRimWeight * count(outline.around, at).differs -
                                kStepWeight * areaCells * std::hypot(dx, kDownTheGround * dy);
            if (gain > best) {
                best = gain;
                shift = {dx, dy};
            }
        }
    }
    const Vec2 here = expected + double(grid.cell) * Vec2{double(shift.x), double(shift.y)};
    // It may have stopped anywhere on its way, but who passes by must not carry it off.
    const Vec2 moved = here - heldFrom_, way = double(keptFor_ + lost_ + 1) * heldPace_;
    const double length = std::max(way.x * way.x + way.y * way.y, 1e-9);
    const double along = std::clamp((moved.x * way.x + moved.y * way.y) / length, 0.0, 1.0);
    const bool astray = keptFor_ > 0 && norm(moved - along * way) > kAstray * good_.roi.side;
    const Place at{column + shift.x, row + shift.y};
    const Tally inside = count(outline.inside, at), around = count(outline.around, at);
    const double cellArea = static_cast<double>(grid.cell) * grid.cell;
    const bool goesOn = keptFor_ > 0 && lost_ == 0;
    if (best <= 0 || astray || inside.differs * cellArea < (goesOn ? kGoingOnArea : kLeastArea) * usualArea_ ||
        inside.share() < (goesOn ? kGoingOnShare : kLeastShare) || around.share() > kRimShare * inside.share()) {
        return std::nullopt;
    }
    std::vector<std::uint8_t> colours, chosen;
    HiddenSight sight;
    for (const Place& p : outline.inside) {
        const int x = at.x + p.x, y = at.y + p.y;
        if (look(x, y) == 1) {
            colours.insert(colours.end(), scene.colour(x, y), scene.colour(x, y) + 3);
        }
    }
    chosen.assign(colours.size() / 3, 1);
    const Histogram seen = colourHistogram(colours, chosen);
    const auto like = [&](const Histogram& known) {
        return known.empty() ? 0.0 : blazepose::similarity(seen, known);
    };
    // A half of the body shows one half of the clothes.
    sight.similarity = std::max({0.5 * (like(reference_) + like(adapted_)), like(upper_), like(lower_)});
    const double usual = usualSimilarity();
    const bool steady = keptFor_ > 0 && like(last_.histogram) > kSteady;
    if (sight.similarity < (steady ? kLeastLikeness : goesOn ? kGoingOn : kLikeness) * usual) {
        // So little shows that a frame's colours may deceive.
        sight.supposed = keptFor_ > 0 && sight.similarity > kLeastLikeness * usual;
        if (!sight.supposed) {
            return std::nullopt;
        }
    }
    sight.sure = inside.share() > kSureShare && sight.similarity > kSightLikeness * usual;

    Observation& o = sight.seen;
    o = good_;
    o.histogram = seen;
    const Vec2 move = here - centre(good_.roi);
    o.roi.centreX += move.x;
    o.roi.centreY += move.y;
    for (Vec2& p : o.px) {
        p = p + move;
    }
    o.mask = std::make_shared<CropMask>(good_.ownMask());
    auto own = std::make_shared<CropMask>(*o.mask);
    const Affine toFrame = frameFromCrop(o.roi, own->side);
    for (int v = 0; v < own->side; ++v) {
        for (int u = 0; u < own->side; ++u) {
            auto& value = own->values[static_cast<std::size_t>(v * own->side + u)];
            if (value > 0) {
                const Vec2 p = toFrame({double(u), double(v)});
                const int x = static_cast<int>(std::floor((p.x + 0.5) / grid.cell));
                const int y = static_cast<int>(std::floor((p.y + 0.5) / grid.cell));
                value = look(x, y) == 1 ? value : std::uint8_t{0};
            }
        }
    }
    o.own = std::move(own);
    for (std::size_t k = 0; k < o.px.size(); ++k) {
        if (maskAt(o, o.ownMask(), o.px[k]) < 0.5) {
            o.visibility[k] *= kHiddenPoint;
        }
    }
    return sight;
}

void TrackedTarget::hold(Observation o) {
    if (keptFor_ == 0) {
        heldFrom_ = centre(last_.roi);
        heldPace_ = weak_ > 0 ? Vec2{} : velocity_;
    }
    const Vec2 step = 1.0 / (lost_ + 1) * (centre(o.roi) - centre(last_.roi));
    velocity_ = velocity_ + kMotion * (step - velocity_);
    ++keptFor_;
    lost_ = weak_ = run_ = 0;
    pause_ = 0;
    filter_.reset();
    const Vec2 move = centre(o.roi) - centre(good_.roi);
    good_.roi = o.roi;
    for (Vec2& p : good_.px) {
        p = p + move;
    }
    last_ = std::move(o);
}

bool TrackedTarget::goesOnFromSupposed(const Observation& o) const {
    if (held.empty() || !held.back().supposed) {
        return false;
    }
    const Roi before = toIndexSpace(held.back().frame.pose.roi);
    return norm(centre(o.roi) - centre(before)) < kAstray * before.side;
}

void TrackedTarget::settleSupposed(bool seenAgain) {
    for (auto it = held.rbegin(); it != held.rend() && it->supposed; ++it) {
        if (seenAgain) {
            it->supposed = false;
        } else {
            it->forget();
        }
    }
}

} // namespace body4d::blazepose
