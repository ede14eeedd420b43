#include "models/moge2/focal.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace body4d::moge2 {
namespace {

constexpr int kMaxSteps = 60;

/// Best focal length for a shift, and what remains.
struct Trial {
    double focal = 0, cost = 0;
    std::vector<double> residuals;
};

Trial tryShift(std::span<const PlacedPoint> points, double shift) {
    Trial trial;
    double both = 0, own = 0;
    for (const auto& p : points) {
        const double x = p.x / (p.z + shift), y = p.y / (p.z + shift);
        both += x * p.u + y * p.v;
        own += x * x + y * y;
    }
    trial.focal = both / own;
    trial.residuals.reserve(2 * points.size());
    for (const auto& p : points) {
        for (const double r :
             {trial.focal * p.x / (p.z + shift) - p.u, trial.focal * p.y / (p.z + shift) - p.v}) {
            trial.residuals.push_back(r);
            trial.cost += r * r;
        }
    }
    return trial;
}

} // namespace

FocalShift solveFocalShift(std::span<const PlacedPoint> points) {
    if (points.size() < 2) {
        return {};
    }
    double shift = 0, damping = 1e-3;
    auto now = tryShift(points, shift);
    for (int step = 0; step < kMaxSteps; ++step) {
        const double h = 1e-6 * std::max(1.0, std::abs(shift));
        const auto beside = tryShift(points, shift + h);
        double slope = 0, curvature = 0;
        for (std::size_t i = 0; i < now.residuals.size(); ++i) {
            const double j = (beside.residuals[i] - now.residuals[i]) / h;
            slope += j * now.residuals[i];
            curvature += j * j;
        }
        if (!(curvature > 0)) {
            break;
        }
        const double move = -slope / (curvature * (1 + damping));
        auto next = tryShift(points, shift + move);
        if (next.cost < now.cost) {
            const bool settled = now.cost - next.cost < 1e-12 * now.cost;
            shift += move;
            now = std::move(next);
            damping *= 0.1;
            if (settled) {
                break;
            }
        } else {
            damping *= 10;
            if (damping > 1e12) {
                break;
            }
        }
    }
    return {now.focal, shift};
}

} // namespace body4d::moge2
