#include "body/detail/amodal.h"

#include "base/order_statistics.h"
#include "body/detail/rotation.h"
#include "body/detail/silhouette_match.h"
#include "body/detail/surface_colour.h"
#include "body/mask_sampling.h"
#include "body/rasterizer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace body4d::detail {

namespace {

constexpr std::size_t kExamples = 16;
constexpr double kLearnPixels = 260; // size of the person where widths are measured
constexpr double kWidest = 0.1;      // metres by which clothes stand off at most
constexpr double kTightest = -0.05;  // and by which the body may be too wide
constexpr double kEdgeOn = 0.2;      // cosine to the line of sight below which a surface is on the outline
constexpr double kOwnWord = 25;      // samples of a patch that weigh as much as those of its whole limb
constexpr double kMayBePixels = 90;  // size of the person where what they may cover is compared,
constexpr float kMayBeEdge = 0.04F;  // metres over which an outline is blurred there,
constexpr double kWorthIt = 0.01;    // and what must be gained in the mean by leaving the pose's own outline
constexpr int kSmoothings = 6;       // rounds of averaging over neighbouring vertices
constexpr std::array<double, 4> kUnseen{0.02, 0.02, 0.015,
                                        0.02}; // torso, head, arms, legs where nobody was seen

std::size_t partOf(Limb limb) {
    switch (limb) {
    case Limb::Torso:
        return 0;
    case Limb::Head:
        return 1;
    case Limb::LeftArm:
    case Limb::RightArm:
        return 2;
    case Limb::LeftLeg:
    case Limb::RightLeg:
        break;
    }
    return 3;
}

bool inside(const Mask& mask, double x, double y) {
    const auto column = static_cast<int>(std::floor(x)), row = static_cast<int>(std::floor(y));
    return column >= 0 && row >= 0 && column < mask.width && row < mask.height &&
           mask.row(row)[column] >= 128;
}

/// Pixels from a point of the outline along its normal to the edge of the mask; nothing where no edge is
/// near.
std::optional<double> edgeAlong(const Mask& mask, EVec2 from, EVec2 along, double least, double most) {
    constexpr double kStep = 0.5;
    const bool within = inside(mask, from.x(), from.y());
    const double reach = within ? most : -least;
    for (double d = kStep; d <= reach; d += kStep) {
        const EVec2 q = from + (within ? d : -d) * along;
        if (inside(mask, q.x(), q.y()) != within) {
            return (within ? 1 : -1) * (d - 0.5 * kStep);
        }
    }
    return std::nullopt;
}

/// A drawing and what is seen, where at least `least` of that lies on the drawing.
RleMask united(Mask mask, const RleMask& seen, double least) {
    if (!seen.empty() && seen.width == mask.width && seen.height == mask.height) {
        const Mask visible = decodeRle(seen);
        std::size_t all = 0, common = 0;
        for (std::size_t i = 0; i < mask.values.size(); ++i) {
            all += visible.values[i] >= 128 ? 1 : 0;
            common += visible.values[i] >= 128 && mask.values[i] >= 128 ? 1 : 0;
        }
        if (static_cast<double>(common) >= least * static_cast<double>(all)) {
            for (std::size_t i = 0; i < mask.values.size(); ++i) {
                mask.values[i] = std::max(mask.values[i], visible.values[i]);
            }
        }
    }
    return encodeRle(mask);
}

} // namespace

