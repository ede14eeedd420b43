#include "window_fixture.h"

#include "ui/main_window.h"
#include "ui/panels/command_palette.h"
#include "ui/panels/error_bar.h"
#include "ui/panels/export_dialog.h"
#include "ui/panels/export_report.h"
#include "ui/panels/gauge_panel.h"
#include "ui/panels/models_dialog.h"
#include "ui/panels/preferences_dialog.h"
#include "ui/panels/run_panel.h"
#include "ui/panels/stage_row.h"
#include "ui/timeline/thumbnail_popup.h"
#include "ui/timeline/timeline_widget.h"
#include "ui/viewport/viewport_widget.h"

#include <QAbstractButton>
#include <QComboBox>
#include <QCheckBox>
#include <QClipboard>
#include <QDoubleSpinBox>
#include <QDir>
#include <QDropEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QMimeData>
#include <QProcess>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QTreeWidget>

using namespace body4d;
using namespace body4d::ui;
using body4d::ui::test::FakeBackend;
using body4d::ui::test::WatchedApplication;

class MainWindowTest : public test::WindowFixture {
    Q_OBJECT

private Q_SLOTS:
    void init() {
        BODY4D_NEEDS_DISPLAY();
        QVERIFY(makeWindow());
    }
    void cleanup() { window_.reset(); }

