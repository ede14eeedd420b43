#include "core_backend.h"
#include "fake_engines.h"
#include "gui_test.h"
#include "test_clip.h"

#include "pipeline/run.h"
#include "ui/main_window.h"
#include "ui/panels/error_bar.h"
#include "ui/panels/export_dialog.h"
#include "ui/panels/export_report.h"
#include "ui/panels/run_panel.h"
#include "ui/timeline/timeline_widget.h"
#include "ui/viewport/viewport_widget.h"

#include <QCheckBox>
#include <QDir>
#include <QDropEvent>
#include <QMimeData>
#include <QProcess>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QThread>
#include <QTest>
#include <QTreeWidget>

#include <csignal>
#include <unistd.h>

using namespace body4d;
using namespace body4d::ui;
namespace fs = std::filesystem;

namespace {

constexpr int kFrames = 90;
constexpr const char* kChild = "BODY4D_TEST_CHILD";

/// The program's own backend: real video, real project on disk, real stages and files; only the networks are made up.
std::shared_ptr<CoreBackend> makeBackend(const std::shared_ptr<body4d::test::FakeControl>& control) {
    return std::make_shared<CoreBackend>([control](Engines& engines) {
        engines.setSegmenterForTests(std::make_unique<body4d::test::FakeSegmenter>(control));
        engines.setBodyEstimatorForTests(std::make_shared<body4d::test::FakeBodyEstimator>());
        engines.setCompleterForTests(std::make_shared<const body4d::test::FakeCompleter>());
    });
}

} // namespace

/// From a video to a crash and back, by the hands of a person.
class WholePathTest : public QObject {
    Q_OBJECT
    QTemporaryDir root_;
    std::shared_ptr<body4d::test::FakeControl> control_ = std::make_shared<body4d::test::FakeControl>();
    std::unique_ptr<MainWindow> window_;

