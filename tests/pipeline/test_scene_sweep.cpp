// The sweep over memory: what it runs in which order, and what its files say.
#include "base/error.h"
#include "pipeline/scene_speed.h"
#include "pipeline/scene_sweep.h"
#include "video/video_writer.h"

#include <QXmlStreamReader>
#include <QtTest>

#include <filesystem>
#include <map>
#include <set>

using namespace body4d;
namespace fs = std::filesystem;

namespace {

/// A network whose memory is known: a weight of 1000, 100 a frame kept by one variant and 10 by the other,
/// and 50 more while it runs. What a caller holds on to counts.
class KnownBench final : public SceneBench {
public:
    SceneBenchSizes sizes_{128, 24, 16, 14, 250, 1000};
    std::int64_t held = 1000, peak = 1000, mostFrames = 1 << 20;
    std::size_t stopsAt = 1 << 30; ///< so many calls, then it is stopped
    double slower = 1;
    std::vector<std::pair<SceneVariant, bool>> calls; ///< variant, with heads

    const SceneBenchSizes& sizes() const override { return sizes_; }
    SceneBenchConditions conditions(int, int, int) override {
        return {"2.11.0", "", "", "float32", "math", "a test's, with a \"quote\"", true};
    }
    SceneBenchPass run(const SceneBenchRequest& request, const std::stop_token& stop) override {
        if (stop.stop_requested() || calls.size() >= stopsAt) {
            throw Cancelled();
        }
        const bool everything = request.variant == SceneVariant::EverythingKept;
        calls.emplace_back(request.variant, request.heads);
        const std::int64_t frames = request.scenes * request.frames;
        if (everything && frames > mostFrames) {
            throw OutOfMemoryError("a test's");
        }
        SceneBenchPass pass;
        pass.keptBytes = frames * (everything ? 100 : 10);
        pass.milliseconds = slower * static_cast<double>(frames) * (everything ? 2 : 1);
        held += pass.keptBytes;
        peak = std::max(peak, held + 50);
        pass.kept = std::shared_ptr<void>(new char, [this, bytes = pass.keptBytes](void* p) {
            held -= bytes;
            delete static_cast<char*>(p);
        });
        return pass;
    }
    void resetPeak() override { peak = held; }
    std::int64_t peakBytes() override { return peak; }
};

SweepReport sweep(KnownBench& bench, SweepOptions options = {}) {
    auto report = beginSweep(bench, "tiny", false, options);
    continueSweep(report, bench, {}, {});
    return report;
}

void writePng(const fs::path& path, const Image& image) {
    writeImage(path, image);
}

/// Fields of a CSV line with quotes.
QStringList fields(const QString& line) {
    QStringList out{""};
    bool quoted = false;
    for (const auto c : line) {
        if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            out << "";
        } else {
            out.last() += c;
        }
    }
    return out;
}

} // namespace

class SceneSweepTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void seventeenRows();
    void nothingElseIsAlive();
    void asInTheNoteOthersAre();
    void theOrderAlternates();
    void columnsAndRows();
    void aFailingRowIsRecorded();
    void aStoppedSweepGoesOn();
    void aSweepThatWasKilledGoesOn();
    void filesParse();
    void summary();
    void mistakesAreTold();
    void speedBesidePublishedFigures();
};

void SceneSweepTest::seventeenRows() {
    const auto rows = sweepRows();
    QCOMPARE(rows.size(), std::size_t{17});
    std::set<std::string> names;
    for (const auto& row : rows) {
        names.insert(row.name);
    }
    QCOMPARE(names.size(), rows.size());
    QCOMPARE(rows[3].scenes, 2);
    QCOMPARE(rows[8].name, std::string("1frames_large_res"));
    QCOMPARE(rows[8].frames, 4);
    QCOMPARE(rows[16].frames, 256);
    QCOMPARE(rows[16].side, 518);
    const auto own = sweepRows({"res_448", "2x3x56"});
    QCOMPARE(own[0].side, 448);
    QCOMPARE(own[1].scenes, 2);
    QCOMPARE(own[1].frames, 3);
}

void SceneSweepTest::nothingElseIsAlive() {
    KnownBench bench;
    const auto report = sweep(bench);
    for (const auto& r : report.results) {
        const std::int64_t frames = r.row.scenes * r.row.frames;
        QCOMPARE(r.everything.peakBytes, 1000 + 100 * frames + 50);
        QCOMPARE(r.kept.peakBytes, 1000 + 10 * frames + 50);
        QCOMPARE(r.everything.milliseconds, 2.0 * static_cast<double>(frames));
        QCOMPARE(r.everything.deviation, 0.0);
    }
    QCOMPARE(bench.held, std::int64_t{1000});
}

