// The program itself, as a person or a script meets it: exit codes, one clear sentence with a remedy, nothing
// half-written.
#include "test_clip.h"

#include "pipeline/options.h"
#include "pipeline/project.h"

#include <QtTest>
#include <nlohmann/json.hpp>

#include <csignal>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace body4d;
namespace fs = std::filesystem;

class CliTest : public QObject {
    Q_OBJECT

    QTemporaryDir root_;
    fs::path folder_, clip_;

    struct Result {
        int code = -1;
        QByteArray out, err;
    };
    static Result run(const QStringList& arguments, const QString& program = QStringLiteral(BODY4D_CLI)) {
        QProcess process;
        process.start(program, arguments);
        Result result;
        if (process.waitForFinished(240000)) {
            result.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2;
        }
        result.out = process.readAllStandardOutput();
        result.err = process.readAllStandardError();
        return result;
    }
    [[nodiscard]] QString path(const std::string& name) const {
        return QString::fromStdString((folder_ / name).string());
    }
    static bool haveModels() {
        const char* dir = std::getenv("BODY4D_MODELS");
        return dir != nullptr && fs::exists(fs::path(dir) / "pose_landmark_full.tflite") &&
               fs::exists(fs::path(dir) / "anny.safetensors");
    }
    /// A sentence, then a remedy on its own line; no traceback, no second complaint.
    static QByteArray complaintOf(const Result& result) {
        const auto lines = result.err.split('\n');
        QByteArray bad;
        int sentences = 0;
        for (const auto& line : lines) {
            sentences += line.startsWith("body4d: ") ? 1 : 0;
        }
        if (sentences != 1) {
            bad += "not one sentence; ";
        }
        if (lines.size() < 2 || !lines[1].startsWith("  ")) {
            bad += "no remedy; ";
        }
        if (!lines.empty() && !lines[0].endsWith('.')) {
            bad += "no full stop; ";
        }
        return bad.isEmpty() ? bad : bad + result.err;
    }

private Q_SLOTS:
    void initTestCase() {
        folder_ = root_.path().toStdString();
        clip_ = test::writeClip(folder_ / "clip.mp4", 10);
        std::ofstream(folder_ / "empty.mp4");
        std::ofstream(folder_ / "letter.mp4") << "Dear reader, this is no video but a letter.\n";
        {
            std::ifstream in(clip_, std::ios::binary);
            std::string bytes((std::istreambuf_iterator<char>(in)), {});
            std::ofstream(folder_ / "cut.mp4", std::ios::binary) << bytes.substr(0, bytes.size() / 3);
        }
        {
            // One second of silence, 8 kHz, 8 bit.
            std::string wav = "RIFF";
            const auto put = [&wav](std::uint32_t v, int bytes) {
                for (int i = 0; i < bytes; ++i) {
                    wav += static_cast<char>(v >> (8 * i));
                }
            };
            put(36 + 8000, 4);
            wav += "WAVEfmt ";
            put(16, 4);
            put(1, 2);
            put(1, 2);
            put(8000, 4);
            put(8000, 4);
            put(1, 2);
            put(8, 2);
            wav += "data";
            put(8000, 4);
            wav += std::string(8000, '\x80');
            std::ofstream(folder_ / "sound.wav", std::ios::binary) << wav;
        }
        {
            // A picture whose header says 0 x 0.
            std::ofstream(folder_ / "nothing.ppm", std::ios::binary) << "P6\n0 0\n255\n";
        }
        fs::create_directories(folder_ / "no_pictures");
        std::ofstream(folder_ / "bad.yaml") << "seed: 1\ncompletion:\n  enabel: on\n";
        std::ofstream(folder_ / "worse.yaml") << "seed: [1\n";
    }

    void helpAndVersion() {
        const auto help = run({"run", "--help"});
        QCOMPARE(help.code, 0);
        for (const char* word : {"--click", "--box", "--auto", "--completion", "--batch", "--budget",
                                 "--frames", "--engine", "--config", "--output"}) {
            QVERIFY2(help.out.contains(word), word);
        }
        QCOMPARE(run({"--version"}).code, 0);
        QVERIFY(run({"--help"}).out.contains("doctor"));
    }

