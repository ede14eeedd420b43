#include "body/detail/pose_solver.h"

#include "base/error.h"
#include "base/parallel.h"
#include "body/detail/block_tridiagonal.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>

namespace body4d::detail {
namespace {

constexpr double kStartDamping = 1e-3, kLeastDamping = 1e-5, kDampingDown = 5, kDampingUp = 8;
constexpr double kDiagonalFloor = 1e-6;
constexpr double kLargestRotation = 0.6; // radians a frame may turn a joint in one step
constexpr int kTries = 5;
constexpr std::size_t kCostPiece = 32; // frames between two looks at the stop token
// Of local decisions: frames on either side whose cost counts, and over which a step fades in beside one not taken.
constexpr std::size_t kJudgedAround = 16, kFadeIn = 8;

class Solver {
public:
    Solver(const SolverProblem& problem, const SolverOptions& options, const std::stop_token& stop)
        : problem_(problem), options_(options), stop_(stop), frames_(problem.input.size()),
          window_(windowSize(frames_, std::max<std::size_t>(1, options.windowFrames))), costs_(frames_),
          damping_(frames_, kStartDamping), steps_(frames_) {}

    double run(std::span<PoseState> states) { return options_.local ? runLocal(states) : runTogether(states); }

private:
    double runTogether(std::span<PoseState> states) {
        double current = cost(states);
        double damping = kStartDamping;
        std::vector<PoseState> candidate(frames_);
        for (int iteration = 0; iteration < options_.maxIterations; ++iteration) {
            bool accepted = false;
            double next = current;
            for (int attempt = 0; attempt < kTries && !accepted; ++attempt) {
                std::fill(damping_.begin(), damping_.end(), damping);
                if (computeSteps(states)) {
                    for (std::size_t n = 0; n < frames_; ++n) {
                        candidate[n] = stepped(states[n], limited(steps_[n]));
                    }
                    next = cost(candidate);
                    accepted = next < current;
                }
                if (!accepted) {
                    damping = std::max(damping * kDampingUp, kStartDamping);
                }
            }
            if (!accepted) {
                break;
            }
            const double decrease = (current - next) / current;
            std::copy(candidate.begin(), candidate.end(), states.begin());
            current = next;
            damping = std::max(damping / kDampingDown, kLeastDamping);
            if (decrease < options_.relativeDecrease) {
                break;
            }
        }
        return current;
    }

    double runLocal(std::span<PoseState> states) {
        double current = cost(states);
        std::vector<PoseState> candidate(frames_);
        for (int iteration = 0; iteration < options_.maxIterations; ++iteration) {
            (void)computeSteps(states); // a window that cannot be solved stands still
            for (std::size_t n = 0; n < frames_; ++n) {
                steps_[n] = limited(steps_[n]);
                candidate[n] = stepped(states[n], steps_[n]);
            }
            const std::vector<double> before = costs_;
            current = cost(candidate);
            const auto shares = sharesTaken(before);
            if (std::all_of(shares.begin(), shares.end(), [](double s) { return s == 1; })) {
                std::copy(candidate.begin(), candidate.end(), states.begin());
                continue;
            }
            for (std::size_t n = 0; n < frames_; ++n) {
                if (shares[n] > 0) {
                    states[n] = shares[n] == 1 ? candidate[n] : stepped(states[n], PoseVector(shares[n] * steps_[n]));
                }
            }
            current = cost(states);
        }
        return current;
    }

    /// How much of its step each frame takes, 0..1; sets the damping of its next one.
    /// @param before costs; costs_ are those of all steps taken
    std::vector<double> sharesTaken(const std::vector<double>& before) {
        const std::size_t around = options_.temporal ? kJudgedAround : 0, fade = options_.temporal ? kFadeIn : 1;
        std::vector<double> shares(frames_, 1.0);
        std::vector<std::size_t> refused;
        for (std::size_t n = 0; n < frames_; ++n) {
            double change = 0;
            for (std::size_t k = n - std::min(n, around); k <= std::min(frames_ - 1, n + around); ++k) {
                change += costs_[k] - before[k];
            }
            const bool taken = change < 0 && !steps_[n].isZero(0);
            damping_[n] = taken ? std::max(damping_[n] / kDampingDown, kLeastDamping)
                                : std::max(damping_[n] * kDampingUp, kStartDamping);
            if (!taken) {
                refused.push_back(n);
            }
        }
        for (const std::size_t n : refused) {
            for (std::size_t k = n - std::min(n, fade - 1); k <= std::min(frames_ - 1, n + fade - 1); ++k) {
                const std::size_t apart = k > n ? k - n : n - k;
                shares[k] = std::min(shares[k], static_cast<double>(apart) / static_cast<double>(fade));
            }
        }
        return shares;
    }

    /// Windows of nearly equal size: a short last one would cost its overlap for a few frames.
    static std::size_t windowSize(std::size_t frames, std::size_t wanted) {
        const std::size_t count = std::max<std::size_t>(1, (frames + wanted / 2) / wanted);
        return (frames + count - 1) / count;
    }

    [[nodiscard]] std::span<const ContourTie> ties(std::size_t frame) const {
        return problem_.ties.empty() ? std::span<const ContourTie>{}
                                     : std::span<const ContourTie>(problem_.ties[frame]);
    }

    void checkStop() const {
        if (stop_.stop_requested()) {
            throw Cancelled();
        }
    }

    static PoseVector limited(const PoseVector& step) {
        const double largest = step.head<static_cast<int>(3 * kFitJoints)>().cwiseAbs().maxCoeff();
        return largest > kLargestRotation ? PoseVector(step * (kLargestRotation / largest)) : step;
    }

