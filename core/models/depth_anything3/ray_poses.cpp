#include "models/depth_anything3/ray_poses.h"

#include "base/error.h"
#include "base/geometry.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <random>
#include <span>

namespace body4d::da3 {
namespace {

constexpr double kFlat = 1e-4;        ///< a direction with less depth meets the plane nowhere
constexpr double kAgrees = 0.2;       ///< distance on the plane at depth 1 up to which a ray agrees
constexpr double kShare = 0.3;        ///< of the pixels, the surest, are drawn from
constexpr std::size_t kPlenty = 8000; ///< agreeing rays from which on the least sure twentieth is left out
constexpr std::size_t kFewest = 4;    ///< rays that a homography needs

/// A ray on two planes: that of a camera of 2 x 2 with its middle at (0, 0), and the world's at depth 1.
struct Match {
    double x = 0, y = 0, u = 0, v = 0, weight = 0;
};

/// A x^T of the linear system for a homography, for any number of matches.
class Normals {
public:
    void add(const Match& m) {
        const double a[3] = {m.x, m.y, 1}, factors[4] = {m.weight, m.weight * m.u, m.weight * m.v,
                                                         m.weight * (m.u * m.u + m.v * m.v)};
        for (std::size_t f = 0; f < 4; ++f) {
            for (std::size_t i = 0; i < 3; ++i) {
                for (std::size_t j = 0; j < 3; ++j) {
                    sums_[f][3 * i + j] += factors[f] * a[i] * a[j];
                }
            }
        }
    }
    /// @param to 81 values
    void write(double* to) const {
        std::fill_n(to, 81, 0.0);
        for (std::size_t i = 0; i < 3; ++i) {
            for (std::size_t j = 0; j < 3; ++j) {
                const auto at = 3 * i + j;
                const auto put = [&](std::size_t row, std::size_t column, double value) {
                    to[9 * (3 * row + i) + 3 * column + j] = value;
                };
                put(0, 0, sums_[0][at]);
                put(1, 1, sums_[0][at]);
                put(0, 2, -sums_[1][at]);
                put(2, 0, -sums_[1][at]);
                put(1, 2, -sums_[2][at]);
                put(2, 1, -sums_[2][at]);
                put(2, 2, sums_[3][at]);
            }
        }
    }

private:
    std::array<std::array<double, 9>, 4> sums_{};
};

/// The homographies of some systems, row by row, last element 1; something that is no number where there is
/// none.
std::vector<Mat3> solved(std::span<const Normals> systems) {
    auto matrices = at::empty({static_cast<std::int64_t>(systems.size()), 9, 9}, at::kDouble);
    auto* to = matrices.mutable_data_ptr<double>();
    for (const auto& system : systems) {
        system.write(to);
        to += 81;
    }
    // The direction that the system shrinks most; eigenvalues rise.
    const auto vectors = std::get<1>(at::linalg_eigh(matrices)).select(2, 0).contiguous();
    const auto* from = vectors.const_data_ptr<double>();
    std::vector<Mat3> homographies(systems.size());
    for (auto& h : homographies) {
        for (std::size_t i = 0; i < 9; ++i) {
            h.m[i] = from[i] / from[8];
        }
        from += 9;
    }
    return homographies;
}

bool agrees(const Mat3& h, const Match& m) {
    const double z = h.m[6] * m.x + h.m[7] * m.y + h.m[8];
    const double du = (h.m[0] * m.x + h.m[1] * m.y + h.m[2]) / z - m.u;
    const double dv = (h.m[3] * m.x + h.m[4] * m.y + h.m[5]) / z - m.v;
    return du * du + dv * dv < kAgrees * kAgrees; // false where anything is no number
}

std::optional<Mat3> homographyOf(const std::vector<Match>& matches, const RayRounds& rounds) {
    std::vector<std::size_t> surest(matches.size());
    std::iota(surest.begin(), surest.end(), std::size_t{0});
    const auto surer = [&](std::size_t a, std::size_t b) { return matches[a].weight > matches[b].weight; };
    std::stable_sort(surest.begin(), surest.end(), surer);
    std::vector<Normals> drawn(rounds.size());
    for (std::size_t r = 0; r < rounds.size(); ++r) {
        for (const auto rank : rounds[r]) {
            drawn[r].add(matches[surest.at(static_cast<std::size_t>(rank))]);
        }
    }
    double best = 0;
    std::optional<Mat3> chosen;
    for (const auto& h : solved(drawn)) {
        double score = 0;
        for (const auto& m : matches) {
            score += agrees(h, m) ? m.weight : 0;
        }
        if (score > best) {
            best = score;
            chosen = h;
        }
    }
    if (!chosen) {
        return std::nullopt;
    }
    std::erase_if(surest, [&](std::size_t i) { return !agrees(*chosen, matches[i]); });
    if (surest.size() < kFewest) {
        return std::nullopt;
    }
    if (surest.size() > kPlenty) {
        surest.resize(std::max(kPlenty, surest.size() * 95 / 100));
    }
    Normals all;
    for (const auto i : surest) {
        all.add(matches[i]);
    }
    return solved({&all, 1}).front();
}

/// A turn times a lower triangle with a positive diagonal.
struct TurnAndLens {
    Mat3 turn, lens;
};
TurnAndLens takenApart(const Mat3& h) {
    Mat3 q, l;
    for (int column = 2; column >= 0; --column) {
        Vec3 rest{h(0, column), h(1, column), h(2, column)};
        for (int done = 2; done > column; --done) {
            const Vec3 axis{q(0, done), q(1, done), q(2, done)};
            l(done, column) = dot(axis, rest);
            rest = rest - l(done, column) * axis;
        }
        for (int above = 0; above < column; ++above) {
            l(above, column) = 0;
        }
        l(column, column) = norm(rest);
        rest = (1 / l(column, column)) * rest;
        q(0, column) = rest.x;
        q(1, column) = rest.y;
        q(2, column) = rest.z;
    }
    return {q, l};
}

} // namespace

std::int64_t rayCandidates(std::int64_t pixels) {
    return std::max<std::int64_t>(std::tuple_size_v<RayRounds::value_type>,
                                  static_cast<std::int64_t>(static_cast<double>(pixels) * kShare));
}

RayRounds rayRounds(std::int64_t candidates) {
    constexpr std::size_t kRounds = 100;
    std::mt19937_64 random(1); // NOLINT(cert-msc51-cpp): equal runs give equal cameras
    RayRounds rounds(kRounds);
    for (auto& round : rounds) {
        for (std::size_t i = 0; i < round.size(); ++i) {
            do {
                round[i] = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(candidates));
            } while (std::find(round.begin(), round.begin() + static_cast<std::ptrdiff_t>(i), round[i]) !=
                     round.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }
    return rounds;
}

Cameras camerasOfRays(const RayHead::Rays& rays, const Cameras& decoded, std::int64_t height,
                      std::int64_t width, const RayRounds& rounds) {
    const auto values = rays.rays.to(at::kCPU, at::kFloat).contiguous();
    const auto sure = rays.confidence.to(at::kCPU, at::kFloat).contiguous();
    const auto frames = values.size(0), rows = values.size(1), columns = values.size(2);
    BODY4D_EXPECT(values.size(3) == 6 && rows * columns >= rayCandidates(rows * columns));
    Cameras cameras{decoded.extrinsics.to(at::kCPU).clone(), decoded.intrinsics.to(at::kCPU).clone()};
    auto extrinsics = cameras.extrinsics.accessor<float, 3>(),
         intrinsics = cameras.intrinsics.accessor<float, 3>();
    std::vector<Match> matches(static_cast<std::size_t>(rows * columns));
    for (std::int64_t frame = 0; frame < frames; ++frame) {
        const auto* ray = values[frame].const_data_ptr<float>();
        const auto* weight = sure[frame].const_data_ptr<float>();
        Vec3 origin;
        double total = 0;
        for (std::int64_t i = 0; i < rows * columns; ++i, ray += 6) {
            auto& m = matches[static_cast<std::size_t>(i)];
            m.x = (2.0 * static_cast<double>(i % columns) + 1) / static_cast<double>(columns) - 1;
            m.y = (2.0 * static_cast<double>(i / columns) + 1) / static_cast<double>(rows) - 1;
            const bool meets = std::abs(static_cast<double>(ray[2])) > kFlat;
            const double z = meets ? ray[2] : 1;
            m.u = ray[0] / z;
            m.v = ray[1] / z;
            m.weight = meets ? weight[i] : 0;
            origin = origin + m.weight * Vec3{ray[3], ray[4], ray[5]};
            total += m.weight;
        }
        auto h = homographyOf(matches, rounds);
        if (!h || !(total > 0)) {
            continue;
        }
        const auto& e = h->m;
        const double determinant = e[0] * (e[4] * e[8] - e[5] * e[7]) - e[1] * (e[3] * e[8] - e[5] * e[6]) +
                                   e[2] * (e[3] * e[7] - e[4] * e[6]);
        if (determinant < 0) {
            for (auto& v : h->m) {
                v = -v;
            }
        }
        const auto [turn, lens] = takenApart(*h);
        const double unit = lens(2, 2);
        const double focalX = unit / lens(0, 0), focalY = unit / lens(1, 1);
        origin = (1 / total) * origin;
        const auto turnBack = transpose(turn);
        const auto shift = -1.0 * (turnBack * origin);
        const double found[] = {focalX,  focalY, lens(2, 0) / unit, lens(2, 1) / unit, shift.x,
                                shift.y, shift.z};
        if (!std::all_of(std::begin(found), std::end(found), [](double v) { return std::isfinite(v); })) {
            continue;
        }
        for (int r = 0; r < 3; ++r) {
            for (int c = 0; c < 3; ++c) {
                extrinsics[frame][r][c] = static_cast<float>(turnBack(r, c));
            }
        }
        extrinsics[frame][0][3] = static_cast<float>(shift.x);
        extrinsics[frame][1][3] = static_cast<float>(shift.y);
        extrinsics[frame][2][3] = static_cast<float>(shift.z);
        const double halfWidth = static_cast<double>(width) / 2, halfHeight = static_cast<double>(height) / 2;
        cameras.intrinsics[frame].zero_();
        intrinsics[frame][2][2] = 1;
        intrinsics[frame][0][0] = static_cast<float>(focalX * halfWidth);
        intrinsics[frame][1][1] = static_cast<float>(focalY * halfHeight);
        intrinsics[frame][0][2] = static_cast<float>((found[2] + 1) * halfWidth);
        intrinsics[frame][1][2] = static_cast<float>((found[3] + 1) * halfHeight);
    }
    return cameras;
}

} // namespace body4d::da3
