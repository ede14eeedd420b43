#include "models/sam3/memory_bank.h"

#include "models/sam3/config.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace body4d::sam3 {
namespace {

constexpr float kWorthRemembering = 0.01F;

std::int64_t pointerFrames(const PlanRequest& request) {
    return std::min(request.clipFrames, kMaxPointers);
}

/// Conditioning frames that a frame attends to: the nearest on both sides, then whatever is nearest.
std::vector<std::int64_t> nearestConditioning(const MemoryBank& bank, std::int64_t frame, std::size_t most) {
    std::vector<std::int64_t> chosen;
    if (most == 0 || bank.conditioning.size() <= most) {
        for (const auto& [at, memory] : bank.conditioning) {
            chosen.push_back(at);
        }
        return chosen;
    }
    const auto after = bank.conditioning.lower_bound(frame);
    if (after != bank.conditioning.begin()) {
        chosen.push_back(std::prev(after)->first);
    }
    if (after != bank.conditioning.end()) {
        chosen.push_back(after->first);
    }
    std::vector<std::int64_t> others;
    for (const auto& [at, memory] : bank.conditioning) {
        if (std::find(chosen.begin(), chosen.end(), at) == chosen.end()) {
            others.push_back(at);
        }
    }
    std::stable_sort(others.begin(), others.end(), [frame](std::int64_t a, std::int64_t b) {
        return std::abs(a - frame) < std::abs(b - frame);
    });
    others.resize(most - std::min(most, chosen.size()));
    chosen.insert(chosen.end(), others.begin(), others.end());
    return chosen;
}

/// Tracked frames worth remembering, the nearest first. Frame 0 is never among them: it is where clips were
/// prompted.
std::vector<std::int64_t> worthyFrames(const MemoryBank& bank, const PlanRequest& request, std::size_t limit,
                                       const std::function<float(std::int64_t)>& score) {
    std::vector<std::int64_t> found;
    const auto visit = [&](std::int64_t at, const Remembered& memory) {
        if (memory.scored && score(at) > kWorthRemembering) {
            found.push_back(at);
        }
    };
    if (request.backward) {
        for (auto it = bank.tracked.upper_bound(request.frame);
             it != bank.tracked.end() && found.size() < limit; ++it) {
            visit(it->first, it->second);
        }
    } else {
        for (auto it = bank.tracked.lower_bound(request.frame);
             it != bank.tracked.begin() && found.size() < limit;) {
            --it;
            if (it->first <= 0) {
                break;
            }
            visit(it->first, it->second);
        }
    }
    return found;
}

/// The frames behind ranks 1, 2, ... (or distances, without selection). A frame may be missing in the bank:
/// its rank then stays empty.
std::vector<std::int64_t> rankedFrames(const MemoryBank& bank, const PlanRequest& request,
                                       const std::function<float(std::int64_t)>& score) {
    const std::int64_t step = request.backward ? 1 : -1;
    std::vector<std::int64_t> ranked;
    if (!request.selection) {
        for (std::int64_t r = 1; r < kMaxPointers; ++r) {
            ranked.push_back(request.frame + r * step);
        }
        return ranked;
    }
    if (request.backward ? request.frame == request.frameEnd - 1 : request.frame == 0) {
        return ranked;
    }
    ranked =
        worthyFrames(bank, request,
                     static_cast<std::size_t>(std::max<std::int64_t>(pointerFrames(request) - 1, 1)), score);
    const auto neighbour = request.frame + step;
    if (std::find(ranked.begin(), ranked.end(), neighbour) == ranked.end()) {
        ranked.insert(ranked.begin(), neighbour);
    }
    return ranked;
}

} // namespace

float presenceScore(float presence) {
    return presence > 0 ? 2 / (1 + std::exp(-presence)) - 1 : 0;
}

MemoryPlan planMemory(const MemoryBank& bank, const PlanRequest& request,
                      const std::function<float(std::int64_t)>& score) {
    MemoryPlan plan;
    const auto chosen = nearestConditioning(bank, request.frame, request.mostConditioning);
    for (const auto at : chosen) {
        plan.maps.push_back({&bank.conditioning.at(at), at, kMaxMaps - 1});
        const auto distance = request.backward ? at - request.frame : request.frame - at;
        if (distance >= 0) {
            plan.pointers.push_back({&bank.conditioning.at(at), at, distance});
        }
    }
    const auto ranked = rankedFrames(bank, request, score);
    const auto find = [&](std::int64_t at) -> const Remembered* {
        if (const auto tracked = bank.tracked.find(at); tracked != bank.tracked.end()) {
            return &tracked->second;
        }
        // A prompted frame that was not chosen counts like a tracked one.
        const auto prompted = bank.conditioning.find(at);
        const bool free = prompted != bank.conditioning.end() &&
                          std::find(chosen.begin(), chosen.end(), at) == chosen.end();
        return free ? &prompted->second : nullptr;
    };
    for (auto rank = std::min<std::int64_t>(kMaxMaps - 1, static_cast<std::int64_t>(ranked.size()));
         rank >= 1; --rank) {
        const auto at = ranked[static_cast<std::size_t>(rank - 1)];
        if (const auto* memory = find(at)) {
            plan.maps.push_back({memory, at, rank - 1});
        }
    }
    // With selection the last candidate's pointer is left out, as in the official code.
    const auto last = std::min<std::int64_t>(
        pointerFrames(request) - 1, static_cast<std::int64_t>(ranked.size()) - (request.selection ? 1 : 0));
    for (std::int64_t rank = 1; rank <= last; ++rank) {
        const auto at = ranked[static_cast<std::size_t>(rank - 1)];
        if (const auto* memory = find(at)) {
            plan.pointers.push_back({memory, at, rank});
        }
    }
    return plan;
}

void pruneMemory(MemoryBank& bank, const PlanRequest& request,
                 const std::function<float(std::int64_t)>& score) {
    PlanRequest next = request;
    next.frame += request.backward ? -1 : 1;
    next.clipFrames = kMaxPointers;
    const auto ranked = rankedFrames(bank, next, score);
    for (auto it = bank.tracked.begin(); it != bank.tracked.end();) {
        const auto rank = std::find(ranked.begin(), ranked.end(), it->first) - ranked.begin();
        if (rank == static_cast<std::ptrdiff_t>(ranked.size())) {
            it = bank.tracked.erase(it);
            continue;
        }
        // Frames only move back from here. The neighbour may be no candidate later: one map more than there
        // are ranks.
        if (rank >= kMaxMaps) {
            it->second.map.reset();
        }
        if (it->first != request.frame) {
            it->second.logits.reset();
        }
        ++it;
    }
    for (auto& [at, memory] : bank.conditioning) {
        if (at != request.frame) {
            memory.logits.reset();
        }
    }
}

} // namespace body4d::sam3
