#pragma once

#include "body/detail/pose_objective.h"

#include <functional>
#include <span>
#include <stop_token>
#include <vector>

namespace body4d::detail {

struct SolverOptions {
    int maxIterations = 8;
    double relativeDecrease = 2e-4; ///< stop when an iteration lowers the cost by less
    std::size_t windowFrames = 256; ///< about as many are solved in one piece
    std::size_t overlapFrames = 56; ///< measured frames read on both sides of a window and thrown away
    bool temporal = true;           ///< false: frames are independent
    /// Whether a step is taken, and how much it is damped, is decided for each frame from the frames around it instead
    /// of over the whole chain: a piece of a chain then goes the way of the whole. Nothing ends before maxIterations.
    bool local = false;
    unsigned threads = 0;           ///< 0: all
};

/// Frames of one chain: consecutive in time. `ties` is empty or has one entry a frame.
struct SolverProblem {
    const PoseObjective& objective;
    std::span<const FrameInput> input;
    std::span<const std::vector<ContourTie>> ties;
};

/// Levenberg-Marquardt over all frames of a chain (specification 6.5). The damping and the decision to accept
/// a step are the whole chain's unless they are local; each linear system is solved in overlapping windows, whose steps equal the
/// whole chain's because a frame's influence fades within a few dozen frames. Memory of the factorisation is
/// that of one window per thread.
/// @param states start and result
/// @returns the cost reached  @throws Cancelled
double solvePoses(const SolverProblem& problem, const SolverOptions& options, std::span<PoseState> states,
                  const std::stop_token& stop);

} // namespace body4d::detail
