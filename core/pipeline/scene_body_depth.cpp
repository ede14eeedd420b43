#include "pipeline/scene_body_depth.h"

#include "scene/rotation.h"
#include "scene/unproject.h"

#include <algorithm>
#include <cmath>

namespace body4d::detail {

void DepthSampler::add(const Person& person, int index, const SceneView& view, std::vector<BodyDepthSample>& samples) {
    const auto body = person.visible(view.frame);
    if (body == nullptr || !person.target->observed) {
        return;
    }
    const auto seen = person.target->observed(view.frame);
    if (seen.mask.empty()) {
        return;
    }
    const auto mask = decodeRle(seen.mask);
    const auto lens = person.target->body->cameraAt(view.frame);
    person.target->model->pose(person.rest, body->pose, vertices_);
    // The map may be scaled differently along its sides, the rasteriser's pixels are square.
    const double stretch = mapping_.scaleY / mapping_.scaleX;
    for (auto& v : vertices_) {
        v.y = static_cast<float>(v.y * stretch);
    }
    const Intrinsics camera{
        lens.focalPx * mapping_.scaleX, lens.centreX * mapping_.scaleX - mapping_.offsetX,
        lens.centreY * mapping_.scaleY - mapping_.offsetY, view.camera.width, view.camera.height};
    rasterize(vertices_, person.target->model->topology(), camera, depth_);
    // Masks may be kept smaller than the video.
    const double maskX = mask.width / static_cast<double>(lens.width),
                 maskY = mask.height / static_cast<double>(lens.height);
    const auto inside = [&](int x, int y) {
        const int u =
            static_cast<int>(std::floor((x + 0.5 + mapping_.offsetX) / mapping_.scaleX * maskX));
        const int v =
            static_cast<int>(std::floor((y + 0.5 + mapping_.offsetY) / mapping_.scaleY * maskY));
        return u >= 0 && v >= 0 && u < mask.width && v < mask.height && mask.row(v)[u] >= 128 &&
               std::isfinite(depth_.z[at(x, y)]);
    };
    pixels_.clear();
    for (int y = 1; y + 1 < depth_.height; ++y) {
        for (int x = 1; x + 1 < depth_.width; ++x) {
            if (std::isfinite(depth_.z[at(x, y)]) && isDepth(view.depth[at(x, y)]) && inside(x, y) &&
                inside(x - 1, y) && inside(x + 1, y) && inside(x, y - 1) && inside(x, y + 1)) {
                pixels_.push_back(at(x, y));
            }
        }
    }
    constexpr std::size_t kMost = 400; // the middle of these is the middle of all
    const std::size_t step = std::max<std::size_t>(1, pixels_.size() / kMost);
    for (std::size_t i = step / 2; i < pixels_.size(); i += step) {
        samples.push_back({view.frame, index, static_cast<double>(depth_.z[pixels_[i]]),
                           static_cast<double>(view.depth[pixels_[i]])});
    }
}

RigidTransform between(const RigidTransform& a, const RigidTransform& b, double f) {
    const auto p = toQuat(a.rotation), q = toQuat(b.rotation);
    const double to = p.x * q.x + p.y * q.y + p.z * q.z + p.w * q.w < 0 ? -f : f;
    const auto rotation = rotationOf((1 - f) * p.w + to * q.w, (1 - f) * p.x + to * q.x,
                                     (1 - f) * p.y + to * q.y, (1 - f) * p.z + to * q.z);
    return {rotation.value_or(a.rotation), (1 - f) * a.translation + f * b.translation};
}

} // namespace body4d::detail
