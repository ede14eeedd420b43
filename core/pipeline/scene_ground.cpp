#include "base/order_statistics.h"
#include "pipeline/scene_ground.h"

#include <algorithm>
#include <cmath>

namespace body4d::detail {
namespace {

/// The lowest point of every visible body, of some hundred frames.
std::vector<Vec3> contactsOf(const std::vector<Person>& people,
                             const std::map<std::int64_t, RigidTransform>& worldFromCam,
                             const RigidTransform& common) {
    std::vector<Vec3> contacts;
    std::vector<Vec3f> vertices;
    constexpr std::size_t kMost = 300;
    const std::size_t step = std::max<std::size_t>(1, worldFromCam.size() / kMost);
    std::size_t index = 0;
    for (const auto& [frame, pose] : worldFromCam) {
        if (index++ % step != 0) {
            continue;
        }
        for (const auto& person : people) {
            const auto body = person.visible(frame);
            if (body == nullptr) {
                continue;
            }
            person.target->model->pose(person.rest, body->pose, vertices);
            Vec3 lowest{0, INFINITY, 0};
            for (const auto& v : vertices) {
                const auto p = common * (pose * Vec3{v.x, v.y, v.z});
                lowest = p.y < lowest.y ? p : lowest;
            }
            if (std::isfinite(lowest.y)) {
                contacts.push_back(lowest);
            }
        }
    }
    return contacts;
}

} // namespace

std::optional<SceneGround> groundUnder(const std::vector<Person>& people,
                                       const std::map<std::int64_t, RigidTransform>& worldFromCam,
                                       const RigidTransform& common, std::span<const Vec3f> points) {
    const auto contacts = contactsOf(people, worldFromCam, common);
    if (contacts.empty()) {
        return std::nullopt;
    }
    std::vector<double> heights, off, away;
    Vec3 centre;
    for (const auto& c : contacts) {
        heights.push_back(c.y);
        centre = centre + (1 / static_cast<double>(contacts.size())) * c;
    }
    GroundSearch search;
    search.level = upperMedian(heights);
    for (const auto& c : contacts) {
        off.push_back(std::abs(c.y - search.level));
        away.push_back(std::hypot(c.x - centre.x, c.z - centre.z));
    }
    constexpr double kAround = 1.5;       // metres of floor beside the feet
    constexpr double kDeviation = 1.4826; // of a normal distribution over the median of distances
    SceneGround ground;
    ground.plane =
        findGround(points, {centre.x, search.level, centre.z}, kAround + 1.5 * upperMedian(away), search);
    ground.spreadMetres = ground.plane.found ? ground.plane.spread : kDeviation * upperMedian(off);
    ground.tiltRadians = std::acos(std::clamp(dot(ground.plane.up, search.up), -1.0, 1.0));
    ground.level = levelled(ground.plane, common * worldFromCam.begin()->second.translation);
    return ground;
}

} // namespace body4d::detail
