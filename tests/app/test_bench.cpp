// `bench vram`, `bench inference`, `bench extract` and `serve` as a person runs them, in small.
#include "test_clip.h"

#include "video/video_reader.h"

#include <QtTest>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <vector>

using namespace body4d;
namespace fs = std::filesystem;
using Json = nlohmann::json;

class BenchTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { clip_ = test::writeClip(fs::path(root_.path().toStdString()) / "clip.mp4", 40); }
    void keepingLessTakesLess();
    void aRowThatDoesNotFitIsRecorded();
    void speedIsTold();
    void everyPictureOfFfmpegs();
    void thePeerTakesTurns();
    void aJobGoesToAServer();
    void mistakesAreTold();

private:
    struct Result {
        int code = -1;
        QByteArray out, err;
        [[nodiscard]] Json json() const { return Json::parse(out.toStdString(), nullptr, false); }
    };
    static Result run(const QStringList& arguments) {
        QProcess process;
        process.start(QStringLiteral(BODY4D_CLI), arguments);
        Result result;
        if (process.waitForFinished(280000)) {
            result.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2;
        }
        result.out = process.readAllStandardOutput();
        result.err = process.readAllStandardError();
        return result;
    }
    [[nodiscard]] QString path(const char* name) const { return root_.filePath(name); }

    QTemporaryDir root_;
    fs::path clip_;
};

void BenchTest::keepingLessTakesLess() {
#ifndef BODY4D_WITH_TORCH
    QSKIP("built without LibTorch (BODY4D_TORCH)");
#endif
    // All 17 rows, small: the larger ones are skipped and say so.
    const auto result =
        run({"bench", "vram", "--model", "tiny", "--shrink", "5", "--most-frames", "8", "--warm-ups", "1",
             "--repeats", "1", "--threads", "1", "--device", "-1", "--json", "-q", "-o", path("sweep")});
    QVERIFY2(result.code == 0, result.err.constData());
    const auto out = result.json();
    QVERIFY(out["random_weights"].get<bool>());
    QVERIFY(QString::fromStdString(out["memory"]).contains("CPU"));
    QCOMPARE(out["rows"].size(), std::size_t{17});
    double before[2] = {0, 0};
    for (const auto& row : out["rows"]) {
        if (row["batch"].get<int>() * row["seq"].get<int>() > 8) {
            QVERIFY(row.contains("skipped"));
            continue;
        }
        const double everything = row["everything_kept"]["peak_bytes"],
                     kept = row["kept_outputs"]["peak_bytes"];
        QVERIFY2(kept <= 1.01 * everything, row.dump().c_str());
        QVERIFY(row["kept_outputs"]["kept_bytes"].get<double>() <
                0.2 * row["everything_kept"]["kept_bytes"].get<double>());
        const std::string name = row["name"];
        if (name.ends_with("frames_large_res") && name != "1frames_large_res") {
            QVERIFY2(everything > before[0] && kept >= before[1], name.c_str());
            before[0] = everything;
            before[1] = kept;
        }
    }
    QVERIFY2(before[1] < 0.9 * before[0], qPrintable(QString("%1 against %2").arg(before[1]).arg(before[0])));
    QCOMPARE(out["files"].size(), std::size_t{10});
    for (const auto& file : out["files"]) {
        QVERIFY(fs::file_size(fs::path(file.get<std::string>())) > 500);
    }
}

void BenchTest::aRowThatDoesNotFitIsRecorded() {
#ifndef BODY4D_WITH_TORCH
    QSKIP("built without LibTorch (BODY4D_TORCH)");
#endif
    // Of a memory of this size the last row takes more, with everything kept.
    const auto result = run({"bench", "vram", "--model", "tiny", "--rows", "1x1x28,1x32x112,1x2x28",
                             "--corrected-only", "--warm-ups", "0", "--repeats", "1", "--threads", "1", "--device", "-1",
                             "--budget", "0.2", "-q", "-o", path("full")});
    QVERIFY2(result.code == 0, result.err.constData());
    QFile file;
    for (const auto& name : QDir(path("full")).entryList({"*.csv"})) {
        file.setFileName(QDir(path("full")).filePath(name));
    }
    QVERIFY(file.open(QIODevice::ReadOnly));
    const auto lines = file.readAll().split('\n');
    QCOMPARE(lines.size(), 5);
    QVERIFY(lines[1].endsWith("\"ok\"") && lines[3].endsWith("\"ok\""));
    QVERIFY2(lines[2].contains("everything kept: "), lines[2].constData());
}

