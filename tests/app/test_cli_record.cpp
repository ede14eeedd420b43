#include "base/error.h"
#include "video/recording.h"
#include "video/video_reader.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <nlohmann/json.hpp>

#include <cmath>
#include <csignal>
#include <filesystem>

using namespace body4d;
namespace fs = std::filesystem;

/// `body4d record` with FFmpeg's test picture in the place of a camera.
class CliRecordTest : public QObject {
    Q_OBJECT

    QTemporaryDir root_;
    fs::path folder_;

    static QProcessEnvironment environment(const QString& filters) {
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("BODY4D_TEST_CAMERA"),
                           QStringLiteral("testsrc2=size=320x180:rate=30") + filters);
        return environment;
    }
    struct Result {
        int code = -1;
        QByteArray out, err;
    };
    static Result run(const QStringList& arguments, const QProcessEnvironment& environment) {
        QProcess process;
        process.setProcessEnvironment(environment);
        process.start(QStringLiteral(BODY4D_CLI), arguments);
        Result result;
        if (process.waitForFinished(60000) && process.exitStatus() == QProcess::NormalExit) {
            result.code = process.exitCode();
        }
        result.out = process.readAllStandardOutput();
        result.err = process.readAllStandardError();
        return result;
    }
    [[nodiscard]] QString path(const char* name) const {
        return QString::fromStdString((folder_ / name).string());
    }
    /// Recording has come this far.
    static bool grown(const fs::path& part) {
        std::error_code ignored;
        return fs::exists(part, ignored) && fs::file_size(part, ignored) > 40000;
    }