    [[nodiscard]] QString path(const char* name) const { return root_.filePath(QLatin1String(name)); }
    void makeWindow() {
        window_ = std::make_unique<MainWindow>(makeBackend(control_));
        window_->resize(1280, 800);
        window_->show();
        QVERIFY(QTest::qWaitForWindowExposed(window_.get()));
        QApplication::setActiveWindow(window_.get());
    }
    void drop(const QString& file) {
        QMimeData mime;
        mime.setUrls({QUrl::fromLocalFile(file)});
        QDragEnterEvent enter({60, 60}, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(window_.get(), &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent event({60, 60}, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(window_.get(), &event);
        QTRY_VERIFY(window_->project().isOpen());
        QTRY_VERIFY(window_->snapshots().snapshot() != nullptr);
    }
    void clickFrame(double x, double y) {
        QTest::mouseClick(&window_->canvas(), Qt::LeftButton, {}, window_->canvas().transform().toWidget(QPointF(x, y)).toPoint());
    }
    void key(int k, Qt::KeyboardModifiers modifiers = Qt::NoModifier) { QTest::keyClick(window_.get(), static_cast<Qt::Key>(k), modifiers); }
    void clickTwoPeople() {
        clickFrame(16, 24);
        QTRY_COMPARE(window_->canvas().targetAt({16, 24}), 1);
        clickFrame(48, 24);
        QTRY_COMPARE(window_->canvas().targetAt({48, 24}), 2);
    }

    /// What the other process does: opens, clicks, runs, and is killed in the middle of it.
    void untilKilled() {
        makeWindow();
        drop(qEnvironmentVariable("BODY4D_TEST_VIDEO"));
        clickTwoPeople();
        window_->project().renameTarget(2, "Ben");
        const auto tracks = QString::fromStdString((window_->project().store()->folder() / "tracks").string());
        control_->onAdvance = [tracks](std::int64_t frame, Direction) {
            if (frame >= 60) {
                while (QDir(tracks).entryList({"session_forward_at_*"}).isEmpty()) {
                    QThread::msleep(15); // a disk may be busy: there is to be something to recover
                }
                ::kill(::getpid(), SIGKILL); // no destructor, no handler, no last word
            }
        };
        key(Qt::Key_F5);
        QTRY_VERIFY_WITH_TIMEOUT(false, 60000); // never reached
    }

private Q_SLOTS:
    void initTestCase() {
        BODY4D_NEEDS_DISPLAY();
        qputenv("XDG_CACHE_HOME", root_.filePath("cache").toUtf8());
        if (qEnvironmentVariableIsSet(kChild)) {
            untilKilled();
            return;
        }
        (void)body4d::test::writeClip(path("walk.mp4").toStdString(), kFrames);
        (void)body4d::test::writeClip(path("crash.mp4").toStdString(), kFrames);
    }
    void cleanup() { window_.reset(); }

    void fromAVideoToARecoveredCrash() {
        makeWindow();
        drop(path("walk.mp4"));
        clickTwoPeople();
        // Completion and batch size, in their own widgets.
        auto* panel = &window_->runPanel();
        const auto boxes = panel->findChildren<QCheckBox*>();
        const auto completion = std::find_if(boxes.begin(), boxes.end(), [](auto* b) { return b->accessibleName() == "Completion"; });
        QVERIFY(completion != boxes.end());
        const bool before = window_->project().document().options.boolean("completion.enable");
        (*completion)->click();
        QCOMPARE(window_->project().document().options.boolean("completion.enable"), !before);
        (*completion)->click();
        const auto spins = panel->findChildren<QSpinBox*>();
        const auto batch = std::find_if(spins.begin(), spins.end(), [](auto* b) { return b->accessibleName() == "Batch size"; });
        QVERIFY(batch != spins.end());
        (*batch)->setFocus();
        (*batch)->selectAll();
        QTest::keyClicks(*batch, "8");
        QTest::keyClick(*batch, Qt::Key_Return);
        QCOMPARE(window_->project().document().options.integer("sam_3d_body.batch_size"), 8LL);

        // Run, cancel in the middle, run again.
        std::atomic<bool> slow{true};
        control_->onAdvance = [&slow](std::int64_t, Direction) {
            if (slow) {
                QThread::msleep(8);
            }
        };
        QSignalSpy finished(&window_->runController(), &RunController::finished);
        window_->canvas().setFocus();
        key(Qt::Key_F5);
        QTRY_VERIFY(window_->project().results()->lane(1).processedCount() > 20);
        key(Qt::Key_F5, Qt::ShiftModifier);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 30000);
        QVERIFY(finished[0][0].value<RunSummary>().cancelled);
        slow = false;
        QTRY_VERIFY(window_->project().results()->lane(1).processedCount() > 8); // batches that were finished
        const int advanced = control_->advanced;
        key(Qt::Key_F5);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 2, 60000);
        QVERIFY(control_->advanced - advanced < kFrames); // went on from there
        QTRY_COMPARE(window_->project().results()->lane(2).processedCount(), kFrames);

        // Scrub with the mouse; both views follow.
        auto* lanes = window_->timeline().lanes();
        for (const int frame : {10, 80, 45}) {
            QTest::mouseClick(lanes, Qt::LeftButton, {}, {static_cast<int>(lanes->xOf(frame + 0.5)), 12});
            QCOMPARE(window_->playback().frame(), frame);
            QTRY_COMPARE(window_->snapshots().snapshot()->frame, frame);
        }
        // Edit a mask: the person's silhouette of this frame.
        window_->project().select(1);
        key(Qt::Key_B);
        clickFrame(40, 6);
        QTRY_VERIFY(window_->project().prompt(1, 45) && window_->project().prompt(1, 45)->mask);
        QTRY_VERIFY(window_->actionRegistry().action("run.update")->isEnabled());
        key(Qt::Key_P);

        // Undo all, redo all.
        const auto edited = window_->project().document();
        while (window_->project().undoStack()->canUndo()) {
            key(Qt::Key_Z, Qt::ControlModifier);
        }
        QVERIFY(window_->project().document().targets.empty());
        while (window_->project().undoStack()->canRedo()) {
            key(Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
        }
        QVERIFY(sameDocument(window_->project().document(), edited));
        key(Qt::Key_F5, Qt::ControlModifier); // just what the edit has outdated
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 3, 60000);

        // Export through the dialog; what was written is read again.
        key(Qt::Key_E, Qt::ControlModifier);
        auto* dialog = window_->exportDialog();
        QTRY_VERIFY(dialog->isVisible());
        dialog->setFolder(path("out"));
        dialog->choose({"glb", "ply", "npz", "bvh"});
        QTRY_VERIFY(!dialog->forecastText("glb").isEmpty());
        QTest::mouseClick(dialog->findChildren<QPushButton*>("primary").front(), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 4, 60000);
        const auto checks = finished[3][0].value<RunSummary>().checks;
        QCOMPARE(checks.size(), std::size_t{4});
        for (const auto& check : checks) {
            QVERIFY2(check.problems.empty(), check.problems.empty() ? "" : check.problems.front().c_str());
            QCOMPARE(check.people, 2);
        }
        QVERIFY(QFile::exists(path("out/walk.glb")) || !QDir(path("out")).entryList({"*.glb"}).isEmpty());
        QVERIFY(window_->errorBar().message().what.contains("sound"));
        dialog->close();

        // Save it where it belongs; it goes on there.
        window_->project().saveAs(path("kept.body4d").toStdString());
        QTRY_VERIFY(window_->project().isOpen() && !window_->project().isDraft());
        window_->project().flush();
        const auto kept = window_->project().document();
        QVERIFY(QFile::exists(path("kept.body4d/project.yaml")));
        window_.reset();

        // The same folder opens again with everything, for another window and for the command line's core.
        makeWindow();
        window_->openPath(path("kept.body4d").toStdString());
        QTRY_VERIFY(window_->project().isOpen());
        QVERIFY(sameDocument(window_->project().document(), kept));
        QTRY_COMPARE(window_->project().results()->lane(1).processedCount(), kFrames);
        window_.reset();
        QCOMPARE(Project::open(path("kept.body4d").toStdString(), Project::Access::ReadOnly)->document().targets.size(), std::size_t{2});
    }

    void whatWasKilledIsOffered() {
        // Another process opens, clicks and runs, and is killed in mid-run.
        QProcess child;
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.insert(kChild, "1");
        environment.insert("BODY4D_TEST_VIDEO", path("crash.mp4"));
        child.setProcessEnvironment(environment);
        child.setProcessChannelMode(QProcess::ForwardedChannels);
        child.start(QCoreApplication::applicationFilePath(), {});
        QVERIFY(child.waitForFinished(120000));
        QCOMPARE(child.exitStatus(), QProcess::CrashExit);

        makeWindow();
        QTRY_VERIFY(window_->errorBar().isVisible());
        QVERIFY2(window_->errorBar().message().what.contains("crash"), qPrintable(window_->errorBar().message().what));
        QVERIFY(!window_->errorBar().message().remedy.isEmpty());
        const auto buttons = window_->errorBar().findChildren<QPushButton*>();
        const auto go = std::find_if(buttons.begin(), buttons.end(), [](auto* b) { return b->text().contains("Continue"); });
        QVERIFY(go != buttons.end());
        (*go)->click();
        QTRY_VERIFY(window_->project().isOpen());
        // Every edit is there, and every batch that was finished.
        QCOMPARE(window_->project().document().targets.size(), std::size_t{2});
        QCOMPARE(window_->project().document().target(2)->name, std::string("Ben"));
        QTRY_VERIFY(window_->project().results()->lane(1).processedCount() >= 16);
        control_->onAdvance = {};
        const int advanced = control_->advanced;
        QSignalSpy finished(&window_->runController(), &RunController::finished);
        window_->canvas().setFocus();
        key(Qt::Key_F5);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 60000);
        QVERIFY(control_->advanced - advanced < kFrames); // goes on behind the last finished batch
        QTRY_COMPARE(window_->project().results()->lane(2).processedCount(), kFrames);
    }
};

int main(int argc, char** argv) {
    if (!qEnvironmentVariableIsSet(kChild)) {
        return body4d::ui::test::runGuiTest<WholePathTest>(argc, argv);
    }
    // The child shares its parent's settings and drafts: that is where a restart looks.
    body4d::ui::test::configureApplication();
    QApplication app(argc, argv);
    Theme::instance().apply(app, ThemeMode::Dark);
    WholePathTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "whole_path_test.moc"