    double cost(std::span<const PoseState> states) {
        parallelFor(
            frames_,
            [&](std::size_t begin, std::size_t end) {
                for (std::size_t n = begin; n < end; ++n) {
                    if ((n - begin) % kCostPiece == 0) {
                        checkStop();
                    }
                    costs_[n] = problem_.objective.cost(problem_.input[n], ties(n), states[n]);
                    if (options_.temporal && n + 1 < frames_) {
                        costs_[n] += problem_.objective.temporalCost(states[n], states[n + 1]);
                    }
                }
            },
            options_.threads);
        double total = 0; // summed in order: the same on any number of threads
        for (const double c : costs_) {
            total += c;
        }
        return total;
    }

    /// Chains are large: they are kept from step to step, as many as threads ever worked at once.
    std::unique_ptr<BlockTridiagonal> takeChain() {
        const std::scoped_lock lock(chainMutex_);
        if (chains_.empty()) {
            return std::make_unique<BlockTridiagonal>();
        }
        auto chain = std::move(chains_.back());
        chains_.pop_back();
        return chain;
    }
    void returnChain(std::unique_ptr<BlockTridiagonal> chain) {
        const std::scoped_lock lock(chainMutex_);
        chains_.push_back(std::move(chain));
    }

    /// Fills steps_. @returns false when a window's matrix is not positive definite; its frames then stand still
    bool computeSteps(std::span<const PoseState> states) {
        const std::size_t windows = (frames_ + window_ - 1) / window_;
        std::atomic<bool> definite{true};
        parallelFor(
            windows,
            [&](std::size_t begin, std::size_t end) {
                std::unique_ptr<BlockTridiagonal> chain = takeChain();
                for (std::size_t w = begin; w < end; ++w) {
                    const std::size_t first = w * window_, last = std::min(frames_, (w + 1) * window_);
                    if (!solveWindow(*chain, first, last, states)) {
                        definite = false;
                        std::fill(steps_.begin() + static_cast<std::ptrdiff_t>(first),
                                  steps_.begin() + static_cast<std::ptrdiff_t>(last), PoseVector::Zero());
                    }
                }
                returnChain(std::move(chain));
            },
            options_.threads);
        return definite;
    }

    /// A window with the frames around it that still act on it. Frames without measurements pass influence on
    /// undiminished: they do not count.
    [[nodiscard]] std::pair<std::size_t, std::size_t> overlapped(std::size_t begin, std::size_t end) const {
        const std::size_t count = options_.temporal ? options_.overlapFrames : 0;
        for (std::size_t measured = 0; begin > 0 && measured < count;) {
            measured += problem_.input[--begin].measured ? 1 : 0;
        }
        for (std::size_t measured = 0; end < frames_ && measured < count;) {
            measured += problem_.input[end++].measured ? 1 : 0;
        }
        return {begin, end};
    }

    bool solveWindow(BlockTridiagonal& chain, std::size_t keepBegin, std::size_t keepEnd,
                     std::span<const PoseState> states) {
        const auto [begin, end] = overlapped(keepBegin, keepEnd);
        const PoseObjective& objective = problem_.objective;
        chain.reset(end - begin);
        const auto normal = std::make_unique<PoseMatrix>();
        PoseVector gradient;
        // of the pair (n - 1, n): gradient and weight
        PoseVector before = PoseVector::Zero(), weight = PoseVector::Zero();
        if (options_.temporal && begin > 0) {
            before = objective.temporalGradient(states[begin - 1], states[begin], weight);
        }
        for (std::size_t n = begin; n < end; ++n) {
            checkStop();
            objective.linearize(problem_.input[n], ties(n), states[n], *normal, gradient);
            const PoseVector coupling = -weight;
            if (options_.temporal) {
                // a pair that reaches out of the window keeps its pull, with the frame outside held still
                gradient += before;
                normal->diagonal() += weight;
                if (n + 1 < frames_) {
                    before = objective.temporalGradient(states[n], states[n + 1], weight);
                    gradient -= before;
                    normal->diagonal() += weight;
                }
            }
            normal->diagonal() *= 1 + damping_[n];
            normal->diagonal().array() += kDiagonalFloor;
            if (!chain.append(*normal, coupling, -gradient)) {
                return false;
            }
        }
        std::vector<PoseVector> x;
        chain.solve(x);
        std::copy(x.begin() + static_cast<std::ptrdiff_t>(keepBegin - begin),
                  x.begin() + static_cast<std::ptrdiff_t>(keepEnd - begin),
                  steps_.begin() + static_cast<std::ptrdiff_t>(keepBegin));
        return true;
    }

    SolverProblem problem_;
    SolverOptions options_;
    std::stop_token stop_;
    std::size_t frames_, window_;
    std::vector<double> costs_;   ///< of the states looked at last
    std::vector<double> damping_; ///< one a frame
    std::vector<PoseVector> steps_;
    std::mutex chainMutex_;
    std::vector<std::unique_ptr<BlockTridiagonal>> chains_;
};

} // namespace

double solvePoses(const SolverProblem& problem, const SolverOptions& options, std::span<PoseState> states,
                  const std::stop_token& stop) {
    BODY4D_EXPECT(problem.input.size() == states.size());
    BODY4D_EXPECT(problem.ties.empty() || problem.ties.size() == states.size());
    return states.empty() ? 0 : Solver(problem, options, stop).run(states);
}

} // namespace body4d::detail
