#include "base/order_statistics.h"
#include "scene/body_scale.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace body4d {
namespace {

struct Factor {
    int person = 0;
    double logarithm = 0;
};

/// How many independent values the frames are worth, from how alike neighbours of one person err.
double independent(const std::vector<Factor>& factors, double centre, double spread) {
    constexpr double kFar = 3; // standard deviations: one bad frame must not speak for all
    double same = 0, own = 0;
    for (std::size_t i = 0; i < factors.size(); ++i) {
        const auto off = [&](std::size_t k) {
            return std::clamp(factors[k].logarithm - centre, -kFar * spread, kFar * spread);
        };
        own += off(i) * off(i);
        if (i > 0 && factors[i].person == factors[i - 1].person) {
            same += off(i) * off(i - 1);
        }
    }
    const auto n = static_cast<double>(factors.size());
    constexpr double kMostAlike = 0.98;
    const double alike = own > 0 ? std::clamp(same / own, 0.0, kMostAlike) : 0;
    return std::max(1.0, n * (1 - alike) / (1 + alike));
}

} // namespace

BodyScale solveBodyScale(std::span<const BodyDepthSample> samples, double sizeSigma) {
    std::map<std::pair<int, std::int64_t>, std::vector<double>> logarithms; // frames of a person in a row
    BodyScale scale;
    for (const auto& s : samples) {
        if (s.metres > 0 && s.units > 0 && std::isfinite(s.metres) && std::isfinite(s.units)) {
            logarithms[{s.person, s.frame}].push_back(std::log(s.metres / s.units));
            ++scale.samples;
        }
    }
    constexpr std::size_t kFew = 5; // a body of which hardly anything is seen says little
    std::vector<Factor> factors;
    std::vector<double> values;
    std::set<int> people;
    for (auto& [place, found] : logarithms) {
        if (found.size() >= kFew) {
            factors.push_back({place.first, median(found)});
            values.push_back(factors.back().logarithm);
            people.insert(place.first);
        }
    }
    scale.frames = static_cast<int>(factors.size());
    scale.people = static_cast<int>(people.size());
    if (factors.empty()) {
        return scale;
    }
    const double centre = median(values);
    std::vector<double> off;
    for (const auto& f : factors) {
        off.push_back(std::abs(f.logarithm - centre));
    }
    constexpr double kDeviation = 1.4826;   // median of absolute deviations to a standard deviation
    constexpr double kMedianError = 1.2533; // error of a median over that of a mean
    scale.metresPerUnit = std::exp(centre);
    scale.spread = kDeviation * median(off);
    scale.measuredError = kMedianError * scale.spread / std::sqrt(independent(factors, centre, scale.spread));
    scale.sizeError = sizeSigma / std::sqrt(static_cast<double>(scale.people));
    scale.relativeError = std::hypot(scale.measuredError, scale.sizeError);
    return scale;
}

} // namespace body4d
