#include "models/blazepose/assignment.h"

#include <QTest>

#include <algorithm>
#include <limits>
#include <numeric>
#include <random>

using body4d::blazepose::assignRows;

namespace {

double total(const std::vector<double>& cost, int columns, const std::vector<int>& assigned, double miss) {
    double sum = 0;
    for (std::size_t r = 0; r < assigned.size(); ++r) {
        sum += assigned[r] < 0
                   ? miss
                   : cost[r * static_cast<std::size_t>(columns) + static_cast<std::size_t>(assigned[r])];
    }
    return sum;
}

/// Every way to give rows different columns or none.
double bestByTrying(const std::vector<double>& cost, int rows, int columns, double miss, int row = 0,
                    unsigned used = 0) {
    if (row == rows) {
        return 0;
    }
    double best = miss + bestByTrying(cost, rows, columns, miss, row + 1, used);
    for (int c = 0; c < columns; ++c) {
        if ((used >> c & 1U) == 0) {
            best = std::min(best, cost[static_cast<std::size_t>(row * columns + c)] +
                                      bestByTrying(cost, rows, columns, miss, row + 1, used | 1U << c));
        }
    }
    return best;
}

} // namespace

class AssignmentTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void crossingIsSolvedTogether() {
        // Greedy would give row 0 column 0 (1) and leave row 1 with 9; together 2 + 2 is better.
        QCOMPARE(assignRows(std::vector<double>{1, 2, 2, 9}, 2, 2, 100), (std::vector<int>{1, 0}));
    }
    void missingIsCheaperThanAWrongPerson() {
        QCOMPARE(assignRows(std::vector<double>{1, 5, 1.5, 5}, 2, 2, 3), (std::vector<int>{0, -1}));
    }
    void forbiddenPairsStayApart() {
        const double no = std::numeric_limits<double>::infinity();
        QCOMPARE(assignRows(std::vector<double>{no, 1, no, 2}, 2, 2, 50), (std::vector<int>{1, -1}));
        QCOMPARE(assignRows(std::vector<double>{no, no}, 2, 1, 50), (std::vector<int>{-1, -1}));
    }
    void emptyTables() {
        QCOMPARE(assignRows({}, 0, 0, 1), std::vector<int>{});
        QCOMPARE(assignRows({}, 3, 0, 1), (std::vector<int>{-1, -1, -1}));
    }
    void equalsTryingEverything() {
        std::mt19937 random(7);
        std::uniform_real_distribution<double> value(-3, 8);
        for (int round = 0; round < 300; ++round) {
            const int rows = 1 + static_cast<int>(random() % 4), columns = static_cast<int>(random() % 6);
            std::vector<double> cost(static_cast<std::size_t>(rows * columns));
            std::generate(cost.begin(), cost.end(), [&] { return value(random); });
            const double miss = value(random);
            auto assigned = assignRows(cost, rows, columns, miss);
            QVERIFY(std::abs(total(cost, columns, assigned, miss) - bestByTrying(cost, rows, columns, miss)) <
                    1e-9);
            std::erase(assigned, -1);
            std::sort(assigned.begin(), assigned.end());
            QVERIFY(std::adjacent_find(assigned.begin(), assigned.end()) == assigned.end());
        }
    }
};

QTEST_APPLESS_MAIN(AssignmentTest)
#include "test_assignment.moc"
