#include "base/error.h"
#include "device/memory_budget.h"
#include "nn/runtime.h"

#include <QtTest>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <new>

using namespace body4d;
using namespace body4d::nn;

class RuntimeTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theScopeIsTheThreads();
    void rulesPickThePrecision();
    void runningOutOfMemoryIsOurError();
    void batchesShrinkOnIt();
    void otherErrorsAreOneLine();
    void ourOwnErrorsPass();
};

void RuntimeTest::theScopeIsTheThreads() {
    Placement one;
    one.threads = 1;
    const int before = at::get_num_threads();
    {
        const EngineScope scope(one);
        QVERIFY(c10::InferenceMode::is_enabled());
        QCOMPARE(at::get_num_threads(), 1);
    }
    QVERIFY(!c10::InferenceMode::is_enabled());
    QCOMPARE(at::get_num_threads(), before);
}

void RuntimeTest::rulesPickThePrecision() {
    Placement p;
    p.dtype = at::kBFloat16;
    p.rules = {{"neck.", at::kFloat}, {"neck.top", at::kHalf}};
    QVERIFY(p.dtypeOf("trunk.x") == at::kBFloat16);
    QVERIFY(p.dtypeOf("neck.x") == at::kFloat);
    QVERIFY(p.dtypeOf("neck.top.x") == at::kHalf);
    QVERIFY(Placement::choose(-1, at::kBFloat16).dtype == at::kFloat); // a CPU computes in float32
    QVERIFY(Placement::choose(-1).device.is_cpu());
}

void RuntimeTest::runningOutOfMemoryIsOurError() {
    try {
        (void)guarded([] { return at::empty({std::int64_t{1} << 52}); });
        QFAIL("4 PiB were given");
    } catch (const OutOfMemoryError& e) {
        QVERIFY(e.code() == ErrorCode::OutOfMemory);
        QVERIFY2(!QString::fromStdString(e.detail()).contains('\n'), e.detail().c_str());
    }
    QVERIFY_EXCEPTION_THROWN(guarded([] { throw std::bad_alloc(); }), OutOfMemoryError);
    QVERIFY_EXCEPTION_THROWN(guarded([] { throw c10::OutOfMemoryError({__func__, __FILE__, __LINE__}, "CUDA out of memory."); }),
                             OutOfMemoryError);
    QVERIFY_EXCEPTION_THROWN(
        guarded([] { throw c10::Error({__func__, __FILE__, __LINE__}, "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling"); }),
        OutOfMemoryError);
}

void RuntimeTest::batchesShrinkOnIt() {
    int done = 0;
    const auto report = runBatched(
        12, BatchPlan{8, 0, 0}, MemoryBudget(4),
        [&](std::int64_t begin, std::int64_t end) {
            guarded([&] {
                if (end - begin > 3) {
                    (void)at::empty({(end - begin) << 50}); // more than any machine has
                }
            });
            done += static_cast<int>(end - begin);
        },
        {});
    QCOMPARE(done, 12);
    QCOMPARE(report.sizesTried, (std::vector<int>{8, 4, 2}));
}

void RuntimeTest::otherErrorsAreOneLine() {
    try {
        guarded([] { (void)at::mm(at::ones({2, 3}), at::ones({2, 3})); });
        QFAIL("no error");
    } catch (const OutOfMemoryError&) {
        QFAIL("not a matter of memory");
    } catch (const Error& e) {
        QVERIFY(e.code() == ErrorCode::Internal);
        QVERIFY2(QString::fromStdString(e.detail()).contains("mat1 and mat2"), e.detail().c_str());
        QVERIFY(!QString::fromStdString(e.detail()).contains("frame #"));
    }
}

void RuntimeTest::ourOwnErrorsPass() {
    QVERIFY_EXCEPTION_THROWN(guarded([] { throw Cancelled(); }), Cancelled);
    QVERIFY_EXCEPTION_THROWN(guarded([] { throw std::logic_error("x"); }), std::logic_error);
    try {
        guarded([] { throw Error(ErrorCode::MissingModel, "a", "b"); });
    } catch (const Error& e) {
        QVERIFY(e.code() == ErrorCode::MissingModel);
    }
}

QTEST_APPLESS_MAIN(RuntimeTest)
#include "test_runtime.moc"
