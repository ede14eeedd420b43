#include "base/npz.h"
#include "ui/main_window.h"
#include "ui/panels/error_bar.h"
#include "ui/panels/scene_panel.h"
#include "ui/viewport/prepared_cloud.h"
#include "ui/viewport/colour_bar.h"
#include "ui/viewport/imported_model.h"
#include "ui/viewport/turntable.h"
#include "ui/viewport/viewport_widget.h"
#include "ui/viewport/wipe_handle.h"
#include "video/video_reader.h"
#include "window_fixture.h"

#include <QAbstractButton>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFile>
#include <QSignalSpy>
#include <QSlider>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <cstring>

using namespace body4d;
using namespace body4d::ui;
using body4d::ui::test::FakeBackend;

/// The 3D view as part of the window: files dropped on it, points, the camera, comparisons.
class Window3dTest : public test::WindowFixture {
    Q_OBJECT
    QTemporaryDir dir_;

    QString write(const QString& name, const QByteArray& content) const {
        const QString path = dir_.filePath(name);
        QDir().mkpath(QFileInfo(path).path());
        QFile file(path);
        [&] { QVERIFY(file.open(QIODevice::WriteOnly)); }();
        file.write(content);
        return path;
    }
    static QByteArray triangle(double height) {
        return "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\nelement face 1\n"
               "property list uchar int vertex_indices\nend_header\n-1 " + QByteArray::number(height) + " -3\n1 " + QByteArray::number(height) + " -3\n0 " +
               QByteArray::number(height + 1.7) + " -3\n3 0 1 2\n";
    }
    /// A still triangle, or one that its only joint lifts by 1 m within a second.
    static QByteArray glb(bool animated) {
        QByteArray data;
        const auto put = [&](auto value) { data.append(reinterpret_cast<const char*>(&value), sizeof value); };
        for (const float v : {-1.F, 0.F, -3.F, 1.F, 0.F, -3.F, 0.F, 1.7F, -3.F}) {
            put(v);
        }
        for (const float v : {0.F, 1.F, 0.F, 0.F, 0.F, 0.F, 1.F, 0.F}) { // times, then places
            put(v);
        }
        QByteArray json = R"({"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],
            "meshes":[{"primitives":[{"attributes":{"POSITION":0}}]}],"buffers":[{"byteLength":)" + QByteArray::number(data.size()) +
                          R"(}],"bufferViews":[{"buffer":0,"byteLength":36},{"buffer":0,"byteOffset":36,"byteLength":8},{"buffer":0,"byteOffset":44,"byteLength":24}],
            "accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3","min":[-1,0,-3],"max":[1,1.7,-3]},
            {"bufferView":1,"componentType":5126,"count":2,"type":"SCALAR","min":[0],"max":[1]},{"bufferView":2,"componentType":5126,"count":2,"type":"VEC3"}])";
        if (animated) {
            json += R"(,"animations":[{"samplers":[{"input":1,"output":2}],"channels":[{"sampler":0,"target":{"node":0,"path":"translation"}}]}])";
        }
        json += "}";
        while (json.size() % 4 != 0) {
            json += ' ';
        }
        QByteArray out = "glTF";
        const auto word = [&](std::uint32_t v) { out.append(reinterpret_cast<const char*>(&v), 4); };
        word(2);
        word(static_cast<std::uint32_t>(28 + json.size() + data.size()));
        word(static_cast<std::uint32_t>(json.size()));
        word(0x4E4F534A);
        out += json;
        word(static_cast<std::uint32_t>(data.size()));
        word(0x004E4942);
        return out + data;
    }
    std::size_t shown() const { return window_->viewport().models().size(); }
    /// A finished run of one person.
    void runOne(const QString& video = QStringLiteral("/videos/space.mp4")) {
        drop({video});
        QTRY_VERIFY(window_->project().isOpen());
        QTRY_VERIFY(window_->snapshots().snapshot() != nullptr);
        window_->project().addPoint(0, 0, {165, 180, true});
        QSignalSpy finished(&window_->runController(), &RunController::finished);
        window_->startRun();
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 30000);
        QTRY_VERIFY(window_->snapshots().snapshot()->target(1) && window_->snapshots().snapshot()->target(1)->mesh);
    }
    void trigger(const char* id) { window_->actionRegistry().action(QLatin1String(id))->trigger(); }

