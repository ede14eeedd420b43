#include "body/detail/amodal.h"

#include "body/detail/silhouette_match.h"
#include "body/rasterizer.h"

#include <algorithm>

namespace body4d::detail {

namespace {

constexpr std::size_t kExamples = 7;
constexpr double kTryPixels = 140; // size of the person where paddings are tried
constexpr double kSteps[] = {0.0, 0.01, 0.02, 0.035, 0.05};

std::size_t partOf(Limb limb) {
    switch (limb) {
    case Limb::Torso: return 0;
    case Limb::Head: return 1;
    case Limb::LeftArm:
    case Limb::RightArm: return 2;
    case Limb::LeftLeg:
    case Limb::RightLeg: break;
    }
    return 3;
}

} // namespace

ClothedSilhouette::ClothedSilhouette(const BodyModel& model, const BodyTrack& body, const TargetTrack& track,
                                     std::span<const std::size_t> examples)
    : model_(model), camera_(body.camera), rest_(model.shaped(body.shape)) {
    const std::vector<Limb> limbs = limbsOfJoints(model.joints());
    const SkinWeights& skin = model.skin();
    part_.resize(rest_.vertices.size());
    for (std::size_t v = 0; v < part_.size(); ++v) {
        for (std::size_t k = v * static_cast<std::size_t>(skin.perVertex); k < (v + 1) * static_cast<std::size_t>(skin.perVertex); ++k) {
            part_[v][partOf(limbs[skin.joint[k]])] += skin.weight[k];
        }
    }
    struct Example {
        std::vector<Vec3f> vertices, normals;
        std::size_t frame;
    };
    std::vector<Example> shown;
    const std::size_t count = std::min(kExamples, examples.size());
    for (std::size_t i = 0; i < count; ++i) {
        Example e;
        e.frame = examples[(2 * i + 1) * examples.size() / (2 * count)];
        model_.pose(rest_, body.frames[e.frame].pose, e.vertices);
        computeNormals(e.vertices, model_.topology(), e.normals);
        shown.push_back(std::move(e));
    }
    const auto agreement = [&] {
        std::vector<double> each;
        for (const Example& e : shown) {
            pad(e.vertices, e.normals, padded_);
            each.push_back(silhouetteIou(padded_, model_.topology(), camera_, track.frames[e.frame].mask,
                                         track.frames[e.frame].pose.roi.side, kTryPixels));
        }
        const auto middle = each.begin() + static_cast<std::ptrdiff_t>(each.size() / 2);
        std::nth_element(each.begin(), middle, each.end());
        return *middle;
    };
    if (shown.empty()) {
        padding_ = {0.02, 0.02, 0.015, 0.02};
        return;
    }
    double best = agreement();
    for (int round = 0; round < 2; ++round) {
        for (std::size_t p : {std::size_t{0}, std::size_t{3}, std::size_t{2}, std::size_t{1}}) {
            double chosen = padding_[p];
            for (const double step : kSteps) {
                padding_[p] = step;
                const double iou = agreement();
                if (iou > best + 1e-4) {
                    best = iou;
                    chosen = step;
                }
            }
            padding_[p] = chosen;
        }
    }
}

void ClothedSilhouette::pad(std::span<const Vec3f> vertices, std::span<const Vec3f> normals, std::vector<Vec3f>& out) const {
    out.resize(vertices.size());
    for (std::size_t v = 0; v < vertices.size(); ++v) {
        float by = 0;
        for (std::size_t p = 0; p < padding_.size(); ++p) {
            by += part_[v][p] * static_cast<float>(padding_[p]);
        }
        out[v] = {vertices[v].x + by * normals[v].x, vertices[v].y + by * normals[v].y, vertices[v].z + by * normals[v].z};
    }
}

RleMask ClothedSilhouette::draw(const BodyPose& pose, const RleMask& seen, double least) {
    model_.pose(rest_, pose, vertices_);
    computeNormals(vertices_, model_.topology(), normals_);
    pad(vertices_, normals_, padded_);
    Mask mask = silhouette(padded_, model_.topology(), camera_);
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

} // namespace body4d::detail
