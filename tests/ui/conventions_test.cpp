#include "window_fixture.h"

#include "ui/controllers/recent_files.h"
#include "ui/panels/shortcut_sheet.h"
#include "ui/panels/target_panel.h"
#include "ui/timeline/film_strip.h"
#include "ui/timeline/timeline_widget.h"
#include "ui/viewport/axis_gizmo.h"
#include "ui/viewport/viewport_widget.h"

#include <QAbstractButton>
#include <QAbstractSpinBox>
#include <QClipboard>
#include <QComboBox>
#include <QFile>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QMenuBar>
#include <QPushButton>
#include <QRegularExpression>
#include <QScrollArea>
#include <QStatusBar>
#include <QToolBar>
#include <QTreeWidget>
#include <QUndoView>

using namespace body4d;
using namespace body4d::ui;

/// What a person expects of such a program; conventions.md says which test stands for which expectation.
class ConventionsTest : public test::WindowFixture {
    Q_OBJECT

private Q_SLOTS:
    void init() {
        BODY4D_NEEDS_DISPLAY();
        QVERIFY(makeWindow());
    }
    void cleanup() { window_.reset(); }

    void theTableNamesTestsThatExist() {
        QFile table(BODY4D_SOURCE_DIR "/tests/ui/conventions.md");
        QVERIFY(table.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(table.readAll());
        QSet<int> numbers;
        static const QRegularExpression row("^\\| (\\d+) \\|.*$", QRegularExpression::MultilineOption), name("`(\\w+)::(\\w+)`");
        for (auto rows = row.globalMatch(text); rows.hasNext();) {
            const auto line = rows.next();
            numbers << line.captured(1).toInt();
            int named = 0;
            for (auto names = name.globalMatch(line.captured(0)); names.hasNext(); ++named) {
                const auto one = names.next();
                QFile file(QString(BODY4D_SOURCE_DIR "/tests/ui/%1.cpp").arg(one.captured(1)));
                QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
                QVERIFY2(QString::fromUtf8(file.readAll()).contains("void " + one.captured(2) + "("), qPrintable(one.captured(0)));
            }
            QVERIFY2(named > 0, qPrintable(line.captured(0)));
        }
        QCOMPARE(numbers.size(), 25);
    }
    void undoTakesBackTheLastClick() {
        open("/videos/undo.mp4");
        clickFrame(165, 180);
        QTRY_COMPARE(window_->canvas().targetAt({165, 180}), 1);
        const auto before = window_->project().document();
        clickFrame(170, 190); // one more of the same person
        QVERIFY(!sameDocument(window_->project().document(), before));
        key(Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(sameDocument(window_->project().document(), before));
        clickFrame(165, 180); // the point itself: removed
        QVERIFY(window_->project().document().targets.front().prompts.empty());
        key(Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(sameDocument(window_->project().document(), before));
    }
    void aStrokeAndUndoGiveTheSameBits() {
        open("/videos/bits.mp4");
        clickFrame(165, 180);
        QTRY_COMPARE(window_->canvas().targetAt({165, 180}), 1);
        key(Qt::Key_B);
        clickFrame(300, 40);
        QTRY_COMPARE(window_->canvas().targetAt({300, 40}), 1);
        const auto painted = window_->project().prompt(1, 0)->mask;
        QVERIFY(painted);
        clickFrame(330, 60);
        QTRY_VERIFY(window_->project().prompt(1, 0)->mask != painted);
        key(Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(window_->project().prompt(1, 0)->mask->counts, painted->counts);
        key(Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(window_->project().prompt(1, 0)->mask->counts != painted->counts);
        key(Qt::Key_P);
    }
    void aPersonHasOneColourEverywhere() {
        open("/videos/colour.mp4");
        clickBoth();
        window_->project().setTargetColour(2, "#E8743B");
        const QColor wanted("#E8743B");
        QCOMPARE(window_->targetModel().colour(2), wanted); // the list
        QCOMPARE(QColor(QString::fromStdString(window_->project().document().target(2)->colour)), wanted); // and files
        runToTheEnd();
        QTRY_VERIFY(window_->snapshots().snapshot()->target(2) != nullptr && !window_->snapshots().snapshot()->target(2)->mask.box.isEmpty());
        const auto hueNear = [&](const QColor& c) { return c.saturation() > 60 && std::abs(c.hue() - wanted.hue()) < 14; };
        const auto share = [&](const QImage& image, QRect area) {
            int n = 0;
            for (int y = area.top(); y <= area.bottom(); ++y) {
                for (int x = area.left(); x <= area.right(); ++x) {
                    n += image.valid(x, y) && hueNear(image.pixelColor(x, y)) ? 1 : 0;
                }
            }
            return n;
        };
        // The lane, the mask in the video, the body in space.
        auto* lanes = window_->timeline().lanes();
        QTRY_VERIFY(lanes->laneCentre(2) > 0);
        const QImage lane = lanes->grab().toImage();
        QVERIFY(share(lane, QRect(0, lanes->laneCentre(2) - 6, lane.width(), 12)) > 60);
        QTRY_VERIFY([&] {
            const QImage canvas = window_->canvas().grab().toImage();
            const auto at = window_->canvas().transform().toWidget(QPointF(485, 180)).toPoint();
            return share(canvas, QRect(at - QPoint(40, 60), QSize(80, 120))) > 300;
        }());
        QTRY_VERIFY(share(window_->viewport().grabPicture(false), QRect(0, 0, 4000, 3000)) > 100);
    }
    void numberKeysSelectAndADoubleClickRenames() {
        open("/videos/numbers.mp4");
        clickBoth();
        key(Qt::Key_1);
        QCOMPARE(window_->project().selected(), 1);
        key(Qt::Key_2);
        QCOMPARE(window_->project().selected(), 2);
        auto* list = window_->findChild<TargetPanel*>()->findChild<QListView*>();
        const auto at = list->visualRect(window_->targetModel().index(1)).center();
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, at - QPoint(30, 0));
        QTest::mouseDClick(list->viewport(), Qt::LeftButton, {}, at - QPoint(30, 0));
        QLineEdit* editor = nullptr;
        QTRY_VERIFY((editor = list->findChild<QLineEdit*>()) != nullptr);
        editor->setText("Ben");
        QTest::keyClick(editor, Qt::Key_Return);
        QTRY_COMPARE(window_->project().document().target(2)->name, std::string("Ben"));
    }
    void theHistoryNamesEveryEdit() {
        open("/videos/history.mp4");
        key(Qt::Key_H, Qt::ControlModifier);
        auto* view = window_->findChild<QUndoView*>();
        QVERIFY(view && view->isVisible());
        const auto start = window_->project().document();
        clickBoth();
        window_->project().renameTarget(1, "Anna");
        QCOMPARE(view->model()->rowCount(), 4); // with the state before the first
        for (int i = 0; i < 4; ++i) {
            QVERIFY(!view->model()->index(i, 0).data().toString().isEmpty());
        }
        view->setCurrentIndex(view->model()->index(0, 0)); // a click on the first line goes all the way back
        QVERIFY(sameDocument(window_->project().document(), start));
        view->setCurrentIndex(view->model()->index(3, 0));
        QCOMPARE(window_->project().document().target(1)->name, std::string("Anna"));
        QVERIFY(window_->project().undoStack()->undoLimit() > 0); // bounded
    }
    void scrubbingDecodesNoQueue() {
        open("/videos/scrub.mp4");
        auto* lanes = window_->timeline().lanes();
        auto frames = std::dynamic_pointer_cast<test::FakeFrames>(window_->project().frames());
        lanes->filmStrip().setPaused(true); // pictures of the strip are not of the scrubbing
        frames->decodeMilliseconds = 20;
        frames->forget();
        frames->decoded = 0;
        const auto at = [&](int frame) { return QPoint(static_cast<int>(lanes->xOf(frame + 0.5)), 12); };
        QTest::mousePress(lanes, Qt::LeftButton, {}, at(0));
        for (int f = 1; f < 100; ++f) {
            QTest::mouseMove(lanes, at(f), 0);
        }
        QTest::mouseRelease(lanes, Qt::LeftButton, {}, at(99));
        QCOMPARE(window_->playback().frame(), 99);
        QTRY_COMPARE(window_->snapshots().snapshot()->frame, 99);
        QVERIFY2(frames->decoded.load() < 60, qPrintable(QString::number(frames->decoded.load()))); // those in between are passed over
    }
    void lanesShowWhatIsThere() {
        open("/videos/lanes.mp4");
        clickBoth();
        runToTheEnd();
        const auto frames = window_->project().frames();
        QTRY_COMPARE(window_->project().results()->lane(1).processedCount(), 120);
        const auto lane = window_->project().results()->lane(1);
        const auto bands = bandsOf(lane);
        std::int64_t covered = 0;
        for (const auto& band : bands) {
            covered += band.end - band.begin;
        }
        QCOMPARE(covered, 120);
        // Pictures of frames come by themselves, and what is cached is drawn.
        auto* lanes = window_->timeline().lanes();
        QTRY_VERIFY(lanes->filmStrip().knownCount() > 3);
        const auto greenish = [](const QColor& c) { return c.green() > c.red() + 8 && c.green() > c.blue() + 4; };
        QTRY_VERIFY([&] {
            const QImage picture = lanes->grab().toImage();
            int green = 0;
            for (int y = 24; y < 70; ++y) {
                green += greenish(picture.pixelColor(static_cast<int>(lanes->xOf(0.15) * picture.devicePixelRatio()), y)) ? 1 : 0;
            }
            return green > 0;
        }());
        // A click makes the frames that depend on it stale, by pattern and not by colour alone.
        window_->project().addPoint(1, 30, {170, 180, true});
        QTRY_VERIFY_WITH_TIMEOUT(window_->project().results()->lane(1).stale[60] != 0, 30000);
    }
    void runsAndExportsKeepToTheRange() {
        open("/videos/range.mp4");
        clickFrame(165, 180);
        QTRY_COMPARE(window_->canvas().targetAt({165, 180}), 1);
        window_->playback().setFrame(20);
        key(Qt::Key_I);
        window_->playback().setFrame(49);
        key(Qt::Key_O);
        QSignalSpy finished(&window_->runController(), &RunController::finished);
        backend_->frameMicroseconds = 0;
        key(Qt::Key_F5);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 30000);
        QCOMPARE(finished[0][0].value<RunSummary>().personFrames, std::int64_t{30});
        QTRY_COMPARE(window_->project().results()->lane(1).processedCount(), 30);
        window_->startRun({"npz"}, "/tmp/out");
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 2, 30000);
        QCOMPARE(*backend_->requests.back().exportRange, (FrameRange{20, 50}));
        key(Qt::Key_Home);
        QCOMPARE(window_->playback().frame(), 20);
    }
    void cancelAnswersWithinASecondAndKeepsFrames() {
        open("/videos/cancel.mp4");
        clickBoth();
        backend_->frameMicroseconds = 5000;
        QSignalSpy finished(&window_->runController(), &RunController::finished);
        key(Qt::Key_F5);
        QTRY_VERIFY(window_->project().results()->lane(1).processedCount() > 4);
        QVERIFY(!QApplication::activeModalWidget()); // never modal
        QStringList said;
        QTRY_VERIFY([&] { // stage, n of m, rate, time left, elapsed
            said.clear();
            for (const auto* label : window_->findChildren<QLabel*>()) {
                if (label->isVisible()) {
                    said << label->text();
                }
            }
            const QString all = said.join('\n');
            return all.contains("Tracking") && all.contains(" of 240") && all.contains("person-frames/s") && all.contains("left") &&
                   all.contains("elapsed");
        }());
        QElapsedTimer clock;
        clock.start();
        key(Qt::Key_F5, Qt::ShiftModifier);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 30000);
        qInfo("cancelled after %lld ms", clock.elapsed());
        QVERIFY(finished[0][0].value<RunSummary>().cancelled);
        QTRY_VERIFY(window_->project().results()->lane(1).processedCount() > 4);
    }
    void viewKeysTurnTheCamera() {
        open("/videos/views.mp4");
        auto& camera = window_->viewport().camera();
        const auto looks = [&](const char* id, double x, double y, double z) {
            action(id)->trigger();
            const auto from = camera.position() - camera.focalPoint();
            const double n = norm(from);
            QVERIFY2(std::abs(from.x / n - x) < 0.12 && std::abs(from.y / n - y) < 0.12 && std::abs(from.z / n - z) < 0.12, id);
        };
        looks("view.front", 0, 0, 1);
        looks("view.top", 0, 1, 0);
        action("view.right")->trigger();
        QVERIFY(std::abs((camera.position() - camera.focalPoint()).x) > 0.9 * norm(camera.position() - camera.focalPoint()));
        const bool flat = camera.orthographic();
        key(Qt::Key_5, Qt::AltModifier);
        QCOMPARE(camera.orthographic(), !flat);
        key(Qt::Key_5, Qt::AltModifier);
        for (const auto* id : {"view.front", "view.right", "view.top", "view.ortho", "view.camera"}) {
            const auto keys = action(id)->shortcuts();
            QVERIFY2(std::any_of(keys.begin(), keys.end(), [](const QKeySequence& k) { return k.toString().startsWith("Num+"); }), id);
        }
    }
    void theAxesCanBeClicked() {
        open("/videos/axes.mp4");
        auto* gizmo = window_->viewport().findChild<AxisGizmo*>();
        QVERIFY(gizmo && gizmo->isVisible());
        action("view.oblique")->trigger();
        auto& camera = window_->viewport().camera();
        const auto before = camera.position() - camera.focalPoint();
        QSignalSpy asked(gizmo, &AxisGizmo::presetRequested);
        for (int y = 4; y < gizmo->height() && asked.isEmpty(); y += 6) { // wherever its ends are
            for (int x = 4; x < gizmo->width() && asked.isEmpty(); x += 6) {
                QTest::mouseClick(gizmo, Qt::LeftButton, {}, {x, y});
            }
        }
        QVERIFY(!asked.isEmpty());
        QVERIFY(norm(camera.position() - camera.focalPoint() - before) > 0.1);
        QVERIFY(gizmo->width() >= 60); // in points: it grows with the screen's scale
    }
    void hideAndSoloReachBothViews() {
        open("/videos/hide.mp4");
        clickBoth();
        window_->project().select(1);
        key(Qt::Key_H);
        QVERIFY(!window_->targetModel().visible(1));
        QTRY_COMPARE(window_->canvas().targetAt({165, 180}), 0); // what is hidden cannot be hit
        key(Qt::Key_H);
        QTRY_COMPARE(window_->canvas().targetAt({165, 180}), 1);
        window_->project().select(2);
        key(Qt::Key_Slash);
        QVERIFY(!window_->targetModel().visible(1) && window_->targetModel().visible(2));
        key(Qt::Key_Slash);
        QVERIFY(window_->targetModel().visible(1));
    }
    void screenshotsReachTheClipboard() {
        open("/videos/shot.mp4");
        QGuiApplication::clipboard()->clear();
        key(Qt::Key_C, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(!QGuiApplication::clipboard()->image().isNull());
        QCOMPARE(QGuiApplication::clipboard()->image().width(), static_cast<int>(window_->width() * window_->devicePixelRatioF()));
        QCOMPARE(action("view.saveScreenshot")->shortcut(), QKeySequence(Qt::Key_F12));
    }
    void recentFilesSurviveArePinnedAndGreyed() {
        QFile there(drafts_.filePath("there.mp4"));
        QVERIFY(there.open(QIODevice::WriteOnly));
        there.close();
        for (const auto& file : {drafts_.filePath("gone.mp4"), there.fileName()}) {
            RecentFiles::add(file);
        }
        RecentFiles::setPinned(drafts_.filePath("gone.mp4"), true);
        window_.reset();
        QVERIFY(makeWindow()); // the list survives a restart
        const auto menus = window_->menuBar()->findChildren<QMenu*>();
        const auto recent = std::find_if(menus.begin(), menus.end(), [](const QMenu* m) { return m->title().contains("recent"); });
        QVERIFY(recent != menus.end());
        Q_EMIT (*recent)->aboutToShow();
        const auto actions = (*recent)->actions();
        QCOMPARE(actions.front()->text(), QString("gone.mp4")); // pinned: on top
        QVERIFY(!actions.front()->isEnabled());                 // and greyed
        QVERIFY(!actions.front()->icon().isNull());
        const auto found = std::find_if(actions.begin(), actions.end(), [](const QAction* a) { return a->text() == "there.mp4"; });
        QVERIFY(found != actions.end() && (*found)->isEnabled());
        for (int i = 0; i < 15; ++i) {
            RecentFiles::add(QString("/videos/%1.mp4").arg(i));
        }
        QCOMPARE(static_cast<int>(RecentFiles::list().size()), RecentFiles::kMost + 1);
        for (const auto& entry : RecentFiles::list()) {
            RecentFiles::remove(entry.path);
        }
        QVERIFY(RecentFiles::list().empty());
    }
    void theStatusBarFollows() {
        open("/videos/status.mp4");
        clickFrame(165, 180);
        QTRY_COMPARE(window_->canvas().targetAt({165, 180}), 1);
        const auto field = [&](const char* name) {
            for (const auto* label : window_->statusBar()->findChildren<QLabel*>()) {
                if (label->accessibleName() == QLatin1String(name)) {
                    return label->text();
                }
            }
            return QString("no such field");
        };
        window_->playback().setFrame(77);
        QVERIFY(field("Frame").contains("77"));
        window_->playback().setFrame(0);
        QTRY_COMPARE(window_->canvas().targetAt({165, 180}), 1);
        QTest::mouseMove(&window_->canvas(), window_->canvas().transform().toWidget(QPointF(165, 180)).toPoint());
        QTRY_VERIFY2(field("Cursor").contains("165") && field("Cursor").contains("Person 1"), qPrintable(field("Cursor")));
        QVERIFY(field("Device").contains("CPU"));
        QVERIFY(field("Engine").contains("BlazePose"));
        // The gauges look four times a second: the window may be there before their first reading.
        QTRY_VERIFY2(field("Memory in use").contains("iB"), qPrintable(field("Memory in use")));
        backend_->frameMicroseconds = 4000;
        window_->startRun();
        QTRY_VERIFY(field("State").contains("Running"));
        window_->runController().cancel();
        QTRY_VERIFY(field("State").contains("Cancelled"));
    }
    void smallWindowsCutNothingOff_data() {
        QTest::addColumn<QSize>("size");
        QTest::newRow("smallest") << QSize(1280, 720);
        QTest::newRow("usual") << QSize(1480, 900);
        QTest::newRow("large") << QSize(1880, 1040);
    }
    void smallWindowsCutNothingOff() {
        QFETCH(QSize, size);
        window_->resize(size);
        open("/videos/size.mp4");
        clickBoth();
        QTRY_COMPARE(window_->size(), size); // its contents do not force it larger
        QStringList cut;
        for (auto* widget : window_->findChildren<QWidget*>()) {
            const bool control = qobject_cast<QAbstractButton*>(widget) || qobject_cast<QComboBox*>(widget) ||
                                 qobject_cast<QAbstractSpinBox*>(widget);
            if (!control || !widget->isVisible() || widget->objectName().startsWith("qt_")) {
                continue;
            }
            const QRect inWindow(widget->mapTo(window_.get(), QPoint()), widget->size());
            bool scrolls = false; // what a scroll area can bring into sight is not cut off
            for (auto* up = widget->parentWidget(); up; up = up->parentWidget()) {
                scrolls = scrolls || qobject_cast<QScrollArea*>(up) != nullptr;
            }
            const bool narrow = widget->width() + 2 < std::min(widget->minimumSizeHint().width(), 400);
            const bool outside = !scrolls && !window_->rect().adjusted(-1, -1, 1, 1).contains(inWindow);
            if (narrow || outside) {
                const auto* button = qobject_cast<QAbstractButton*>(widget);
                cut << QString("%1 '%2' %3x%4 at %5,%6 needs %7").arg(widget->metaObject()->className(),
                           button && !button->text().isEmpty() ? button->text() : widget->accessibleName())
                           .arg(widget->width()).arg(widget->height()).arg(inWindow.x()).arg(inWindow.y()).arg(widget->minimumSizeHint().width());
            }
        }
        QVERIFY2(cut.isEmpty(), qPrintable(cut.join("\n")));
        for (auto* area : window_->findChildren<QScrollArea*>()) { // panels scroll one way only
            if (area->isVisible() && area->widget()) {
                QVERIFY2(area->widget()->minimumSizeHint().width() <= area->viewport()->width() + 1,
                         qPrintable(QString("%1: %2 into %3").arg(area->widget()->metaObject()->className())
                                        .arg(area->widget()->minimumSizeHint().width()).arg(area->viewport()->width())));
            }
        }
        for (auto* bar : window_->findChildren<QToolBar*>()) {
            const auto* more = bar->findChild<QWidget*>("qt_toolbar_ext_button");
            QVERIFY(!more || !more->isVisible()); // every tool is seen
        }
    }
    void keysCanBeChangedAndClashesAreTold() {
        key(Qt::Key_F1);
        auto* sheet = window_->findChild<ShortcutSheet*>();
        QVERIFY(sheet && sheet->isVisible());
        auto* tree = sheet->findChild<QTreeWidget*>();
        const auto find = [&](const QString& id) -> QTreeWidgetItem* {
            int seen = 0;
            QTreeWidgetItem* found = nullptr;
            for (QTreeWidgetItemIterator it(tree); *it; ++it) {
                if ((*it)->data(0, Qt::UserRole).toString() == id) {
                    found = *it;
                    ++seen;
                }
            }
            return seen == 1 ? found : nullptr; // listed once
        };
        for (const auto* each : window_->actionRegistry().all()) {
            QVERIFY2(find(ActionRegistry::idOf(each)), qPrintable(ActionRegistry::idOf(each)));
        }
        tree->setCurrentItem(find("playback.nextWorst"));
        auto* edit = sheet->findChild<QKeySequenceEdit*>();
        edit->setKeySequence(QKeySequence(Qt::Key_G)); // that of "Go to a frame"
        QString clash;
        for (const auto* label : sheet->findChildren<QLabel*>()) {
            clash += label->isVisible() ? label->text() : QString();
        }
        QVERIFY2(clash.contains("Go to a frame"), qPrintable(clash));
        edit->setKeySequence(QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_N));
        const auto buttons = sheet->findChildren<QPushButton*>();
        const auto press = [&](const QString& text) {
            for (auto* button : buttons) {
                if (button->text() == text) {
                    button->click();
                    return;
                }
            }
            QFAIL("no such button");
        };
        press("Set key");
        QCOMPARE(action("playback.nextWorst")->shortcut(), QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_N));
        tree->setCurrentItem(find("playback.nextWorst"));
        press("Default");
        QCOMPARE(action("playback.nextWorst")->shortcut(), QKeySequence(Qt::Key_N));
        // Enter and Esc are no keys to record: the one sets, the other gives up and then closes.
        tree->setCurrentItem(find("playback.nextWorst"));
        edit->setFocus();
        QTest::keyClick(edit, Qt::Key_J, Qt::ControlModifier | Qt::AltModifier);
        QTest::keyClick(edit, Qt::Key_Return);
        QCOMPARE(action("playback.nextWorst")->shortcut(), QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_J));
        tree->setCurrentItem(find("playback.nextWorst"));
        QTest::keyClick(edit, Qt::Key_B, Qt::ControlModifier);
        QTest::keyClick(edit, Qt::Key_Escape);
        QVERIFY(edit->keySequence().isEmpty() && sheet->isVisible());
        press("Default");
        // Its search finds commands and keys; Enter there changes nothing.
        auto* search = sheet->findChildren<QLineEdit*>().front();
        tree->setCurrentItem(find("playback.nextWorst"));
        search->setFocus();
        QTest::keyClick(search, Qt::Key_Return);
        QCOMPARE(action("playback.nextWorst")->shortcut(), QKeySequence(Qt::Key_N));
        search->setText("worst");
        search->setText("doubtful");
        QVERIFY(find("playback.nextWorst") && !find("file.open"));
        edit->setFocus();
        QTest::keyClick(edit, Qt::Key_Escape);
        QVERIFY(!sheet->isVisible());
    }
};

BODY4D_GUI_TEST(ConventionsTest)
#include "conventions_test.moc"
