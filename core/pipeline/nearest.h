#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace body4d::detail {

/// Edits (insert, delete, replace, swap of neighbours) that turn one word into the other.
[[nodiscard]] inline std::size_t editDistance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                d[i][j] = i + j;
                continue;
            }
            d[i][j] = std::min(
                {d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
            }
        }
    }
    return d[a.size()][b.size()];
}

/// The candidate that a person most likely meant; empty where half of the letters or more are others. A word that
/// ends a dotted candidate ("batch_size") counts as close.
[[nodiscard]] inline std::string nearestName(std::string_view wanted,
                                             const std::vector<std::string>& candidates) {
    std::string best;
    std::size_t bestCost = static_cast<std::size_t>(-1);
    const auto consider = [&](const std::string& candidate, std::size_t cost) {
        if (cost < bestCost) {
            bestCost = cost;
            best = candidate;
        }
    };
    const auto near = [](std::size_t edits, std::string_view word) { return edits <= 1 || 2 * edits < word.size(); };
    for (const auto& candidate : candidates) {
        if (const auto edits = editDistance(wanted, candidate); near(edits, wanted)) {
            consider(candidate, 2 * edits);
        }
        if (const auto dot = candidate.rfind('.'); dot != std::string::npos) {
            const auto wantedDot = wanted.rfind('.');
            const auto tail = wantedDot == std::string_view::npos ? wanted : wanted.substr(wantedDot + 1);
            if (const auto edits = editDistance(tail, std::string_view(candidate).substr(dot + 1)); near(edits, tail)) {
                consider(candidate, 2 * edits + 1);
            }
        }
        if (candidate.starts_with(wanted) && candidate[wanted.size()] == '.') {
            consider(candidate, 1); // the name of a section
        }
    }
    return best;
}

/// "Did you mean 'x'? " for the beginning of a remedy; empty where nothing is near.
[[nodiscard]] inline std::string didYouMean(std::string_view wanted, const std::vector<std::string>& candidates) {
    const auto meant = nearestName(wanted, candidates);
    return meant.empty() ? "" : "Did you mean '" + meant + "'? ";
}

} // namespace body4d::detail
