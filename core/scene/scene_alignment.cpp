#include "scene/scene_alignment.h"

#include "base/error.h"

#include <algorithm>
#include <map>
#include <optional>

namespace body4d {

ChunkAlignment alignChunks(std::span<const std::filesystem::path> files, const std::stop_token& stop) {
    constexpr std::size_t kPairs = 40000;
    ChunkAlignment out;
    out.worldFromChunk.resize(files.size());
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
                    addPairs(from, to, kPairs / shared.size() + 1, pairs);
                }
            }
            const auto fit = fitSim3(pairs);
            out.fits.push_back(fit);
            if (fit.found) {
                out.worldFromChunk[i] = out.worldFromChunk[i - 1] * fit.transform;
            }
        }
        before.emplace(std::move(now));
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
