#include "base/error.h"
#include "device/memory_budget.h"

#include <QtTest>

#include <new>
#include <vector>

using namespace body4d;

class MemoryBudgetTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void cleanup() { MemoryBudget::setFakeLimitForTests(0); }

    void budgetIsWhatWasAskedFor() {
        QCOMPARE(MemoryBudget(2).bytes(), std::int64_t{2} << 30);
        QVERIFY(MemoryBudget(2).remaining() < std::int64_t{2} << 30);
        QVERIFY(MemoryBudget().bytes() > 0);
    }

    void everyItemIsDoneOnceInOrder() {
        std::vector<std::int64_t> seen;
        const auto report = runBatched(10, {.batch = 4, .bytesPerItem = 1, .bytesFixed = 0}, MemoryBudget(4),
                                       [&](std::int64_t begin, std::int64_t end) {
                                           QVERIFY(end - begin <= 4);
                                           for (auto i = begin; i < end; ++i) {
                                               seen.push_back(i);
                                           }
                                       },
                                       {});
        QCOMPARE(seen, (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
        QCOMPARE(report.finalSize, 4);
        QCOMPARE(report.sizesTried, std::vector<int>{4});
        QVERIFY(report.advice.empty());
    }

    void outOfMemoryHalvesRepeatsAndIsRemembered() {
        std::vector<std::int64_t> seen;
        int failures = 0;
        const auto report = runBatched(20, {.batch = 8, .bytesPerItem = 0, .bytesFixed = 0}, MemoryBudget(4),
                                       [&](std::int64_t begin, std::int64_t end) {
                                           if (end - begin > 2) {
                                               ++failures;
                                               throw std::bad_alloc();
                                           }
                                           for (auto i = begin; i < end; ++i) {
                                               seen.push_back(i);
                                           }
                                       },
                                       {});
        QCOMPARE(failures, 2); // 8, 4; never again once 2 is known to fit
        QCOMPARE(report.sizesTried, (std::vector<int>{8, 4, 2}));
        QCOMPARE(report.finalSize, 2);
        QVERIFY(!report.advice.empty());
        QCOMPARE(seen.size(), std::size_t{20});
    }

    void fakeLimitShrinksTheBatch() {
        MemoryBudget::setFakeLimitForTests(1000);
        int largest = 0;
        const auto report =
            runBatched(16, {.batch = 16, .bytesPerItem = 200, .bytesFixed = 100}, MemoryBudget(4),
                       [&](std::int64_t begin, std::int64_t end) {
                           largest = std::max(largest, static_cast<int>(end - begin));
                       },
                       {});
        QCOMPARE(largest, 4); // 100 + 4 * 200 fit, 100 + 8 * 200 do not
        QCOMPARE(report.finalSize, 4);
    }

    void budgetPredictsTheFirstSize() {
        const MemoryBudget budget(0.5);
        const auto perItem = budget.remaining() / 4;
        const auto report = runBatched(8, {.batch = 8, .bytesPerItem = perItem, .bytesFixed = 0}, budget,
                                       [](std::int64_t, std::int64_t) {}, {});
        QVERIFY(report.sizesTried.front() <= 4);
    }

    void oneItemThatDoesNotFitIsAnError() {
        MemoryBudget::setFakeLimitForTests(10);
        bool thrown = false;
        try {
            runBatched(4, {.batch = 4, .bytesPerItem = 100, .bytesFixed = 0}, MemoryBudget(4),
                       [](std::int64_t, std::int64_t) { QFAIL("must not run"); }, {});
        } catch (const Error& e) {
            thrown = true;
            QCOMPARE(exitCode(e.code()), 5);
            QVERIFY(!e.remedy().empty());
        }
        QVERIFY(thrown);
    }

    void cancelEndsBetweenBatches() {
        std::stop_source stop;
        int batches = 0;
        QVERIFY_EXCEPTION_THROWN(runBatched(
                                     100, {.batch = 10, .bytesPerItem = 0, .bytesFixed = 0}, MemoryBudget(4),
                                     [&](std::int64_t, std::int64_t) {
                                         if (++batches == 3) {
                                             stop.request_stop();
                                         }
                                     },
                                     stop.get_token()),
                                 Cancelled);
        QCOMPARE(batches, 3);
    }

    void otherErrorsPass() {
        QVERIFY_EXCEPTION_THROWN(
            runBatched(4, {}, MemoryBudget(4),
                       [](std::int64_t, std::int64_t) { throw Error(ErrorCode::Input, "x", "y"); }, {}),
            Error);
    }
};

QTEST_GUILESS_MAIN(MemoryBudgetTest)
#include "test_memory_budget.moc"
