// A whole job with the keyboard alone: open, click two people, correct, undo, run, look, export, save, close. Every key goes
// to what has the focus, as a person's does; nothing is called.
#include "window_fixture.h"

#include "ui/panels/export_dialog.h"
#include "ui/viewport/viewport_widget.h"

#include <QFile>
#include <QFileDialog>
#include <QPushButton>
#include <QTimer>

using namespace body4d;
using namespace body4d::ui;

class KeyboardTest : public test::WindowFixture {
    Q_OBJECT
    QTemporaryDir files_;

    /// What keys go to. Xvfb has no window manager that would make the topmost window the active one.
    QWidget* focused() const {
        if (auto* dialog = QApplication::activeModalWidget(); dialog && QApplication::activeWindow() != dialog) {
            QApplication::setActiveWindow(dialog);
        } else if (!QApplication::activeWindow()) {
            QApplication::setActiveWindow(window_.get());
        }
        return QApplication::focusWidget() ? QApplication::focusWidget() : QApplication::activeWindow();
    }
    void press(int k, Qt::KeyboardModifiers modifiers = Qt::NoModifier) const {
        QVERIFY(focused());
        QTest::keyClick(focused(), static_cast<Qt::Key>(k), modifiers);
    }
    /// Presses a key that opens a file dialog, writes a path into it and accepts.
    void pressAndName(int k, Qt::KeyboardModifiers modifiers, const QString& path) {
        QTimer writer;
        bool written = false;
        connect(&writer, &QTimer::timeout, [&] {
            if (!written && qobject_cast<QFileDialog*>(QApplication::activeModalWidget())) {
                written = true;
                press(Qt::Key_A, Qt::ControlModifier);
                QTest::keyClicks(focused(), path);
                press(Qt::Key_Return);
            }
        });
        writer.start(20);
        press(k, modifiers);
        QVERIFY(written);
    }
    /// Moves the cross to a pixel by what the status bar is told of it.
    void steer(double x, double y) {
        QSignalSpy cross(&window_->canvas(), &VideoCanvas::hovered);
        const auto at = [&](int i) { return cross.isEmpty() ? -1.0 : cross.back()[i].toDouble(); };
        press(Qt::Key_Left);
        for (int i = 0; i < 400 && std::abs(at(0) - x) > 5; ++i) {
            press(at(0) < x ? Qt::Key_Right : Qt::Key_Left, std::abs(at(0) - x) > 40 ? Qt::ShiftModifier : Qt::NoModifier);
        }
        for (int i = 0; i < 400 && std::abs(at(1) - y) > 5; ++i) {
            press(at(1) < y ? Qt::Key_Down : Qt::Key_Up, std::abs(at(1) - y) > 40 ? Qt::ShiftModifier : Qt::NoModifier);
        }
        QVERIFY(std::abs(at(0) - x) <= 5 && std::abs(at(1) - y) <= 5);
    }
    [[nodiscard]] const ProjectDocument& document() const { return window_->project().document(); }

private Q_SLOTS:
    void init() {
        BODY4D_NEEDS_DISPLAY();
        QVERIFY(makeWindow());
        backend_->frameMicroseconds = 0;
    }
    void cleanup() { window_.reset(); }

    void aWholeJob() {
        const QString video = files_.filePath("walk.mp4");
        QFile file(video);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("x") == 1); // the drawn clip stands for it
        file.close();
        QSignalSpy finished(&window_->runController(), &RunController::finished);

