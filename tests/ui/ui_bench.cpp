// Costs of what the window does per frame, in processor time of the thread that does it (a loaded machine does not
// disturb that). Run under xvfb-run: build/release/tests/ui_bench [anny.safetensors]
#include "fake_backend.h"
#include "gui_test.h"
#include "ui/frame/mask_overlay.h"
#include "ui/frame/snapshot_builder.h"
#include "ui/video/video_canvas.h"
#include "ui/viewport/coarse_mesh.h"
#include "ui/viewport/prepared_cloud.h"
#include "ui/viewport/viewport_widget.h"

#include <QApplication>
#include <QElapsedTimer>

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cmath>
#include <ctime>

using namespace body4d;
using namespace body4d::ui;

namespace {

double threadMilliseconds() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

template <class Fn>
void report(const char* what, int times, const Fn& fn) {
    std::vector<double> spent;
    for (int i = 0; i < times; ++i) {
        const double before = threadMilliseconds();
        fn(i);
        spent.push_back(threadMilliseconds() - before);
    }
    std::sort(spent.begin(), spent.end());
    std::printf("%-58s median %6.2f ms, worst %6.2f ms\n", what, spent[spent.size() / 2], spent.back());
}

/// The drawn clip with a real body where its file is given.
class BenchBackend : public test::FakeBackend {
public:
    BenchBackend(const Clip& clip, std::shared_ptr<const BodyModel> model) : FakeBackend(clip), model_(std::move(model)) {}
    std::shared_ptr<const BodyModel> bodyModel(const std::string& name) override {
        return model_ ? model_ : FakeBackend::bodyModel(name);
    }

private:
    std::shared_ptr<const BodyModel> model_;
};

} // namespace

