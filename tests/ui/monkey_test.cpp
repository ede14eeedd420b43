#include "fake_backend.h"
#include "gui_test.h"

#include "ui/main_window.h"
#include "ui/timeline/timeline_widget.h"
#include "ui/viewport/viewport_widget.h"

#include <QDesktopServices>
#include <QDialog>
#include <QMenu>
#include <QMenuBar>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QUrl>

#include <functional>
#include <random>
#include <set>

using namespace body4d;
using namespace body4d::ui;

/// Somebody who presses everything: a seeded mix of edits, runs, seeks and menu entries, with the document's
/// own consistency checked after each. BODY4D_SEED and BODY4D_MONKEY (number of actions) make it another or a
/// longer one.
class MonkeyTest : public QObject {
    Q_OBJECT
    std::shared_ptr<test::FakeBackend> backend_;
    std::unique_ptr<MainWindow> window_;
    QTemporaryDir drafts_;
    std::mt19937 random_;
    QStringList trace_;
    QHash<QString, int> fired_; ///< times that an action was pressed while it was enabled

    int pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
    QPoint somewhereOn(const QWidget& widget) {
        return {pick(std::max(1, widget.width())), pick(std::max(1, widget.height()))};
    }

    /// Dialogs and menus that an action has opened are looked at and closed; file dialogs block until then.
    static void closePopups() {
        for (int i = 0; i < 8; ++i) {
            auto* top = QApplication::activePopupWidget() ? QApplication::activePopupWidget()
                                                          : QApplication::activeModalWidget();
            if (!top) {
                break;
            }
            top->close();
        }
        for (auto* widget : QApplication::topLevelWidgets()) {
            if (qobject_cast<QDialog*>(widget) && widget->isVisible()) {
                widget->close();
            }
        }
    }
    QString inconsistency() const {
        const auto& project = window_->project();
        if (!project.isOpen()) {
            return {};
        }
        const auto& d = project.document();
        const auto count = project.frames()->info().frameCount;
        if (d.range.begin < 0 || d.range.end > count || d.range.size() == 0) {
            return QString("range %1 to %2").arg(d.range.begin).arg(d.range.end);
        }
        std::set<TargetId> ids;
        for (const auto& t : d.targets) {
            if (t.id <= 0 || !ids.insert(t.id).second) {
                return QString("target %1 twice").arg(t.id);
            }
            std::int64_t last = -1;
            for (const auto& p : t.prompts) {
                if (p.frame <= last || p.frame >= count) {
                    return QString("target %1: prompt on frame %2 after %3").arg(t.id).arg(p.frame).arg(last);
                }
                if (p.mask && (p.mask->width != d.video.width || p.mask->height != d.video.height)) {
                    return QString("target %1: mask of another size").arg(t.id);
                }
                last = p.frame;
            }
            for (const auto* ranges : {&t.absent, &t.acceptedGuesses, &t.rejectedGuesses}) {
                std::int64_t end = -1;
                for (const auto& r : *ranges) {
                    if (r.size() <= 0 || r.begin <= end || r.end > count) {
                        return QString("target %1: range %2 to %3").arg(t.id).arg(r.begin).arg(r.end);
                    }
                    end = r.end;
                }
            }
        }
        if (project.selected() != 0 && !ids.contains(project.selected())) {
            return QString("selected %1 is gone").arg(project.selected());
        }
        if (window_->playback().frame() < 0 || window_->playback().frame() >= count) {
            return QString("cursor at %1").arg(window_->playback().frame());
        }
        return {};
    }