        pressAndName(Qt::Key_O, Qt::ControlModifier, video);
        QTRY_VERIFY(window_->project().isOpen());
        QTRY_VERIFY(window_->snapshots().snapshot() != nullptr);
        press(Qt::Key_P);
        for (int i = 0; i < 8 && focused() != &window_->canvas(); ++i) {
            press(Qt::Key_F6);
        }
        QCOMPARE(focused(), static_cast<QWidget*>(&window_->canvas()));
        press(Qt::Key_C);
        QVERIFY(window_->canvas().crosshair());
        steer(165, 180);
        press(Qt::Key_Return);
        QTRY_COMPARE(window_->canvas().targetAt({165, 180}), 1);
        steer(485, 180);
        press(Qt::Key_Return);
        QTRY_COMPARE(window_->canvas().targetAt({485, 180}), 2);
        QCOMPARE(document().targets.size(), std::size_t{2});
        steer(485, 330);
        press(Qt::Key_Return, Qt::ShiftModifier); // excludes, of the selected person
        QTRY_COMPARE(document().targets[1].prompts.front().points.size(), std::size_t{2});
        QVERIFY(!document().targets[1].prompts.front().points[1].include);
        press(Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(document().targets[1].prompts.front().points.size(), std::size_t{1});
        press(Qt::Key_Escape);
        QVERIFY(!window_->canvas().crosshair());
        press(Qt::Key_1);
        QCOMPARE(window_->project().selected(), 1);

        for (int i = 0; i < 59; ++i) {
            press(Qt::Key_Right);
        }
        press(Qt::Key_O); // out
        QTRY_COMPARE(document().range, (FrameRange{0, 60}));
        press(Qt::Key_F5);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 30000);
        QTRY_COMPARE(window_->project().results()->lane(2).processedCount(), 60);
        press(Qt::Key_Home);
        QCOMPARE(window_->playback().frame(), 0);
        press(Qt::Key_N); // the next worst frame
        QTRY_VERIFY(window_->playback().frame() > 0);
        press(Qt::Key_Space);
        QVERIFY(window_->playback().playing());
        press(Qt::Key_Space);
        QVERIFY(!window_->playback().playing());

        for (int i = 0; i < 8 && focused() != &window_->viewport(); ++i) {
            press(Qt::Key_F6);
        }
        press(Qt::Key_F); // the body fills the view
        press(Qt::Key_E, Qt::ControlModifier);
        auto* dialog = window_->exportDialog();
        QTRY_VERIFY(dialog && dialog->isVisible());
        QApplication::setActiveWindow(dialog);
        auto* go = dialog->findChildren<QPushButton*>("primary").front();
        for (int i = 0; i < 60 && focused() != go; ++i) {
            press(Qt::Key_Tab); // every field of the dialog is on the way
        }
        QCOMPARE(focused(), static_cast<QWidget*>(go));
        press(Qt::Key_Space);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 2, 30000);
        QVERIFY(!backend_->requests.back().exports.empty());
        press(Qt::Key_Escape);
        QTRY_VERIFY(!dialog->isVisible());

        QApplication::setActiveWindow(window_.get());
        const QString place = files_.filePath("kept.body4d");
        pressAndName(Qt::Key_S, Qt::ControlModifier, place);
        press(Qt::Key_W, Qt::ControlModifier);
        QTRY_VERIFY(!window_->project().isOpen());
    }
    void panelsAreReachedAndSetByTab() {
        open("/videos/tab.mp4");
        clickFrame(165, 180);
        QTRY_COMPARE(document().targets.size(), std::size_t{1});
        QApplication::setActiveWindow(window_.get());
        const bool before = document().options.boolean("completion.enable");
        QStringList names;
        for (int i = 0; i < 150; ++i) {
            press(Qt::Key_Tab);
            auto* at = QApplication::focusWidget();
            QVERIFY(at);
            if (names.size() > 20 && at->accessibleName() == names.front()) {
                break; // once round
            }
            names << at->accessibleName();
            if (at->accessibleName() == "Completion" && document().options.boolean("completion.enable") == before) {
                press(Qt::Key_Space);
            }
        }
        QVERIFY2(document().options.boolean("completion.enable") != before, qPrintable(names.join('|')));
        for (const auto* wanted : {"Engine of Segment", "Engine of Scene", "Batch size", "Budget", "Height", "Age"}) {
            QVERIFY2(names.contains(wanted), qPrintable(QString(wanted) + ": " + names.join('|')));
        }
    }
};

BODY4D_GUI_TEST(KeyboardTest)
#include "keyboard_test.moc"