private Q_SLOTS:
    void initTestCase() { folder_ = root_.path().toStdString(); }

    void camerasAreListed() {
        const auto result = run({"record", "--list", "--json"}, environment(QStringLiteral(",realtime")));
        QCOMPARE(result.code, 0);
        const auto json = nlohmann::json::parse(result.out.toStdString());
        QCOMPARE(json[0]["name"].get<std::string>(), std::string("Test camera"));
    }

    void secondsAreRecorded() {
        const auto result = run({"record", path("a.mkv"), "--seconds", "1.5", "--json", "-q"},
                                environment(QStringLiteral(",realtime")));
        QVERIFY2(result.code == 0, result.err);
        const auto json = nlohmann::json::parse(result.out.toStdString());
        QVERIFY(json["ended_because"].is_null());
        QCOMPARE(json["file"].get<std::string>(), path("a.mkv").toStdString());
        const auto info = VideoReader::open(folder_ / "a.mkv")->info();
        QCOMPARE(info.frameCount, json["frames"].get<std::int64_t>());
        QVERIFY2(info.durationSeconds > 1.4 && info.durationSeconds < 4,
                 qPrintable(QString::number(info.durationSeconds)));
        QVERIFY(info.frameCount + json["dropped"].get<std::int64_t>() >= 40);
        // A second one of that name is refused, into the folder it gets a name of its own.
        const auto again =
            run({"record", path("a.mkv"), "--seconds", "1"}, environment(QStringLiteral(",realtime")));
        QCOMPARE(again.code, exitCode(ErrorCode::Output));
        QVERIFY2(again.err.contains("already"), again.err);
        const auto named = run({"record", path("."), "--seconds", "0.5", "--json"},
                               environment(QStringLiteral(",realtime")));
        QVERIFY2(named.code == 0, named.err);
        QVERIFY(fs::exists(nlohmann::json::parse(named.out.toStdString())["file"].get<std::string>()));
    }

    void interruptEndsItProperly() {
        QProcess process;
        process.setProcessEnvironment(environment(QStringLiteral(",realtime")));
        process.start(QStringLiteral(BODY4D_CLI), {"record", path("b.mkv"), "--json"});
        QTRY_VERIFY_WITH_TIMEOUT(grown(folder_ / "b.part.mkv"), 30000);
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        QVERIFY(process.waitForFinished(30000));
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        QCOMPARE(process.exitCode(), 0);
        QVERIFY(!fs::exists(folder_ / "b.part.mkv"));
        const auto json = nlohmann::json::parse(process.readAllStandardOutput().toStdString());
        QCOMPARE(VideoReader::open(folder_ / "b.mkv")->info().frameCount, json["frames"].get<std::int64_t>());
    }

    /// Killed without a word: all but the last second is there and can be read frame by frame.
    void aKilledRecordingCanBeRead() {
        QProcess process;
        process.setProcessEnvironment(environment(QStringLiteral(",realtime")));
        process.start(QStringLiteral(BODY4D_CLI), {"record", path("c.mkv"), "-q"});
        const fs::path part = folder_ / "c.part.mkv";
        QTRY_VERIFY_WITH_TIMEOUT(grown(part), 30000);
        QVERIFY(unfinishedRecordings(folder_).empty()); // somebody is at it
        process.kill();
        QVERIFY(process.waitForFinished(30000));
        QCOMPARE(unfinishedRecordings(folder_), std::vector<fs::path>{part});
        const fs::path file = recoverRecording(part);
        QCOMPARE(file, folder_ / "c.mkv");
        const auto reader = VideoReader::open(file);
        const auto count = reader->info().frameCount;
        QVERIFY2(count >= 15, qPrintable(QString::number(count)));
        const auto last = reader->read(count - 1)->rgb, middle = reader->read(count / 2)->rgb;
        QVERIFY(last != middle);
        QVERIFY(reader->read(count - 1)->rgb == last);
    }

    void anUnpluggedCameraIsTold() {
        const auto result = run({"record", path("d.mkv"), "--seconds", "60"},
                                environment(QStringLiteral(":duration=1.5,realtime")));
        QCOMPARE(result.code, exitCode(ErrorCode::Input));
        QVERIFY2(result.err.contains("is gone") && result.err.contains("is kept"), result.err);
        QVERIFY(VideoReader::open(folder_ / "d.mkv")->info().frameCount >= 5);
    }

    /// The way through Video4Linux, with a library in the place of the kernel: see fake_v4l2.cpp.
    void camerasOfVideo4Linux() {
#ifndef BODY4D_FAKE_V4L2
        QSKIP("Sanitizers do not allow a library before theirs.");
#else
        auto fake = QProcessEnvironment::systemEnvironment();
        fake.insert(QStringLiteral("LD_PRELOAD"), QStringLiteral(BODY4D_FAKE_V4L2));
        const auto listed = run({"record", "--list", "--json"}, fake);
        QVERIFY2(listed.code == 0, listed.err);
        nlohmann::json camera, locked, busy;
        for (const auto& entry : nlohmann::json::parse(listed.out.toStdString())) {
            const auto place = entry["place"].get<std::string>();
            (place == "/dev/video60"   ? camera
             : place == "/dev/video62" ? locked
             : place == "/dev/video63" ? busy
                                       : busy) = entry;
            QVERIFY(place != "/dev/video61"); // no pictures of its own
        }
        QCOMPARE(camera["name"].get<std::string>(), std::string("Fake Cam HD"));
        // Largest first; where both formats have a size, the one that keeps the picture whole.
        QCOMPARE(camera["modes"].size(), std::size_t{6});
        QCOMPARE(camera["modes"][0],
                 (nlohmann::json{{"width", 1280}, {"height", 720}, {"fps", 30.0}, {"format", "mjpeg"}}));
        QCOMPARE(camera["modes"][2],
                 (nlohmann::json{{"width", 640}, {"height", 480}, {"fps", 30.0}, {"format", "yuyv422"}}));
        QVERIFY(locked["trouble"].get<std::string>().find("not allowed") != std::string::npos);
        QVERIFY(locked["remedy"].get<std::string>().find("usermod -aG") != std::string::npos);
        QVERIFY(busy["trouble"].get<std::string>().find("in use") != std::string::npos);

        const QStringList record{"record",  path("v4l2.mkv"), "--camera", "fake cam", "--size",
                                 "640x480", "--fps",          "30",       "--json"};
        const auto done = run(record + QStringList{"--seconds", "1.5"}, fake);
        QVERIFY2(done.code == 0, done.err);
        const auto reader = VideoReader::open(folder_ / "v4l2.mkv");
        QCOMPARE(reader->info().width, 640);
        QCOMPARE(reader->info().height, 480);
        // Every tenth picture is torn and left out, so the rate varies; each picture has the time of the
        // device.
        const auto& times = reader->info().frameTimes;
        QVERIFY(times.size() >= 30);
        int holes = 0;
        for (std::size_t i = 1; i < times.size(); ++i) {
            const double gap = (times[i] - times[i - 1]) * 30;
            QVERIFY2(std::abs(gap - 1) < 0.07 || std::abs(gap - 2) < 0.07, qPrintable(QString::number(gap)));
            holes += gap > 1.5 ? 1 : 0;
        }
        QVERIFY2(holes >= 3, qPrintable(QString::number(holes)));
        // Neighbours differ by 2 steps of luma, or 4 across a torn one.
        for (std::int64_t i = 1; i < 20; ++i) {
            const int step = reader->read(i)->rgb[0] - reader->read(i - 1)->rgb[0];
            const bool hole =
                (times[static_cast<std::size_t>(i)] - times[static_cast<std::size_t>(i) - 1]) * 30 > 1.5;
            QVERIFY2(std::abs(step - (hole ? 4.66 : 2.33)) < 2,
                     qPrintable(QStringLiteral("%1: %2").arg(i).arg(step)));
        }

        fake.insert(QStringLiteral("FAKE_V4L2_FRAMES"), QStringLiteral("40"));
        const auto gone = run({"record", path("gone.mkv"), "--camera", "60", "--size", "320x240"}, fake);
        QCOMPARE(gone.code, 3);
        QVERIFY2(gone.err.contains("The camera '/dev/video60' is gone"), gone.err);
        QVERIFY(VideoReader::open(folder_ / "gone.mkv")->info().frameCount >= 10);

        const auto denied = run({"record", path("f.mkv"), "--camera", "/dev/video62"}, fake);
        QCOMPARE(denied.code, 3);
        QVERIFY2(denied.err.contains("usermod"), denied.err);
        const auto direct = run({"record", path("f.mkv"), "--camera", "v4l2:/dev/video63"}, fake);
        QVERIFY2(direct.err.contains("in use by another program"), direct.err);
        const auto size = run({"record", path("f.mkv"), "--camera", "60", "--size", "800x600"}, fake);
        QCOMPARE(size.code, 3);
        QVERIFY2(size.err.contains("1280x720, 30 fps"), size.err);
#endif
    }

    void complaints() {
        const auto none = QProcessEnvironment::systemEnvironment();
        if (!fs::exists("/dev/video0")) {
            const auto result = run({"record"}, none);
            QCOMPARE(result.code, exitCode(ErrorCode::Input));
            QVERIFY2(result.err.contains("No camera was found"), result.err);
            QCOMPARE(run({"record", "--list"}, none).code, exitCode(ErrorCode::Input));
            QCOMPARE(run({"record", "--list", "--json"}, none).out.trimmed(), QByteArray("[]"));
        }
        const auto test = environment(QStringLiteral(",realtime"));
        QCOMPARE(run({"record", path("e.mkv"), "--size", "12"}, test).code, 2);
        QCOMPARE(run({"record", path("e.mp4")}, test).code, 2);
        const auto unknown = run({"record", path("e.mkv"), "--camera", "nobody"}, test);
        QCOMPARE(unknown.code, 3);
        QVERIFY2(unknown.err.contains("Test camera"), unknown.err);
        const auto place = run({"record", "/proc/nowhere/e.mkv"}, test);
        QCOMPARE(place.code, 1);
        QVERIFY2(place.err.contains("may write to"), place.err);
        QVERIFY(!fs::exists(folder_ / "e.mkv") && !fs::exists(folder_ / "e.part.mkv"));
    }
};

QTEST_GUILESS_MAIN(CliRecordTest)
#include "test_cli_record.moc"
