#include "base/bounded_queue.h"

#include <QtTest>

#include <atomic>
#include <thread>

using namespace body4d;

class BoundedQueueTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everythingArrivesInOrder();
    void aFullQueueMakesTheProducerWait();
    void stoppingWakesBothEnds();
};

void BoundedQueueTest::everythingArrivesInOrder() {
    BoundedQueue<int> queue(3);
    std::jthread producer([&] {
        for (int i = 0; i < 1000; ++i) {
            queue.push(i);
        }
        queue.close();
    });
    int expected = 0;
    while (const auto value = queue.pop()) {
        QCOMPARE(*value, expected++);
    }
    QCOMPARE(expected, 1000);
    QVERIFY(!queue.push(1));
}

void BoundedQueueTest::aFullQueueMakesTheProducerWait() {
    BoundedQueue<int> queue(2);
    std::atomic<int> pushed{0};
    std::jthread producer([&] {
        for (int i = 0; i < 5; ++i) {
            queue.push(i);
            ++pushed;
        }
    });
    QTRY_COMPARE(pushed.load(), 2);
    QTest::qWait(20);
    QCOMPARE(pushed.load(), 2);
    for (int i = 0; i < 5; ++i) {
        QCOMPARE(queue.pop().value(), i);
    }
    QTRY_COMPARE(pushed.load(), 5);
}

void BoundedQueueTest::stoppingWakesBothEnds() {
    BoundedQueue<int> empty(1), full(1);
    full.push(1);
    std::atomic<int> woken{0};
    std::jthread popper([&](const std::stop_token& stop) {
        if (!empty.pop(stop)) {
            ++woken;
        }
    });
    std::jthread pusher([&](const std::stop_token& stop) {
        if (!full.push(2, stop)) {
            ++woken;
        }
    });
    popper.request_stop();
    pusher.request_stop();
    QTRY_COMPARE(woken.load(), 2);
}

QTEST_GUILESS_MAIN(BoundedQueueTest)
#include "test_bounded_queue.moc"
