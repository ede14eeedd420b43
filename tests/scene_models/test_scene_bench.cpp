// The official way to keep outputs against ours: equal results, less memory; and the books that tell so.
#include "base/error.h"
#include "models/scene_bench/bench.h"

#include <ATen/ATen.h>
#include <QtTest>

#include <cmath>

#include "nn/cpu_books.h"

using namespace body4d;

namespace {

std::unique_ptr<SceneBench> benchOf(const std::string& model) {
    SceneBenchOptions options;
    options.model = model;
    options.threads = 1;
    return scene_bench::makeBench(options);
}

SceneBenchRequest requestOf(SceneVariant variant, int scenes, int frames, int side) {
    SceneBenchRequest request;
    request.variant = variant;
    request.scenes = scenes;
    request.frames = frames;
    request.width = request.height = side;
    return request;
}

std::int64_t peakOf(SceneBench& bench, const SceneBenchRequest& request) {
    bench.resetPeak();
    (void)bench.run(request, {});
    return bench.peakBytes();
}

} // namespace

class SceneBenchTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theBooksBalance();
    void bothVariantsSeeTheSame_data();
    void bothVariantsSeeTheSame();
    void keepingLessTakesLess();
    void withoutHeads();
    void memoryRunsOutAndComesBack();
    void conditionsAreTold();
};

void SceneBenchTest::theBooksBalance() {
    nn::countCpuMemory();
    nn::resetCpuPeak();
    const auto before = nn::cpuBytes();
    {
        const auto a = at::empty({1000}, at::kFloat);
        const auto b = at::empty({500}, at::kDouble);
        QCOMPARE(nn::cpuBytes().current, before.current + 8000);
    }
    { const auto c = at::empty({250}, at::kFloat); }
    QCOMPARE(nn::cpuBytes().current, before.current);
    QCOMPARE(nn::cpuBytes().peak, before.current + 8000);
    nn::limitCpuMemory(before.current + 4000);
    (void)at::empty({1000}, at::kFloat);
    QVERIFY_EXCEPTION_THROWN((void)at::empty({1001}, at::kFloat), std::exception);
    nn::limitCpuMemory(0);
    (void)at::empty({1001}, at::kFloat);
    QCOMPARE(nn::cpuBytes().current, before.current);
}

void SceneBenchTest::bothVariantsSeeTheSame_data() {
    QTest::addColumn<QString>("model");
    QTest::addColumn<int>("scenes");
    QTest::addColumn<int>("frames");
    for (const char* model : {"tiny", "da3-small"}) {
        for (const auto& [scenes, frames] : {std::pair{1, 1}, {1, 4}, {3, 2}, {1, 9}}) {
            QTest::newRow(qPrintable(QString("%1, %2 scenes of %3").arg(model).arg(scenes).arg(frames)))
                << QString(model) << scenes << frames;
        }
    }
}

void SceneBenchTest::bothVariantsSeeTheSame() {
    QFETCH(QString, model);
    QFETCH(int, scenes);
    QFETCH(int, frames);
    const auto bench = benchOf(model.toStdString());
    auto request = requestOf(SceneVariant::EverythingKept, scenes, frames, 42);
    request.height = 28;
    request.depths = true;
    const auto whole = bench->run(request, {});
    request.variant = SceneVariant::KeptOutputs;
    const auto kept = bench->run(request, {});
    QCOMPARE(whole.depths.size(), static_cast<std::size_t>(scenes * frames * 42 * 28));
    QCOMPARE(kept.depths.size(), whole.depths.size());
    double worst = 0, largest = 0, smallest = 1e30;
    for (std::size_t i = 0; i < whole.depths.size(); ++i) {
        worst = std::max(
            worst, std::abs(static_cast<double>(whole.depths[i]) - static_cast<double>(kept.depths[i])));
        largest = std::max(largest, static_cast<double>(whole.depths[i]));
        smallest = std::min(smallest, static_cast<double>(whole.depths[i]));
    }
    QVERIFY2(largest > 1.01 * smallest, "a picture without any depth proves nothing");
    QVERIFY2(worst <= 1e-4 * largest, qPrintable(QString("%1 of %2").arg(worst).arg(largest)));
}

