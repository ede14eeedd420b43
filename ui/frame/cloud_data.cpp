#include "ui/frame/cloud_data.h"

#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace body4d::ui {
namespace {

constexpr std::size_t kRankSamples = 20'000; ///< a rank is right to a twentieth of a percent

/// Values in ascending order that stand for all of them.
std::vector<float> quantilesOf(std::span<const float> values) {
    std::vector<float> samples;
    const std::size_t step = std::max<std::size_t>(1, values.size() / kRankSamples);
    for (std::size_t i = 0; i < values.size(); i += step) {
        if (std::isfinite(values[i])) {
            samples.push_back(values[i]);
        }
    }
    std::sort(samples.begin(), samples.end());
    return samples;
}

} // namespace

std::shared_ptr<const CloudData> makeCloud(std::span<const Vec3f> positions,
                                           std::span<const std::array<std::uint8_t, 3>> colours,
                                           std::span<const float> confidence) {
    BODY4D_EXPECT(colours.empty() || colours.size() == positions.size());
    BODY4D_EXPECT(confidence.empty() || confidence.size() == positions.size());
    auto cloud = std::make_shared<CloudData>();
    std::vector<std::uint32_t> order(positions.size());
    std::iota(order.begin(), order.end(), 0U);
    std::mt19937 random(1); // the same every time: pictures can be compared
    for (std::size_t i = order.size(); i > 1; --i) {
        std::swap(order[i - 1], order[static_cast<std::size_t>((std::uint64_t{random()} * i) >> 32)]);
    }
    constexpr float kFar = std::numeric_limits<float>::max();
    cloud->low = {kFar, kFar, kFar};
    cloud->high = {-kFar, -kFar, -kFar};
    cloud->positions.reserve(order.size());
    for (const auto i : order) {
        const auto& p = positions[i];
        cloud->positions.push_back(p);
        cloud->low = {std::min(cloud->low.x, p.x), std::min(cloud->low.y, p.y), std::min(cloud->low.z, p.z)};
        cloud->high = {std::max(cloud->high.x, p.x), std::max(cloud->high.y, p.y), std::max(cloud->high.z, p.z)};
    }
    if (order.empty()) {
        cloud->low = cloud->high = {};
    }
    if (!colours.empty()) {
        cloud->colours.reserve(order.size());
        for (const auto i : order) {
            cloud->colours.push_back(colours[i]);
        }
    }
    const auto samples = quantilesOf(confidence);
    if (samples.size() > 1 && samples.front() < samples.back()) {
        cloud->leastConfidence = samples.front();
        cloud->mostConfidence = samples.back();
        cloud->rank.reserve(order.size());
        for (const auto i : order) {
            const float value = confidence[i];
            const auto below = std::isfinite(value) ? std::lower_bound(samples.begin(), samples.end(), value) : samples.begin();
            cloud->rank.push_back(static_cast<float>(below - samples.begin()) / static_cast<float>(samples.size()));
        }
    }
    return cloud;
}

} // namespace body4d::ui
