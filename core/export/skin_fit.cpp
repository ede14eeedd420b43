#include "export/skin_fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace body4d {
namespace {

constexpr int kMostJoints = 12; ///< of a vertex that is chosen anew; more are cut by weight first
constexpr double kPrior =
    4e-6; ///< m^2: pull towards the body's own weights, (2 mm)^2 for a weight that is wrong by 1

/// Solves the symmetric system a x = b of order n in place by elimination with diagonal pivots.
/// @returns false where it is singular
bool solve(std::array<std::array<double, 9>, 9>& a, std::array<double, 9>& b, int n) {
    for (int i = 0; i < n; ++i) {
        int best = i;
        for (int r = i + 1; r < n; ++r) {
            best = std::fabs(a[r][i]) > std::fabs(a[best][i]) ? r : best;
        }
        if (std::fabs(a[best][i]) < 1e-14) {
            return false;
        }
        std::swap(a[i], a[best]);
        std::swap(b[i], b[best]);
        for (int r = i + 1; r < n; ++r) {
            const double f = a[r][i] / a[i][i];
            for (int c = i; c < n; ++c) {
                a[r][c] -= f * a[i][c];
            }
            b[r] -= f * b[i];
        }
    }
    for (int i = n - 1; i >= 0; --i) {
        for (int c = i + 1; c < n; ++c) {
            b[i] -= a[i][c] * b[c];
        }
        b[i] /= a[i][i];
    }
    return true;
}

/// Where each joint alone would carry a vertex, and what is to be reached, as sums over frames.
struct Moments {
    int n = 0;
    std::array<std::array<double, kMostJoints>, kMostJoints>
        gram{};                            ///< of the carried points, relative to the goal
    std::array<double, kMostJoints> own{}; ///< the body's weights
};

/// Weights of a subset that sum to 1, none negative, with the least error. With points relative to the goal
/// the error of weights that sum to 1 is w' gram w. @returns the error
double fit(const Moments& m, std::array<int, 8> subset, int size, std::array<double, 8>& weights) {
    std::array<bool, 8> used{};
    std::fill_n(used.begin(), size, true);
    for (;;) {
        std::array<int, 8> active{};
        int n = 0;
        for (int k = 0; k < size; ++k) {
            if (used[k]) {
                active[n++] = k;
            }
        }
        std::array<std::array<double, 9>, 9> a{};
        std::array<double, 9> b{};
        for (int r = 0; r < n; ++r) {
            for (int c = 0; c < n; ++c) {
                a[r][c] = m.gram[subset[active[r]]][subset[active[c]]];
            }
            a[r][r] += kPrior;
            b[r] = kPrior * m.own[subset[active[r]]];
            a[r][n] = a[n][r] = 1; // the sum, by a multiplier
        }
        b[n] = 1;
        if (n == 0 || !solve(a, b, n + 1)) {
            return std::numeric_limits<double>::max();
        }
        int worst = -1;
        for (int r = 0; r < n; ++r) {
            if (b[r] < 0 && (worst < 0 || b[r] < b[worst])) {
                worst = r;
            }
        }
        if (worst >= 0) {
            used[active[worst]] = false;
            continue;
        }
        weights.fill(0);
        double error = 0;
        for (int r = 0; r < n; ++r) {
            weights[active[r]] = b[r];
        }
        for (int r = 0; r < size; ++r) {
            for (int c = 0; c < size; ++c) {
                error += weights[r] * weights[c] * m.gram[subset[r]][subset[c]];
            }
        }
        return error;
    }
}

} // namespace

SkinSamples sampleSkin(const ExportClip& clip, const ExportPerson& person, const Rig& rig) {
    const auto shown = person.shownFrames(clip.begin, clip.end);
    constexpr std::size_t kMost = 24;
    const std::size_t count = std::min(kMost, shown.size());
    const RigidTransform up{gltfFromOpenCv(), {}};
    const auto toUp = [&](const Vec3f& p) { return up * Vec3{p.x, p.y, p.z}; };
    SkinSamples samples;
    for (const Vec3f& p : person.rest->vertices) {
        samples.rest.push_back(toUp(p));
    }
    std::vector<Vec3f> vertices;
    RigPose pose;
    for (std::size_t i = 0; i < count; ++i) {
        const auto body = person.at(shown[i * shown.size() / count]);
        const BodyPose& bodyPose = body->pose;
        person.model().pose(*person.rest, bodyPose, vertices);
        auto& exact = samples.exact.emplace_back();
        exact.reserve(vertices.size());
        for (const Vec3f& p : vertices) {
            exact.push_back(toUp(p));
        }
        poseRig(rig, person.model().skeleton(*person.rest, bodyPose), up, pose);
        auto& move = samples.move.emplace_back(rig.joints.size());
        for (std::size_t j = 0; j < move.size(); ++j) {
            move[j] = pose.global[j] * inverse(RigidTransform{rig.joints[j].bind, rig.joints[j].position});
        }
    }
    return samples;
}