private Q_SLOTS:
    void init() {
        BODY4D_NEEDS_DISPLAY();
        QVERIFY(makeWindow());
    }
    void cleanup() { window_.reset(); }

    void filesOfEveryKindAreDroppedTogether() {
        NpzWriter npz;
        npz.add("points", std::vector<float>{0, 0, -3, 1, 1, -3}, {2, 3});
        npz.write(dir_.filePath("cloud.npz").toStdString());
        drop({write("a.ply", triangle(0)), write("b.glb", glb(false)), write("c.obj", "v 0 0 -3\nv 1 0 -3\nv 0 1 -3\nf 1 2 3\n"), dir_.filePath("cloud.npz")});
        QTRY_COMPARE(shown(), std::size_t{4});
        const auto& models = window_->viewport().models();
        QCOMPARE(models[0].model->triangles(), 1LL);
        QCOMPARE(models[1].model->triangles(), 1LL);
        QVERIFY(std::abs(models[1].model->high().y - 1.7) < 1e-5);
        QCOMPARE(models[2].model->triangles(), 1LL);
        QVERIFY(models[3].model->cloud() != nullptr);
        QVERIFY(window_->viewport().hasClouds());
        trigger("view.clearModels");
        QCOMPARE(shown(), std::size_t{0});
        window_->openPath(dir_.filePath("a.ply").toStdString()); // File > Open, recent files, the command line
        QTRY_COMPARE(shown(), std::size_t{1});
        QVERIFY(!window_->project().isOpen());
    }
    void brokenFilesSayWhatIsWrong() {
        drop({write("broken.ply", "ply\nnonsense\n")});
        QTRY_VERIFY(window_->errorBar().isVisible());
        QVERIFY2(window_->errorBar().message().what.contains("broken.ply"), qPrintable(window_->errorBar().message().what));
        QVERIFY(!window_->errorBar().message().remedy.isEmpty());
        QCOMPARE(shown(), std::size_t{0});
        drop({write("cut.glb", glb(false).left(90))});
        QTRY_VERIFY(window_->errorBar().message().what.contains("cut.glb"));
    }
    void animationsFollowTheTimelineWithoutAVideo() {
        drop({write("moving.glb", glb(true))});
        QTRY_COMPARE(shown(), std::size_t{1});
        const auto model = window_->viewport().models()[0].model;
        QVERIFY(std::abs(model->seconds() - 1) < 1e-6);
        QTRY_COMPARE(window_->playback().frameCount(), 25);
        QVERIFY(window_->actionRegistry().action("playback.toggle")->isEnabled()); // it can be played without a video
        const auto highest = [&] { // in the picture
            const auto picture = window_->viewport().grabPicture(true);
            for (int y = 0; y < picture.height(); ++y) {
                for (int x = 0; x < picture.width(); ++x) {
                    if (qAlpha(picture.pixel(x, y)) > 200) {
                        return y;
                    }
                }
            }
            return picture.height();
        };
        trigger("view.grid"); // away
        const int before = highest();
        window_->playback().setFrame(24);
        QTRY_VERIFY(highest() < before - 40); // it has risen
    }
    void resultFoldersPlayFrameByFrame() {
        for (int i = 0; i < 4; ++i) {
            write(QString("result/mesh_4d_individual/1/%1.ply").arg(i, 8, 10, QLatin1Char('0')), triangle(-1 + 0.2 * i));
        }
        drop({dir_.filePath("result")});
        QTRY_COMPARE(shown(), std::size_t{1});
        QCOMPARE(window_->viewport().models()[0].model->frames(), (std::pair<std::int64_t, std::int64_t>{0, 4}));
        QTRY_COMPARE(window_->playback().frameCount(), 4);
        window_->playback().setFrame(3);
        trigger("view.clearModels");
        QTRY_COMPARE(window_->playback().frameCount(), 0);
        QVERIFY(!window_->actionRegistry().action("playback.toggle")->isEnabled());
    }
    void pointsAreStyledLive() {
        NpzWriter npz;
        std::vector<float> points, confidence;
        for (int i = 0; i < 1000; ++i) {
            points.insert(points.end(), {0.002F * static_cast<float>(i) - 1, 0.001F * static_cast<float>(i % 100), -3});
            confidence.push_back(static_cast<float>(i));
        }
        npz.add("points", points, {1000, 3});
        npz.add("confidence", confidence, {1000});
        npz.write(dir_.filePath("live.npz").toStdString());
        auto* panel = window_->findChild<ScenePanel*>();
        QVERIFY(panel);
        auto *size = panel->findChild<QSlider*>("pointSize"), *cut = panel->findChild<QSlider*>("pointCut");
        auto* paint = panel->findChild<QComboBox*>("pointPaint");
        QVERIFY(size && cut && paint);
        QVERIFY(!size->isVisibleTo(panel)); // nothing to style yet
        drop({dir_.filePath("live.npz")});
        QTRY_COMPARE(shown(), std::size_t{1});
        QVERIFY(size->isVisibleTo(panel));
        QVERIFY(cut->isEnabled());
        const auto* cloud = window_->viewport().models()[0].model->cloud().get();
        size->setValue(8);
        QCOMPARE(window_->viewport().cloudStyle().pointSize, 4.0);
        cut->setValue(60);
        QVERIFY(std::abs(window_->viewport().cloudStyle().hideLeastSure - 0.6) < 1e-9);
        paint->setCurrentIndex(paint->findData(static_cast<int>(CloudPaint::Height)));
        QVERIFY(window_->viewport().colourBar().isVisible());
        QCOMPARE(window_->viewport().models()[0].model->cloud().get(), cloud); // the very same points
    }
    void theFieldOfViewIsAnEdit() {
        runOne();
        auto* fov = window_->findChild<QDoubleSpinBox*>("fieldOfView");
        QVERIFY(fov && fov->isVisible());
        QCOMPARE(fov->value(), 55.0);
        fov->setValue(70);
        QCOMPARE(window_->project().document().options.number("camera.fov_degrees"), 70.0);
        QTRY_VERIFY(!window_->project().saving());
        window_->project().undoStack()->undo();
        QCOMPARE(window_->project().document().options.number("camera.fov_degrees"), 55.0);
        QCOMPARE(fov->value(), 55.0); // and is shown again
    }
    void aMeasuredFieldOfViewIsShownAndOverruled() {
        runOne();
        window_->project().setOption("engines.intrinsics", std::string("moge2"));
        const auto body = window_->project().results()->body(1);
        QVERIFY(body != nullptr);
        const double measured =
            2 * std::atan(std::max(body->camera.width, body->camera.height) / (2 * body->camera.focalPx)) * 180 / M_PI;
        auto* fov = window_->findChild<QDoubleSpinBox*>("fieldOfView");
        QVERIFY(std::abs(fov->value() - measured) < 0.06);
        fov->setValue(measured > 60 ? 40 : 80);
        QCOMPARE(window_->project().document().options.text("engines.intrinsics"), std::string("prior"));
        QVERIFY(std::abs(fov->value() - measured) > 10);
    }
    void resultsAreComparedInTheView() {
        runOne();
        trigger("view.difference");
        QTRY_VERIFY(!window_->snapshots().snapshot()->target(1)->mesh->difference.empty());
        QVERIFY(window_->viewport().colourBar().isVisible());
        QVERIFY(window_->viewport().colourBar().title().contains("raw"));
        trigger("compare.completion"); // the fake engine keeps no body without completion
        QTRY_VERIFY(window_->snapshots().snapshot()->target(1)->otherMesh == nullptr);
        QVERIFY(window_->viewport().colourBar().title().contains("without completion"));
        QVERIFY(window_->viewport().colourBar().summary().contains("nothing"));
        window_->compareWithProject("/nowhere/at-all"); // is no project: said, and the mark goes back
        QTRY_VERIFY(window_->errorBar().isVisible());
        QVERIFY(window_->actionRegistry().action("compare.completion")->isChecked());
        trigger("view.wipe");
        QVERIFY(window_->viewport().wipeHandle()->isVisible());
        trigger("view.wipe");
        trigger("view.surface");
        QTRY_VERIFY(window_->snapshots().snapshot()->target(1)->mesh->difference.empty()); // costs nothing any more
    }
    void theVideosColoursAreOnTheBody() {
        runOne();
        QVERIFY(!window_->snapshots().snapshot()->target(1)->surface);
        trigger("view.video");
        QTRY_VERIFY(window_->snapshots().snapshot()->target(1)->surface);
        const auto& surface = *window_->snapshots().snapshot()->target(1)->surface;
        QVERIFY2(std::count_if(surface.rank.begin(), surface.rank.end(), [](float r) { return r > 0.5F; }) > 500, "nothing of the body was seen");
        trigger("view.confidence");
        QTRY_VERIFY(!window_->snapshots().snapshot()->target(1)->mesh->confidence.empty());
        QVERIFY(!window_->snapshots().snapshot()->target(1)->surface);
    }
    void turntablesGoOnceAround() {
        drop({write("turn.ply", triangle(0))}); // flat: from the side it is a line
        QTRY_COMPARE(shown(), std::size_t{1});
        const QString file = dir_.filePath("turn.mp4");
        const double yaw = window_->viewport().camera().yaw();
        Turntable turntable(window_->viewport());
        QSignalSpy finished(&turntable, &Turntable::finished), failed(&turntable, &Turntable::failed);
        turntable.start(file.toStdString(), 8);
        QVERIFY(turntable.recording());
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 30000);
        QVERIFY(!turntable.recording());
        QCOMPARE(window_->viewport().camera().yaw(), yaw); // back where it was
        FrameSource movie(file.toStdString(), std::size_t{64} << 20);
        QCOMPARE(movie.info().frameCount, 8);
        const auto bright = [&](int frame) {
            const auto image = movie.frame(frame);
            return std::count_if(image->rgb.begin(), image->rgb.end(), [](std::uint8_t v) { return v > 110; });
        };
        int most = 0, fewest = 1 << 30;
        for (int i = 0; i < 8; ++i) {
            most = std::max<int>(most, static_cast<int>(bright(i)));
            fewest = std::min<int>(fewest, static_cast<int>(bright(i)));
        }
        QVERIFY2(most > 2 * fewest, qPrintable(QString("%1 %2").arg(most).arg(fewest))); // it has turned
        // Where nothing can be written, that is said and nothing stays.
        turntable.start("/proc/nowhere/turn.mp4", 8);
        QTRY_COMPARE(failed.count(), 1);
        QTRY_VERIFY(!turntable.recording());
        turntable.start(file.toStdString() + ".2.mp4", 500);
        QTRY_VERIFY(turntable.recording());
        turntable.cancel();
        QVERIFY(!turntable.recording());
        QCOMPARE(window_->viewport().camera().yaw(), yaw);
    }
    void moviesFlyAlongTheKeys() {
        runOne();
        window_->project().setRange({10, 16});
        window_->playback().setFrame(10);
        window_->viewport().setPreset(OrbitCamera::Preset::Front);
        trigger("view.cameraKey");
        window_->playback().setFrame(15);
        window_->viewport().setPreset(OrbitCamera::Preset::Right);
        trigger("view.cameraKey");
        QCOMPARE(window_->cameraPath().size(), std::size_t{2});
        trigger("view.cameraKey"); // away again
        QCOMPARE(window_->cameraPath().size(), std::size_t{1});
        trigger("view.cameraKey");
        const QString file = dir_.filePath("flight.mp4");
        window_->recordMovie(file.toStdString());
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(file), 30000); // appears when it is whole
        FrameSource movie(file.toStdString(), std::size_t{64} << 20);
        QCOMPARE(movie.info().frameCount, 6);
        QVERIFY(std::abs(movie.info().fps - 25) < 0.01);
        const auto first = movie.frame(0), last = movie.frame(5);
        QVERIFY(first->rgb != last->rgb);
        trigger("view.flyAlong");
        window_->playback().setFrame(10);
        QVERIFY(std::abs(window_->viewport().camera().yaw()) < 1e-6); // the front again
    }
    void projectsOfTheSameVideoAreCompared() {
        // Two projects of one clip in the fake's memory; the other one's bodies are the same ones, moved by 10 cm.
        runOne();
        auto other = std::make_shared<OtherRun>();
        other->name = "other";
        auto moved = std::make_shared<BodyTrack>(*window_->project().results()->body(1));
        for (auto& frame : moved->frames) {
            frame.pose.translation.x += 0.1;
        }
        other->bodies[1] = moved;
        SnapshotExtras extras;
        extras.comparison = Comparison::OtherRun;
        extras.other = other;
        window_->snapshots().setExtras(extras);
        QTRY_VERIFY(window_->snapshots().snapshot()->target(1)->otherMesh != nullptr);
        const auto& difference = window_->snapshots().snapshot()->target(1)->mesh->difference;
        QVERIFY(!difference.empty());
        for (const float d : difference) {
            QVERIFY(std::abs(d - 0.1F) < 1e-4F);
        }
    }
};

BODY4D_GUI_TEST(Window3dTest)
#include "window_3d_test.moc"
