#include "ui/application.h"

#include "base/log.h"
#include "ui/controllers/task_queue.h"
#include "ui/icons.h"
#include "ui/language.h"
#include "ui/main_window.h"
#include "ui/panels/preferences_dialog.h"
#include "ui/theme.h"
#include "ui/timeline/film_strip.h"
#include "ui/timeline/timeline_widget.h"
#include "ui/viewport/viewport_widget.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDialog>
#include <QFile>
#include <QPainter>
#include <QRegularExpression>
#include <QSettings>
#include <QSurfaceFormat>
#include <QTimer>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>


namespace body4d::ui {
namespace {

/// Seconds since this process was started, dynamic linking included.
double secondsSinceStart() {
    QFile stat(QStringLiteral("/proc/self/stat"));
    timespec now{};
    if (!stat.open(QIODevice::ReadOnly) || clock_gettime(CLOCK_BOOTTIME, &now) != 0) {
        return -1;
    }
    const QByteArray text = stat.readAll();
    const auto fields = text.mid(text.lastIndexOf(')') + 2).split(' ');
    const double start = fields.value(19).toDouble() / static_cast<double>(sysconf(_SC_CLK_TCK));
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9 - start;
}

bool displayMissing() {
    const QByteArray platform = qgetenv("QT_QPA_PLATFORM");
    if (platform.startsWith("offscreen") || platform.startsWith("minimal")) {
        return true; // these draw no OpenGL
    }
    return platform.isEmpty() && qgetenv("DISPLAY").isEmpty() && qgetenv("WAYLAND_DISPLAY").isEmpty();
}

struct Click {
    std::int64_t frame = 0;
    PointPrompt point;
};

bool parseClick(const QString& text, Click& click) {
    static const QRegularExpression form(QStringLiteral("^(\\d+):([\\d.]+),([\\d.]+)(?::([+-]))?$"));
    const auto match = form.match(text);
    if (!match.hasMatch()) {
        return false;
    }
    click.frame = match.captured(1).toLongLong();
    click.point = {match.captured(2).toDouble(), match.captured(3).toDouble(), match.captured(4) != QLatin1String("-")};
    return true;
}

/// Pictures are taken of a window that has drawn what it shows, however slow the machine is.
bool settled(MainWindow& window) {
    if (window.runController().running()) {
        return true; // it will not settle
    }
    if (window.project().isOpen()) {
        window.snapshots().waitIdle();
    }
    const auto& snapshot = window.snapshots().snapshot();
    const bool frame = !window.project().isOpen() || (snapshot && snapshot->frame == window.playback().frame());
    return frame && !window.previews().busy() && window.viewport().settled() && window.timeline().lanes()->filmStrip().complete();
}

/// Calls `then` once the window has been settled for half a second, or after a minute.
void whenSettled(MainWindow& window, const std::function<void()>& then) {
    auto* poll = new QTimer(&window);
    constexpr int kEveryMs = 100, kQuiet = 5, kMost = 600;
    QObject::connect(poll, &QTimer::timeout, &window, [&window, poll, then, calm = 0, times = 0]() mutable {
        calm = settled(window) ? calm + 1 : 0;
        if (calm >= kQuiet || ++times >= kMost) {
            poll->deleteLater();
            poll->stop();
            then();
        }
    });
    poll->start(kEveryMs);
}

} // namespace

int runStudio(int argc, char** argv, const std::function<std::shared_ptr<Backend>()>& makeBackend) {
    QSurfaceFormat format;
    format.setRenderableType(QSurfaceFormat::OpenGL);
    format.setVersion(3, 2);
    format.setProfile(QSurfaceFormat::CoreProfile);
    format.setDepthBufferSize(24);
    format.setSamples(0);
    QSurfaceFormat::setDefaultFormat(format);

    bool asked = false;
    for (int i = 1; i < argc; ++i) {
        const QByteArray word(argv[i]);
        asked = asked || word == "--help" || word == "-h" || word == "--version" || word == "-v";
    }
    if (displayMissing()) {
        if (!asked) {
            std::cerr << "body4d-studio: There is no display to open a window on.\n"
                         "Start it in a desktop session, or use the command line tool: body4d --help\n";
            return 1;
        }
        qputenv("QT_QPA_PLATFORM", "offscreen"); // enough to print help
    }
    QCoreApplication::setOrganizationName(QStringLiteral("body4d"));
    QCoreApplication::setApplicationName(QStringLiteral("Body4D Studio"));
    QCoreApplication::setApplicationVersion(QStringLiteral(BODY4D_VERSION));
    if (!qEnvironmentVariableIsSet("QT_SCALE_FACTOR")) {
        const double scale = QSettings().value(QLatin1String(PreferencesDialog::kScale), 1.0).toDouble();
        if (scale > 1 && scale <= 4) {
            qputenv("QT_SCALE_FACTOR", QByteArray::number(scale)); // before the application reads it
        }
    }
    QApplication app(argc, argv);

    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("Videos to moving 3D bodies: click people, get masks and bodies."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(QStringLiteral("file"), QStringLiteral("Video, image folder or NAME.body4d project to open; 3D files, COLMAP models and result folders to look at."), QStringLiteral("[VIDEO|PROJECT] [3D FILES]"));
    const QCommandLineOption screenshot(QStringLiteral("screenshot"), QStringLiteral("Save a picture of the window as PNG and quit."), QStringLiteral("FILE"));
    const QCommandLineOption after(QStringLiteral("after"), QStringLiteral("Seconds to wait before the screenshot (default 2), and until everything is drawn."), QStringLiteral("SECONDS"), QStringLiteral("2"));
    const QCommandLineOption frame(QStringLiteral("frame"), QStringLiteral("Frame to go to."), QStringLiteral("N"));
    const QCommandLineOption size(QStringLiteral("size"), QStringLiteral("Size of the window, for example 1480x900."), QStringLiteral("WxH"));
    const QCommandLineOption theme(QStringLiteral("theme"), QStringLiteral("dark, light or system."), QStringLiteral("NAME"));
    const QCommandLineOption language(QStringLiteral("language"), QStringLiteral("Language of the window: system, or one of those in the preferences (en, de, zh_CN)."), QStringLiteral("CODE"));
    const QCommandLineOption click(QStringLiteral("click"), QStringLiteral("Adds a person by a click; may be repeated."), QStringLiteral("FRAME:X,Y[:+|-]"));
    const QCommandLineOption runNow(QStringLiteral("run"), QStringLiteral("Starts the run once the file is open."));
    const QCommandLineOption trigger(QStringLiteral("action"), QStringLiteral("Triggers an action of the window by its id before the screenshot; may be repeated."), QStringLiteral("ID"));
    const QCommandLineOption startup(QStringLiteral("startup-time"), QStringLiteral("Prints the milliseconds from the start of the process to the first painted window and quits."));
    const QCommandLineOption compare(QStringLiteral("compare"), QStringLiteral("Compares the bodies with those of another project of the same video."), QStringLiteral("PROJECT"));
    parser.addOption(compare);
    parser.addOptions({screenshot, after, frame, size, theme, language, click, runNow, trigger, startup});
    parser.process(app);

    const auto usage = [](const QString& sentence) {
        std::cerr << "body4d-studio: " << sentence.toStdString() << "\nSee body4d-studio --help\n";
        return 2;
    };
    QSize wanted;
    if (parser.isSet(size)) {
        const auto parts = parser.value(size).split(QLatin1Char('x'));
        wanted = parts.size() == 2 ? QSize(parts[0].toInt(), parts[1].toInt()) : QSize();
        if (wanted.width() < 320 || wanted.height() < 240) {
            return usage(QStringLiteral("--size needs WIDTHxHEIGHT of at least 320x240, not '%1'.").arg(parser.value(size)));
        }
    }
    std::vector<Click> clicks;
    for (const auto& text : parser.values(click)) {
        Click c;
        if (!parseClick(text, c)) {
            return usage(QStringLiteral("--click needs FRAME:X,Y[:+|-], not '%1'.").arg(text));
        }
        clicks.push_back(c);
    }
    QSettings settings;
    auto mode = static_cast<ThemeMode>(settings.value(QStringLiteral("window/theme"), static_cast<int>(ThemeMode::Dark)).toInt());
    if (parser.isSet(theme)) {
        const QString name = parser.value(theme);
        if (name != QLatin1String("dark") && name != QLatin1String("light") && name != QLatin1String("system")) {
            return usage(QStringLiteral("--theme is dark, light or system, not '%1'.").arg(name));
        }
        mode = name == QLatin1String("dark") ? ThemeMode::Dark : name == QLatin1String("light") ? ThemeMode::Light : ThemeMode::System;
    }
    QString code = settings.value(QLatin1String(kLanguageSetting), QStringLiteral("system")).toString();
    if (parser.isSet(language)) {
        code = parser.value(language);
        QStringList known{QStringLiteral("system")};
        for (const auto& l : languages()) {
            known << l.code;
        }
        if (!known.contains(code)) {
            return usage(QStringLiteral("--language is one of %1, not '%2'.").arg(known.join(QStringLiteral(", ")), code));
        }
    }
    useLanguage(code);
    Theme::instance().apply(app, mode);

    auto backend = makeBackend();
    MainWindow window(backend);
    if (wanted.isValid()) {
        window.resize(wanted);
    }
    TaskQueue warmUp;
    QObject::connect(&window, &MainWindow::firstPainted, &window, [&] {
        if (parser.isSet(startup)) {
            std::printf("window painted after %.0f ms\n", 1000 * secondsSinceStart());
            QTimer::singleShot(0, &app, [] { QCoreApplication::exit(0); });
            return;
        }
        // Networks load behind the painted window.
        warmUp.post([backend](const std::stop_token&) {
            try {
                backend->warmUp();
            } catch (const std::exception& e) {
                log(LogLevel::Warning, e.what());
            }
        });
    });
    QObject::connect(&window.project(), &ProjectController::opened, &window, [&] {
        if (parser.isSet(frame)) {
            window.playback().setFrame(parser.value(frame).toLongLong());
        }
        for (const auto& c : std::exchange(clicks, {})) {
            window.playback().setFrame(c.frame);
            window.project().addPoint(c.point.include ? 0 : window.project().selected(), c.frame, c.point);
        }
        if (parser.isSet(frame)) {
            window.playback().setFrame(parser.value(frame).toLongLong());
        }
        if (parser.isSet(runNow)) {
            window.startRun();
        }
        if (parser.isSet(compare)) {
            window.compareWithProject(parser.value(compare).toStdString());
        }
    });
    window.show();
    if (!parser.positionalArguments().isEmpty()) {
        QTimer::singleShot(0, &window, [&] { 
            for (const auto& unknown : window.openPaths(parser.positionalArguments())) {
                window.openPath(unknown.toStdString()); // says what is wrong with it
            }
        });
    }
    if (parser.isSet(screenshot)) {
        const int wait = static_cast<int>(1000 * parser.value(after).toDouble());
        const auto takePicture = [&] {
            auto* top = QApplication::activeModalWidget() ? QApplication::activeModalWidget() : static_cast<QWidget*>(&window);
            QPixmap picture = top->grab();
            // Dialogs are windows of their own: painted where they stand.
            QPainter painter(&picture);
            for (auto* other : QApplication::topLevelWidgets()) {
                if (other != top && other->isVisible() && qobject_cast<QDialog*>(other)) {
                    painter.drawPixmap(other->pos() - top->pos(), other->grab());
                }
            }
            painter.end();
            const bool ok = picture.save(parser.value(screenshot));
            if (!ok) {
                std::cerr << "body4d-studio: The screenshot could not be written to " << parser.value(screenshot).toStdString() << '\n';
            }
            QCoreApplication::exit(ok ? 0 : 1);
        };
        constexpr int kAfterActionsMs = 2500;
        QTimer::singleShot(std::max(0, wait - kAfterActionsMs), &window, [&, takePicture] {
            whenSettled(window, [&, takePicture] {
                window.viewport().lookAgain(); // not as it suited the frame before
                for (const auto& id : parser.values(trigger)) {
                    if (auto* action = window.actionRegistry().action(id)) {
                        action->trigger();
                    }
                }
                QTimer::singleShot(std::min(wait, kAfterActionsMs), &window, [&, takePicture] { whenSettled(window, takePicture); });
            });
        });
    }
    return QApplication::exec();
}

} // namespace body4d::ui
