#pragma once

#include "fake_backend.h"
#include "gui_test.h"

#include "ui/main_window.h"
#include "ui/video/video_canvas.h"

#include <QDropEvent>
#include <QMimeData>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

namespace body4d::ui::test {

/// The whole window on made-up engines, and what a person's hands do to it.
class WindowFixture : public QObject {
    Q_OBJECT
protected:
    std::shared_ptr<FakeBackend> backend_;
    std::unique_ptr<MainWindow> window_;
    QTemporaryDir drafts_;

    /// Needs a display. @returns false where the window does not come up
    [[nodiscard]] bool makeWindow(QSize size = {1280, 800}) {
        return makeWindow(std::make_shared<FakeBackend>(), size);
    }
    /// The same on a backend that does more.
    [[nodiscard]] bool makeWindow(std::shared_ptr<FakeBackend> backend, QSize size = {1280, 800}) {
        backend_ = std::move(backend);
        window_ = std::make_unique<MainWindow>(backend_);
        window_->project().setDraftsFolder(drafts_.path().toStdString());
        window_->resize(size);
        window_->show();
        if (!QTest::qWaitForWindowExposed(window_.get())) {
            return false;
        }
        QApplication::setActiveWindow(window_.get()); // Xvfb has no window manager that would
        return true;
    }
    void drop(const QStringList& paths) {
        QMimeData mime;
        QList<QUrl> urls;
        for (const auto& path : paths) {
            urls << QUrl::fromLocalFile(path);
        }
        mime.setUrls(urls);
        QDragEnterEvent enter({50, 50}, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(window_.get(), &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent event({50, 50}, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(window_.get(), &event);
    }
    void open(const QString& video) {
        drop({video});
        QTRY_VERIFY(window_->project().isOpen());
        QTRY_VERIFY(window_->snapshots().snapshot() != nullptr);
    }
    void clickFrame(double x, double y, Qt::MouseButton button = Qt::LeftButton) {
        QTest::mouseClick(&window_->canvas(), button, {}, window_->canvas().transform().toWidget(QPointF(x, y)).toPoint());
    }
    void key(int k, Qt::KeyboardModifiers modifiers = Qt::NoModifier) { QTest::keyClick(window_.get(), static_cast<Qt::Key>(k), modifiers); }
    [[nodiscard]] QAction* action(const char* id) const { return window_->actionRegistry().action(QLatin1String(id)); }
    /// Two people, clicked, with their masks.
    void clickBoth() {
        clickFrame(165, 180);
        QTRY_COMPARE(window_->canvas().targetAt({165, 180}), 1);
        clickFrame(485, 180);
        QTRY_COMPARE(window_->canvas().targetAt({485, 180}), 2);
    }
    void runToTheEnd() {
        QSignalSpy finished(&window_->runController(), &RunController::finished);
        backend_->frameMicroseconds = 0;
        window_->startRun();
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 30000);
    }
};

} // namespace body4d::ui::test
