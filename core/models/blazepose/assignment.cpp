#include "models/blazepose/assignment.h"

#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace body4d::blazepose {

std::vector<int> assignRows(std::span<const double> cost, int rows, int columns, double missCost) {
    BODY4D_EXPECT(cost.size() == static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns));
    // Every row gets a column of its own that stands for "none"; a forbidden pair costs more than any miss.
    const int width = columns + rows;
    const double forbidden = 1e6 + 10 * std::abs(missCost);
    const auto value = [&](int r, int c) {
        if (c >= columns) {
            return c - columns == r ? missCost : forbidden;
        }
        const double v = cost[static_cast<std::size_t>(r) * columns + c];
        return std::isfinite(v) ? std::min(v, forbidden) : forbidden;
    };
    // Shortest augmenting paths with potentials; index 0 is a sentinel.
    std::vector<double> rowPotential(static_cast<std::size_t>(rows) + 1),
        columnPotential(static_cast<std::size_t>(width) + 1);
    std::vector<int> rowOf(static_cast<std::size_t>(width) + 1, 0),
        previous(static_cast<std::size_t>(width) + 1, 0);
    const auto at = [](int i) { return static_cast<std::size_t>(i); };
    for (int r = 1; r <= rows; ++r) {
        std::vector<double> slack(at(width) + 1, std::numeric_limits<double>::infinity());
        std::vector<bool> done(at(width) + 1);
        rowOf[0] = r;
        int column = 0;
        do {
            done[at(column)] = true;
            const int row = rowOf[at(column)];
            double delta = std::numeric_limits<double>::infinity();
            int next = 0;
            for (int c = 1; c <= width; ++c) {
                if (done[at(c)]) {
                    continue;
                }
                const double reduced = value(row - 1, c - 1) - rowPotential[at(row)] - columnPotential[at(c)];
                if (reduced < slack[at(c)]) {
                    slack[at(c)] = reduced;
                    previous[at(c)] = column;
                }
                if (slack[at(c)] < delta) {
                    delta = slack[at(c)];
                    next = c;
                }
            }
            for (int c = 0; c <= width; ++c) {
                if (done[at(c)]) {
                    rowPotential[at(rowOf[at(c)])] += delta;
                    columnPotential[at(c)] -= delta;
                } else {
                    slack[at(c)] -= delta;
                }
            }
            column = next;
        } while (rowOf[at(column)] != 0);
        for (; column != 0; column = previous[at(column)]) {
            rowOf[at(column)] = rowOf[at(previous[at(column)])];
        }
    }
    std::vector<int> out(at(rows), -1);
    for (int c = 1; c <= columns; ++c) {
        if (const int row = rowOf[at(c)]; row > 0 && value(row - 1, c - 1) < forbidden) {
            out[at(row) - 1] = c - 1;
        }
    }
    return out;
}

} // namespace body4d::blazepose
