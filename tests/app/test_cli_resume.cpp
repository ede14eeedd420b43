// kill -9 at random moments, again and again; then the run goes on, redoes at most the batch at work, and the
// result is that of an undisturbed one.
#include "pipeline/project.h"
#include "video/video_reader.h"
#include "video/video_writer.h"

#include <QtTest>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <map>
#include <random>
#include <sys/stat.h>

using namespace body4d;
namespace fs = std::filesystem;

namespace {

constexpr int kFrames = 48, kBatch = 8;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kKills = 2; // many times slower
#else
constexpr int kKills = 10;
#endif

constexpr int kPan = 2; // pixels a frame

/// A clip with a click in the middle of the range: both directions of tracking can be hit.
struct Clip {
    std::string file;
    int x = 0, y = 0; ///< of the click, on frame kFrames / 2
};
Clip findClip() {
    const Clip clips[] = {{BODY4D_SAMPLES "/vtest.avi", 385, 218},
                          {BODY4D_SHARED_DATA "/videos/skateboarder.mp4", 400, 360}};
    for (const auto& clip : clips) {
        if (fs::exists(clip.file)) {
            return clip;
        }
    }
    return {};
}

/// The clip as seen through a window that wanders over it, so that there is a camera's motion to measure.
Clip panned(const Clip& clip, const fs::path& file) {
    const auto reader = VideoReader::open(clip.file);
    const auto& info = reader->info();
    VideoWriter::Options options;
    options.width = info.width - 128;
    options.height = info.height;
    options.fps = info.fps;
    VideoWriter writer(file, options);
    for (int i = 0; i < kFrames; ++i) {
        const auto whole = reader->read(i);
        Image part(options.width, options.height);
        for (int y = 0; y < options.height; ++y) {
            std::copy_n(whole->row(y) + 3 * kPan * i, 3 * options.width, part.row(y));
        }
        writer.write(part, i / options.fps);
    }
    writer.finish();
    return {file.string(), clip.x - kPan * kFrames / 2, clip.y};
}

double largest(const BodyPose& a, const BodyPose& b) {
    double worst = norm(a.translation - b.translation);
    for (std::size_t j = 0; j < a.rotations.size(); ++j) {
        for (std::size_t k = 0; k < 9; ++k) {
            worst = std::max(worst, std::abs(a.rotations[j].m[k] - b.rotations[j].m[k]));
        }
    }
    return worst;
}

/// Which file is behind a name: a file that is written again is another one.
std::map<std::string, ino_t> filesOf(const fs::path& folder) {
    std::map<std::string, ino_t> files;
    std::error_code ec;
    for (fs::recursive_directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec)) {
        struct stat info {};
        if (::stat(it->path().c_str(), &info) == 0 && S_ISREG(info.st_mode)) {
            files[it->path().string()] = info.st_ino;
        }
    }
    return files;
}

} // namespace

class CliResumeTest : public QObject {
    Q_OBJECT

    QTemporaryDir root_;
    Clip clip_;

    [[nodiscard]] QStringList arguments(const QString& out) const {
        return {"run",         QString::fromStdString(clip_.file),
                "--click",     QStringLiteral("%1:%2,%3").arg(kFrames / 2).arg(clip_.x).arg(clip_.y),
                "--frames",    "0:" + QString::number(kFrames),
                "--batch",     QString::number(kBatch),
                "--no-export", "-q",
                "-o",          out};
    }
    [[nodiscard]] QString folder(const QString& name) const { return root_.filePath(name); }
    [[nodiscard]] QString projectIn(const QString& out) const {
        return out + "/" + QString::fromStdString(fs::path(clip_.file).stem().string()) + ".body4d";
    }
    /// The command that begins a run or goes on with it.
    [[nodiscard]] QStringList command(const QString& out) const {
        return QFile::exists(projectIn(out) + "/project.yaml")
                   ? QStringList{"run", projectIn(out), "--no-export", "-q"}
                   : arguments(out);
    }

