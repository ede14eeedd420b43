// kill -9 at random moments, again and again; then the run goes on and the result is that of an undisturbed
// one.
#include "pipeline/project.h"

#include <QtTest>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <random>

using namespace body4d;
namespace fs = std::filesystem;

namespace {

constexpr const char* kClip = "/videos/skateboarder.mp4";
constexpr int kFrames = 64;

double largest(const BodyPose& a, const BodyPose& b) {
    double worst = norm(a.translation - b.translation);
    for (std::size_t j = 0; j < a.rotations.size(); ++j) {
        for (std::size_t k = 0; k < 9; ++k) {
            worst = std::max(worst, std::abs(a.rotations[j].m[k] - b.rotations[j].m[k]));
        }
    }
    return worst;
}

} // namespace

class CliResumeTest : public QObject {
    Q_OBJECT

    QTemporaryDir root_;

    [[nodiscard]] QStringList arguments(const QString& out) const {
        // A click in the middle: both directions can be hit.
        return {"run",         QStringLiteral(BODY4D_SHARED_DATA) + kClip,
                "--click",     "24:400,360",
                "--frames",    "0:" + QString::number(kFrames),
                "--batch",     "8",
                "--no-export", "-q",
                "-o",          out};
    }
    [[nodiscard]] QString folder(const char* name) const { return root_.filePath(name); }

    /// Why this cannot run here; empty where it can.
    static QString missing() {
        const char* models = std::getenv("BODY4D_MODELS");
        if (models == nullptr || !fs::exists(fs::path(models) / "pose_landmark_full.tflite")) {
            return QStringLiteral("The networks are not here: run packaging/setup.sh.");
        }
        if (!fs::exists(std::string(BODY4D_SHARED_DATA) + kClip)) {
            return QStringLiteral("The clip is not here: it lies beside the repository in shared/data.");
        }
        return {};
    }

private Q_SLOTS:
    void ctrlCKeepsWhatIsFinished() {
        if (!missing().isEmpty()) {
            QSKIP(qPrintable(missing()));
        }
        QProcess run;
        run.start(BODY4D_CLI, arguments(folder("stopped")));
        const auto project = folder("stopped") + "/skateboarder.body4d";
        // As soon as something is saved.
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(project + "/tracks/session_forward.safetensors") ||
                                     run.state() == QProcess::NotRunning,
                                 120000);
        QCOMPARE(run.state(), QProcess::Running);
        // Nobody else may write meanwhile.
        QProcess second;
        second.start(BODY4D_CLI, {"run", project, "-q"});
        QVERIFY(second.waitForFinished(60000));
        const auto complaint = second.readAllStandardError();
        QVERIFY2(second.exitCode() == 1 && complaint.contains("open in another"), complaint);
        ::kill(static_cast<pid_t>(run.processId()), SIGINT);
        QVERIFY(run.waitForFinished(60000));
        QCOMPARE(run.exitStatus(), QProcess::NormalExit);
        QCOMPARE(run.exitCode(), 130);
        const auto kept = Project::open(project.toStdString(), Project::Access::ReadOnly);
        QVERIFY(kept->stage("segment", 1).status == StageStatus::Partial);
        QVERIFY(!kept->stage("segment", 1).done.empty());
    }

    void killedRunsEndLikeUndisturbedOnes() {
        if (!missing().isEmpty()) {
            QSKIP(qPrintable(missing()));
        }
        QElapsedTimer clock;
        clock.start();
        QProcess whole;
        whole.start(BODY4D_CLI, arguments(folder("whole")));
        QVERIFY(whole.waitForFinished(600000));
        QVERIFY2(whole.exitCode() == 0, whole.readAllStandardError());
        const auto usual = clock.elapsed();

        const int wanted = qEnvironmentVariableIsSet("BODY4D_FULL_TESTS") ? 10 : 4;
        const auto seed = std::random_device()();
        qInfo("seed %u", seed);
        std::mt19937 random(seed);
        int kills = 0;
        for (int attempt = 0; kills < wanted && attempt < 3 * wanted; ++attempt) {
            QProcess run;
            const bool resuming =
                fs::exists(folder("killed").toStdString() + "/skateboarder.body4d/project.yaml");
            run.start(BODY4D_CLI, resuming ? QStringList{"run", folder("killed") + "/skateboarder.body4d",
                                                         "--no-export", "-q"}
                                           : arguments(folder("killed")));
            QVERIFY(run.waitForStarted());
            // Late enough to have begun, early enough that work remains for the next one.
            const auto moment =
                150 + static_cast<int>(random() % static_cast<unsigned>(std::max<qint64>(200, usual / 2)));
            if (!run.waitForFinished(moment)) {
                ::kill(static_cast<pid_t>(run.processId()), SIGKILL);
                run.waitForFinished();
                ++kills;
            } else if (run.exitCode() == 0) {
                break; // all done already
            }
        }
        QVERIFY(kills > 0);
        QProcess last;
        const bool made = fs::exists(folder("killed").toStdString() + "/skateboarder.body4d/project.yaml");
        last.start(BODY4D_CLI,
                   made ? QStringList{"run", folder("killed") + "/skateboarder.body4d", "--no-export", "-q"}
                        : arguments(folder("killed")));
        QVERIFY(last.waitForFinished(600000));
        QVERIFY2(last.exitCode() == 0, last.readAllStandardError());

        const auto a =
            Project::open(folder("whole").toStdString() + "/skateboarder.body4d", Project::Access::ReadOnly);
        const auto b =
            Project::open(folder("killed").toStdString() + "/skateboarder.body4d", Project::Access::ReadOnly);
        const auto ta = a->track(1), tb = b->track(1);
        QCOMPARE(ta.frames.size(), std::size_t{kFrames});
        QCOMPARE(tb.frames.size(), ta.frames.size());
        for (std::size_t i = 0; i < ta.frames.size(); ++i) {
            QVERIFY2(ta.frames[i].mask == tb.frames[i].mask,
                     qPrintable(QStringLiteral("mask of frame %1").arg(i)));
        }
        const auto ba = a->body(1), bb = b->body(1);
        QVERIFY(ba && bb);
        QCOMPARE(bb->frames.size(), ba->frames.size());
        for (std::size_t i = 0; i < ba->frames.size(); ++i) {
            QVERIFY2(largest(ba->frames[i].pose, bb->frames[i].pose) <= 1e-6,
                     qPrintable(QStringLiteral("body of frame %1").arg(i)));
        }
        // No leftovers of the killed ones.
        for (const auto& entry : fs::recursive_directory_iterator(b->folder())) {
            QVERIFY2(entry.path().filename().string().find(".tmp") == std::string::npos,
                     entry.path().c_str());
        }
    }
};

QTEST_GUILESS_MAIN(CliResumeTest)
#include "test_cli_resume.moc"
