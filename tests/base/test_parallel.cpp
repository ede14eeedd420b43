#include "base/parallel.h"

#include <QtTest>

#include <atomic>
#include <stdexcept>
#include <vector>

using namespace body4d;

class ParallelTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyItemIsVisitedOnce();
    void exceptionsComeBack();
};

void ParallelTest::everyItemIsVisitedOnce() {
    for (const unsigned threads : {1U, 2U, 7U}) {
        for (const std::size_t count : {std::size_t(0), std::size_t(1), std::size_t(5), std::size_t(1000)}) {
            std::vector<std::atomic<int>> visits(count);
            parallelFor(
                count,
                [&](std::size_t begin, std::size_t end) {
                    for (std::size_t i = begin; i < end; ++i) {
                        ++visits[i];
                    }
                },
                threads);
            for (const auto& v : visits) {
                QCOMPARE(v.load(), 1);
            }
        }
    }
}

void ParallelTest::exceptionsComeBack() {
    QVERIFY_EXCEPTION_THROWN(parallelFor(
                                 8,
                                 [](std::size_t begin, std::size_t) {
                                     if (begin > 0) {
                                         throw std::runtime_error("piece failed");
                                     }
                                 },
                                 4),
                             std::runtime_error);
}

QTEST_APPLESS_MAIN(ParallelTest)
#include "test_parallel.moc"
