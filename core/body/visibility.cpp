#include "body/detail/visibility.h"

#include "base/error.h"
#include "base/order_statistics.h"
#include "base/parallel.h"
#include "body/detail/hidden_runs.h"
#include "body/detail/silhouette_match.h"
#include "body/detail/still_edge.h"
#include "body/mask_sampling.h"
#include "body/rasterizer.h"

#include <algorithm>
#include <bitset>
#include <cmath>
#include <string_view>

namespace body4d::detail {

namespace {

constexpr double kMeterPixels = 96;  // longer side of the compared projection
constexpr double kUsualSeconds = 2.5; // around a frame, for what is usual there
constexpr double kMisfitArea = 0.97;  // of the usual mask area from which nothing is missing
constexpr double kMisfitOutside = 0.2; // more of the mask than usual outside the body: the body is put wrong
constexpr double kSwollenArea = 1.2;  // of the usual mask area from which one that looks odd has taken in something else
constexpr double kOwnColours = 0.3;   // share of the usual that looks like the person, from which it is the person
constexpr double kWholeArea = 0.88, kWholePoints = 0.8; // mask and points on it from which nobody is covered
constexpr double kMostArea = 0.8, kAllPoints = 0.9;     // the same where all points but one are on it
constexpr double kOtherColours = 0.12, kFewOtherColours = 0.09; // share of what is seen that may look like something else,
                                                                // in full view; beside frames on which something is hidden
constexpr double kMomentSeconds = 0.2, kSomeOtherColours = 0.06; // a gap in a hidden stretch, and what betrays it
constexpr double kEdgeSeconds = 0.08;  // for which a straight end of the mask has stayed or will stay where it is
constexpr double kMoved = 0.025, kMovedEdge = 0.35; // shift of the person meanwhile, of the crop's side, and length of the
                                                    // end, of the mask's size
constexpr double kEdgeArea = 0.93, kLongEdge = 0.42; // of the usual mask area, and length of the end, where the person rests
constexpr double kJump = 8;           // times the usual shift from which a track has gone elsewhere

using LimbSet = std::bitset<kLimbCount>;

/// What a quantity usually is around every frame: the quantile of the values at least 0 within `reach` frames, or of the
/// whole track where these are few.
std::vector<double> usual(const std::vector<double>& values, std::size_t reach, double share, double otherwise) {
    std::vector<double> all, near, out(values.size());
    for (const double v : values) {
        if (v >= 0) {
            all.push_back(v);
        }
    }
    const double overall = all.empty() ? otherwise : quantile(all, share);
    for (std::size_t i = 0; i < values.size(); ++i) {
        near.clear();
        for (std::size_t k = i > reach ? i - reach : 0; k < std::min(values.size(), i + reach + 1); ++k) {
            if (values[k] >= 0) {
                near.push_back(values[k]);
            }
        }
        out[i] = near.size() < 12 ? overall : quantile(near, share);
    }
    return out;
}

} // namespace

std::vector<Limb> limbsOfJoints(std::span<const BodyJoint> joints) {
    std::vector<Limb> out;
    for (const BodyJoint& joint : joints) {
        const std::string_view name = joint.name;
        const bool left = name.ends_with(".L") || name.starts_with("left_");
        const auto has = [&](std::string_view part) { return name.find(part) != std::string_view::npos; };
        Limb limb = joint.parent < 0 ? Limb::Torso : out[static_cast<std::size_t>(joint.parent)];
        if (has("arm") || has("wrist") || has("finger")) {
            limb = left ? Limb::LeftArm : Limb::RightArm;
        } else if (has("leg") || has("foot") || has("toe")) {
            limb = left ? Limb::LeftLeg : Limb::RightLeg;
        } else if (has("neck") || has("head")) {
            limb = Limb::Head;
        }
        out.push_back(limb);
    }
    return out;
}

Limb limbOfLandmark(std::size_t landmark) {
    if (landmark <= 10) {
        return Limb::Head;
    }
    const bool left = landmark % 2 == 1;
    if (landmark >= 13 && landmark <= 22) {
        return left ? Limb::LeftArm : Limb::RightArm;
    }
    if (landmark >= 25) {
        return left ? Limb::LeftLeg : Limb::RightLeg;
    }
    return Limb::Torso; // shoulders and hips
}

VisibilityMeter::VisibilityMeter(const BodyModel& model, const BodyShape& shape, const Intrinsics& camera)
    : model_(model), rest_(model.shaped(shape)), camera_(camera) {
    const std::vector<Limb> limbs = limbsOfJoints(model.joints());
    const SkinWeights& skin = model.skin();
    const auto limbOfVertex = [&](std::uint32_t vertex) {
        std::size_t best = static_cast<std::size_t>(vertex) * static_cast<std::size_t>(skin.perVertex);
        for (std::size_t k = best + 1; k < (static_cast<std::size_t>(vertex) + 1) * static_cast<std::size_t>(skin.perVertex); ++k) {
            best = skin.weight[k] > skin.weight[best] ? k : best;
        }
        return limbs[skin.joint[best]];
    };
    for (const auto& triangle : model.topology().triangles) {
        limbOfTriangle_.push_back(limbOfVertex(triangle[0]));
    }
}

double VisibilityMeter::draw(const BodyPose& pose, const RleMask& mask) {
    model_.pose(rest_, pose, vertices_);
    region_ = {1e9, 1e9, -1e9, -1e9};
    for (const Vec3f& v : vertices_) {
        if (v.z > kNearPlaneMetres) {
            const Vec2 p = project(camera_, {v.x, v.y, v.z});
            region_ = {std::min(region_.x0, p.x), std::min(region_.y0, p.y), std::max(region_.x1, p.x), std::max(region_.y1, p.y)};
        }
    }
    if (region_.width() <= 0 || region_.height() <= 0) {
        return 0;
    }
    const double scale = std::min(1.0, kMeterPixels / std::max(region_.width(), region_.height()));
    rasterize(vertices_, model_.topology(), windowed(camera_, region_, scale), depth_);
    covered_.values.clear();
    if (!mask.empty()) {
        sampleMask(mask, region_, scale, covered_);
    }
    return scale;
}

Visibility VisibilityMeter::measure(const BodyPose& pose, const RleMask& mask) {
    Visibility out;
    const double scale = draw(pose, mask);
    if (scale <= 0) {
        return out;
    }
    std::array<double, kLimbCount> limbPx{}, limbSeenPx{};
    double inside = 0, all = 0, seen = 0;
    for (int y = 0; y < depth_.height; ++y) {
        for (int x = 0; x < depth_.width; ++x) {
            const std::int32_t triangle = depth_.triangle[static_cast<std::size_t>(y) * depth_.width + x];
            if (triangle < 0) {
                continue;
            }
            ++all;
            const double px = region_.x0 + (x + 0.5) / scale, py = region_.y0 + (y + 0.5) / scale;
            if (px < 0 || py < 0 || px >= camera_.width || py >= camera_.height) {
                continue;
            }
            const auto limb = static_cast<std::size_t>(limbOfTriangle_[static_cast<std::size_t>(triangle)]);
            const double share = covered_.empty() ? 0 : covered_.row(y)[x] / 255.0;
            ++inside;
            ++limbPx[limb];
            limbSeenPx[limb] += share;
            seen += share;
        }
    }
    out.inPicture = all > 0 ? inside / all : 0;
    out.seen = inside > 0 ? seen / inside : -1;
    out.projectionPx = inside / (scale * scale);
    out.maskPx = mask.empty() ? 0 : static_cast<double>(area(mask));
    out.outside = out.maskPx > 0 ? std::clamp(1 - seen / (scale * scale) / out.maskPx, 0.0, 1.0) : 0;
    for (std::size_t l = 0; l < kLimbCount; ++l) {
        out.limbShare[l] = inside > 0 ? limbPx[l] / inside : 0;
        out.limbSeen[l] = limbPx[l] > 0 ? limbSeenPx[l] / limbPx[l] : -1;
    }
    return out;
}

void VisibilityMeter::cutPatches() {
    std::vector<std::uint8_t> groups;
    for (const Limb limb : limbOfTriangle_) {
        groups.push_back(static_cast<std::uint8_t>(limb));
    }
    patchOfTriangle_ = cutIntoPatches(rest_.vertices, model_.topology(), groups);
    for (std::size_t t = 0; t < patchOfTriangle_.size(); ++t) {
        limbOfPatch_[patchOfTriangle_[t]] = limbOfTriangle_[t];
    }
}

PatchViews VisibilityMeter::look(const BodyPose& pose, const RleMask& mask, const Image& picture) {
    PatchViews out{};
    if (patchOfTriangle_.empty()) {
        cutPatches();
    }
    const double scale = draw(pose, mask);
    if (scale <= 0) {
        return out;
    }
    // Mean of the picture's pixels below a pixel of the drawing, thinned out where these are many.
    const double size = 1 / scale;
    const int steps = std::clamp(static_cast<int>(std::lround(size)), 1, 3);
    for (int y = 0; y < depth_.height; ++y) {
        for (int x = 0; x < depth_.width; ++x) {
            const std::int32_t triangle = depth_.triangle[static_cast<std::size_t>(y) * depth_.width + x];
            const double left = region_.x0 + x * size, top = region_.y0 + y * size;
            if (triangle < 0 || left < 0 || top < 0 || left + size > picture.width || top + size > picture.height) {
                continue;
            }
            PatchView& view = out[patchOfTriangle_[static_cast<std::size_t>(triangle)]];
            ++view.pixels;
            if (covered_.empty() || covered_.row(y)[x] < 128) {
                continue;
            }
            ++view.seen;
            std::array<int, 3> sum{};
            for (int v = 0; v < steps; ++v) {
                const std::uint8_t* row = picture.row(std::min(picture.height - 1, static_cast<int>(top + (v + 0.5) * size / steps)));
                for (int u = 0; u < steps; ++u) {
                    const std::uint8_t* p = row + 3 * std::min(picture.width - 1, static_cast<int>(left + (u + 0.5) * size / steps));
                    for (std::size_t c = 0; c < 3; ++c) {
                        sum[c] += p[c];
                    }
                }
            }
            for (std::size_t c = 0; c < 3; ++c) {
                view.colour[c] += static_cast<float>(sum[c]) / static_cast<float>(255 * steps * steps);
            }
        }
    }
    for (PatchView& view : out) {
        for (float& c : view.colour) {
            c /= std::max(1.F, view.seen);
        }
    }
    return out;
}

Visibility VisibilityMeter::without(const ForeignPatches& foreign, const PatchViews& views, Visibility visibility) const {
    double all = 0, taken = 0;
    std::array<double, kLimbCount> limbPx{}, limbTaken{};
    for (std::size_t p = 0; p < kSurfacePatches; ++p) {
        const auto limb = static_cast<std::size_t>(limbOfPatch_[p]);
        const double off = foreign[p] != 0 ? views[p].seen : 0;
        all += views[p].pixels;
        limbPx[limb] += views[p].pixels;
        taken += off;
        limbTaken[limb] += off;
    }
    if (all <= 0) {
        return visibility;
    }
    visibility.foreign = taken / all / std::max(visibility.seen, 0.01);
    visibility.seen = std::max(0.0, visibility.seen - taken / all);
    visibility.maskPx = std::max(0.0, visibility.maskPx - taken / all * visibility.projectionPx);
    for (std::size_t l = 0; l < kLimbCount; ++l) {
        if (limbPx[l] > 0) {
            visibility.limbSeen[l] = std::max(0.0, visibility.limbSeen[l] - limbTaken[l] / limbPx[l]);
        }
    }
    return visibility;
}

namespace {

/// Share of the points of head, trunk and limbs that lie on the visible mask, of those inside the picture; as the tracker
/// saw them, before any fit.
double pointsOnMask(const TargetFrame& frame) {
    constexpr std::array<std::size_t, 13> kPoints{0, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28};
    if (frame.pose.score <= 0) {
        return 0; // the tracker has none
    }
    const PixelTest inMask(frame.mask);
    int on = 0, count = 0;
    for (const std::size_t k : kPoints) {
        const Vec2 p = frame.pose.points[k].px;
        if (p.x >= 0 && p.y >= 0 && p.x < frame.mask.width && p.y < frame.mask.height) {
            ++count;
            on += inMask(p) ? 1 : 0;
        }
    }
    return count > 0 ? static_cast<double>(on) / count : 0;
}

/// Where the person is, for telling jumps. @param masks all frames by their masks: some may have no landmarks
Roi placeOf(const TargetFrame& frame, bool masks) {
    if (!masks) {
        return frame.pose.roi;
    }
    const Box box = boundingBox(frame.mask);
    return {0.5 * (box.x0 + box.x1), 0.5 * (box.y0 + box.y1), std::max(box.width(), box.height()), 0};
}

/// A mask nearly as large as ever that the person's own points lie on is a person in full view, however far off the body
/// was put, unless it may be somebody else's or goes on over what hides the person.
bool inFullView(const FrameEvidence& e, double otherColours = kOtherColours) {
    const bool elsewhere = e.stranger || (e.jump > kJump && e.odd);
    return !elsewhere && e.visibility.foreign < otherColours &&
           ((e.area >= kWholeArea && e.pointsOnMask >= kWholePoints) ||
            (e.area >= kMostArea && e.pointsOnMask >= kAllPoints));
}

/// Relates every frame's measurements to what is usual around it and decides which frames are hidden.
void judge(std::vector<FrameEvidence>& out, const TargetTrack& track, bool byMasks, double fps, double visibleShare) {
    const std::size_t count = out.size();
    const auto reach = static_cast<std::size_t>(std::lround(kUsualSeconds * fps));
    std::vector<double> seen(count, -1), area(count, -1), similarity(count, -1), shift(count, -1);
    for (std::size_t i = 0; i < count; ++i) {
        if (!out[i].measured) {
            continue;
        }
        const Visibility& v = out[i].visibility;
        seen[i] = v.seen;
        area[i] = v.projectionPx > 0 ? v.maskPx / v.projectionPx : -1;
        similarity[i] = track.frames[i].similarity > 0 ? track.frames[i].similarity : -1;
        if (i > 0 && out[i - 1].measured) {
            const Roi a = placeOf(track.frames[i - 1], byMasks), b = placeOf(track.frames[i], byMasks);
            const double side = std::max(1.0, 0.5 * (a.side + b.side));
            shift[i] = std::hypot(a.centreX - b.centreX, a.centreY - b.centreY) / side + std::abs(std::log(std::max(b.side, 1.0) / std::max(a.side, 1.0)));
        }
    }
    // Frames of which the tracker itself was not sure do not tell what is usual, as far as there are others.
    const auto firm = [](const TargetFrame& f) { return f.firm; };
    const bool anyFirm = std::any_of(track.frames.begin(), track.frames.end(), firm);
    const auto ofFirm = [&](std::vector<double> values) {
        for (std::size_t i = 0; i < count; ++i) {
            values[i] = anyFirm && !firm(track.frames[i]) ? -1 : values[i];
        }
        return values;
    };
    const std::vector<double> usualSeen = usual(ofFirm(seen), reach, 0.6, 1), usualArea = usual(ofFirm(area), reach, 0.6, 1),
                              usualSimilarity = usual(ofFirm(similarity), reach, 0.6, 1), usualShift = usual(shift, reach, 0.7, 0);
    // How much the appearance varies from frame to frame by itself.
    std::vector<double> wander;
    for (std::size_t i = 0; i < count; ++i) {
        if (similarity[i] >= 0) {
            wander.push_back(std::abs(similarity[i] - usualSimilarity[i]));
        }
    }
    const double spread = wander.empty() ? 0 : 1.4826 * quantile(wander, 0.5);
    std::array<std::vector<double>, kLimbCount> usualLimb, usualDrawn;
    for (std::size_t l = 0; l < kLimbCount; ++l) {
        std::vector<double> values(count, -1);
        for (std::size_t i = 0; i < count; ++i) {
            values[i] = out[i].measured && out[i].visibility.limbShare[l] > 0.01 ? out[i].visibility.limbSeen[l] : -1;
        }
        usualLimb[l] = usual(ofFirm(std::move(values)), reach, 0.6, 1);
        std::vector<double> shares(count, -1);
        for (std::size_t i = 0; i < count; ++i) {
            shares[i] = out[i].measured ? out[i].visibility.limbShare[l] : -1;
        }
        usualDrawn[l] = usual(ofFirm(std::move(shares)), reach, 0.5, 1);
    }
    for (std::size_t i = 0; i < count; ++i) {
        FrameEvidence& e = out[i];
        e.hidden = false;
        if (!e.measured) {
            e.hidden = true;
            continue;
        }
        e.seen = e.visibility.seen / std::max(usualSeen[i], 0.3);
        e.area = area[i] / std::max(usualArea[i], 0.3);
        e.similarity = similarity[i] < 0 ? -1 : similarity[i] / std::max(usualSimilarity[i], 0.05);
        e.jump = shift[i] < 0 ? 0 : shift[i] / std::max(usualShift[i], 0.02);
        for (std::size_t l = 0; l < kLimbCount; ++l) {
            e.limbDrawn[l] = e.visibility.limbShare[l] / std::max(usualDrawn[l][i], 0.01);
            e.limbSeen[l] = e.visibility.limbShare[l] > 0.01 ? e.visibility.limbSeen[l] / std::max(usualLimb[l][i], 0.3) : e.seen;
        }
        const double unlike = similarity[i] < 0 ? 0 : usualSimilarity[i] - similarity[i];
        e.odd = unlike > std::max(0.05, 3.5 * spread);
        e.stranger = unlike > std::max(0.1, 6 * spread);
        if (e.looked && e.seen > kOwnColours) { // it is the person, partly covered
            e.stranger = false;
        }
        // What is hidden is missing from the mask. A mask as large as ever that lies beside the body is a body put wrong,
        // as in fast turns, unless it is another's mask.
        const bool missing = e.area < kMisfitArea || e.jump > kJump;
        e.hidden = (e.seen < visibleShare && missing) || e.stranger || e.area < 0.55 ||
                   (e.odd && missing && (e.seen < 0.9 || e.area < 0.75)) || (e.jump > kJump && (e.odd || e.seen < 0.85));
        e.hidden = e.hidden && !inFullView(e);
    }
    // From frames that are beyond doubt, a stretch reaches as far as something is still missing.
    const auto missing = [](const FrameEvidence& e, double limit = 0.6) {
        LimbSet limbs;
        for (std::size_t l = 0; l < kLimbCount; ++l) {
            limbs[l] = e.visibility.limbShare[l] > 0.04 && e.limbSeen[l] < limit;
        }
        return limbs;
    };
    // Half a body may be fitted so well into what is seen that nothing seems to be missing. But a mask that ends, straight
    // and long, where it ended before although the person is moving, ends at what hides the rest.
    const auto few = std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(kEdgeSeconds * fps)));
    const auto cutOff = [&](std::size_t i) {
        const auto orHere = [&](std::size_t k) { return out[k].measured ? k : i; };
        const std::size_t before = orHere(i > few ? i - few : 0), after = orHere(std::min(count - 1, i + few));
        const Roi a = placeOf(track.frames[before], byMasks), b = placeOf(track.frames[after], byMasks);
        const double side = std::max(1.0, 0.5 * (a.side + b.side));
        const bool moved = std::hypot(a.centreX - b.centreX, a.centreY - b.centreY) >= kMoved * side;
        if (!moved && out[i].area >= kEdgeArea) {
            return false;
        }
        const double length = moved ? kMovedEdge : kLongEdge;
        const auto still = [&](std::size_t k) { return k != i && stillEdge(track.frames[i].mask, track.frames[k].mask) >= length; };
        return still(before) || still(after);
    };
    const auto doubtful = [&](const FrameEvidence& e, const FrameEvidence& neighbour) {
        if (e.odd && e.area > kSwollenArea) {
            return true;
        }
        if (inFullView(e, kFewOtherColours)) {
            return false; // a limb beside the mask is then one that the body has wrong
        }
        const LimbSet limbs = missing(e);
        if (!e.looked) {
            return (e.seen < 0.94 && (e.area < 0.95 || limbs.any())) || e.odd;
        }
        // Colours tell limbs apart but waver more than outlines, most of all on thin arms: the same part must stay covered.
        const double limit = e.visibility.foreign < kFewOtherColours ? 0.66 : 0.72;
        LimbSet same = neighbour.measured ? missing(e, limit) & missing(neighbour) : LimbSet();
        same.reset(static_cast<std::size_t>(Limb::LeftArm));
        same.reset(static_cast<std::size_t>(Limb::RightArm));
        // A mask that goes on over what hides the person is as large as ever; neither the surface nor the mask as a whole
        // has the person's colours then.
        const bool swallowed = e.odd && e.visibility.foreign >= kOtherColours;
        return same.any() || swallowed || (e.seen < 0.88 && (e.area < 0.95 || limbs.any()));
    };
    const auto spreads = [&](std::size_t from, std::size_t to) {
        out[to].hidden = out[to].hidden || (out[from].hidden && out[to].measured && (doubtful(out[to], out[from]) || cutOff(to)));
    };
    for (std::size_t i = 1; i < count; ++i) {
        spreads(i - 1, i);
    }
    for (std::size_t i = count; i-- > 1;) {
        spreads(i, i - 1);
    }
    // Between two hidden stretches, a moment with some other colours is one more of them.
    const auto moment = static_cast<std::size_t>(std::lround(kMomentSeconds * fps));
    for (std::size_t begin = 1; begin < count; ++begin) {
        if (out[begin].hidden || !out[begin - 1].hidden) {
            continue;
        }
        std::size_t end = begin;
        while (end < count && !out[end].hidden && out[end].looked && out[end].visibility.foreign >= kSomeOtherColours) {
            ++end;
        }
        if (end < count && out[end].hidden && end - begin <= moment) {
            std::for_each(out.begin() + static_cast<std::ptrdiff_t>(begin), out.begin() + static_cast<std::ptrdiff_t>(end),
                          [](FrameEvidence& e) { e.hidden = true; });
        }
    }
}

