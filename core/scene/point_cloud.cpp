#include "scene/point_cloud.h"

#include <algorithm>

namespace body4d {
namespace {

template <typename T>
void pick(std::vector<T>& values, const std::vector<std::uint32_t>& indices) {
    if (values.empty()) {
        return;
    }
    std::vector<T> kept;
    kept.reserve(indices.size());
    for (const auto i : indices) {
        kept.push_back(values[i]);
    }
    values = std::move(kept);
}

template <typename T>
void join(std::vector<T>& values, const std::vector<T>& more, bool firstIsEmpty) {
    if (more.empty() || (values.empty() && !firstIsEmpty)) {
        values.clear();
    } else {
        values.insert(values.end(), more.begin(), more.end());
    }
}

} // namespace

void PointCloud::keep(const std::vector<std::uint32_t>& indices) {
    pick(colours, indices);
    pick(confidence, indices);
    pick(normals, indices);
    pick(sources, indices);
    pick(positions, indices);
}

void PointCloud::append(const PointCloud& other) {
    if (other.empty()) {
        return;
    }
    const bool first = empty();
    join(colours, other.colours, first);
    join(confidence, other.confidence, first);
    join(normals, other.normals, first);
    join(sources, other.sources, first);
    positions.insert(positions.end(), other.positions.begin(), other.positions.end());
}

CloudBounds boundsOf(const PointCloud& cloud) {
    CloudBounds bounds;
    if (cloud.empty()) {
        return bounds;
    }
    bounds.lower = bounds.upper = cloud.positions.front();
    for (const auto& p : cloud.positions) {
        bounds.lower = {std::min(bounds.lower.x, p.x), std::min(bounds.lower.y, p.y),
                        std::min(bounds.lower.z, p.z)};
        bounds.upper = {std::max(bounds.upper.x, p.x), std::max(bounds.upper.y, p.y),
                        std::max(bounds.upper.z, p.z)};
    }
    return bounds;
}

} // namespace body4d