    /// Batches of tracks and masks that are finished: the journals name them.
    [[nodiscard]] static std::map<std::string, ino_t> finished(const QString& project) {
        std::map<std::string, ino_t> named;
        if (!QFile::exists(project + "/project.yaml")) {
            return named;
        }
        const auto state =
            Project::open(project.toStdString(), Project::Access::ReadOnly)->stage("segment", 1);
        for (const auto& [path, inode] : filesOf(project.toStdString())) {
            const auto stem = fs::path(path).stem().string();
            for (const auto& range : state.done) {
                char frames[48];
                std::snprintf(frames, sizeof frames, "ward_%06lld_%06lld",
                              static_cast<long long>(range.begin), static_cast<long long>(range.end - 1));
                // The two directions have batches of the same frames; a journal that is missing has named
                // none.
                const auto direction = stem.substr(0, stem.find('_'));
                if (stem.ends_with(frames) &&
                    QFile::exists(project + "/tracks/session_" + QString::fromStdString(direction) +
                                  ".safetensors")) {
                    named[path] = inode;
                }
            }
        }
        return named;
    }

    void compare(const QString& whole, const QString& killed) const {
        const auto a = Project::open(projectIn(whole).toStdString(), Project::Access::ReadOnly);
        const auto b = Project::open(projectIn(killed).toStdString(), Project::Access::ReadOnly);
        const auto ta = a->track(1), tb = b->track(1);
        QCOMPARE(ta.frames.size(), std::size_t{kFrames});
        QCOMPARE(tb.frames.size(), ta.frames.size());
        for (std::size_t i = 0; i < ta.frames.size(); ++i) {
            QVERIFY2(ta.frames[i].mask == tb.frames[i].mask,
                     qPrintable(QStringLiteral("mask of frame %1").arg(i)));
            QCOMPARE(tb.frames[i].state, ta.frames[i].state);
        }
        const auto wa = a->world(), wb = b->world();
        QVERIFY(wa && wb && wa->cameraMoves && wb->cameraMoves);
        QCOMPARE(wb->worldFromCam.size(), wa->worldFromCam.size());
        for (std::size_t i = 0; i < wa->worldFromCam.size(); ++i) {
            const auto &ca = wa->worldFromCam[i], &cb = wb->worldFromCam[i];
            double off = norm(ca.translation - cb.translation);
            for (std::size_t k = 0; k < 9; ++k) {
                off = std::max(off, std::abs(ca.rotation.m[k] - cb.rotation.m[k]));
            }
            QVERIFY2(off <= 1e-6, qPrintable(QStringLiteral("camera of frame %1").arg(i)));
        }
        const auto ba = a->body(1), bb = b->body(1);
        QVERIFY(ba && bb);
        QCOMPARE(bb->frames.size(), ba->frames.size());
        for (std::size_t i = 0; i < ba->frames.size(); ++i) {
            QVERIFY2(largest(ba->frames[i].pose, bb->frames[i].pose) <= 1e-6,
                     qPrintable(QStringLiteral("body of frame %1").arg(i)));
        }
        for (const auto& [path, inode] : filesOf(b->folder())) {
            QVERIFY2(path.find(".tmp") == std::string::npos, path.c_str());
        }
    }

private Q_SLOTS:
    void initTestCase() {
        const char* models = std::getenv("BODY4D_MODELS");
        if (models == nullptr || !fs::exists(fs::path(models) / "pose_landmark_full.tflite")) {
            QSKIP("The networks are not here: run packaging/setup.sh.");
        }
        clip_ = findClip();
        if (clip_.file.empty()) {
            QSKIP("The sample clip is not here: run packaging/setup.sh.");
        }
        clip_ = panned(clip_, root_.path().toStdString() + "/panned.mp4");
    }