/// Frames that deserve a look at the picture.
bool suspicious(const FrameEvidence& e) {
    return !e.measured || e.hidden || e.odd || e.seen < 0.94 || e.area < 0.85 || e.area > 1.2 || e.jump > kJump;
}

/// Leaves out of the mask what does not look like the person there, around suspicious frames. @returns whether it looked
bool lookAtPictures(std::vector<FrameEvidence>& out, const BodyTrack& body, const TargetTrack& track, const BodyModel& model,
                    const std::function<ImagePtr(std::int64_t)>& pictures, std::size_t reach, const std::stop_token& stop) {
    const std::size_t count = out.size();
    std::vector<std::uint8_t> wanted(count, 0), usable(count, 0);
    for (std::size_t i = 0; i < count; ++i) {
        usable[i] = out[i].measured && !suspicious(out[i]) ? 1 : 0;
        if (suspicious(out[i])) {
            std::fill(wanted.begin() + static_cast<std::ptrdiff_t>(i > reach ? i - reach : 0),
                      wanted.begin() + static_cast<std::ptrdiff_t>(std::min(count, i + reach + 1)), std::uint8_t{1});
        }
    }
    if (std::none_of(out.begin(), out.end(), [](const FrameEvidence& e) { return e.measured && suspicious(e); })) {
        return false; // nothing is there that a picture could tell more about
    }
    std::vector<PatchViews> views(count);
    const std::size_t workers = std::max(1U, usableCores());
    std::vector<VisibilityMeter> meters;
    for (std::size_t w = 0; w < workers; ++w) {
        meters.emplace_back(model, body.shape, body.camera);
    }
    std::vector<std::pair<std::size_t, ImagePtr>> batch;
    const auto flush = [&] {
        parallelFor(batch.size(), [&](std::size_t begin, std::size_t end) {
            for (std::size_t b = begin; b < end; ++b) { // as many as there are meters: each has its own
                const auto& [i, picture] = batch[b];
                meters[b].lookThrough(body.cameraAt(body.frames[i].frame));
                views[i] = meters[b].look(body.frames[i].pose, track.frames[i].mask, *picture);
            }
        });
        batch.clear();
    };
    for (std::size_t i = 0; i < count; ++i) {
        if (stop.stop_requested()) {
            throw Cancelled();
        }
        if (wanted[i] == 0 || !out[i].measured) {
            continue;
        }
        const ImagePtr picture = pictures(track.frames[i].frame);
        if (picture && picture->width == body.camera.width && picture->height == body.camera.height) {
            batch.emplace_back(i, picture);
        }
        if (batch.size() == workers) {
            flush();
        }
    }
    flush();
    const std::vector<ForeignPatches> foreign = foreignPatches(views, usable, reach);
    std::vector<double> outside;
    for (const FrameEvidence& e : out) {
        outside.push_back(e.measured ? e.visibility.outside : -1);
    }
    const std::vector<double> usualOutside = usual(outside, reach, 0.5, 0);
    for (std::size_t i = 0; i < count; ++i) {
        // A body put beside its mask looks at the wrong places.
        const bool onMask = out[i].measured && outside[i] < usualOutside[i] + kMisfitOutside;
        if (onMask && std::any_of(views[i].begin(), views[i].end(), [](const PatchView& v) { return v.seen > 0; })) {
            out[i].visibility = meters.front().without(foreign[i], views[i], out[i].visibility);
            out[i].looked = true;
        }
    }
    return true;
}

} // namespace

