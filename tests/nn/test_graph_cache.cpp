// What is recorded when, and that it gives the same; with a recorder that needs no GPU.
#include "fake_recorder.h"

#include <QtTest>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

using namespace body4d;
using namespace body4d::nn;
using body4d::testing::FakeRecorder;

namespace {

GraphCache::Tensors twice(const GraphCache::Tensors& in) {
    return {in[0] * 2, in[0].sum().view({1})};
}

at::Tensor ramp(std::int64_t n, double first) {
    return at::arange(n, at::kFloat) + first;
}

} // namespace

class GraphCacheTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aShapeIsRecordedOnceItCameAFewTimes();
    void everyShapeAndPartIsItsOwn();
    void resultsAreTheCallers();
    void theOldestMakesRoom();
    void whatCannotBeRecordedIsComputed();
    void memoryThatRunsOutEndsAllRecordings();
    void withoutARecorderNothingIsKept();
    void bucketsAreFewAndHardlyLarger();

private:
    c10::InferenceMode inference_;
};

void GraphCacheTest::aShapeIsRecordedOnceItCameAFewTimes() {
    const auto recorder = std::make_shared<FakeRecorder>();
    GraphCache cache(recorder);
    int computed = 0;
    for (int run = 0; run < 10; ++run) {
        const auto x = ramp(5, run);
        const auto got = cache("twice", {x}, [&computed](const GraphCache::Tensors& in) {
            ++computed;
            return twice(in);
        });
        QVERIFY(at::equal(got[0], x * 2)); // every time of what came in that time
        QVERIFY(at::equal(got[1], x.sum().view({1})));
        QCOMPARE(recorder->recorded, run < GraphCache::kRunsBefore ? 0 : 1);
    }
    QCOMPARE(cache.launches(), static_cast<std::size_t>(10 - GraphCache::kRunsBefore));
    QCOMPARE(computed, 11); // the fake computes when it records and at every launch
}

void GraphCacheTest::everyShapeAndPartIsItsOwn() {
    const auto recorder = std::make_shared<FakeRecorder>();
    GraphCache cache(recorder);
    for (int run = 0; run <= GraphCache::kRunsBefore; ++run) {
        for (const std::int64_t n : {3, 4}) {
            QVERIFY(at::equal(cache("a", {ramp(n, 1)}, twice)[0], ramp(n, 1) * 2));
        }
        (void)cache("b", {ramp(3, 1)}, twice);
        (void)cache("a", {ramp(3, 1).to(at::kDouble)}, twice);
        (void)cache("a", {ramp(4, 1).view({2, 2})}, twice);
    }
    QCOMPARE(recorder->recorded, 5);
    QCOMPARE(cache.recordings(), std::size_t(5));
}

void GraphCacheTest::resultsAreTheCallers() {
    GraphCache cache(std::make_shared<FakeRecorder>());
    for (int run = 0; run <= GraphCache::kRunsBefore; ++run) {
        (void)cache("twice", {ramp(4, 0)}, twice);
    }
    const auto input = ramp(4, 0);
    const auto first = cache("twice", {input}, twice);
    const auto kept = first[0].clone();
    (void)cache("twice", {ramp(4, 100)}, twice);
    QVERIFY(at::equal(first[0], kept)); // a later launch does not write into them
    first[0].zero_();
    QVERIFY(at::equal(cache("twice", {input}, twice)[0], kept));
    QVERIFY(at::equal(input, ramp(4, 0)));
}

void GraphCacheTest::theOldestMakesRoom() {
    const auto recorder = std::make_shared<FakeRecorder>();
    GraphCache cache(recorder, 2);
    const auto use = [&](std::int64_t n) {
        for (int run = 0; run <= GraphCache::kRunsBefore; ++run) {
            (void)cache("twice", {ramp(n, 0)}, twice);
        }
    };
    use(3);
    use(4);
    use(3); // 4 is now the oldest
    use(5);
    QCOMPARE(cache.recordings(), std::size_t(2));
    QCOMPARE(*recorder->alive, 2);
    QCOMPARE(recorder->recorded, 3);
    use(3);
    QCOMPARE(recorder->recorded, 3);
    use(4);
    QCOMPARE(recorder->recorded, 4);
    cache.clear();
    QCOMPARE(*recorder->alive, 0);
    // Shapes that never come again leave nothing behind.
    for (std::int64_t n = 1; n < 300; ++n) {
        (void)cache("twice", {ramp(n, 0)}, twice);
    }
    QCOMPARE(*recorder->alive, 0);
}

void GraphCacheTest::whatCannotBeRecordedIsComputed() {
    const auto recorder = std::make_shared<FakeRecorder>();
    recorder->failures = 1;
    GraphCache cache(recorder);
    for (int run = 0; run < 8; ++run) {
        QVERIFY(at::equal(cache("twice", {ramp(4, run)}, twice)[0], ramp(4, run) * 2));
    }
    QCOMPARE(recorder->failures, 0);
    QCOMPARE(recorder->recorded, 0); // it is not tried over and over
    QCOMPARE(cache.launches(), std::size_t(0));
}

void GraphCacheTest::memoryThatRunsOutEndsAllRecordings() {
    const auto recorder = std::make_shared<FakeRecorder>();
    GraphCache cache(recorder);
    const auto use = [&](std::int64_t n) {
        for (int run = 0; run <= GraphCache::kRunsBefore; ++run) {
            (void)cache("twice", {ramp(n, 0)}, twice);
        }
    };
    use(3);
    QCOMPARE(*recorder->alive, 1);
    recorder->failures = 1;
    recorder->failure = "CUDA out of memory. Tried to allocate 2 GiB";
    use(4); // while recording: computed without, and room is made
    QCOMPARE(*recorder->alive, 0);
    use(3);
    QCOMPARE(*recorder->alive, 1);
    const auto fails = [](const GraphCache::Tensors&) -> GraphCache::Tensors {
        throw c10::OutOfMemoryError({__func__, __FILE__, __LINE__}, "CUDA out of memory.");
    };
    QVERIFY_EXCEPTION_THROWN((void)cache("other", {ramp(3, 0)}, fails), c10::OutOfMemoryError); // the caller's matter
    QCOMPARE(*recorder->alive, 0);
}

void GraphCacheTest::withoutARecorderNothingIsKept() {
    GraphCache cache(nullptr);
    QVERIFY(!cache.active());
    for (int run = 0; run < 8; ++run) {
        QVERIFY(at::equal(cache("twice", {ramp(4, run)}, twice)[0], ramp(4, run) * 2));
    }
    QCOMPARE(cache.recordings(), std::size_t(0));
    QVERIFY(workRecorder(at::kCPU) == nullptr);
}

void GraphCacheTest::bucketsAreFewAndHardlyLarger() {
    std::int64_t sizes = 0, last = 0;
    for (std::int64_t n = 1; n <= 256; ++n) {
        const auto size = bucketOf(n);
        QVERIFY(size >= n && size >= last && size * 4 <= n * 5);
        QCOMPARE(bucketOf(size), size);
        sizes += size != last ? 1 : 0;
        last = size;
    }
    QVERIFY(sizes <= 30);
}

QTEST_APPLESS_MAIN(GraphCacheTest)
#include "test_graph_cache.moc"