void BenchTest::speedIsTold() {
#ifndef BODY4D_WITH_TORCH
    QSKIP("built without LibTorch (BODY4D_TORCH)");
#endif
    const auto result = run({"bench", "inference", "--model", "da3-small", "--size", "56x42", "--frames",
                             "1,3", "--warm-ups", "0", "--repeats", "1", "--threads", "1", "--device", "-1", "--json", "-q"});
    QVERIFY2(result.code == 0, result.err.constData());
    const auto out = result.json();
    QCOMPARE(out["rows"].size(), std::size_t{2});
    QVERIFY(out["rows"][1]["seconds"].get<double>() > 0);
    QVERIFY(out["rows"][1]["peak_bytes"].get<double>() > out["rows"][0]["peak_bytes"].get<double>());
    QVERIFY(out["random_weights"].get<bool>());
    QCOMPARE(out["published"][0]["seconds"]["8"].get<double>(), 0.11);
    QCOMPARE(out["published"][1]["seconds"]["20"].get<double>(), 3.02);
}

void BenchTest::everyPictureOfFfmpegs() {
    const auto result = run({"bench", "extract", QString::fromStdString(clip_.string()), "--fps", "2,10",
                             "--rounds", "1", "--json", "-q"});
    QVERIFY2(result.code == 0, result.err.constData());
    const auto out = result.json();
    QCOMPARE(out.size(), std::size_t{6});
    for (const auto& row : out) {
        QVERIFY2(row["ffmpeg"].is_object(), "the program ffmpeg is one of the packages that tests need");
        QCOMPARE(row["ours"]["pictures"].get<int>(), row["ffmpeg"]["pictures"].get<int>());
        QVERIFY(row["ours"]["pictures"].get<int>() >= 2);
        QVERIFY(row["times_as_fast_as_ffmpeg"].get<double>() > 0);
        if (row["format"] == "raw") {
            QCOMPARE(row["ours"]["bytes"].get<double>(), row["ffmpeg"]["bytes"].get<double>());
        }
    }
}

