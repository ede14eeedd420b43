// The real window on a real clip: how long a person waits for the first paint, the mask of a click and the
// first body, how fast cached frames are scrubbed, and what every event costs the GUI thread, in time and in
// processor time (which a loaded machine does not change). Needs a display:
//   xvfb-run -a build/release/tests/window_bench VIDEO FRAME:X,Y [FRAME:X,Y ...]    a person for each
#include "core_backend.h"

#include "ui/controllers/task_queue.h"
#include "ui/main_window.h"
#include "ui/viewport/viewport_widget.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QEvent>
#include <QFile>
#include <QStandardPaths>
#include <QSurfaceFormat>
#include <QTemporaryDir>
#include <QThread>
#include <QTimer>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <map>
#include <string>
#include <unistd.h>
#include <vector>

using namespace body4d;
using namespace body4d::ui;

namespace {

double clockMs(clockid_t id) {
    timespec t{};
    clock_gettime(id, &t);
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

/// Since this process was started, dynamic linking included.
double msSinceStart() {
    QFile stat(QStringLiteral("/proc/self/stat"));
    if (!stat.open(QIODevice::ReadOnly)) {
        return -1;
    }
    const QByteArray text = stat.readAll();
    const auto fields = text.mid(text.lastIndexOf(')') + 2).split(' ');
    return clockMs(CLOCK_BOOTTIME) -
           1e3 * fields.value(19).toDouble() / static_cast<double>(sysconf(_SC_CLK_TCK));
}

struct Cost {
    double wall = 0, cpu = 0;
    std::string what;
};

/// Times every event that reaches the application. Paint events of widgets come inside those of their window
/// and are taken out of them: what the window's event keeps is composition and Mesa.
class TimedApplication : public QApplication {
public:
    using QApplication::QApplication;
    bool notify(QObject* receiver, QEvent* event) override {
        const bool paint = event->type() == QEvent::Paint;
        if (QThread::currentThread() != thread() || (depth_ > 0 && !paint)) {
            return QApplication::notify(receiver, event);
        }
        const std::string what = std::string(receiver->metaObject()->className()) + " event " +
                                 std::to_string(static_cast<int>(event->type()));
        const double outerWall = std::exchange(innerWall_, 0), outerCpu = std::exchange(innerCpu_, 0);
        ++depth_;
        const double wall = clockMs(CLOCK_MONOTONIC), cpu = clockMs(CLOCK_THREAD_CPUTIME_ID);
        const bool result = QApplication::notify(receiver, event);
        const double tookWall = clockMs(CLOCK_MONOTONIC) - wall,
                     tookCpu = clockMs(CLOCK_THREAD_CPUTIME_ID) - cpu;
        --depth_;
        if (watching) {
            if (depth_ == 0) {
                whole.push_back({tookWall, tookCpu, what});
            }
            parts.push_back({tookWall - innerWall_, tookCpu - innerCpu_, what});
        }
        innerWall_ = outerWall + tookWall;
        innerCpu_ = outerCpu + tookCpu;
        return result;
    }
    bool watching = false;
    std::vector<Cost> whole; ///< outermost events
    std::vector<Cost> parts; ///< the same without the paint events inside, and those by themselves

private:
    int depth_ = 0;
    double innerWall_ = 0, innerCpu_ = 0;
};

bool waitFor(const std::function<bool()>& done, double seconds) {
    const double end = clockMs(CLOCK_MONOTONIC) + 1e3 * seconds;
    while (!done() && clockMs(CLOCK_MONOTONIC) < end) {
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 20);
    }
    return done();
}

double percentile(std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    return values.empty() ? 0
                          : values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

/// Window events and the 3D view's paint are Qt's composition, VTK and Mesa.
bool isDrawing(const std::string& what) {
    return what.starts_with("QWidgetWindow event") ||
           what.starts_with("body4d::ui::ViewportWidget event 12") || what.ends_with(" event 77");
}

void report(const char* title, TimedApplication& app) {
    std::vector<double> wall, own;
    std::map<std::string, std::pair<double, int>> worst;
    for (const Cost& cost : app.whole) {
        wall.push_back(cost.wall);
    }
    for (const Cost& cost : app.parts) {
        auto& [most, count] = worst[cost.what];
        most = std::max(most, cost.cpu);
        ++count;
        if (!isDrawing(cost.what)) {
            own.push_back(cost.cpu);
        }
    }
    std::printf("%-18s %5zu events: 99 %% within %.1f ms, longest %.1f ms; own work in processor time: 99 %% "
                "%.2f ms, "
                "longest %.2f ms\n",
                title, wall.size(), percentile(wall, 0.99), percentile(wall, 1), percentile(own, 0.99),
                percentile(own, 1));
    std::vector<std::pair<double, std::string>> sorted;
    for (const auto& [what, cost] : worst) {
        sorted.emplace_back(cost.first, what + " (" + std::to_string(cost.second) + " times)");
    }
    std::sort(sorted.rbegin(), sorted.rend());
    for (std::size_t i = 0; i < std::min<std::size_t>(sorted.size(), 7); ++i) {
        std::printf("    %7.2f ms %s\n", sorted[i].first, sorted[i].second.c_str());
    }
    app.whole.clear();
    app.parts.clear();
}

} // namespace

int main(int argc, char** argv) {
    struct Click {
        long long frame = 0;
        double x = 0, y = 0;
    };
    std::vector<Click> clicks;
    for (int i = 2; i < argc; ++i) {
        Click click;
        if (std::sscanf(argv[i], "%lld:%lf,%lf", &click.frame, &click.x, &click.y) == 3) {
            clicks.push_back(click);
        }
    }
    if (clicks.empty() || static_cast<int>(clicks.size()) != argc - 2) {
        std::fprintf(stderr, "usage: window_bench VIDEO FRAME:X,Y [FRAME:X,Y ...]\n");
        return 2;
    }
    QTemporaryDir home;
    qputenv("XDG_CONFIG_HOME", home.filePath("config").toUtf8());
    qputenv("XDG_DATA_HOME", home.filePath("data").toUtf8());
    QSurfaceFormat format;
    format.setRenderableType(QSurfaceFormat::OpenGL);
    format.setVersion(3, 2);
    format.setProfile(QSurfaceFormat::CoreProfile);
    format.setDepthBufferSize(24);
    QSurfaceFormat::setDefaultFormat(format);
    TimedApplication app(argc, argv);
    Theme::instance().apply(app, ThemeMode::Dark);

    const auto backend = std::make_shared<CoreBackend>();
    MainWindow window(backend);
    window.project().setDraftsFolder(home.filePath("drafts").toStdString());
    TaskQueue warmUp;
    double painted = 0, paintedCpu = 0;
    QObject::connect(&window, &MainWindow::firstPainted, &window, [&] {
        painted = msSinceStart();
        paintedCpu = clockMs(CLOCK_PROCESS_CPUTIME_ID);
        warmUp.post([backend](const std::stop_token&) { backend->warmUp(); });
    });
    window.resize(1480, 900);
    app.watching = true;
    window.show();
    if (!waitFor([&] { return painted > 0; }, 20)) {
        std::fprintf(stderr, "The window was not painted: is there a display with OpenGL 3.2?\n");
        return 1;
    }
    std::printf("window painted      %8.0f ms after the process started, %.0f ms of processor time\n",
                painted, paintedCpu);
    report("  start", app);

    QElapsedTimer clock;
    clock.start();
    window.openPath(argv[1]);
    waitFor(
        [&] {
            return window.snapshots().snapshot() != nullptr && !window.snapshots().snapshot()->image.isNull();
        },
        30);
    std::printf("first frame         %8lld ms after opening\n", clock.elapsed());
    window.playback().setFrame(clicks.front().frame);
    waitFor([&] { return window.snapshots().snapshot()->frame == clicks.front().frame; }, 30);
    report("  opening", app);

    for (std::size_t i = 0; i < clicks.size(); ++i) {
        const auto& click = clicks[i];
        window.playback().setFrame(click.frame);
        waitFor([&] { return window.snapshots().snapshot()->frame == click.frame; }, 30);
        clock.restart();
        const auto id = window.project().addPoint(0, click.frame, {click.x, click.y, true});
        const auto shown = [&] {
            const auto* target = window.snapshots().snapshot()->target(id);
            return target != nullptr && !target->mask.box.isEmpty();
        };
        if (!waitFor(shown, 60)) {
            std::fprintf(stderr, "Nobody was found at %s.\n", argv[2 + i]);
            return 1;
        }
        std::printf("mask                %8lld ms after click %zu\n", clock.elapsed(), i + 1);
    }
    report("  clicks", app);

    bool body = false, finished = false;
    double seconds = 0;
    std::size_t most = 0; // people with bodies in one picture
    QObject::connect(&window.snapshots(), &SnapshotController::snapshotReady, &window,
                     [&](const std::shared_ptr<const FrameSnapshot>& s) {
                         body = body || (s && s->target(1) != nullptr && s->target(1)->mesh != nullptr);
                         const auto posed = [](const auto& target) { return target.mesh != nullptr; };
                         most = std::max(most, s ? static_cast<std::size_t>(std::count_if(s->targets.begin(), s->targets.end(), posed)) : 0);
                     });
    QObject::connect(&window.runController(), &RunController::finished, &window,
                     [&](const RunSummary& summary) {
                         finished = true;
                         seconds = summary.seconds;
                     });
    clock.restart();
    window.startRun();
    waitFor([&] { return body; }, 120);
    std::printf("first body          %8lld ms after Run\n", clock.elapsed());
    waitFor([&] { return finished; }, 600);
    std::printf("run                 %8.1f s, up to %zu bodies in a picture\n", seconds, most);
    report("  run", app);

    // Frames that are in the cache, to and fro, one every sixtieth of a second.
    const auto frames = window.project().frames();
    const std::int64_t count = std::min<std::int64_t>(frames->info().frameCount, 60);
    for (std::int64_t i = 0; i < count; ++i) {
        (void)frames->frame(i);
    }
    waitFor([] { return false; }, 1);
    app.whole.clear();
    app.parts.clear();
    long long pictures = 0, drawn = 0, asked = 0;
    QObject::connect(&window.snapshots(), &SnapshotController::pictureReady, &window, [&] { ++pictures; });
    QObject::connect(&window.viewport(), &ViewportWidget::pictureShown, &window, [&] { ++drawn; });
    QTimer tick;
    tick.setTimerType(Qt::PreciseTimer);
    QObject::connect(&tick, &QTimer::timeout, &window, [&] {
        const std::int64_t at = asked++ % (2 * count);
        window.playback().setFrame(at < count ? at : 2 * count - 1 - at);
    });
    const double cpu = clockMs(CLOCK_PROCESS_CPUTIME_ID), gui = clockMs(CLOCK_THREAD_CPUTIME_ID);
    clock.restart();
    tick.start(16);
    waitFor([&] { return clock.elapsed() > 4000; }, 5);
    tick.stop();
    const double elapsed = static_cast<double>(clock.elapsed()) * 1e-3;
    std::printf("scrubbing           %8.1f pictures/s of %.1f asked for, %.1f windows shown/s; per picture "
                "%.1f ms of the GUI "
                "thread, %.1f ms of all threads\n",
                static_cast<double>(pictures) / elapsed, static_cast<double>(asked) / elapsed,
                static_cast<double>(drawn) / elapsed,
                (clockMs(CLOCK_THREAD_CPUTIME_ID) - gui) / static_cast<double>(std::max(1LL, pictures)),
                (clockMs(CLOCK_PROCESS_CPUTIME_ID) - cpu) / static_cast<double>(std::max(1LL, pictures)));
    report("  scrubbing", app);
    std::printf("renderer            %s\n", qPrintable(window.viewport().rendererName()));
    return 0;
}