int main(int argc, char** argv) {
    QSurfaceFormat format;
    format.setVersion(3, 2);
    format.setProfile(QSurfaceFormat::CoreProfile);
    format.setDepthBufferSize(24);
    QSurfaceFormat::setDefaultFormat(format);
    QApplication app(argc, argv);
    Theme::instance().apply(app, ThemeMode::Dark);
    const auto model = argc > 1 ? BodyModel::loadAnny(argv[1]) : test::makeCapsuleBody();
    for (const int people : {1, 6}) {
        test::FakeBackend::Clip clip;
        clip.width = 1280;
        clip.height = 720;
        clip.frames = 12;
        clip.people = people;
        const auto backend = std::make_shared<BenchBackend>(clip, model);
        SnapshotSource source;
        source.frames = backend->openFrames("walk.mp4");
        source.results = std::make_shared<ResultCache>();
        source.results->reset(nullptr, clip.frames);
        const auto& drawn = dynamic_cast<test::FakeFrames&>(*source.frames);
        for (int p = 0; p < people; ++p) {
            auto track = std::make_shared<BodyTrack>();
            track->id = p + 1;
            track->camera = intrinsicsFromFov(1280, 720, 0.96);
            for (std::int64_t f = 0; f < clip.frames; ++f) {
                auto frame = std::make_shared<TargetFrame>();
                frame->frame = f;
                frame->state = FrameState::Visible;
                frame->mask = encodeRle(drawn.maskOf(p, f));
                source.results->addTracked(p + 1, frame, nullptr);
                BodyFrame body;
                body.frame = f;
                body.state = FrameState::Visible;
                body.pose.translation = {-1.5 + 0.6 * p, 0.2, 5};
                body.pose.rotations.resize(model->joints().size());
                track->frames.push_back(body);
                (void)source.frames->frame(f);
            }
            source.results->setBody(p + 1, track);
            source.targets.push_back({p + 1, nullptr});
        }
        SnapshotBuilder builder(backend);
        std::vector<std::shared_ptr<const FrameSnapshot>> snapshots;
        std::printf("%d people, 1280x720, %zu vertices each\n", people, model->shaped({}).vertices.size());
        report("  worker: snapshot (frame, masks, outlines, bodies, normals)", 12,
               [&](int i) { snapshots.push_back(builder.build(source, i)); });
        CanvasView view;
        view.source = {0, -180, 1280, 1080};
        view.devicePixels = {600, 506};
        for (int p = 0; p < people; ++p) {
            view.styles[p + 1] = {QColor("#56B4E9"), true};
        }
        QImage picture;
        report("  worker: picture for a 600x506 canvas", 12,
               [&](int i) { picture = composePicture(*snapshots[static_cast<std::size_t>(i)], view); });

        VideoCanvas canvas;
        canvas.resize(600, 506);
        canvas.setFrameSize({1280, 720});
        std::vector<VideoCanvas::TargetItem> items;
        for (int p = 0; p < people; ++p) {
            items.push_back({p + 1, "Person", QColor("#56B4E9"), true, false, {}});
        }
        canvas.setTargets(items, 1);
        CanvasView exact = view;
        exact.source = canvas.transform().source();
        QImage target(600, 506, QImage::Format_ARGB32_Premultiplied);
        report("  GUI thread: canvas paint", 12, [&](int i) {
            canvas.setSnapshot(snapshots[static_cast<std::size_t>(i)]);
            canvas.setPicture({picture, exact, i});
            canvas.render(&target);
        });
        std::printf("  %zu of %zu triangles while many move\n", coarsen(model->shaped({}).vertices, model->topology()).triangles.size(),
                    model->topology().triangles.size());
        if (!test::hasDisplay()) {
            continue;
        }
        ViewportWidget viewport;
        viewport.resize(600, 506);
        viewport.show();
        std::map<TargetId, TargetLook> looks;
        for (int p = 0; p < people; ++p) {
            looks[p + 1] = {QColor("#56B4E9"), true};
        }
        viewport.setLooks(looks, 1);
        viewport.setBusy(true);
        for (int i = 0; i < 4; ++i) {
            viewport.setSnapshot(snapshots[0]);
            QTest::qWait(30);
        }
        report("  GUI thread: snapshot into the viewport", 12,
               [&](int i) { viewport.setSnapshot(snapshots[static_cast<std::size_t>(i)]); });
        const auto renders = [&](const char* what, bool busy) {
            viewport.setBusy(busy);
            std::vector<double> wall;
            for (int i = 0; i < 12; ++i) {
                viewport.setSnapshot(snapshots[static_cast<std::size_t>(i)]);
                QTest::qWait(busy ? 60 : 420);
                wall.push_back(viewport.lastRenderMilliseconds());
            }
            std::sort(wall.begin(), wall.end());
            std::printf("%-58s median %6.1f ms of wall time\n", what, wall[wall.size() / 2]);
        };
        renders("  render, moving (600x506)", true);
        renders("  render, still (600x506)", false);
        // Bodies that stream in as fast as they are drawn.
        viewport.resize(960, 540);
        QTest::qWait(300);
        for (const bool busy : {false, true}) {
            viewport.setBusy(busy);
            int swapped = 0;
            rusage before{}, after{};
            getrusage(RUSAGE_SELF, &before);
            const auto counter = QObject::connect(&viewport, &ViewportWidget::pictureShown, [&] { ++swapped; });
            std::vector<double> wall;
            QElapsedTimer clock;
            clock.start();
            for (int i = 0; clock.elapsed() < 4000; ++i) {
                viewport.setSnapshot(snapshots[static_cast<std::size_t>(i) % snapshots.size()]);
                const int seen = swapped;
                while (swapped == seen && clock.elapsed() < 4200) {
                    QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 20);
                }
                wall.push_back(viewport.lastRenderMilliseconds());
            }
            QObject::disconnect(counter);
            getrusage(RUSAGE_SELF, &after);
            const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
            const double cpu = seconds(after.ru_utime) + seconds(after.ru_stime) - seconds(before.ru_utime) - seconds(before.ru_stime);
            std::sort(wall.begin(), wall.end());
            std::printf("  stream at 960x540, %-37s %5.1f pictures/s, render median %5.1f ms, 90th of 100 %5.1f ms, %5.1f ms of all cores a picture\n", busy ? "a run under way:" : "playing:",
                        1e3 * swapped / static_cast<double>(clock.elapsed()), wall[wall.size() / 2], wall[wall.size() * 9 / 10], 1e3 * cpu / std::max(1, swapped));
        }
        std::printf("  %s\n", qPrintable(viewport.rendererName()));
    }
    if (test::hasDisplay()) {
        std::vector<Vec3f> points(2'000'000);
        std::vector<std::array<std::uint8_t, 3>> colours(points.size());
        std::vector<float> sure(points.size());
        for (std::size_t i = 0; i < points.size(); ++i) {
            const double a = 0.00618 * static_cast<double>(i), h = static_cast<double>(i % 2000) / 1000;
            points[i] = {static_cast<float>(2 * std::cos(a)), static_cast<float>(h), static_cast<float>(2 * std::sin(a) - 4)};
            colours[i] = {static_cast<std::uint8_t>(i % 256), 120, 90};
            sure[i] = static_cast<float>(i % 1000);
        }
        std::shared_ptr<const PreparedCloud> cloud;
        std::printf("2 million points, 960x540\n");
        report("  worker: order, ranks, arrays", 1, [&](int) { cloud = std::make_shared<const PreparedCloud>(makeCloud(points, colours, sure)); });
        ViewportWidget viewport;
        viewport.resize(960, 540);
        viewport.show();
        QTest::qWait(300);
        report("  GUI thread: cloud into the viewport", 1, [&](int) { viewport.setSceneCloud(cloud); });
        report("  GUI thread: size, colours and cut", 12, [&](int i) { viewport.setCloudStyle({2, CloudPaint::Height, 0.05 * i}); });
        for (const bool busy : {true, false}) {
            viewport.setBusy(busy);
            std::vector<double> wall;
            for (int i = 0; i < 10; ++i) {
                viewport.camera().orbit(0.01, 0);
                viewport.cameraChanged();
                QTest::qWait(busy ? 150 : 700);
                wall.push_back(viewport.lastRenderMilliseconds());
            }
            std::sort(wall.begin(), wall.end());
            std::printf("  render, %-49s median %6.1f ms of wall time\n", busy ? "moving" : "still", wall[wall.size() / 2]);
        }
    }
    return 0;
}