ClothedSilhouette::ClothedSilhouette(const BodyModel& model, const BodyTrack& body, const TargetTrack& track,
                                     std::span<const std::size_t> examples)
    : model_(model), rest_(model.shaped(body.shape)), carried_(model) {
    const std::vector<Limb> limbs = limbsOfJoints(model.joints());
    const SkinWeights& skin = model.skin();
    const auto perVertex = static_cast<std::size_t>(skin.perVertex);
    std::vector<std::size_t> part(rest_.vertices.size());
    for (std::size_t v = 0; v < part.size(); ++v) {
        const auto first = skin.weight.begin() + static_cast<std::ptrdiff_t>(v * perVertex);
        const auto heaviest = std::max_element(first, first + static_cast<std::ptrdiff_t>(perVertex));
        part[v] = partOf(limbs[skin.joint[static_cast<std::size_t>(heaviest - skin.weight.begin())]]);
    }
    std::vector<std::uint8_t> groups;
    for (const auto& triangle : model.topology().triangles) {
        groups.push_back(static_cast<std::uint8_t>(part[triangle[0]]));
    }
    const std::vector<std::uint16_t> patchOfTriangle =
        cutIntoPatches(rest_.vertices, model.topology(), groups);
    std::vector<std::uint16_t> patch(part.size(), 0);
    for (std::size_t t = 0; t < patchOfTriangle.size(); ++t) {
        for (const auto v : model.topology().triangles[t]) {
            patch[v] = patchOfTriangle[t];
        }
    }

    std::array<std::vector<double>, kSurfacePatches> ofPatch;
    std::array<std::vector<double>, 4> ofPart;
    const std::size_t count = std::min(kExamples, examples.size());
    Mask bare, seen;
    std::vector<Vec3f> vertices, normals;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t frame = examples[(2 * i + 1) * examples.size() / (2 * count)];
        const TargetFrame& measured = track.frames[frame];
        const Intrinsics camera = body.cameraAt(measured.frame);
        model_.pose(rest_, body.frames[frame].pose, vertices);
        computeNormals(vertices, model_.topology(), normals);
        Box region = projectedBox(vertices, camera);
        if (region.area() == 0) {
            continue;
        }
        const double scale = std::min(1.0, kLearnPixels / std::max(region.width(), region.height()));
        const double margin = 0.1 * std::max(region.width(), region.height());
        region = {region.x0 - margin, region.y0 - margin, region.x1 + margin, region.y1 + margin};
        const Intrinsics window = windowed(camera, region, scale);
        silhouette(vertices, model_.topology(), window, bare);
        sampleMask(measured.mask, region, scale, seen);
        for (std::size_t v = 0; v < part.size(); ++v) {
            const EVec3 p(vertices[v].x, vertices[v].y, vertices[v].z),
                n(normals[v].x, normals[v].y, normals[v].z);
            if (p.z() <= kNearPlaneMetres || std::abs(n.dot(p)) > kEdgeOn * p.norm()) {
                continue;
            }
            const EVec2 along =
                EVec2(n.x() - n.z() * p.x() / p.z(), n.y() - n.z() * p.y() / p.z()).normalized();
            const Vec2 at = project(window, {p.x(), p.y(), p.z()});
            const EVec2 from(at.x, at.y), beside = from + 2.5 * along;
            const Vec2 there{region.x0 + beside.x() / scale, region.y0 + beside.y() / scale};
            // Outlines before the body itself and beyond the picture tell nothing.
            if (inside(bare, beside.x(), beside.y()) || there.x < 1 || there.y < 1 ||
                there.x > camera.width - 1 || there.y > camera.height - 1) {
                continue;
            }
            const double metresPerPx = p.z() / window.focalPx;
            if (const auto d = edgeAlong(seen, from, along, kTightest / metresPerPx, kWidest / metresPerPx)) {
                ofPatch[patch[v]].push_back(*d * metresPerPx);
                ofPart[part[v]].push_back(*d * metresPerPx);
            }
        }
    }

    std::array<double, 4> wide = kUnseen;
    for (std::size_t p = 0; p < wide.size(); ++p) {
        if (ofPart[p].size() >= static_cast<std::size_t>(kOwnWord)) {
            wide[p] = upperMedian(ofPart[p]);
        }
    }
    std::array<double, kSurfacePatches> own{};
    std::array<double, kSurfacePatches> word{};
    for (std::size_t k = 0; k < kSurfacePatches; ++k) {
        if (!ofPatch[k].empty()) {
            word[k] =
                static_cast<double>(ofPatch[k].size()) / (static_cast<double>(ofPatch[k].size()) + kOwnWord);
            own[k] = upperMedian(ofPatch[k]);
        }
    }
    padding_.resize(part.size());
    for (std::size_t v = 0; v < part.size(); ++v) {
        padding_[v] =
            static_cast<float>(word[patch[v]] * own[patch[v]] + (1 - word[patch[v]]) * wide[part[v]]);
    }
    for (int round = 0; round < kSmoothings; ++round) {
        std::vector<float> sum = padding_, weight(part.size(), 1);
        for (const auto& triangle : model.topology().triangles) {
            for (std::size_t a = 0; a < 3; ++a) {
                sum[triangle[a]] += padding_[triangle[(a + 1) % 3]] + padding_[triangle[(a + 2) % 3]];
                weight[triangle[a]] += 2;
            }
        }
        for (std::size_t v = 0; v < part.size(); ++v) {
            padding_[v] = sum[v] / weight[v];
        }
    }
}