std::vector<FrameEvidence> gatherEvidence(const BodyTrack& body, const TargetTrack& track, const BodyModel& model,
                                          double visibleShare, const std::function<ImagePtr(std::int64_t)>& pictures,
                                          const std::stop_token& stop) {
    const std::size_t count = body.frames.size();
    std::vector<FrameEvidence> out(count);
    const bool byMasks = body.ownModel != nullptr;
    parallelFor(count, [&](std::size_t begin, std::size_t end) {
        VisibilityMeter meter(model, body.shape, body.camera);
        for (std::size_t i = begin; i < end; ++i) {
            if (stop.stop_requested()) {
                throw Cancelled();
            }
            const TargetFrame& seen = track.frames[i];
            FrameEvidence& e = out[i];
            // Bodies that were measured as meshes hang on masks alone.
            const bool told = byMasks ? body.frames[i].pose.surface && !seen.mask.empty() : seen.pose.score > 0;
            e.measured = seen.state == FrameState::Visible && told && !body.frames[i].pose.rotations.empty();
            if (e.measured) {
                meter.lookThrough(body.cameraAt(body.frames[i].frame));
                e.visibility = meter.measure(body.frames[i].pose, seen.mask);
                e.pointsOnMask = pointsOnMask(seen);
            }
        }
    });
    const double fps = std::max(body.fps, 1.0);
    judge(out, track, byMasks, fps, visibleShare);
    const auto reach = static_cast<std::size_t>(std::lround(kUsualSeconds * fps));
    if (!pictures) {
        return out;
    }
    std::vector<bool> sure;
    for (const FrameEvidence& e : out) {
        sure.push_back(e.hidden);
    }
    if (lookAtPictures(out, body, track, model, pictures, reach, stop)) {
        judge(out, track, byMasks, fps, visibleShare);
        // Colours tell what and how long; that something hides the person at all, the mask must tell.
        for (std::size_t begin = 0; begin < count; ++begin) {
            std::size_t end = begin;
            bool any = false;
            while (end < count && out[end].hidden) {
                any |= sure[end++];
            }
            for (std::size_t i = begin; i < end && !any; ++i) {
                out[i].hidden = false;
            }
            begin = std::max(begin, end);
        }
    }
    return out;
}

} // namespace body4d::detail
