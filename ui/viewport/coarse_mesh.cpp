#include "ui/viewport/coarse_mesh.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace body4d::ui {
namespace {

constexpr double kShortest = 0.9; ///< of the mean edge: shorter ones are merged first
constexpr int kRounds = 4;        ///< of merging, each with longer edges

Vec3f sub(Vec3f a, Vec3f b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
Vec3f cross(Vec3f a, Vec3f b) { return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }
float dot(Vec3f a, Vec3f b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
float length(Vec3f a) { return std::sqrt(dot(a, a)); }

} // namespace

CoarseMesh coarsen(std::span<const Vec3f> vertices, const MeshTopology& topology) {
    CoarseMesh mesh;
    mesh.triangles = topology.triangles;
    mesh.source.resize(mesh.triangles.size());
    std::iota(mesh.source.begin(), mesh.source.end(), 0U);
    for (int round = 0; round < kRounds; ++round) {
        // Triangles around every vertex.
        std::vector<std::uint32_t> first(vertices.size() + 1, 0), around(3 * mesh.triangles.size());
        for (const auto& t : mesh.triangles) {
            for (const auto v : t) {
                ++first[v + 1];
            }
        }
        std::partial_sum(first.begin(), first.end(), first.begin());
        auto next = first;
        double sum = 0;
        for (std::uint32_t i = 0; i < mesh.triangles.size(); ++i) {
            for (std::size_t k = 0; k < 3; ++k) {
                around[next[mesh.triangles[i][k]]++] = i;
                sum += length(sub(vertices[mesh.triangles[i][k]], vertices[mesh.triangles[i][(k + 1) % 3]]));
            }
        }
        const double longest = kShortest * (1 + 0.5 * round) * sum / std::max<double>(1, 3.0 * static_cast<double>(mesh.triangles.size()));
        std::vector<std::uint32_t> moved(vertices.size());
        std::iota(moved.begin(), moved.end(), 0U);
        std::vector<bool> fixed(vertices.size(), false); // in the neighbourhood of a merge of this round
        for (std::uint32_t v = 0; v < vertices.size(); ++v) {
            if (fixed[v] || first[v] == first[v + 1]) {
                continue;
            }
            // The nearest neighbour that v can be merged into without turning a triangle over.
            std::uint32_t best = v;
            float shortest = static_cast<float>(longest);
            for (auto a = first[v]; a < first[v + 1]; ++a) {
                for (const auto n : mesh.triangles[around[a]]) {
                    const float d = length(sub(vertices[n], vertices[v]));
                    if (n == v || fixed[n] || d >= shortest) {
                        continue;
                    }
                    const bool turns = std::any_of(around.begin() + first[v], around.begin() + first[v + 1], [&](std::uint32_t i) {
                        auto t = mesh.triangles[i];
                        if (std::find(t.begin(), t.end(), n) != t.end()) {
                            return false; // vanishes
                        }
                        const auto normal = [&] { return cross(sub(vertices[t[1]], vertices[t[0]]), sub(vertices[t[2]], vertices[t[0]])); };
                        const Vec3f before = normal();
                        std::replace(t.begin(), t.end(), v, n);
                        const Vec3f after = normal();
                        return dot(before, after) < 0.5F * length(before) * length(after);
                    });
                    if (!turns) {
                        best = n;
                        shortest = d;
                    }
                }
            }
            if (best == v) {
                continue;
            }
            moved[v] = best;
            for (auto a = first[v]; a < first[v + 1]; ++a) {
                for (const auto n : mesh.triangles[around[a]]) {
                    fixed[n] = true;
                }
            }
        }
        std::size_t kept = 0;
        for (std::size_t i = 0; i < mesh.triangles.size(); ++i) {
            auto t = mesh.triangles[i];
            for (auto& v : t) {
                v = moved[v];
            }
            if (t[0] != t[1] && t[1] != t[2] && t[2] != t[0]) {
                mesh.triangles[kept] = t;
                mesh.source[kept++] = mesh.source[i];
            }
        }
        mesh.triangles.resize(kept);
        mesh.source.resize(kept);
    }
    return mesh;
}

} // namespace body4d::ui