void SceneSweepTest::asInTheNoteOthersAre() {
    KnownBench bench;
    const auto report = sweep(bench);
    for (const auto& r : report.results) {
        const std::int64_t frames = r.row.scenes * r.row.frames;
        // Two lists of its own, and for the second variant one of the first, too.
        QCOMPARE(r.notedEverything.peakBytes, 1000 + 200 * frames + 50);
        QCOMPARE(r.notedKept.peakBytes, 1000 + 100 * frames + 20 * frames + 50);
    }
}

void SceneSweepTest::theOrderAlternates() {
    KnownBench bench;
    SweepOptions options;
    options.rows = sweepRows({"small_2frames"});
    options.repeats = 3;
    options.asInNote = false;
    (void)sweep(bench, options);
    const auto e = SceneVariant::EverythingKept, k = SceneVariant::KeptOutputs;
    const std::vector<SceneVariant> wanted = {e, k, e, k, k, e, e, k};
    QCOMPARE(bench.calls.size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        QVERIFY(bench.calls[i].first == wanted[i] && bench.calls[i].second);
    }
    bench.calls.clear();
    options.asInNote = true;
    (void)sweep(bench, options);
    QVERIFY(!bench.calls[0].second && !bench.calls[1].second &&
            bench.calls[2].second); // warm-ups without heads
}