    void wholePath() {
        QSignalSpy finished(&window_->runController(), &RunController::finished);
        open("/videos/whole.mp4");
        QVERIFY(!window_->actionRegistry().action("run.start")->isEnabled());
        clickFrame(165, 180); // the left figure
        QTRY_COMPARE(window_->project().document().targets.size(), std::size_t{1});
        QTRY_VERIFY(window_->canvas().targetAt({165, 180}) == 1); // its mask is there
        clickFrame(485, 180); // the right one: a new person by itself
        QTRY_COMPARE(window_->project().document().targets.size(), std::size_t{2});
        QTRY_VERIFY(window_->canvas().targetAt({485, 180}) == 2);
        key(Qt::Key_F5);
        QVERIFY(window_->runController().running());
        QTRY_VERIFY(window_->project().results()->lane(1).processedCount() > 5); // bodies appear while it runs
        QTRY_VERIFY(window_->snapshots().snapshot()->target(1)->mesh != nullptr);
        key(Qt::Key_F5, Qt::ShiftModifier);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 30000);
        QVERIFY(finished[0][0].value<RunSummary>().cancelled);
        QTRY_VERIFY(window_->project().results()->lane(1).processedCount() > 5); // what was finished is kept
        key(Qt::Key_F5);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 2, 30000);
        QTRY_COMPARE(window_->project().results()->lane(2).processedCount(), 120);
        key(Qt::Key_End);
        QCOMPARE(window_->playback().frame(), 119);
        QTRY_COMPARE(window_->snapshots().snapshot()->frame, 119);
        while (window_->project().undoStack()->canUndo()) {
            key(Qt::Key_Z, Qt::ControlModifier);
        }
        QVERIFY(window_->project().document().targets.empty());
    }
    void exportsAreAJob() {
        open("/videos/export.mp4");
        clickFrame(165, 180);
        backend_->frameMicroseconds = 0;
        QSignalSpy finished(&window_->runController(), &RunController::finished);
        window_->startRun();
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 30000);
        QTRY_VERIFY(window_->actionRegistry().action("export.dialog")->isEnabled());
        window_->actionRegistry().action("export.dialog")->trigger();
        auto* dialog = window_->exportDialog();
        QVERIFY(dialog->isVisible());
        dialog->choose({"glb", "npz"});
        QCOMPARE(dialog->chosen(), (std::vector<std::string>{"glb", "npz"}));
        QVERIFY(!dialog->folder().isEmpty());
        dialog->setFolder("/tmp/out");
        QTRY_VERIFY(dialog->forecastText("glb").contains("1.7 mm")); // size and error before anything is written
        const auto buttons = dialog->findChildren<QPushButton*>("primary");
        QCOMPARE(buttons.size(), 1);
        QTest::mouseClick(buttons.front(), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 2, 30000);
        QCOMPARE(finished[1][0].value<RunSummary>().files.size(), std::size_t{2});
        QVERIFY(window_->errorBar().isVisible()); // says where they are, and that they are sound
        QVERIFY(!dialog->isVisible());            // nothing lies over it
        QVERIFY(window_->errorBar().message().what.contains("sound"));
        window_->actionRegistry().action("export.report")->trigger();
        QVERIFY(window_->exportReport()->isVisible());
        QCOMPARE(window_->exportReport()->table()->topLevelItemCount(), 2);
        window_->exportReport()->close();
        dialog->close();
    }
    void whatARunForbidsIsNotSaidAfterIt() {
        open("/videos/busy.mp4");
        clickBoth();
        QSignalSpy finished(&window_->runController(), &RunController::finished);
        window_->startRun();
        window_->openPath("/videos/other.mp4");
        QVERIFY(window_->errorBar().isVisible());
        QVERIFY2(window_->errorBar().message().what.contains("under way"), qPrintable(window_->errorBar().message().what));
        backend_->frameMicroseconds = 0;
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 30000);
        QVERIFY(!window_->errorBar().isVisible());
        QCOMPARE(window_->project().document().video.path.filename().string(), std::string("busy.mp4"));
    }
    void whoIsSeenNowhereIsSaid() {
        open("/videos/unseen.mp4");
        clickBoth();
        runToTheEnd();
        QTRY_VERIFY(window_->project().results()->lane(2).trackedCount() > 0);
        QVERIFY(!window_->errorBar().isVisible());
        backend_->unseen = 2;
        runToTheEnd();
        QTRY_VERIFY(window_->errorBar().isVisible());
        const auto& told = window_->errorBar().message();
        QCOMPARE(told.severity, UserMessage::Severity::Warning);
        QVERIFY2(told.what.contains("Person 2") && !told.what.contains("Person 1"), qPrintable(told.what));
        QVERIFY(told.remedy.contains("click the middle"));
    }
    void exportsOfSomeAreOfThoseOnly() {
        open("/videos/some.mp4");
        clickFrame(165, 180);
        QTRY_COMPARE(window_->canvas().targetAt({165, 180}), 1);
        clickFrame(485, 180);
        QTRY_COMPARE(window_->project().document().targets.size(), std::size_t{2});
        backend_->frameMicroseconds = 0;
        QSignalSpy finished(&window_->runController(), &RunController::finished);
        window_->startRun();
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 30000);
        window_->actionRegistry().action("export.dialog")->trigger();
        auto* dialog = window_->exportDialog();
        dialog->setFolder("/tmp/out");
        dialog->choose({"npz"});
        auto* people = dialog->findChild<QListWidget*>();
        QCOMPARE(people->count(), 2);
        people->item(0)->setCheckState(Qt::Unchecked);
        dialog->setRange({10, 20});
        const auto wish = dialog->wish();
        QCOMPARE(wish.targets, (std::vector<TargetId>{2}));
        QCOMPARE(wish.range, (FrameRange{10, 20}));
        backend_->damageExports = true;
        auto* go = dialog->findChildren<QPushButton*>("primary").front();
        QTest::mouseClick(go, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 2, 30000);
        const auto& request = backend_->requests.back();
        QCOMPARE(request.exportTargets, (std::vector<TargetId>{2}));
        QCOMPARE(*request.exportRange, (FrameRange{10, 20}));
        QCOMPARE(window_->errorBar().message().severity, UserMessage::Severity::Warning); // the check has found damage
        people->item(1)->setCheckState(Qt::Unchecked);
        QVERIFY(!go->isEnabled()); // nobody is left
        dialog->close();
    }
    void modelFilesAreCheckedAndAdded() {
        open("/videos/models.mp4");
        action("help.models")->trigger();
        auto* dialog = window_->findChild<ModelsDialog*>();
        QVERIFY(dialog && dialog->isVisible());
        const auto* engines = window_->runPanel().row("segment")->engines();
        const auto usable = [engines] {
            const auto at = engines->findData("sam3");
            return at >= 0 && engines->model()->flags(engines->model()->index(at, 0)).testFlag(Qt::ItemIsEnabled);
        };
        QVERIFY(!usable());
        QSignalSpy changed(dialog, &ModelsDialog::changed);
        dialog->addFile("/downloads/bad.safetensors");
        QTRY_VERIFY2(dialog->outcome().contains("no model") && dialog->outcome().contains("3 tensors"), qPrintable(dialog->outcome()));
        QVERIFY(changed.isEmpty());
        dialog->addFile("/downloads/good.safetensors");
        QTRY_COMPARE(changed.count(), 1);
        QVERIFY(dialog->outcome().contains("/models/good.safetensors"));
        QVERIFY(dialog->table()->topLevelItem(2)->text(2).contains("ready"));
        QVERIFY(usable()); // it can be chosen at once
        QCOMPARE(engines->currentData().toString(), QString("blazepose"));
        dialog->close();
    }
    void handsAreASwitchOfTheEngineThatCanLookAtThem() {
        open("/videos/walk.mp4");
        auto* hands = window_->findChild<QCheckBox*>(QStringLiteral("bodyHands"));
        QVERIFY(hands);
        auto& project = window_->project();
        QVERIFY(hands->isHidden());
        project.setOption("engines.reconstruct", std::string("sam3d_body"));
        QVERIFY(!hands->isHidden() && !hands->isChecked());
        hands->click();
        QCOMPARE(project.document().options.text("sam_3d_body.inference_type"), std::string("full"));
        project.undoStack()->undo();
        QVERIFY(!hands->isChecked());
        project.undoStack()->undo();
        QVERIFY(hands->isHidden());
    }

    void everyStageHasItsRow() {
        open("/videos/rows.mp4");
        clickFrame(165, 180);
        QTRY_COMPARE(window_->project().document().targets.size(), std::size_t{1});
        auto& panel = window_->runPanel();
        for (const auto* stage : {"segment", "reconstruct", "complete", "ground", "scene"}) {
            QVERIFY2(panel.row(stage), stage);
        }
        QTRY_COMPARE(panel.row("segment")->estimateText(), QString("~ 0:30 · 1.0 GiB"));
        QCOMPARE(panel.row("complete")->estimateText(), QString("Up to date"));
        // One strength for all limbs, or one for each.
        auto* arms = panel.findChild<QDoubleSpinBox*>("smoothing.arms");
        QVERIFY(arms);
        arms->setValue(3);
        QCOMPARE(window_->project().document().options.number("smoothing.arms"), 3.0);
        QCOMPARE(window_->project().document().options.number("smoothing.legs"), 1.0);
        key(Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(arms->value(), 1.0);
        // What was set is in the command line, too.
        window_->project().setOption("smoothing.arms", 2.5);
        window_->actionRegistry().action("run.copyCommand")->trigger();
        QTRY_VERIFY2(QGuiApplication::clipboard()->text().contains("--set 'smoothing.arms=2.5'"), qPrintable(QGuiApplication::clipboard()->text()));
    }
    void wrongTypesAreToldWhatIsAllowed() {
        drop({"/a/notes.txt"});
        QVERIFY(window_->errorBar().isVisible());
        QVERIFY(window_->errorBar().message().what.contains("notes.txt"));
        QVERIFY(window_->errorBar().message().remedy.contains("video"));
        drop({"/a/notes.txt", "/videos/several.mp4"}); // several at once: the first that fits
        QTRY_VERIFY(window_->project().isOpen());
    }
    void badVideosAreToldInTheBar() {
        drop({"/videos/broken.mp4"});
        QTRY_VERIFY(window_->errorBar().isVisible());
        QCOMPARE(window_->errorBar().message().what, QString("broken.mp4 is not a video."));
        QVERIFY(!window_->project().isOpen());
        QTest::keyClick(&window_->errorBar(), Qt::Key_Escape);
        QVERIFY(!window_->errorBar().isVisible());
    }
    void runsThatFailOfferButtons() {
        open("/videos/fail.mp4");
        clickFrame(165, 180);
        backend_->failRuns = true;
        window_->startRun();
        QTRY_VERIFY(window_->errorBar().isVisible());
        const auto buttons = window_->errorBar().findChildren<QPushButton*>();
        const auto halve = std::find_if(buttons.begin(), buttons.end(), [](auto* b) { return b->text().contains("Halve"); });
        QVERIFY(halve != buttons.end());
        (*halve)->click();
        QCOMPARE(window_->project().document().options.integer("sam_3d_body.batch_size"), 8LL);
        QVERIFY(!window_->errorBar().isVisible());
    }
    void keyTable() {
        open("/videos/keys.mp4");
        auto& p = window_->playback();
        const auto at = [&](std::int64_t frame) { QCOMPARE(p.frame(), frame); };
        key(Qt::Key_Right);
        at(1);
        key(Qt::Key_Right, Qt::ShiftModifier);
        at(26);
        key(Qt::Key_Left);
        at(25);
        key(Qt::Key_Left, Qt::ShiftModifier);
        at(0);
        key(Qt::Key_End);
        at(119);
        key(Qt::Key_Home);
        at(0);
        key(Qt::Key_Space);
        QVERIFY(p.playing());
        key(Qt::Key_Space);
        QVERIFY(!p.playing());
        key(Qt::Key_L);
        key(Qt::Key_L);
        QCOMPARE(p.speed(), 2.0);
        key(Qt::Key_J);
        QCOMPARE(p.speed(), -1.0);
        key(Qt::Key_K);
        QVERIFY(!p.playing());
        p.setFrame(50);
        QTest::keyPress(window_.get(), Qt::Key_K); // held: single frames
        key(Qt::Key_L);
        key(Qt::Key_L);
        at(52);
        key(Qt::Key_J);
        at(51);
        QTest::keyRelease(window_.get(), Qt::Key_K);
        QVERIFY(!p.playing());
        p.setFrame(30);
        key(Qt::Key_I);
        p.setFrame(60);
        key(Qt::Key_O);
        QCOMPARE(window_->project().document().range, (FrameRange{30, 61}));
        QCOMPARE(p.range(), (FrameRange{30, 61}));
        key(Qt::Key_Z, Qt::ControlModifier);
        key(Qt::Key_E);
        QVERIFY(window_->canvas().excludeMode());
        key(Qt::Key_Q);
        QVERIFY(!window_->canvas().excludeMode());
        key(Qt::Key_V);
        QCOMPARE(window_->canvas().tool(), CanvasTool::Select);
        key(Qt::Key_P);
        QCOMPARE(window_->canvas().tool(), CanvasTool::Point);
        key(Qt::Key_B);
        QCOMPARE(window_->canvas().tool(), CanvasTool::Brush);
        key(Qt::Key_E);
        QCOMPARE(window_->canvas().tool(), CanvasTool::Eraser);
        key(Qt::Key_Q);
        QCOMPARE(window_->canvas().tool(), CanvasTool::Brush);
        const double radius = window_->canvas().brushRadius();
        key(Qt::Key_BracketRight);
        QVERIFY(window_->canvas().brushRadius() > radius);
        key(Qt::Key_P);
        key(Qt::Key_M);
        QVERIFY(!window_->actionRegistry().action("view.masks")->isChecked());
    }
    void keysAreUniqueAndListedOnce() {
        QHash<QString, QString> owner;
        QSet<QString> ids;
        for (auto* action : window_->actionRegistry().all()) {
            const auto id = ActionRegistry::idOf(action);
            QVERIFY2(!ids.contains(id), qPrintable(id));
            ids << id;
            QVERIFY(!action->text().isEmpty());
            for (const auto& k : action->shortcuts()) {
                QVERIFY2(!owner.contains(k.toString()), qPrintable(k.toString() + ": " + id + ", " + owner.value(k.toString())));
                owner[k.toString()] = id;
                if (k == action->shortcut()) { // the tooltip names it
                    QVERIFY2(action->toolTip().contains(k.toString(QKeySequence::NativeText)), qPrintable(id));
                }
            }
        }
        for (const auto* wanted : {"Space", "F5", "F1", "Ctrl+P", "Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+Y", "Ctrl+O", "Ctrl+S", "J", "K", "L", "I", "O", "N"}) {
            QVERIFY2(owner.contains(wanted), wanted);
        }
    }
    void lettersReachTextFields() {
        open("/videos/text.mp4");
        window_->actionRegistry().action("playback.goTo")->trigger();
        auto* field = qobject_cast<QSpinBox*>(QApplication::focusWidget());
        QVERIFY(field);
        QTest::keyClicks(field, "42");
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(window_->playback().frame(), 42);
        QVERIFY(window_->project().document().targets.empty()); // the digits selected nobody
    }
    void paletteRunsCommands() {
        open("/videos/palette.mp4");
        key(Qt::Key_P, Qt::ControlModifier);
        auto* palette = window_->findChild<CommandPalette*>();
        QVERIFY(palette->isVisible());
        auto* field = palette->findChild<QLineEdit*>();
        QTest::keyClicks(field, "last fr");
        QTest::keyClick(field, Qt::Key_Return);
        QVERIFY(!palette->isVisible());
        QCOMPARE(window_->playback().frame(), 119);
        QVERIFY(fuzzyScore("lf", "Last frame") > fuzzyScore("lf", "Half"));
        QVERIFY(fuzzyScore("xyz", "Last frame") < 0);
    }
    void findAllAddsEverybodyOnce() {
        open("/videos/all.mp4");
        key(Qt::Key_A);
        QTRY_COMPARE(window_->project().document().targets.size(), std::size_t{2});
        QTRY_VERIFY(window_->canvas().targetAt({165, 180}) != 0);
        QCOMPARE(window_->project().undoStack()->count(), 1);
        key(Qt::Key_A);
        QTRY_VERIFY(window_->errorBar().isVisible());
        QCOMPARE(window_->project().document().targets.size(), std::size_t{2});
    }
    void nobodyUnderTheClickIsSaidWithoutADialog() {
        open("/videos/nobody.mp4");
        clickFrame(320, 20);
        QTRY_VERIFY(window_->errorBar().isVisible());
        QVERIFY(!window_->errorBar().message().actions.isEmpty());
        QVERIFY(!QApplication::activeModalWidget());
    }
    void everythingHasAnAccessibleName() {
        open("/videos/names.mp4");
        clickFrame(165, 180);
        QTRY_VERIFY(window_->project().selected() != 0);
        QStringList nameless;
        for (auto* widget : window_->findChildren<QWidget*>()) {
            const bool field = qobject_cast<QAbstractButton*>(widget) || qobject_cast<QComboBox*>(widget) ||
                               qobject_cast<QAbstractSpinBox*>(widget) || (qobject_cast<QLineEdit*>(widget) && !qobject_cast<QAbstractSpinBox*>(widget->parent()));
            if (!field || !widget->isVisibleTo(window_.get()) || widget->objectName().startsWith("qt_")) {
                continue;
            }
            const auto* button = qobject_cast<QAbstractButton*>(widget);
            if (widget->accessibleName().isEmpty() && (!button || button->text().isEmpty())) {
                nameless << QString("%1 in %2").arg(widget->metaObject()->className(), widget->parentWidget()->metaObject()->className());
            }
        }
        for (const auto* view : {static_cast<QWidget*>(&window_->canvas()), static_cast<QWidget*>(&window_->viewport()), static_cast<QWidget*>(window_->timeline().lanes())}) {
            QVERIFY(!view->accessibleName().isEmpty());
        }
        QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join("; ")));
    }
    void theKeyboardReachesEveryPane() {
        open("/videos/panes.mp4");
        window_->canvas().setFocus();
        QSet<QWidget*> seen;
        for (int i = 0; i < 6; ++i) {
            key(Qt::Key_F6);
            QVERIFY(QApplication::focusWidget());
            seen << QApplication::focusWidget();
        }
        QVERIFY(seen.contains(&window_->viewport()));
        QVERIFY(seen.contains(window_->timeline().lanes()));
        QVERIFY(seen.size() >= 4);
    }
    void gaugesShowScriptedValues() {
        backend_->scripted.systemTotalBytes = std::int64_t{8} << 30;
        backend_->scripted.systemAvailableBytes = std::int64_t{4} << 30;
        backend_->scripted.processBytes = std::int64_t{2} << 30;
        auto* gauge = window_->gauges().gauge();
        QTRY_COMPARE(gauge->latest().used, std::int64_t{2} << 30);
        QCOMPARE(gauge->latest().others, std::int64_t{2} << 30);
        QCOMPARE(gauge->barX(std::int64_t{2} << 30), gauge->width() / 4.0);
        backend_->scripted.processBytes = std::int64_t{1} << 30;
        QTRY_COMPARE(gauge->latest().used, std::int64_t{1} << 30);
        QCOMPARE(gauge->latest().peak, std::int64_t{2} << 30); // the mark stays
        QVERIFY(window_->gauges().summary().contains("1.0 GiB"));
    }
    void scrubbingOnTheTimelineMovesBothViews() {
        open("/videos/scrub.mp4");
        auto* lanes = window_->timeline().lanes();
        for (const int frame : {10, 60, 119}) {
            QTest::mouseClick(lanes, Qt::LeftButton, {}, {static_cast<int>(lanes->xOf(frame + 0.5)), 12});
            QCOMPARE(window_->playback().frame(), frame);
            QTRY_COMPARE(window_->snapshots().snapshot()->frame, frame);
        }
    }
    void paintingCorrectsAMaskAndUndoes() {
        open("/videos/paint.mp4");
        clickFrame(165, 180);
        QTRY_COMPARE(window_->canvas().targetAt({165, 180}), 1);
        QCOMPARE(window_->canvas().targetAt({300, 40}), 0);
        key(Qt::Key_B);
        QCOMPARE(window_->canvas().tool(), CanvasTool::Brush);
        clickFrame(300, 40);
        QTRY_COMPARE(window_->canvas().targetAt({300, 40}), 1); // painted
        QCOMPARE(window_->canvas().targetAt({165, 180}), 1);    // on top of what was there
        clickFrame(330, 40);
        clickFrame(345, 40); // at once: the second stroke goes on from the first
        QTRY_COMPARE(window_->canvas().targetAt({345, 40}), 1);
        QCOMPARE(window_->canvas().targetAt({330, 40}), 1);
        QCOMPARE(window_->project().undoStack()->count(), 4);
        clickFrame(300, 40, Qt::RightButton);
        QTRY_COMPARE(window_->canvas().targetAt({300, 40}), 0);
        QCOMPARE(window_->project().document().targets.size(), std::size_t{1});
        while (window_->project().undoStack()->canUndo()) {
            key(Qt::Key_Z, Qt::ControlModifier);
        }
        QVERIFY(window_->project().document().targets.empty());
        key(Qt::Key_P);
    }
    void splitSwapAndMergeAreOneStepEach() {
        open("/videos/surgery.mp4");
        clickFrame(165, 180);
        QTRY_COMPARE(window_->canvas().targetAt({165, 180}), 1);
        clickFrame(485, 180);
        QTRY_COMPARE(window_->canvas().targetAt({485, 180}), 2);
        backend_->frameMicroseconds = 0;
        QSignalSpy finished(&window_->runController(), &RunController::finished);
        window_->startRun();
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 30000);
        window_->playback().setFrame(40);
        QTRY_VERIFY(window_->snapshots().snapshot()->frame == 40 && !window_->snapshots().snapshot()->target(1)->mask.box.isEmpty() &&
                    !window_->snapshots().snapshot()->target(2)->mask.box.isEmpty());
        const auto boxOf2 = window_->snapshots().snapshot()->target(2)->mask.box;
        const int before = window_->project().undoStack()->count();
        window_->project().select(1);
        key(Qt::Key_X);
        QCOMPARE(window_->project().undoStack()->count(), before + 1);
        const auto* pinned = window_->project().prompt(1, 40);
        QVERIFY(pinned && boxOf2.contains(QPoint(static_cast<int>(pinned->points[0].x), static_cast<int>(pinned->points[0].y))));
        QTRY_VERIFY(window_->actionRegistry().action("run.update")->isEnabled()); // outdated now
        key(Qt::Key_Z, Qt::ControlModifier);
        key(Qt::Key_K, Qt::ControlModifier);
        QCOMPARE(window_->project().document().targets.size(), std::size_t{3});
        QCOMPARE(window_->project().document().target(1)->absent, (std::vector<FrameRange>{{40, 120}}));
        QCOMPARE(window_->project().selected(), 3);
        key(Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(window_->project().document().targets.size(), std::size_t{2});
        window_->project().select(1);
        key(Qt::Key_L, Qt::ControlModifier | Qt::ShiftModifier); // locked: nothing happens to it
        key(Qt::Key_M, Qt::ControlModifier);
        key(Qt::Key_Delete);
        QCOMPARE(window_->project().document().targets.size(), std::size_t{2});
        key(Qt::Key_L, Qt::ControlModifier | Qt::ShiftModifier);
        key(Qt::Key_M, Qt::ControlModifier);
        QCOMPARE(window_->project().document().targets.size(), std::size_t{1});
        QVERIFY(window_->project().document().target(1));
    }
    void runsPauseResumeAndQueue() {
        open("/videos/queue.mp4");
        clickFrame(165, 180);
        QTRY_VERIFY(window_->project().selected() != 0);
        backend_->frameMicroseconds = 4000;
        QSignalSpy finished(&window_->runController(), &RunController::finished);
        key(Qt::Key_F5);
        QTRY_VERIFY(window_->project().results()->lane(1).processedCount() > 3);
        auto* pause = window_->actionRegistry().action("run.pause");
        QVERIFY(pause->isEnabled());
        pause->trigger();
        QTRY_VERIFY(window_->runController().paused());
        QCOMPARE(pause->text(), QString("Resume"));
        QVERIFY(window_->project().results()->lane(1).processedCount() > 3);
        backend_->frameMicroseconds = 1500;
        pause->trigger();
        QVERIFY(window_->runController().running());
        QTRY_VERIFY(window_->actionRegistry().action("export.dialog")->isEnabled());
        window_->startRun({"npz"}, "/tmp/out"); // waits for its turn
        QCOMPARE(window_->runController().waiting().size(), 1);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 3, 30000); // paused, run, export
        QCOMPARE(finished[2][0].value<RunSummary>().files.size(), std::size_t{1});
        QVERIFY(window_->runController().waiting().isEmpty());
    }
    void hoveringTheTimelineShowsTheFrame() {
        open("/videos/hover.mp4");
        auto* lanes = window_->timeline().lanes();
        QTest::mouseMove(lanes, {static_cast<int>(lanes->xOf(50.5)), 12});
        QTRY_COMPARE(window_->thumbnails().shownFrame(), std::int64_t{50});
        QTRY_VERIFY(window_->thumbnails().hasPicture());
        QVERIFY(window_->rect().contains(window_->thumbnails().geometry()));
        QTest::mouseMove(lanes, {static_cast<int>(lanes->xOf(90.5)), 12});
        QTRY_COMPARE(window_->thumbnails().shownFrame(), std::int64_t{90});
        QTest::mouseClick(lanes, Qt::LeftButton, {}, {static_cast<int>(lanes->xOf(90.5)), 12});
        QCOMPARE(window_->thumbnails().shownFrame(), std::int64_t{-1}); // the frame itself is shown
    }
    void noEventHandlerBlocksTheWindow() {
        open("/videos/guard.mp4");
        clickFrame(165, 180);
        clickFrame(485, 180);
        backend_->frameMicroseconds = 2000;
        std::dynamic_pointer_cast<test::FakeFrames>(window_->project().frames())->decodeMilliseconds = 25; // a slow disk
        auto& app = *static_cast<WatchedApplication*>(qApp);
        QSignalSpy finished(&window_->runController(), &RunController::finished);
        window_->startRun();
        app.longestMs = 0;
        app.watching = true;
        for (int f = 0; f < 120; f += 3) {
            window_->playback().setFrame(f);
            QTest::qWait(5);
        }
        window_->project().addPoint(1, 30, {170, 180, true});
        window_->runController().cancel();
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 30000);
        app.watching = false;
        // A machine under load may take the processor away for long; what decodes or computes here takes longer still.
        qInfo("longest event: %.1f ms (%s)", app.longestMs, app.longestWhat.constData());
        QVERIFY2(app.longestMs < 1500, app.longestWhat.constData());
    }
};

BODY4D_GUI_TEST(MainWindowTest)
#include "main_window_test.moc"
