#include "scene/body_scale.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

namespace body4d {
namespace {

double median(std::vector<double>& values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1) {
        return *middle;
    }
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

} // namespace

BodyScale solveBodyScale(std::span<const BodyDepthSample> samples) {
    std::map<std::pair<std::int64_t, int>, std::vector<double>> logarithms;
    BodyScale scale;
    for (const auto& s : samples) {
        if (s.metres > 0 && s.units > 0 && std::isfinite(s.metres) && std::isfinite(s.units)) {
            logarithms[{s.frame, s.person}].push_back(std::log(s.metres / s.units));
            ++scale.samples;
        }
    }
    constexpr std::size_t kFew = 5; // a body of which hardly anything is seen says little
    std::vector<double> frames;
    for (auto& [frame, values] : logarithms) {
        if (values.size() >= kFew) {
            frames.push_back(median(values));
        }
    }
    scale.frames = static_cast<int>(frames.size());
    if (frames.empty()) {
        return scale;
    }
    const double centre = median(frames);
    std::vector<double> off;
    for (const double f : frames) {
        off.push_back(std::abs(f - centre));
    }
    constexpr double kDeviation = 1.4826;   // median of absolute deviations to a standard deviation
    constexpr double kMedianError = 1.2533; // error of a median over that of a mean
    scale.metresPerUnit = std::exp(centre);
    scale.spread = kDeviation * median(off);
    scale.relativeError = kMedianError * scale.spread / std::sqrt(static_cast<double>(frames.size()));
    return scale;
}

} // namespace body4d