void SceneSweepTest::columnsAndRows() {
    KnownBench bench;
    const auto lines = QString::fromStdString(sweepCsv(sweep(bench))).split('\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 18);
    const auto names = fields(lines[0]);
    const QStringList noted = {"name",
                               "batch",
                               "seq",
                               "total_frames",
                               "img_size",
                               "patch_size",
                               "embed_dim",
                               "depth",
                               "num_heads",
                               "full_time_ms",
                               "full_time_std_ms",
                               "opt_time_ms",
                               "opt_time_std_ms",
                               "speedup",
                               "full_mem_bytes",
                               "opt_mem_bytes",
                               "mem_reduction_pct",
                               "full_storage_bytes",
                               "opt_storage_bytes",
                               "storage_reduction_pct"};
    QCOMPARE(names.mid(0, noted.size()), noted);
    for (const char* more : {"corrected_mem_reduction_pct", "device", "driver", "cuda", "cudnn", "libtorch",
                             "dtype", "attention", "opt_frames_per_s", "weights", "memory_books", "status"}) {
        QVERIFY2(names.contains(more), more);
    }
    for (const auto& line : lines.mid(1)) {
        const auto values = fields(line);
        QCOMPARE(values.size(), names.size());
        const auto number = [&](const char* name) { return values[names.indexOf(name)].toDouble(); };
        const double frames = number("total_frames");
        QCOMPARE(number("mem_reduction_pct"),
                 std::round(1e6 * (1 - (1050 + 120 * frames) / (1050 + 200 * frames))) / 1e4);
        QCOMPARE(number("storage_reduction_pct"), 90.0);
        QCOMPARE(number("corrected_speedup"), 2.0);
        QCOMPARE(number("opt_frames_per_s"), 1000.0);
        QCOMPARE(values[names.indexOf("weights")], QString("random"));
        QCOMPARE(values[names.indexOf("status")], QString("ok"));
    }
}

void SceneSweepTest::aFailingRowIsRecorded() {
    KnownBench bench;
    bench.mostFrames = 64;
    SweepOptions options;
    options.mostFrames = 128;
    const auto report = sweep(bench, options);
    const auto& large = report.results[15]; // 128 frames
    QVERIFY(!large.everything.measured && large.kept.measured && !large.everything.failure.empty());
    QVERIFY(report.results[14].both());
    QVERIFY(!report.results[16].skipped.empty());
    const auto lines = QString::fromStdString(sweepCsv(report)).split('\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 18);
    const auto names = fields(lines[0]), values = fields(lines[16]);
    QVERIFY(values[names.indexOf("status")].contains("everything kept: "));
    QVERIFY(values[names.indexOf("corrected_full_time_ms")].isEmpty());
    QVERIFY(!values[names.indexOf("corrected_opt_time_ms")].isEmpty());
    QVERIFY(fields(lines[17])[names.indexOf("status")].startsWith("skipped"));
    QCOMPARE(bench.held, std::int64_t{1000});
}

void SceneSweepTest::aStoppedSweepGoesOn() {
    QTemporaryDir folder;
    const fs::path dir = folder.path().toStdString();
    KnownBench bench;
    SweepOptions options;
    options.asInNote = false; // 2 + 10 calls a row
    options.warmUps = 1;
    constexpr std::size_t kCallsOfRow = 12;
    bench.stopsAt = 3 * kCallsOfRow + 5;
    auto first = beginSweep(bench, "tiny", false, options);
    QCOMPARE(resumeSweep(first, dir), std::string());
    const auto keep = [&](const char* stamp) {
        return [&dir, stamp](const SweepReport& r) { keepSweep(r, dir, stamp); };
    };
    QVERIFY_EXCEPTION_THROWN(continueSweep(first, bench, {}, {}, keep("20260101_000000")), Cancelled);
    QCOMPARE(first.results.size(), std::size_t{3});
    // What is there can be read as it is.
    QFile csv(folder.filePath("benchmark_vram_sweep_20260101_000000.csv"));
    QVERIFY(csv.open(QIODevice::ReadOnly));
    QCOMPARE(csv.readAll().split('\n').size(), 5);
    QVERIFY(sweepMarkdown(first).find("Unfinished: 3 of 17 rows") != std::string::npos);

    // Another machine's or another sweep's rows are not taken.
    auto other = beginSweep(bench, "tiny", false, options, "another file of weights");
    QCOMPARE(resumeSweep(other, dir), std::string());
    options.repeats = 4;
    other = beginSweep(bench, "tiny", false, options);
    QCOMPARE(resumeSweep(other, dir), std::string());
    options.repeats = 5;

    KnownBench slow;
    slow.slower = 10;
    auto second = beginSweep(slow, "tiny", false, options);
    const auto stamp = resumeSweep(second, dir);
    QCOMPARE(stamp, std::string("20260101_000000"));
    QCOMPARE(second.results.size(), std::size_t{3});
    QCOMPARE(second.begun, 0);
    continueSweep(second, slow, {}, {}, keep("20260101_000000"));
    QCOMPARE(slow.calls.size(), 14 * kCallsOfRow);
    QCOMPARE(second.results[2].everything.milliseconds, 16.0); // as it was measured before
    QCOMPARE(second.results[3].everything.milliseconds, 160.0);
    QCOMPARE(second.results[2].kept.peakBytes, 1000 + 10 * 8 + 50);
    (void)writeSweep(second, dir, stamp, {});
    QVERIFY(sweepMarkdown(second).find("Unfinished") == std::string::npos);
    auto third = beginSweep(slow, "tiny", false, options);
    QCOMPARE(resumeSweep(third, dir), std::string()); // nothing is left to go on with
    QVERIFY(QDir(folder.path()).entryList({"*.unfinished.json"}).isEmpty());
}

void SceneSweepTest::aSweepThatWasKilledGoesOn() {
    QTemporaryDir folder;
    const fs::path dir = folder.path().toStdString();
    KnownBench bench;
    // The system's last word to a program that took too much: nothing is told, what is on disk stays.
    struct Killed {};
    int tries = 0;
    const auto keep = [&](const SweepReport& r) {
        keepSweep(r, dir, "20260101_000000");
        if (r.begun > 0 && r.results.size() == 4) {
            ++tries;
            throw Killed();
        }
    };
    for (int i = 0; i < 2; ++i) {
        auto report = beginSweep(bench, "tiny", false, {});
        QCOMPARE(resumeSweep(report, dir).empty(), i == 0);
        QVERIFY_EXCEPTION_THROWN(continueSweep(report, bench, {}, {}, keep), Killed);
    }
    auto report = beginSweep(bench, "tiny", false, {});
    QVERIFY(!resumeSweep(report, dir).empty());
    QCOMPARE(report.results.size(), std::size_t{4});
    continueSweep(report, bench, {}, {}, keep);
    QCOMPARE(tries, 2); // not a third time
    QVERIFY(report.finished());
    QVERIFY(report.results[4].skipped.find("vanished in this row 2 times") != std::string::npos);
    QVERIFY(report.results[5].both());
    // A damaged file is no sweep.
    QFile file(folder.filePath("benchmark_vram_sweep_20260101_000000.unfinished.json"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(R"({"key": 3, "rows": [)");
    file.close();
    auto fresh = beginSweep(bench, "tiny", false, {});
    QCOMPARE(resumeSweep(fresh, dir), std::string());
    QVERIFY(fresh.results.empty());
}

void SceneSweepTest::filesParse() {
    KnownBench bench;
    QTemporaryDir folder;
    const auto files =
        writeSweep(sweep(bench), fs::path(folder.path().toStdString()) / "new", "20260101_000000", writePng);
    std::map<std::string, int> kinds;
    for (const auto& path : files) {
        ++kinds[path.extension()];
        QFile file(QString::fromStdString(path.string()));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto bytes = file.readAll();
        if (path.extension() == ".svg") {
            QXmlStreamReader xml(bytes);
            int lines = 0;
            while (!xml.atEnd()) {
                lines += xml.readNext() == QXmlStreamReader::StartElement && xml.name() == u"line" ? 1 : 0;
            }
            QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
            QVERIFY(lines > 20);
            QVERIFY2(bytes.contains("random weights"), path.c_str());
        } else if (path.extension() == ".png") {
            QVERIFY(bytes.startsWith("\x89PNG") && bytes.size() > 4000);
        }
    }
    QCOMPARE(kinds[".csv"], 1);
    QCOMPARE(kinds[".md"], 1);
    QCOMPARE(kinds[".svg"], 4);
    QCOMPARE(kinds[".png"], 4);
    // A sweep in which nothing worked still tells so.
    bench.mostFrames = 0;
    for (const auto& path : writeSweep(sweep(bench), folder.path().toStdString(), "empty", writePng)) {
        QVERIFY(fs::file_size(path) > 100);
    }
}

void SceneSweepTest::summary() {
    KnownBench bench;
    const auto text = QString::fromStdString(sweepMarkdown(sweep(bench)));
    for (const char* part :
         {"Random weights", "By resolution", "By frames at 518", "Crossover", "As in the founding note",
          "attention kernel: math", "| 256frames_large_res | 1 | 256 | 256 | 518 |"}) {
        QVERIFY2(text.contains(part), part);
    }
    // 1000 + 50 + 10 n is at most half of 1000 + 50 + 100 n from n = 13.1 on.
    QVERIFY2(text.contains("It needs at most half from 16 frames on."), qPrintable(text));
    QVERIFY(text.contains("speedup: mean 2.000"));
}

void SceneSweepTest::mistakesAreTold() {
    QVERIFY_EXCEPTION_THROWN((void)sweepRows({"3frames"}), Error);
    QVERIFY_EXCEPTION_THROWN((void)sweepRows({"1x2x50"}), Error);
    QVERIFY_EXCEPTION_THROWN((void)sweepRows({"1x0x56"}), Error);
    KnownBench bench;
    std::stop_source stop;
    stop.request_stop();
    auto report = beginSweep(bench, "tiny", false, {});
    QVERIFY_EXCEPTION_THROWN(continueSweep(report, bench, {}, stop.get_token()), Cancelled);
    SweepOptions none;
    none.repeats = 0;
    QVERIFY_EXCEPTION_THROWN((void)beginSweep(bench, "tiny", false, none), Error);
    SceneBenchOptions unknown;
    unknown.model = "da3-huge";
    QVERIFY_EXCEPTION_THROWN((void)makeSceneBench(unknown), Error);
}

void SceneSweepTest::speedBesidePublishedFigures() {
    KnownBench bench;
    const auto rows = measureSpeed(bench, {1, 8, 20}, 518, 392, 1, 3, {}, {});
    QCOMPARE(rows.size(), std::size_t{3});
    QCOMPARE(rows[1].seconds, 0.008);
    QCOMPARE(rows[2].peakBytes, std::int64_t{1250});
    const auto line = memoryLine(rows);
    QVERIFY(std::abs(line.bytesPerFrame - 10) < 1e-9 && std::abs(line.fixedBytes - 1050) < 1e-6);
    const auto text = QString::fromStdString(
        speedMarkdown("vggt-1b", "a test", 518, 392, bench.conditions(1, 14, 14), rows));
    QVERIFY2(text.contains("| 8 | 0.008 | 0.000 | 1000.00 | 0.00 | 0.11 | 13.75 | 0.94 | 117.50 |"),
             qPrintable(text));
    QVERIFY(text.contains("H100, published") && text.contains("random weights") &&
            text.contains("not measured here"));
    QVERIFY_EXCEPTION_THROWN((void)measureSpeed(bench, {1}, 500, 392, 1, 1, {}, {}), Error);
}

QTEST_GUILESS_MAIN(SceneSweepTest)
#include "test_scene_sweep.moc"
