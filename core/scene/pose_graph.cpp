#include "scene/pose_graph.h"

#include "base/error.h"

#include <Eigen/Dense>
#include <Eigen/Sparse>

#include <algorithm>
#include <array>
#include <cmath>

namespace body4d {
namespace {

constexpr int kFree = 7; // rotation vector, logarithm of scale, shift
using Residual = Eigen::Matrix<double, kFree, 1>;
using Jacobian = Eigen::Matrix<double, kFree, kFree>;

Eigen::Vector3d logarithm(const Mat3& rotation) {
    Eigen::Matrix3d m;
    for (int r = 0; r < 3; ++r) {
        for (int c = 0; c < 3; ++c) {
            m(r, c) = rotation(r, c);
        }
    }
    const Eigen::AngleAxisd turn(m);
    return turn.angle() * turn.axis();
}

Sim3 exponential(const Residual& d, double size) {
    Sim3 s;
    const Eigen::Vector3d turn = d.head<3>();
    const double angle = turn.norm();
    if (angle > 0) {
        const Eigen::Matrix3d m = Eigen::AngleAxisd(angle, turn / angle).toRotationMatrix();
        for (int r = 0; r < 3; ++r) {
            for (int c = 0; c < 3; ++c) {
                s.rotation(r, c) = m(r, c);
            }
        }
    }
    s.scale = std::exp(d[3]);
    s.translation = {size * d[4], size * d[5], size * d[6]};
    return s;
}

/// Shares, not yet divided by sigma.
Residual residualOf(const Sim3Edge& edge, const Sim3& a, const Sim3& b) {
    const auto left = inverse(edge.aFromB) * (inverse(a) * b); // of b's own world
    Residual r;
    r.head<3>() = logarithm(left.rotation);
    r[3] = std::log(left.scale);
    r.tail<3>() = Eigen::Vector3d(left.translation.x, left.translation.y, left.translation.z) / edge.size;
    return r;
}

/// Weight of an edge in the sum of squares, from its length in standard deviations.
double weightOf(const Sim3Edge& edge, double length) {
    constexpr double kHuber = 3;
    return edge.robust && length > kHuber ? kHuber / length : 1;
}

double costOf(std::span<const Sim3Edge> edges, const std::vector<Sim3>& worlds) {
    double sum = 0;
    for (const auto& e : edges) {
        const double length = residualOf(e, worlds[e.a], worlds[e.b]).norm() / e.sigma;
        const double weight = weightOf(e, length);
        sum += weight < 1 ? length * length * weight * (2 - weight) : length * length;
    }
    return sum;
}

} // namespace

double Sim3Strain::total() const {
    return std::sqrt(angle * angle + scale * scale + shift * shift);
}

Sim3Strain strainOf(const Sim3Edge& edge, const Sim3& worldFromA, const Sim3& worldFromB) {
    const auto r = residualOf(edge, worldFromA, worldFromB);
    return {r.head<3>().norm(), std::abs(r[3]), r.tail<3>().norm()};
}

std::vector<Sim3> solvePoseGraph(std::vector<Sim3> worlds, std::span<const Sim3Edge> edges) {
    const auto n = static_cast<int>(worlds.size());
    if (n < 2 || edges.empty()) {
        return worlds;
    }
    std::vector<double> sizes(worlds.size(), 1); // what steps of a world's shift are measured by
    for (const auto& e : edges) {
        BODY4D_EXPECT(e.a < worlds.size() && e.b < worlds.size() && e.a != e.b && e.size > 0 && e.sigma > 0);
        sizes[e.b] = e.size;
        sizes[e.a] = e.a == 0 ? sizes[e.a] : e.size * e.aFromB.scale;
    }
    constexpr int kRounds = 60;
    constexpr double kStep = 1e-6;
    double damping = 1e-6, cost = costOf(edges, worlds);
    for (int round = 0; round < kRounds; ++round) {
        std::vector<Eigen::Triplet<double>> entries;
        Eigen::VectorXd gradient = Eigen::VectorXd::Zero(kFree * (n - 1));
        const auto place = [](std::size_t node) { return kFree * (static_cast<int>(node) - 1); };
        for (const auto& e : edges) {
            const Residual r = residualOf(e, worlds[e.a], worlds[e.b]);
            const double weight = weightOf(e, r.norm() / e.sigma) / (e.sigma * e.sigma);
            std::array<Jacobian, 2> jacobian;
            for (int k = 0; k < kFree; ++k) {
                Residual step = Residual::Zero();
                step[k] = kStep;
                const auto difference = [&](std::size_t node, bool first) -> Residual {
                    const auto plus = worlds[node] * exponential(step, sizes[node]),
                               minus = worlds[node] * exponential(-step, sizes[node]);
                    return (residualOf(e, first ? plus : worlds[e.a], first ? worlds[e.b] : plus) -
                            residualOf(e, first ? minus : worlds[e.a], first ? worlds[e.b] : minus)) /
                           (2 * kStep);
                };
                jacobian[0].col(k) = difference(e.a, true);
                jacobian[1].col(k) = difference(e.b, false);
            }
            const std::array<std::size_t, 2> ends = {e.a, e.b};
            for (std::size_t i = 0; i < 2; ++i) {
                if (ends[i] == 0) {
                    continue;
                }
                gradient.segment<kFree>(place(ends[i])) += weight * jacobian[i].transpose() * r;
                for (std::size_t k = 0; k < 2; ++k) {
                    if (ends[k] == 0) {
                        continue;
                    }
                    const Jacobian block = weight * jacobian[i].transpose() * jacobian[k];
                    for (int row = 0; row < kFree; ++row) {
                        for (int column = 0; column < kFree; ++column) {
                            entries.emplace_back(place(ends[i]) + row, place(ends[k]) + column,
                                                 block(row, column));
                        }
                    }
                }
            }
        }
        bool better = false;
        for (int attempt = 0; attempt < 8 && !better; ++attempt) {
            auto damped = entries;
            for (int i = 0; i < kFree * (n - 1); ++i) {
                damped.emplace_back(i, i, damping * 1e4 + 1e-9); // 1e4: an edge of one percent
            }
            Eigen::SparseMatrix<double> matrix(kFree * (n - 1), kFree * (n - 1));
            matrix.setFromTriplets(damped.begin(), damped.end());
            const Eigen::SimplicialLDLT<Eigen::SparseMatrix<double>> solver(matrix);
            if (solver.info() != Eigen::Success) {
                damping *= 10;
                continue;
            }
            const Eigen::VectorXd step = -solver.solve(gradient);
            auto next = worlds;
            for (std::size_t i = 1; i < next.size(); ++i) {
                const Residual d = step.segment<kFree>(place(i));
                next[i] = next[i] * exponential(d, sizes[i]);
            }
            const double after = costOf(edges, next);
            if (std::isfinite(after) && after < cost) {
                const double gain = (cost - after) / std::max(cost, 1e-300);
                worlds = std::move(next);
                cost = after;
                damping = std::max(damping / 4, 1e-12);
                better = true;
                if (gain < 1e-9) {
                    return worlds;
                }
            } else {
                damping *= 10;
            }
        }
        if (!better) {
            break;
        }
    }
    return worlds;
}

} // namespace body4d