    void ctrlCKeepsWhatIsFinished() {
        QProcess run;
        run.start(BODY4D_CLI, arguments(folder("stopped")));
        const auto project = projectIn(folder("stopped"));
        // As soon as something is saved.
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(project + "/tracks/session_forward.safetensors") ||
                                     run.state() == QProcess::NotRunning,
                                 240000);
        QCOMPARE(run.state(), QProcess::Running);
        ::kill(static_cast<pid_t>(run.processId()), SIGINT);
        QVERIFY(run.waitForFinished(240000));
        QCOMPARE(run.exitStatus(), QProcess::NormalExit);
        QCOMPARE(run.exitCode(), 130);
        const auto kept = Project::open(project.toStdString(), Project::Access::ReadOnly);
        QVERIFY(kept->stage("segment", 1).status == StageStatus::Partial);
        QVERIFY(!kept->stage("segment", 1).done.empty());
    }

    void onlyOneWrites() {
        QProcess run;
        run.start(BODY4D_CLI, arguments(folder("busy")));
        const auto project = projectIn(folder("busy"));
        QTRY_VERIFY_WITH_TIMEOUT(
            QFile::exists(project + "/project.yaml") || run.state() == QProcess::NotRunning, 240000);
        ::kill(static_cast<pid_t>(run.processId()), SIGSTOP); // cannot end meanwhile
        QProcess second;
        second.start(BODY4D_CLI, {"run", project, "-q"});
        const bool ended = second.waitForFinished(240000);
        ::kill(static_cast<pid_t>(run.processId()), SIGKILL);
        run.waitForFinished();
        QVERIFY(ended);
        const auto complaint = second.readAllStandardError();
        QVERIFY2(second.exitCode() == 1 && complaint.contains("open in another"), complaint);
    }

    void killedRunsEndLikeUndisturbedOnes() {
        QElapsedTimer clock;
        clock.start();
        QProcess whole;
        whole.start(BODY4D_CLI, arguments(folder("whole")));
        QVERIFY(whole.waitForFinished(600000));
        QVERIFY2(whole.exitCode() == 0, whole.readAllStandardError());
        const auto usual = static_cast<unsigned>(std::max<qint64>(400, clock.elapsed()));

        bool given = false;
        const auto wanted = qEnvironmentVariable("BODY4D_TEST_SEED").toUInt(&given);
        const auto seed = given ? wanted : std::random_device()();
        std::mt19937 random(seed);
        // A chain of kills and resumptions goes on until a run comes through; then the next one begins.
        int chains = 0;
        QString log;
        for (int kills = 0; kills < kKills;) {
            QVERIFY2(chains < 4 * kKills, "runs end before they can be killed");
            const auto out = folder(QStringLiteral("killed%1").arg(chains));
            const auto before = finished(projectIn(out));
            QProcess run;
            run.start(BODY4D_CLI, command(out));
            QVERIFY(run.waitForStarted());
            const auto moment = static_cast<int>(50 + random() % (usual * 3 / 4));
            if (!run.waitForFinished(moment)) {
                ::kill(static_cast<pid_t>(run.processId()), SIGKILL);
                run.waitForFinished();
                ++kills;
                log += QStringLiteral(" %1").arg(moment);
            } else {
                QVERIFY2(run.exitCode() == 0, run.readAllStandardError());
                compare(folder("whole"), out);
                ++chains;
            }
            // What was finished before this run is the same file as before.
            const auto after = filesOf(projectIn(out).toStdString());
            for (const auto& [path, inode] : before) {
                QVERIFY2(after.contains(path) && after.at(path) == inode, path.c_str());
            }
            if (QTest::currentTestFailed()) {
                qInfo("seed %u, kills after%s ms", seed, qPrintable(log));
                return;
            }
        }
        const auto out = folder(QStringLiteral("killed%1").arg(chains));
        QProcess last;
        last.start(BODY4D_CLI, command(out));
        QVERIFY(last.waitForFinished(600000));
        QVERIFY2(last.exitCode() == 0, last.readAllStandardError());
        compare(folder("whole"), out);
        qInfo("seed %u: %d kills after%s ms, %d runs came through in between, an undisturbed one takes %u ms",
              seed, kKills, qPrintable(log), chains, usual);
    }
};

QTEST_GUILESS_MAIN(CliResumeTest)
#include "test_cli_resume.moc"
