#include "scene/scene_alignment.h"

#include "base/error.h"
#include "base/order_statistics.h"
#include "scene/pose_graph.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

namespace body4d {
namespace {

/// Standard deviations of what one pass bends, and of a place that was found again.
constexpr double kPassSigma = 0.01, kLoopSigma = 0.002;

Sim3Edge edgeOf(const SceneLoop& loop) {
    return {loop.earlier, loop.later, loop.earlierFromLater.transform, loop.size, kLoopSigma, true};
}

/// Worlds as the edges chain them, from the first one on; the first of those that nothing ties to it keeps
/// its own, with what is tied to that.
std::vector<Sim3> chained(std::size_t count, const std::vector<Sim3Edge>& edges) {
    std::vector<Sim3> worlds(count);
    std::vector<bool> reached(count, false);
    for (std::size_t root = 0; root < count; ++root) {
        bool more = !reached[root];
        reached[root] = true;
        while (more) {
            more = false;
            for (const auto& e : edges) {
                if (reached[e.a] && !reached[e.b]) {
                    worlds[e.b] = worlds[e.a] * e.aFromB;
                    reached[e.b] = more = true;
                } else if (reached[e.b] && !reached[e.a]) {
                    worlds[e.a] = worlds[e.b] * inverse(e.aFromB);
                    reached[e.a] = more = true;
                }
            }
        }
    }
    return worlds;
}

/// Spreads what loops contradict; loops that would bend passes beyond belief are dropped.
void closeAll(const std::vector<Sim3Edge>& chain, ChunkAlignment& alignment) {
    auto& loops = alignment.loops;
    const auto count = alignment.worldFromChunk.size();
    while (!loops.empty()) {
        auto edges = chain;
        for (const auto& loop : loops) {
            edges.push_back(edgeOf(loop));
        }
        const auto start = chained(count, edges);
        for (std::size_t i = 0; i < loops.size(); ++i) {
            const auto& e = edges[chain.size() + i];
            loops[i].strain = strainOf(e, start[e.a], start[e.b]).total();
        }
        const auto solved = solvePoseGraph(start, edges);
        constexpr double kMostBend = 0.2, kMostLeft = 0.1;
        double bend = 0;
        for (const auto& e : chain) {
            bend = std::max(bend, strainOf(e, solved[e.a], solved[e.b]).total());
        }
        std::size_t worst = 0;
        double left = -1;
        for (std::size_t i = 0; i < loops.size(); ++i) {
            const auto& e = edges[chain.size() + i];
            const double strain = strainOf(e, solved[e.a], solved[e.b]).total();
            if (strain > left) {
                left = strain;
                worst = i;
            }
        }
        if (bend < kMostBend && left < kMostLeft) {
            alignment.worldFromChunk = solved;
            return;
        }
        if (left < kMostLeft) { // all agree among themselves, so the one with the least to show for it
            worst = static_cast<std::size_t>(std::min_element(loops.begin(), loops.end(),
                                                              [](const SceneLoop& a, const SceneLoop& b) {
                                                                  return a.matches < b.matches;
                                                              }) -
                                             loops.begin());
        }
        loops.erase(loops.begin() + static_cast<std::ptrdiff_t>(worst));
    }
}

} // namespace

ChunkAlignment alignChunks(std::span<const std::filesystem::path> files, bool closeLoops,
                           const std::stop_token& stop, std::size_t mostPairs) {
    ChunkAlignment out;
    out.worldFromChunk.resize(files.size());
    std::vector<Sim3Edge> chain;
    std::optional<ViewFile> before;
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (stop.stop_requested()) {
            throw Cancelled();
        }
        ViewFile now(files[i]);
        if (before) {
            std::map<std::int64_t, std::size_t> known;
            for (std::size_t k = 0; k < before->size(); ++k) {
                known[before->frame(k)] = k;
            }
            std::vector<std::pair<std::size_t, std::size_t>> shared;
            for (std::size_t k = 0; k < now.size(); ++k) {
                if (const auto found = known.find(now.frame(k)); found != known.end()) {
                    shared.emplace_back(k, found->second);
                }
            }
            std::vector<PointPair> pairs;
            for (const auto& [here, there] : shared) {
                const auto from = now.read(here, false), to = before->read(there, false);
                if (from.hasCamera && to.hasCamera) {
                    addPairs(from, to, mostPairs / shared.size() + 1, pairs);
                }
            }
            const auto fit = fitSim3(pairs);
            out.fits.push_back(fit);
            if (fit.found) {
                std::vector<double> sizes;
                for (const auto& p : pairs) {
                    sizes.push_back(p.size / fit.transform.scale);
                }
                chain.push_back({i - 1, i, fit.transform, upperMedian(sizes), kPassSigma, false});
            }
        }
        before.emplace(std::move(now));
    }
    if (files.empty()) {
        return out;
    }
    out.worldFromChunk = chained(files.size(), chain);
    if (closeLoops) {
        out.loops = findLoops(files, stop);
        closeAll(chain, out);
    }
    return out;
}

bool takenFrom(std::int64_t index, std::int64_t size, std::int64_t before, std::int64_t after) {
    return index >= before / 2 && index < size - (after - after / 2);
}

double scaleBetween(std::span<const Vec3> source, std::span<const Vec3> target) {
    BODY4D_EXPECT(source.size() == target.size() && !source.empty());
    const auto spread = [](std::span<const Vec3> places) {
        Vec3 mean;
        for (const auto& p : places) {
            mean = mean + (1.0 / static_cast<double>(places.size())) * p;
        }
        double sum = 0;
        for (const auto& p : places) {
            sum += dot(p - mean, p - mean);
        }
        return std::sqrt(sum);
    };
    const double from = spread(source);
    return from > 1e-12 ? spread(target) / from : 0;
}

} // namespace body4d