    void press(QAction* action) {
        const QString id = ActionRegistry::idOf(action);
        trace_ << "  " + id + (action->isEnabled() ? "" : " (disabled)");
        fired_[id] += action->isEnabled() ? 1 : 0;
        action->trigger();
    }
    /// A state in which nearly everything can be pressed: two people, a finished run, the cursor on a guess, edits to
    /// undo and to redo, an export behind us.
    void makeRich() {
        window_->runController().cancel();
        QTRY_VERIFY(!window_->runController().running());
        window_->openPath("/videos/rich.mp4");
        QTRY_VERIFY(window_->project().isOpen() && !window_->project().opening());
        auto& project = window_->project();
        if (project.document().targets.size() < 2) {
            project.addTarget();
            project.addTarget();
        }
        project.setRange({0, 40});
        const auto targets = project.document().targets; // every edit replaces the document
        for (const auto& target : targets) {
            project.addPoint(target.id, 0, {80.0 + 160 * (target.id % 2), 95, true});
        }
        project.select(project.document().targets.front().id);
        window_->startRun({"npz"}, drafts_.path().toStdString() + "/rich");
        QTRY_VERIFY_WITH_TIMEOUT(!window_->runController().running(), 30000);
        window_->startRun();
        QTRY_VERIFY_WITH_TIMEOUT(!window_->runController().running(), 30000);
        project.renameTarget(project.selected(), "Once");
        project.renameTarget(project.selected(), "Twice");
        project.undoStack()->undo();
    }

public Q_SLOTS:
    void swallow(const QUrl&) {}

private Q_SLOTS:
    void everythingMayBePressed() {
        BODY4D_NEEDS_DISPLAY();
        bool given = false;
        const int seed = qEnvironmentVariableIntValue("BODY4D_SEED", &given);
        random_.seed(given ? static_cast<unsigned>(seed) : 1U);
        const int wanted = qEnvironmentVariableIntValue("BODY4D_MONKEY", &given);
        const int actions = given ? wanted : 250;
        backend_ = std::make_shared<test::FakeBackend>(test::FakeBackend::Clip{320, 180, 40, 25, 2});
        backend_->frameMicroseconds = 2000;
        window_ = std::make_unique<MainWindow>(backend_);
        window_->project().setDraftsFolder(drafts_.path().toStdString());
        window_->resize(1100, 720);
        window_->show();
        QVERIFY(QTest::qWaitForWindowExposed(window_.get()));
        QDesktopServices::setUrlHandler("file", this, "swallow"); // no file manager comes up
        QTimer closer;
        connect(&closer, &QTimer::timeout, &closer, closePopups);
        closer.start(30);
        const auto open = [this] {
            window_->runController().cancel();
            QTRY_VERIFY(!window_->runController().running());
            window_->openPath(pick(2) == 0 ? "/videos/one.mp4" : "/videos/two.mp4");
            QTRY_VERIFY(window_->project().isOpen() && !window_->project().opening());
        };
        open();

        const auto all = window_->actionRegistry().all();
        const std::vector<std::pair<int, std::function<void()>>> mix{
            {30,
             [&] {
                 QTest::mouseClick(&window_->canvas(), pick(4) == 0 ? Qt::RightButton : Qt::LeftButton, {},
                                   somewhereOn(window_->canvas()));
             }},
            {10,
             [&] {
                 const auto a = somewhereOn(window_->canvas()), b = somewhereOn(window_->canvas());
                 QTest::mousePress(&window_->canvas(), Qt::LeftButton, {}, a);
                 QTest::mouseMove(&window_->canvas(), (a + b) / 2);
                 QTest::mouseMove(&window_->canvas(), b);
                 QTest::mouseRelease(&window_->canvas(), Qt::LeftButton, {}, b);
             }},
            {15, [&] { window_->playback().setFrame(pick(40)); }},
            {10,
             [&] {
                 QTest::mouseClick(window_->timeline().lanes(), Qt::LeftButton, {},
                                   somewhereOn(*window_->timeline().lanes()));
             }},
            {8,
             [&] {
                 QTest::mouseClick(&window_->viewport(), Qt::LeftButton, {},
                                   somewhereOn(window_->viewport()));
             }},
            {8, [&] { window_->startRun(); }},
            {4, [&] { window_->runController().cancel(); }},
            {4, [&] { window_->startRun({"npz"}, drafts_.path().toStdString() + "/out"); }},
            {12, [&] { window_->project().undoStack()->undo(); }},
            {5, [&] { window_->project().undoStack()->redo(); }},
            {3, open},
            {30,
             [&] {
                 press(all[pick(static_cast<int>(all.size()))]);
             }},
        };
        int weights = 0;
        for (const auto& [weight, act] : mix) {
            weights += weight;
        }
        const auto check = [this] {
            const QString wrong = inconsistency();
            QVERIFY2(wrong.isEmpty(),
                     qPrintable(wrong + "\nafter\n" +
                                trace_.mid(std::max<qsizetype>(0, trace_.size() - 12)).join('\n')));
            if (!window_->isVisible()) {
                window_->show(); // quit was pressed
            }
        };
        for (int i = 0; i < actions; ++i) {
            int at = pick(weights);
            std::size_t which = 0;
            while (at >= mix[which].first) {
                at -= mix[which].first;
                ++which;
            }
            trace_ << QString("%1: kind %2").arg(i).arg(which);
            mix[which].second();
            QCoreApplication::processEvents(QEventLoop::AllEvents, 10);
            check();
            if (QTest::currentTestFailed()) {
                return;
            }
            if (!window_->project().isOpen() && !window_->project().opening()) {
                open();
            }
        }
        // Every entry of the menus at least five times, in a shuffled order.
        for (int round = 0; round < (given ? 5 : 1); ++round) {
            auto order = all;
            std::shuffle(order.begin(), order.end(), random_);
            for (auto* action : order) {
                press(action);
                QCoreApplication::processEvents(QEventLoop::AllEvents, 5);
                check();
                if (QTest::currentTestFailed()) {
                    return;
                }
                if (!window_->project().isOpen() && !window_->project().opening()) {
                    open();
                }
            }
        }
        // What chance has left out, from a state in which it can be pressed.
        const int enough = given ? 5 : 1;
        // The first two need a crash or a lost video (tests of their own press them), the third a video with sound,
        // which the made-up one is not.
        const QSet<QString> elsewhere{"file.recover", "file.locateVideo", "playback.sound"};
        QStringList missed;
        for (int round = 0; round < 3 * enough; ++round) {
            missed.clear();
            for (auto* action : all) {
                const QString id = ActionRegistry::idOf(action);
                if (fired_.value(id) >= enough || elsewhere.contains(id)) {
                    continue;
                }
                makeRich();
                if (id.startsWith("review.")) { // on a guess
                    const auto lane = window_->project().results()->lane(window_->project().selected());
                    const auto guess = std::find(lane.states.begin(), lane.states.end(), LaneState::Completed);
                    window_->playback().setFrame(guess == lane.states.end() ? 0 : guess - lane.states.begin());
                }
                if (id == "run.cancel" || id == "run.pause" || id == "run.update") {
                    window_->project().addPoint(window_->project().selected(), 3, {60, 60, true});
                    if (id == "run.update") {
                        QTRY_VERIFY(action->isEnabled());
                    } else {
                        window_->startRun();
                    }
                }
                press(action);
                QCoreApplication::processEvents(QEventLoop::AllEvents, 5);
                check();
                if (QTest::currentTestFailed()) {
                    return;
                }
                if (fired_.value(id) < enough) {
                    missed << id;
                }
            }
        }
        QVERIFY2(missed.isEmpty(), qPrintable("never enabled: " + missed.join(", ")));
        // What is on disk is what is on screen.
        window_->runController().cancel();
        QTRY_VERIFY(!window_->runController().running());
        if (window_->project().isOpen()) {
            window_->project().flush();
            QVERIFY(sameDocument(window_->project().store()->document(), window_->project().document()));
            while (window_->project().undoStack()->canUndo()) {
                window_->project().undoStack()->undo();
                check();
            }
        }
        closer.stop();
        closePopups();
        window_.reset();
    }
};

BODY4D_GUI_TEST(MonkeyTest)
#include "monkey_test.moc"