void BenchTest::thePeerTakesTurns() {
    const auto models = qEnvironmentVariable("BODY4D_MODELS");
    const fs::path sample = fs::path(BODY4D_SAMPLES) / "vtest.avi";
    for (const auto& file : {sample, fs::path(models.toStdString()) / "pose_landmark_full.tflite"}) {
        if (!fs::exists(file)) {
            QSKIP(qPrintable(QString("%1 is missing").arg(QString::fromStdString(file.string()))));
        }
    }
    const auto clip = path("walkers.mp4");
    const auto reader = VideoReader::open(sample);
    VideoWriter::Options options;
    options.width = reader->info().width;
    options.height = reader->info().height;
    options.fps = reader->info().fps;
    VideoWriter writer(clip.toStdString(), options);
    for (int f = 0; f < 6; ++f) {
        writer.write(*reader->read(f), f / options.fps);
    }
    writer.finish();
    // Twice as fast at the second call.
    QFile peer(path("peer"));
    QVERIFY(peer.open(QIODevice::WriteOnly));
    peer.write(
        "#!/bin/sh\nif [ -e \"$0.called\" ]; then echo 20 3; else echo 10 5; touch \"$0.called\"; fi\n");
    peer.close();
    QVERIFY(peer.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
    const auto result =
        run({"bench", clip, "--click", "0:265,249", "--mediapipe-python", peer.fileName(), "--json", "-q"});
    QVERIFY2(result.code == 0, result.err.constData());
    auto out = result.json();
    QCOMPARE(out["mediapipe_pose_frames_per_second"].get<double>(), 15.);
    QCOMPARE(out["mediapipe_pose_cpu_ms"].get<double>(), 4.);
    auto rounds = out["pose_and_mask_rounds"].get<std::vector<double>>();
    QCOMPARE(rounds.size(), std::size_t{3});
    std::sort(rounds.begin(), rounds.end());
    QCOMPARE(out["pose_and_mask_person_frames_per_second"].get<double>(), rounds[1]);
    QCOMPARE(out["ratio_to_mediapipe"].get<double>(), rounds[1] / 15);
    // One that is not there is asked once.
    out = run({"bench", clip, "--click", "0:265,249", "--mediapipe-python", path("nobody"), "--json", "-q"})
              .json();
    QVERIFY(out["mediapipe_pose_frames_per_second"].is_null());
    QCOMPARE(out["pose_and_mask_rounds"].size(), std::size_t{1});
    QVERIFY(!out.contains("ratio_to_mediapipe"));
}

void BenchTest::aJobGoesToAServer() {
    QProcess server;
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert("XDG_RUNTIME_DIR", root_.path());
    environment.insert("BODY4D_MODELS",
                       root_.path()); // no weights here: the job fails, and the client says why
    server.setProcessEnvironment(environment);
    server.start(QStringLiteral(BODY4D_CLI), {"serve", "--port", "0", "--lazy", "--json"});
    QVERIFY(server.waitForReadyRead(60000));
    const auto said = Json::parse(server.readLine().toStdString());
    const auto url = QString::fromStdString(said["url"]);
    const QFileInfo token(root_.filePath("body4d-serve-" + url.section(':', -1) + ".token"));
    QVERIFY(token.exists());
    QVERIFY(!(token.permissions() & (QFile::ReadGroup | QFile::ReadOther)));
    const auto send = [&](const QStringList& more) {
        QProcess client;
        client.setProcessEnvironment(environment);
        client.start(QStringLiteral(BODY4D_CLI), QStringList{"scene", "auto"} + more);
        client.waitForFinished(60000);
        return Result{client.exitCode(), client.readAllStandardOutput(), client.readAllStandardError()};
    };
    const auto clip = QString::fromStdString(clip_.string());
    const auto out = path("out");
    auto answer = send({clip, "--use-backend", url, "--export-dir", out});
    QCOMPARE(answer.code, 4);
    QVERIFY2(answer.err.contains("body4d: ") && answer.err.contains("Depth Anything 3"),
             answer.err.constData());
    answer = send({"--use-backend", clip, "--backend-url", url, "--export-dir", out}); // stands alone
    QCOMPARE(answer.code, 4);
    answer = send({clip, "--export-dir", out, "--backend-url", url, "--use-backend"});
    QCOMPARE(answer.code, 4);
    answer = send({clip, "--use-backend", url, "--backend-token", "wrong", "--export-dir", out});
    QCOMPARE(answer.code, 2);
    QVERIFY2(answer.err.contains("token"), answer.err.constData());
    ::kill(static_cast<pid_t>(server.processId()), SIGTERM);
    QVERIFY(server.waitForFinished(20000));
    QVERIFY(server.exitStatus() == QProcess::NormalExit);
    QVERIFY(!QFileInfo::exists(token.filePath()));
    answer = send({clip, "--use-backend", url, "--export-dir", out});
    QCOMPARE(answer.code, 3);
}

void BenchTest::mistakesAreTold() {
    QCOMPARE(run({"bench"}).code, 2);
    QCOMPARE(run({"bench", "vram", "--rows", "17frames"}).code, 2);
    QCOMPARE(run({"bench", "vram", "--model", "da3-huge"}).code, 2);
    QCOMPARE(run({"bench", "inference", "--size", "518"}).code, 2);
    QCOMPARE(run({"bench", "extract"}).code, 2);
    QCOMPARE(run({"serve", "--host", "0.0.0.0", "--lazy"}).code, 2);
    QCOMPARE(run({"scene", "auto"}).code, 2);
}

QTEST_GUILESS_MAIN(BenchTest)
#include "test_bench.moc"
