#pragma once

#include <Eigen/Dense>

#include <cstddef>
#include <vector>

namespace body4d::detail {

/// Half-open range of frames to fill and the known frames around it.
struct Gap {
    std::size_t begin = 0, end = 0;
    std::vector<std::size_t> left, right; ///< known frames, nearest first
    [[nodiscard]] std::size_t length() const { return end - begin; }
};

/// Predictors that are linear in the known values: a straight line, things that coast, and a pull towards a
/// usual value.
[[nodiscard]] std::size_t linearPredictorCount();
inline constexpr std::size_t kDefaultPredictor = 2; ///< coasts for a moment: for want of evidence
/// Whether a predictor pulls towards the usual value of the whole clip.
[[nodiscard]] bool pullsToHabit(std::size_t predictor);

/// Conditional means as weights of the known values: rows = frames of the gap, columns = known frames, left
/// then right, nearest first.
[[nodiscard]] Eigen::MatrixXd gapWeights(std::size_t predictor, const Gap& gap, double fps);
/// Those of all linear predictors.
[[nodiscard]] std::vector<Eigen::MatrixXd> allGapWeights(const Gap& gap, double fps);

/// Shares of predictors, at least 0, sum 1, that would have done best on trials.
/// @param gram products of the predictors' errors, summed over trials
[[nodiscard]] Eigen::VectorXd predictorShares(const Eigen::MatrixXd& gram);

} // namespace body4d::detail
