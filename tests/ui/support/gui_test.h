#pragma once

#include "ui/theme.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QEvent>
#include <QSettings>
#include <QStandardPaths>
#include <QSurfaceFormat>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

namespace body4d::ui::test {

[[nodiscard]] inline bool hasDisplay() {
    return !qgetenv("DISPLAY").isEmpty() || !qgetenv("WAYLAND_DISPLAY").isEmpty();
}

/// Skips the test function that it stands in where nothing can draw.
#define BODY4D_NEEDS_DISPLAY()                                                                                         \
    do {                                                                                                               \
        if (!body4d::ui::test::hasDisplay()) {                                                                         \
            QSKIP("OpenGL needs a display: run under xvfb-run");                                                       \
        }                                                                                                              \
    } while (false)

/// What the program itself asks of OpenGL, and names under which settings do not meet those of a person.
inline void configureApplication() {
    QSurfaceFormat format;
    format.setVersion(3, 2);
    format.setProfile(QSurfaceFormat::CoreProfile);
    format.setDepthBufferSize(24);
    QSurfaceFormat::setDefaultFormat(format);
    QCoreApplication::setOrganizationName("body4d-tests");
    QCoreApplication::setApplicationName("ui");
}

/// Measures every event that reaches the application: what one handler may cost the GUI thread.
class WatchedApplication : public QApplication {
public:
    using QApplication::QApplication;
    bool notify(QObject* receiver, QEvent* event) override {
        if (QThread::currentThread() != thread()) { // the events of other threads come here too
            return QApplication::notify(receiver, event);
        }
        if (depth_++ > 0) { // a handler within a handler belongs to the outer one
            const bool result = QApplication::notify(receiver, event);
            --depth_;
            return result;
        }
        const auto type = event->type();
        const QByteArray name = receiver->metaObject()->className();
        QElapsedTimer clock;
        clock.start();
        const bool result = QApplication::notify(receiver, event);
        const double ms = static_cast<double>(clock.nsecsElapsed()) * 1e-6;
        --depth_;
        if (watching && ms > longestMs) {
            longestMs = ms;
            longestWhat = name + " event " + QByteArray::number(static_cast<int>(type));
        }
        return result;
    }
    bool watching = false;
    double longestMs = 0;
    QByteArray longestWhat;

private:
    int depth_ = 0;
};

/// Runs a test class on a GUI: Xvfb or a desktop where there is one, Qt's offscreen platform otherwise (tests of
/// OpenGL skip themselves there). Settings go to a throw-away folder.
template <class Test>
int runGuiTest(int argc, char** argv) {
    QTemporaryDir home;
    qputenv("XDG_CONFIG_HOME", home.filePath("config").toUtf8());
    qputenv("XDG_DATA_HOME", home.filePath("data").toUtf8());
    if (!hasDisplay()) {
        qputenv("QT_QPA_PLATFORM", "offscreen");
    }
    configureApplication();
    WatchedApplication app(argc, argv);
    Theme::instance().apply(app, ThemeMode::Dark);
    Test test;
    return QTest::qExec(&test, argc, argv);
}

} // namespace body4d::ui::test

#define BODY4D_GUI_TEST(Test)                                                                                          \
    int main(int argc, char** argv) { return body4d::ui::test::runGuiTest<Test>(argc, argv); }
