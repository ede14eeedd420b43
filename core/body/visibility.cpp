#include "body/detail/visibility.h"

#include "base/error.h"
#include "base/parallel.h"
#include "body/detail/silhouette_match.h"
#include "body/mask_sampling.h"
#include "body/rasterizer.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace body4d::detail {

namespace {

constexpr double kMeterPixels = 96;  // longer side of the compared projection
constexpr double kUsualSeconds = 2.5; // around a frame, for what is usual there
constexpr double kMisfitArea = 0.97;  // of the usual mask area from which nothing is missing
constexpr double kJump = 8;           // times the usual shift from which a track has gone elsewhere

/// Value below which `share` of the values lie. @param values are reordered
double quantile(std::vector<double>& values, double share) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

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
        const bool left = name.ends_with(".L");
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

Visibility VisibilityMeter::measure(const BodyPose& pose, const RleMask& mask) {
    Visibility out;
    model_.pose(rest_, pose, vertices_);
    Box region{1e9, 1e9, -1e9, -1e9};
    for (const Vec3f& v : vertices_) {
        if (v.z > kNearPlaneMetres) {
            const Vec2 p = project(camera_, {v.x, v.y, v.z});
            region = {std::min(region.x0, p.x), std::min(region.y0, p.y), std::max(region.x1, p.x), std::max(region.y1, p.y)};
        }
    }
    if (region.width() <= 0 || region.height() <= 0) {
        return out;
    }
    const double scale = std::min(1.0, kMeterPixels / std::max(region.width(), region.height()));
    DepthImage depth;
    rasterize(vertices_, model_.topology(), windowed(camera_, region, scale), depth);
    Mask covered;
    if (!mask.empty()) {
        sampleMask(mask, region, scale, covered);
    }
    std::array<double, kLimbCount> limbPx{}, limbSeenPx{};
    double inside = 0, all = 0, seen = 0;
    for (int y = 0; y < depth.height; ++y) {
        for (int x = 0; x < depth.width; ++x) {
            const std::int32_t triangle = depth.triangle[static_cast<std::size_t>(y) * depth.width + x];
            if (triangle < 0) {
                continue;
            }
            ++all;
            const double px = region.x0 + (x + 0.5) / scale, py = region.y0 + (y + 0.5) / scale;
            if (px < 0 || py < 0 || px >= camera_.width || py >= camera_.height) {
                continue;
            }
            const auto limb = static_cast<std::size_t>(limbOfTriangle_[static_cast<std::size_t>(triangle)]);
            const double share = covered.empty() ? 0 : covered.row(y)[x] / 255.0;
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

std::vector<FrameEvidence> gatherEvidence(const BodyTrack& body, const TargetTrack& track, const BodyModel& model,
                                          double visibleShare, const std::stop_token& stop) {
    const std::size_t count = body.frames.size();
    std::vector<FrameEvidence> out(count);
    parallelFor(count, [&](std::size_t begin, std::size_t end) {
        VisibilityMeter meter(model, body.shape, body.camera);
        for (std::size_t i = begin; i < end; ++i) {
            if (stop.stop_requested()) {
                throw Cancelled();
            }
            const TargetFrame& seen = track.frames[i];
            FrameEvidence& e = out[i];
            e.measured = seen.state == FrameState::Visible && seen.pose.score > 0 && !body.frames[i].pose.rotations.empty();
            if (e.measured) {
                e.visibility = meter.measure(body.frames[i].pose, seen.mask);
            }
        }
    });
    const auto reach = static_cast<std::size_t>(std::lround(kUsualSeconds * std::max(body.fps, 1.0)));
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
            const Roi &a = track.frames[i - 1].pose.roi, &b = track.frames[i].pose.roi;
            const double side = std::max(1.0, 0.5 * (a.side + b.side));
            shift[i] = std::hypot(a.centreX - b.centreX, a.centreY - b.centreY) / side + std::abs(std::log(std::max(b.side, 1.0) / std::max(a.side, 1.0)));
        }
    }
    const std::vector<double> usualSeen = usual(seen, reach, 0.6, 1), usualArea = usual(area, reach, 0.6, 1),
                              usualSimilarity = usual(similarity, reach, 0.6, 1), usualShift = usual(shift, reach, 0.7, 0);
    // How much the appearance varies from frame to frame by itself.
    std::vector<double> wander;
    for (std::size_t i = 0; i < count; ++i) {
        if (similarity[i] >= 0) {
            wander.push_back(std::abs(similarity[i] - usualSimilarity[i]));
        }
    }
    const double spread = wander.empty() ? 0 : 1.4826 * quantile(wander, 0.5);
    std::array<std::vector<double>, kLimbCount> usualLimb;
    for (std::size_t l = 0; l < kLimbCount; ++l) {
        std::vector<double> values(count, -1);
        for (std::size_t i = 0; i < count; ++i) {
            values[i] = out[i].measured && out[i].visibility.limbShare[l] > 0.01 ? out[i].visibility.limbSeen[l] : -1;
        }
        usualLimb[l] = usual(values, reach, 0.6, 1);
    }
    for (std::size_t i = 0; i < count; ++i) {
        FrameEvidence& e = out[i];
        if (!e.measured) {
            e.hidden = true;
            continue;
        }
        e.seen = e.visibility.seen / std::max(usualSeen[i], 0.3);
        e.area = area[i] / std::max(usualArea[i], 0.3);
        e.similarity = similarity[i] < 0 ? -1 : similarity[i] / std::max(usualSimilarity[i], 0.05);
        e.jump = shift[i] < 0 ? 0 : shift[i] / std::max(usualShift[i], 0.02);
        for (std::size_t l = 0; l < kLimbCount; ++l) {
            e.limbSeen[l] = e.visibility.limbShare[l] > 0.01 ? e.visibility.limbSeen[l] / std::max(usualLimb[l][i], 0.3) : e.seen;
        }
        const double unlike = similarity[i] < 0 ? 0 : usualSimilarity[i] - similarity[i];
        e.odd = unlike > std::max(0.05, 3.5 * spread);
        e.stranger = unlike > std::max(0.1, 6 * spread);
        // What is hidden is missing from the mask. A mask as large as ever that lies beside the body is a body put wrong,
        // as in fast turns, unless it is another's mask.
        const bool missing = e.area < kMisfitArea || e.jump > kJump;
        e.hidden = (e.seen < visibleShare && missing) || e.stranger || e.area < 0.55 ||
                   (e.odd && missing && (e.seen < 0.9 || e.area < 0.75)) || (e.jump > kJump && (e.odd || e.seen < 0.85));
    }
    // From frames that are beyond doubt, a stretch reaches as far as something is still missing.
    const auto doubtful = [](const FrameEvidence& e) {
        bool limbMissing = false;
        for (std::size_t l = 0; l < kLimbCount; ++l) {
            limbMissing |= e.visibility.limbShare[l] > 0.04 && e.limbSeen[l] < 0.6;
        }
        return (e.seen < 0.94 && (e.area < 0.95 || limbMissing)) || e.odd;
    };
    const auto spreads = [&](std::size_t from, std::size_t to) {
        out[to].hidden |= out[from].hidden && out[to].measured && doubtful(out[to]);
    };
    for (std::size_t i = 1; i < count; ++i) {
        spreads(i - 1, i);
    }
    for (std::size_t i = count; i-- > 1;) {
        spreads(i, i - 1);
    }
    return out;
}

} // namespace body4d::detail