std::vector<Vec3f> ClothedSilhouette::dressed(const BodyPose& pose) const {
    std::vector<Vec3f> vertices, normals;
    model_.pose(rest_, pose, vertices);
    computeNormals(vertices, model_.topology(), normals);
    for (std::size_t v = 0; v < vertices.size(); ++v) {
        vertices[v].x += padding_[v] * normals[v].x;
        vertices[v].y += padding_[v] * normals[v].y;
        vertices[v].z += padding_[v] * normals[v].z;
    }
    return vertices;
}

std::optional<Mask> ClothedSilhouette::probable(std::span<const std::vector<Vec3f>> bodies, const Intrinsics& camera,
                                                std::span<const CarriedOutline::Weighted> sources) const {
    // All in one field, each place with the probability of each body to cover it.
    PictureField field = carried_.around(bodies[0], camera, kMayBePixels);
    for (const std::vector<Vec3f>& body : bodies) {
        const Box other = carried_.around(body, camera).region;
        if (other.area() > 0) {
            Box& r = field.region;
            r = {std::min(r.x0, other.x0), std::min(r.y0, other.y0), std::max(r.x1, other.x1), std::max(r.y1, other.y1)};
        }
    }
    std::vector<std::vector<float>> covered;
    std::vector<float> mean;
    for (const std::vector<Vec3f>& body : bodies) {
        carried_.fill(field, body, camera, sources);
        for (float& v : field.values) {
            v = std::clamp(0.5F + v / kMayBeEdge, 0.F, 1.F);
        }
        mean.resize(field.values.size(), 0);
        for (std::size_t i = 0; i < mean.size(); ++i) {
            mean[i] += field.values[i] / static_cast<float>(bodies.size());
        }
        covered.push_back(field.values);
    }
    /// Mean intersection over union with what may be but for the first, if a place belongs to the mask from `level` on.
    const auto expected = [&](const std::vector<float>& values, float level) {
        double sum = 0;
        for (std::size_t k = 1; k < covered.size(); ++k) {
            double common = 0, either = 0;
            for (std::size_t i = 0; i < values.size(); ++i) {
                const float there = covered[k][i];
                common += values[i] > level ? there : 0;
                either += values[i] > level ? 1 : there;
            }
            sum += common / std::max(either, 1e-9);
        }
        return sum / static_cast<double>(covered.size() - 1);
    };
    double best = expected(covered[0], 0.5F) + kWorthIt;
    std::optional<float> level;
    for (const float l : {0.25F, 0.3F, 0.35F, 0.4F, 0.45F, 0.5F, 0.55F}) {
        if (const double e = expected(mean, l); e > best) {
            best = e;
            level = l;
        }
    }
    if (!level) {
        return std::nullopt;
    }
    field.values = std::move(mean);
    return maskAbove(field, *level, camera);
}

RleMask ClothedSilhouette::draw(const BodyPose& pose, std::span<const BodyPose> mayBe, const Intrinsics& camera,
                                const RleMask& seen, double least,
                                std::span<const CarriedOutline::Weighted> sources) const {
    std::vector<std::vector<Vec3f>> bodies{dressed(pose)};
    for (const BodyPose& other : mayBe) {
        bodies.push_back(dressed(other));
    }
    std::optional<Mask> mask;
    if (!mayBe.empty()) {
        mask = probable(bodies, camera, sources);
    }
    if (!mask && sources.empty()) {
        mask = silhouette(bodies[0], model_.topology(), camera);
    }
    if (!mask) {
        PictureField field = carried_.around(bodies[0], camera);
        carried_.fill(field, bodies[0], camera, sources);
        mask = maskAbove(field, 0, camera);
    }
    return united(std::move(*mask), seen, least);
}

CarriedOutline::Source ClothedSilhouette::learn(const BodyPose& pose, const Intrinsics& camera,
                                                const RleMask& mask) const {
    return carried_.learn(dressed(pose), camera, mask);
}

} // namespace body4d::detail