    void badInputIsToldInOneSentence_data() {
        QTest::addColumn<QString>("name");
        QTest::newRow("missing") << "none.mp4";
        QTest::newRow("empty") << "empty.mp4";
        QTest::newRow("text") << "letter.mp4";
        QTest::newRow("truncated") << "cut.mp4";
        QTest::newRow("sound only") << "sound.wav";
        QTest::newRow("no pixels") << "nothing.ppm";
        QTest::newRow("missing folder") << "no/such/folder";
        QTest::newRow("folder without pictures") << "no_pictures";
        QTest::newRow("missing project") << "none.body4d";
    }
    void badInputIsToldInOneSentence() {
        QFETCH(QString, name);
        const auto out = path("out_" + name.toStdString().substr(0, 5));
        const auto result = run({"run", path(name.toStdString()), "--click", "0:5,5", "-o", out});
        QVERIFY2(result.code == 3, result.err);
        QVERIFY2(complaintOf(result).isEmpty(), complaintOf(result));
        QVERIFY2(!fs::exists(out.toStdString()), "something was written");
        const auto info = run({"info", path(name.toStdString())});
        QVERIFY2(info.code == 3, info.err);
    }

    void wrongUseIsToldInOneSentence_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("hint");
        QTest::newRow("no command") << QStringList{} << "body4d --help";
        QTest::newRow("unknown command") << QStringList{"rum"} << "'run'";
        QTest::newRow("unknown option")
            << QStringList{"run", "CLIP", "--cilck", "0:5,5", "-o", "OUT"} << "--click";
        QTest::newRow("no video") << QStringList{"run", "-o", "OUT"} << "body4d run --help";
        QTest::newRow("no output") << QStringList{"run", "CLIP", "--click", "0:5,5"} << "-o DIR";
        QTest::newRow("nobody selected") << QStringList{"run", "CLIP", "-o", "OUT"} << "--auto";
        QTest::newRow("bad click") << QStringList{"run", "CLIP", "--click", "5,5", "-o", "OUT"}
                                   << "FRAME:X,Y";
        QTest::newRow("bad box") << QStringList{"run", "CLIP", "--box", "0:5,5", "-o", "OUT"} << "WIDTH";
        QTest::newRow("bad range") << QStringList{"run",      "CLIP", "--click", "0:5,5",
                                                  "--frames", "8:4",  "-o",      "OUT"}
                                   << "0:10";
        QTest::newRow("bad engine") << QStringList{"run",   "CLIP",     "--click",
                                                   "0:5,5", "--engine", "segment=blazepoze",
                                                   "-o",    "OUT"}
                                    << "blazepose";
        QTest::newRow("bad stage") << QStringList{"run",   "CLIP",     "--click",
                                                  "0:5,5", "--engine", "segmnt=blazepose",
                                                  "-o",    "OUT"}
                                   << "engines.segment";
        QTest::newRow("bad toggle") << QStringList{"run",          "CLIP",  "--click", "0:5,5",
                                                   "--completion", "maybe", "-o",      "OUT"}
                                    << "on or off";
        QTest::newRow("bad batch") << QStringList{"run",     "CLIP", "--click", "0:5,5",
                                                  "--batch", "0",    "-o",      "OUT"}
                                   << "1 to 1024";
        QTest::newRow("bad YAML key")
            << QStringList{"run", "CLIP", "--click", "0:5,5", "--config", "bad.yaml", "-o", "OUT"}
            << "completion.enable";
        QTest::newRow("bad YAML") << QStringList{"run",      "CLIP",       "--click", "0:5,5",
                                                 "--config", "worse.yaml", "-o",      "OUT"}
                                  << "";
        QTest::newRow("bad format") << QStringList{"run",      "CLIP", "--click", "0:5,5",
                                                   "--export", "glbb", "-o",      "OUT"}
                                    << "glb";
    }
    void wrongUseIsToldInOneSentence() {
        QFETCH(QStringList, arguments);
        QFETCH(QString, hint);
        for (auto& a : arguments) {
            if (a == "CLIP") {
                a = QString::fromStdString(clip_.string());
            } else if (a == "OUT") {
                a = path("wrong_use");
            } else if (a.endsWith(".yaml")) {
                a = path(a.toStdString());
            }
        }
        const auto result = run(arguments);
        QVERIFY2(result.code == 2, result.err);
        QVERIFY2(complaintOf(result).isEmpty(), complaintOf(result));
        QVERIFY2(result.err.contains(hint.toUtf8()), result.err);
        QVERIFY(!fs::exists(folder_ / "wrong_use"));
    }

    void configMistakesCarryFileAndLine() {
        const auto result = run({"--json", "run", QString::fromStdString(clip_.string()), "--click", "0:5,5",
                                 "--config", path("bad.yaml"), "-o", path("x")});
        QVERIFY2(result.err.contains("bad.yaml:3"), result.err);
        const auto told = nlohmann::json::parse(result.out.toStdString()); // machines get the same
        QVERIFY(told["error"].get<std::string>().find("bad.yaml:3") != std::string::npos);
        QVERIFY(told["remedy"].get<std::string>().find("completion.enable") != std::string::npos);
        QCOMPARE(told["exit_code"].get<int>(), 2);
    }

    void clicksOutsideThePicture() {
        for (const char* click : {"0:64.5,10", "0:10,-1", "10:5,5"}) {
            const auto result =
                run({"run", QString::fromStdString(clip_.string()), "--click", click, "-o", path("outside")});
            QVERIFY2(result.code == 3, result.err);
            QVERIFY2(complaintOf(result).isEmpty(), complaintOf(result));
            QVERIFY(!fs::exists(folder_ / "outside"));
        }
    }

    void clickOnNobody() {
        if (!haveModels()) {
            QSKIP("The networks are not here: run packaging/setup.sh.");
        }
        const auto result =
            run({"run", QString::fromStdString(clip_.string()), "--click", "0:5,5", "-o", path("nobody")});
        QVERIFY2(result.code == 3, result.err);
        QVERIFY2(result.err.contains("Nobody"), result.err);
        QVERIFY2(complaintOf(result).isEmpty(), complaintOf(result));
        QVERIFY(!fs::exists(folder_ / "nobody"));
    }

    void nobodyToBeFound() {
        if (!haveModels()) {
            QSKIP("The networks are not here: run packaging/setup.sh.");
        }
        const auto result = run({"run", QString::fromStdString(clip_.string()), "--auto", "-q", "-o", path("everybody")});
        QVERIFY2(result.code == 3, result.err);
        QVERIFY2(complaintOf(result).isEmpty(), complaintOf(result));
        QVERIFY(!fs::exists(folder_ / "everybody")); // no project without anybody in it
    }

    void missingModelsAreNamed() {
        QProcess process;
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.insert("BODY4D_MODELS", path("no_pictures"));
        process.setProcessEnvironment(environment);
        process.start(BODY4D_CLI, {"run", QString::fromStdString(clip_.string()), "--click", "0:5,5", "-o",
                                   path("nomodel")});
        QVERIFY(process.waitForFinished(60000));
        const auto err = process.readAllStandardError();
        QVERIFY2(process.exitCode() == 4, err);
        QVERIFY2(err.contains("setup"), err);
        QVERIFY(!fs::exists(folder_ / "nomodel"));
    }

    void aMovedVideoIsKnownByItsContent() {
        const auto out = folder_ / "moved", elsewhere = folder_ / "elsewhere", other = folder_ / "other";
        fs::create_directories(elsewhere);
        fs::create_directories(other);
        (void)Project::create(out / "clip.body4d", clip_);
        fs::copy_file(clip_, elsewhere / "clip.mp4");
        // Nobody is selected in it, which is what is told once the video is accepted.
        const auto same = run({"run", path("elsewhere/clip.mp4"), "-o", path("moved"), "--no-export"});
        QVERIFY2(same.code == 2 && same.err.contains("Nobody is selected"), same.err);
        const auto project = Project::open(out / "clip.body4d", Project::Access::ReadOnly);
        QCOMPARE(project->document().video.path, fs::canonical(elsewhere / "clip.mp4"));
        // Another video under the same name is not taken for it.
        (void)test::writeClip(other / "clip.mp4", 12);
        const auto different = run({"run", path("other/clip.mp4"), "-o", path("moved"), "--no-export"});
        QVERIFY2(different.code == 3, different.err);
        QVERIFY2(different.err.contains("another video"), different.err);
        QVERIFY2(complaintOf(different).isEmpty(), complaintOf(different));
        QCOMPARE(Project::open(out / "clip.body4d", Project::Access::ReadOnly)->document().video.path,
                 fs::canonical(elsewhere / "clip.mp4"));
    }

    void outputThatCannotBeWritten() {
        // Below a file no folder can be made, not even by root.
        const auto result =
            run({"extract", QString::fromStdString(clip_.string()), "-o", path("letter.mp4/x")});
        QVERIFY2(result.code == 1, result.err);
        QVERIFY2(complaintOf(result).isEmpty(), complaintOf(result));
        if (::geteuid() != 0) {
            const auto locked = folder_ / "locked";
            fs::create_directories(locked);
            fs::permissions(locked, fs::perms::owner_read | fs::perms::owner_exec);
            const auto denied =
                run({"extract", QString::fromStdString(clip_.string()), "-o", path("locked/x")});
            QVERIFY2(denied.code == 1, denied.err);
        }
    }

    void commandsWithoutAJobEndAtCtrlC() {
        // A pipe that nobody writes to: the program waits for it until it is told to stop.
        const auto pipe = folder_ / "pipe";
        QCOMPARE(::mkfifo(pipe.c_str(), 0600), 0);
        QProcess process;
        process.start(BODY4D_CLI, {"info", QString::fromStdString(pipe.string())});
        QVERIFY(process.waitForStarted());
        QVERIFY2(!process.waitForFinished(1500), "the pipe was refused at once: nothing to interrupt");
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        const bool ended = process.waitForFinished(20000);
        process.kill();
        QVERIFY2(ended, "Ctrl+C is ignored");
    }

    void configIsTheDefaultFile() {
        const auto result = run({"config"});
        QCOMPARE(result.code, 0);
        QCOMPARE(result.out, QByteArray::fromStdString(defaultConfigYaml()));
        QVERIFY(nlohmann::json::parse(run({"config", "--json"}).out.toStdString()).size() ==
                optionSpecs().size());
    }

    void infoOfAVideo() {
        const auto result = run({"info", QString::fromStdString(clip_.string()), "--json"});
        QCOMPARE(result.code, 0);
        const auto json = nlohmann::json::parse(result.out.toStdString());
        QCOMPARE(json["frames"].get<int>(), 10);
        QCOMPARE(json["width"].get<int>(), 64);
        QCOMPARE(json["fps"].get<double>(), 25.0);
    }

    /// The clip is made by a program that may lack the encoder; ffv1 is always there.
    void resultsThatCannotBePrinted() {
        if (!fs::exists("/dev/full")) {
            QSKIP("/dev/full is not here.");
        }
        const auto full = run({"-c", QStringLiteral("%1 info %2 > /dev/full").arg(BODY4D_CLI, path("clip.mp4"))}, "/bin/sh");
        QVERIFY2(full.code == 1, full.err);
        QVERIFY2(complaintOf(full).isEmpty(), complaintOf(full));
        // Somebody who closes the stream wants nothing of it, nor has files take its place.
        const auto closed = run({"-c", QStringLiteral("%1 --json extract %2 -o %3 --fps 0 >&-").arg(BODY4D_CLI, path("clip.mp4"), path("closed"))}, "/bin/sh");
        QVERIFY2(closed.code == 0, closed.err);
        std::ifstream first(folder_ / "closed" / "frame_000000.jpg", std::ios::binary);
        QCOMPARE(first.get(), 0xFF); // as every JPEG begins
    }

    /// File names may be of any bytes; what is printed for machines is UTF-8 all the same.
    void namesThatAreNoUtf8() {
        QVERIFY(fs::copy_file(clip_, folder_ / "caf\xe9.mp4"));
        QProcess process; // Qt would spell the name in UTF-8
        process.start("/bin/sh", {"-c", QStringLiteral("exec %1 --json info %2/caf*.mp4").arg(BODY4D_CLI, root_.path())});
        QVERIFY(process.waitForFinished(60000));
        fs::remove(folder_ / "caf\xe9.mp4"); // Qt would not find it when it tidies up
        QVERIFY2(process.exitCode() == 0, process.readAllStandardError());
        QJsonParseError error{};
        QCOMPARE(QJsonDocument::fromJson(process.readAllStandardOutput(), &error).object()["frames"].toInt(), 10);
        QCOMPARE(error.error, QJsonParseError::NoError);
    }

    void infoStatesColours() {
        if (QStandardPaths::findExecutable(QStringLiteral("ffmpeg")).isEmpty()) {
            QSKIP("The ffmpeg program is not installed (Debian: apt install ffmpeg).");
        }
        const auto clip = path("hdr.mkv");
        const auto made = run({"-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=64x64:r=5:d=1", "-c:v", "ffv1", "-pix_fmt",
                               "yuv420p10le", "-colorspace", "bt2020nc", "-color_primaries", "bt2020", "-color_trc", "smpte2084",
                               clip},
                              QStringLiteral("ffmpeg"));
        QVERIFY2(made.code == 0, made.err);
        const auto colour = nlohmann::json::parse(run({"info", clip, "--json"}).out.toStdString())["colour"];
        QCOMPARE(colour["dynamic_range"].get<std::string>(), std::string("HDR (PQ)"));
        QCOMPARE(colour["shown_as"].get<std::string>(), std::string("SDR"));
        QCOMPARE(colour["primaries"].get<std::string>(), std::string("BT.2020"));
        QCOMPARE(colour["bit_depth"].get<int>(), 10);
        QVERIFY(colour["mastering_peak_nits"].is_null());
        const auto text = run({"info", clip}).out;
        QVERIFY2(text.contains("dynamic_range: HDR (PQ), shown as SDR") && text.contains("rotation_degrees: 0") &&
                     text.contains("variable_frame_rate: false"),
                 text);
        const auto plain = run({"info", QString::fromStdString(clip_.string())}).out;
        QVERIFY2(plain.contains("dynamic_range: SDR\n"), plain);
    }

    void modelsAndExportFormatsAreListed() {
        const auto models = nlohmann::json::parse(run({"models", "--json"}).out.toStdString());
        QVERIFY(models["models"].size() >= 3);
        for (const auto& model : models["models"]) {
            QVERIFY(!model["licence"].get<std::string>().empty());
        }
        const auto formats = nlohmann::json::parse(run({"export", "--list", "--json"}).out.toStdString());
        QVERIFY(formats.size() >= 5);
    }

    void framesAreExtracted() {
        const auto out = folder_ / "frames";
        const auto result = run({"extract", QString::fromStdString(clip_.string()), "--fps", "5", "--format",
                                 "png", "-o", QString::fromStdString(out.string()), "--json"});
        QVERIFY2(result.code == 0, result.err);
        const auto json = nlohmann::json::parse(result.out.toStdString());
        QCOMPARE(json["frames"].get<std::vector<int>>(), (std::vector<int>{2, 7}));
        QVERIFY(fs::exists(json["files"][0].get<std::string>()));
    }
};

QTEST_GUILESS_MAIN(CliTest)
#include "test_cli.moc"