void SceneBenchTest::keepingLessTakesLess() {
    for (const char* model : {"tiny", "da3-small"}) {
        const auto bench = benchOf(model);
        const auto rest = [&] {
            bench->resetPeak();
            return bench->peakBytes();
        };
        (void)bench->run(requestOf(SceneVariant::KeptOutputs, 1, 2, 112), {}); // what stays: place codes
        (void)bench->run(requestOf(SceneVariant::EverythingKept, 1, 2, 112), {});
        const auto before = rest();
        QVERIFY(before >= bench->sizes().weightBytes);
        std::int64_t everythingBefore = 0, keptBefore = 0;
        for (const int frames : {2, 4, 8, 16}) {
            const auto everything =
                peakOf(*bench, requestOf(SceneVariant::EverythingKept, 1, frames, 112)) - before;
            const auto kept = peakOf(*bench, requestOf(SceneVariant::KeptOutputs, 1, frames, 112)) - before;
            QVERIFY2(everything > everythingBefore && kept >= keptBefore, model);
            // With few frames most is one convolution's weights, which oneDNN orders anew for itself.
            QVERIFY2(static_cast<double>(kept) < (frames < 8 ? 1 : 0.7) * static_cast<double>(everything),
                     qPrintable(QString("%1, %2 frames: %3 against %4")
                                    .arg(model)
                                    .arg(frames)
                                    .arg(kept)
                                    .arg(everything)));
            qInfo("%s, %d frames: %.1f against %.1f MiB over the weights", model, frames,
                  static_cast<double>(kept) / (1 << 20), static_cast<double>(everything) / (1 << 20));
            everythingBefore = everything;
            keptBefore = kept;
        }
        QCOMPARE(rest(), before); // nothing stays behind
    }
}

void SceneBenchTest::withoutHeads() {
    for (const char* model : {"tiny", "da3-small"}) {
        const auto bench = benchOf(model);
        for (const auto variant : {SceneVariant::EverythingKept, SceneVariant::KeptOutputs}) {
            auto request = requestOf(variant, 2, 3, 56);
            const auto whole = bench->run(request, {});
            request.heads = false;
            request.depths = true;
            const auto trunk = bench->run(request, {});
            QVERIFY(trunk.depths.empty() && trunk.kept != nullptr);
            QCOMPARE(trunk.keptBytes, whole.keptBytes);
        }
        const auto everything = bench->run(requestOf(SceneVariant::EverythingKept, 1, 2, 56), {});
        const std::int64_t outputs =
            std::string(model) == "tiny" ? 24 * 2 * 21 * 2 * 128 * 4 : 8 * 2 * 17 * 2 * 384 * 4;
        QCOMPARE(everything.keptBytes, outputs);
        std::stop_source stop;
        stop.request_stop();
        QVERIFY_EXCEPTION_THROWN(
            (void)bench->run(requestOf(SceneVariant::KeptOutputs, 1, 2, 56), stop.get_token()), Cancelled);
        QVERIFY_EXCEPTION_THROWN(
            (void)bench->run(requestOf(SceneVariant::EverythingKept, 1, 2, 56), stop.get_token()), Cancelled);
    }
}

void SceneBenchTest::memoryRunsOutAndComesBack() {
    SceneBenchOptions options;
    options.threads = 1;
    options.limitBytes = benchOf("tiny")->sizes().weightBytes + (std::int64_t{48} << 20);
    const auto bench = scene_bench::makeBench(options);
    const auto small = requestOf(SceneVariant::EverythingKept, 1, 1, 28);
    const auto before = bench->run(small, {}).keptBytes;
    QVERIFY_EXCEPTION_THROWN((void)bench->run(requestOf(SceneVariant::EverythingKept, 1, 16, 112), {}),
                             OutOfMemoryError);
    QCOMPARE(bench->run(small, {}).keptBytes, before);
}

void SceneBenchTest::conditionsAreTold() {
    const auto bench = benchOf("tiny");
    const auto c = bench->conditions(8, 112, 112);
    QVERIFY(c.randomWeights && c.cuda.empty() && c.dtype == "float32");
    QVERIFY(!c.libtorch.empty() && (c.attention == "flash" || c.attention == "math"));
    QVERIFY(QString::fromStdString(c.memory).contains("CPU"));
    QCOMPARE(bench->sizes().width, std::int64_t{128});
    QCOMPARE(bench->sizes().depth, std::int64_t{24});
    QCOMPARE(benchOf("da3-small")->sizes().heads, std::int64_t{6});
}

QTEST_GUILESS_MAIN(SceneBenchTest)
#include "test_scene_bench.moc"
