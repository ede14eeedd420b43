#pragma once

#include "base/error.h"
#include "models/blazepose/pose_path.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace body4d::blazepose {

/// The cheapest way through the options of successive frames (Viterbi). @param frames each with at least one
/// option @param cost of an option by itself: cost(frame, option) @param step from one frame's pose to the
/// next one's: step(before, now) @returns the option of every frame
template <typename Cost, typename Step>
[[nodiscard]] std::vector<std::size_t> cheapestWay(std::span<const PoseOptions> frames, Cost&& cost,
                                                   Step&& step) {
    if (frames.empty()) {
        return {};
    }
    std::vector<std::vector<std::size_t>> cameFrom(frames.size());
    std::vector<double> sofar;
    for (std::size_t f = 0; f < frames.size(); ++f) {
        BODY4D_EXPECT(!frames[f].empty());
        std::vector<double> here;
        for (const PoseOption& option : frames[f]) {
            double best = 0;
            std::size_t from = 0;
            for (std::size_t k = 0; k < sofar.size(); ++k) {
                const double c = sofar[k] + step(frames[f - 1][k].pose, option.pose);
                if (k == 0 || c < best) {
                    best = c;
                    from = k;
                }
            }
            here.push_back(best + cost(f, option));
            cameFrom[f].push_back(from);
        }
        sofar = std::move(here);
    }
    std::vector<std::size_t> way(frames.size());
    auto at = static_cast<std::size_t>(std::min_element(sofar.begin(), sofar.end()) - sofar.begin());
    for (std::size_t f = frames.size(); f-- > 0;) {
        way[f] = at;
        at = cameFrom[f][at];
    }
    return way;
}

} // namespace body4d::blazepose
