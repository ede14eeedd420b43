#include "body/detail/gap_predictors.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace body4d::detail {

using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

enum class Kind { Straight, Coasting, Habit };
struct Predictor {
    Kind kind;
    double seconds; // for how long speed is kept, or over which time poses are alike
};
const Predictor kPredictors[] = {{Kind::Straight, 0},   {Kind::Coasting, 0.06}, {Kind::Coasting, 0.15},
                                 {Kind::Coasting, 0.4}, {Kind::Habit, 0.12},    {Kind::Habit, 0.25},
                                 {Kind::Habit, 0.5}};

double covariance(const Predictor& p, double s, double t) {
    const double apart = std::abs(s - t);
    if (p.kind == Kind::Habit) {
        const double r = std::sqrt(5.0) * apart / p.seconds;
        return (1 + r + r * r / 3) * std::exp(-r); // Matern 5/2
    }
    if (p.kind == Kind::Straight) {
        return std::min(s, t) + 1e3;
    }
    // Place of something whose speed is an Ornstein-Uhlenbeck process, begun anywhere.
    const double tau = p.seconds;
    return tau * tau *
               (2 * std::min(s, t) / tau - 1 + std::exp(-s / tau) + std::exp(-t / tau) -
                std::exp(-apart / tau)) +
           1e3;
}

double noise(const Predictor& p) {
    switch (p.kind) {
    case Kind::Straight:
        return 1e-7;
    case Kind::Coasting:
        return 4e-5; // (half a degree) / (a radian a second), squared
    case Kind::Habit:
        break;
    }
    return 2e-3;
}

} // namespace

std::size_t linearPredictorCount() {
    return std::size(kPredictors);
}

bool pullsToHabit(std::size_t predictor) {
    return kPredictors[predictor].kind == Kind::Habit;
}

MatrixXd gapWeights(std::size_t predictor, const Gap& gap, double fps) {
    const Predictor& p = kPredictors[predictor];
    std::vector<double> times;
    const auto base = static_cast<double>(gap.left.empty() ? gap.begin : gap.left.back()) - 1;
    const auto seconds = [&](std::size_t f) { return (static_cast<double>(f) - base) / fps; };
    for (const std::size_t f : gap.left) {
        times.push_back(seconds(f));
    }
    for (const std::size_t f : gap.right) {
        times.push_back(seconds(f));
    }
    const auto n = static_cast<Eigen::Index>(times.size());
    MatrixXd k(n, n);
    for (Eigen::Index i = 0; i < n; ++i) {
        for (Eigen::Index j = 0; j < n; ++j) {
            k(i, j) = covariance(p, times[static_cast<std::size_t>(i)], times[static_cast<std::size_t>(j)]) +
                      (i == j ? noise(p) : 0);
        }
    }
    MatrixXd cross(n, static_cast<Eigen::Index>(gap.length()));
    for (std::size_t f = 0; f < gap.length(); ++f) {
        for (Eigen::Index i = 0; i < n; ++i) {
            cross(i, static_cast<Eigen::Index>(f)) =
                covariance(p, seconds(gap.begin + f), times[static_cast<std::size_t>(i)]);
        }
    }
    return k.ldlt().solve(cross).transpose();
}

std::vector<MatrixXd> allGapWeights(const Gap& gap, double fps) {
    std::vector<MatrixXd> out;
    for (std::size_t p = 0; p < std::size(kPredictors); ++p) {
        out.push_back(gapWeights(p, gap, fps));
    }
    return out;
}

VectorXd predictorShares(const MatrixXd& gram) {
    // Minimises |sum_p w_p e_p|^2, e_p being a predictor's errors, by exponentiated gradient on the simplex.
    const Eigen::Index n = gram.rows();
    const double least = std::max(gram.diagonal().minCoeff(), 1e-4 * gram.diagonal().maxCoeff());
    if (!(least > 0)) { // nothing moves: all are right
        return VectorXd::Constant(n, 1.0 / static_cast<double>(n));
    }
    VectorXd w = VectorXd::Constant(n, 1.0 / static_cast<double>(n));
    MatrixXd g = gram / least;
    g.diagonal().array() += 0.02; // evidence from overlapping places must not be taken for more than it is
    for (int step = 0; step < 400; ++step) {
        const VectorXd slope = g * w;
        w = w.array() * (-1.5 * (slope.array() - slope.minCoeff())).exp();
        w /= w.sum();
    }
    return w;
}

} // namespace body4d::detail