SkinError measureSkinError(const SkinSamples& samples, const RigSkin& skin) {
    const auto per = static_cast<std::size_t>(skin.perVertex);
    SkinError error;
    double sum = 0;
    for (std::size_t f = 0; f < samples.exact.size(); ++f) {
        for (std::size_t v = 0; v < samples.rest.size(); ++v) {
            Vec3 skinned;
            for (std::size_t k = 0; k < per; ++k) {
                const double weight = skin.weight[v * per + k];
                if (weight > 0) {
                    skinned = skinned + weight * (samples.move[f][skin.joint[v * per + k]] * samples.rest[v]);
                }
            }
            const double distance = norm(skinned - samples.exact[f][v]) * 1000;
            sum += distance;
            error.maxMm = std::max(error.maxMm, distance);
        }
    }
    error.frames = static_cast<int>(samples.exact.size());
    if (error.frames > 0 && !samples.rest.empty()) {
        error.meanMm = sum / (static_cast<double>(error.frames) * static_cast<double>(samples.rest.size()));
    }
    return error;
}

void refineSkin(RigSkin& skin, const SkinWeights& full, const Rig& rig, const SkinSamples& samples) {
    const auto in = static_cast<std::size_t>(full.perVertex), out = static_cast<std::size_t>(skin.perVertex);
    if (samples.exact.empty() || skin.mostInBody <= skin.perVertex) {
        return;
    }
    const double frames = static_cast<double>(samples.exact.size());
    std::vector<std::pair<double, int>> joints;
    for (std::size_t v = 0; v < samples.rest.size(); ++v) {
        joints.clear();
        for (std::size_t k = 0; k < in; ++k) {
            const double weight = full.weight[v * in + k];
            const int joint = rig.ofModelJoint[full.joint[v * in + k]];
            const auto same =
                std::find_if(joints.begin(), joints.end(), [&](const auto& e) { return e.second == joint; });
            if (same != joints.end()) {
                same->first += weight;
            } else if (weight > 0) {
                joints.emplace_back(weight, joint);
            }
        }
        if (joints.size() <= out) {
            continue;
        }
        std::sort(joints.begin(), joints.end(), std::greater<>());
        joints.resize(std::min<std::size_t>(joints.size(), kMostJoints));
        Moments m;
        m.n = static_cast<int>(joints.size());
        std::array<Vec3, kMostJoints> carried;
        for (std::size_t f = 0; f < samples.exact.size(); ++f) {
            for (int k = 0; k < m.n; ++k) {
                carried[k] = samples.move[f][static_cast<std::size_t>(joints[k].second)] * samples.rest[v] -
                             samples.exact[f][v];
            }
            for (int a = 0; a < m.n; ++a) {
                for (int b = 0; b < m.n; ++b) {
                    m.gram[a][b] += dot(carried[a], carried[b]) / frames;
                }
            }
        }
        for (int k = 0; k < m.n; ++k) {
            m.own[k] = joints[k].first;
        }
        // Every choice of joints: a vertex has a dozen at most, and few vertices have more than fit.
        std::array<int, 8> subset{}, best{};
        std::array<double, 8> weights{}, bestWeights{};
        double least = std::numeric_limits<double>::max();
        const int size = static_cast<int>(out);
        for (int k = 0; k < size; ++k) {
            subset[k] = k;
        }
        for (bool more = true; more;) {
            const double error = fit(m, subset, size, weights);
            if (error < least) {
                least = error;
                best = subset;
                bestWeights = weights;
            }
            int k = size - 1;
            while (k >= 0 && subset[k] == m.n - size + k) {
                --k;
            }
            more = k >= 0;
            if (more) {
                ++subset[k];
                for (int r = k + 1; r < size; ++r) {
                    subset[r] = subset[r - 1] + 1;
                }
            }
        }
        if (least == std::numeric_limits<double>::max()) {
            continue;
        }
        std::vector<std::pair<double, int>> chosen;
        for (int k = 0; k < size; ++k) {
            if (bestWeights[k] > 1e-6) {
                chosen.emplace_back(bestWeights[k], joints[best[k]].second);
            }
        }
        setWeights(skin, v, chosen);
    }
}

} // namespace body4d
