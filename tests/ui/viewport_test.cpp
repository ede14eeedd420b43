#include "fake_backend.h"
#include "gui_test.h"
#include "ui/viewport/viewport_widget.h"
#include "ui/viewport/wipe_handle.h"

#include <QMainWindow>
#include <QSignalSpy>
#include <QTest>

#include <cmath>

using namespace body4d;
using namespace body4d::ui;

class ViewportTest : public QObject {
    Q_OBJECT
    std::unique_ptr<ViewportWidget> view_;
    std::shared_ptr<const BodyModel> model_ = test::makeCapsuleBody();

    std::shared_ptr<FrameSnapshot> bodyAt(double x, double z, FrameState state = FrameState::Visible) const {
        auto snapshot = std::make_shared<FrameSnapshot>();
        TargetView target;
        target.id = 1;
        target.state = state;
        auto mesh = std::make_shared<PosedMesh>();
        mesh->model = model_;
        mesh->low = {1e9F, 1e9F, 1e9F};
        mesh->high = {-1e9F, -1e9F, -1e9F};
        for (auto v : model_->shaped({}).vertices) { // camera axes to y up
            const Vec3f p{static_cast<float>(v.x + x), 0.9F - v.y, static_cast<float>(z - v.z)};
            mesh->vertices.push_back(p);
            mesh->low = {std::min(mesh->low.x, p.x), std::min(mesh->low.y, p.y), std::min(mesh->low.z, p.z)};
            mesh->high = {std::max(mesh->high.x, p.x), std::max(mesh->high.y, p.y), std::max(mesh->high.z, p.z)};
        }
        computeNormals(mesh->vertices, model_->topology(), mesh->normals);
        target.mesh = mesh;
        snapshot->targets.push_back(std::move(target));
        return snapshot;
    }
    QPoint onScreen(Vec3 p) const {
        const auto n = view_->camera().project(p, static_cast<double>(view_->width()) / view_->height());
        return {static_cast<int>((n.x + 1) / 2 * view_->width()), static_cast<int>((1 - n.y) / 2 * view_->height())};
    }
    QImage settledPicture() {
        [&] { QTRY_VERIFY(view_->settled()); }();
        return view_->grabFramebuffer();
    }
    /// One body before the camera, all options at rest.
    void front() {
        view_->setGridVisible(false);
        view_->setDisplay(BodyDisplay::Surface);
        view_->setSnapshot(bodyAt(0, -3));
        view_->camera().setPreset(OrbitCamera::Preset::Front);
        view_->camera().fit({-1.5, 0, -4}, {1.5, 1.9, -2}, 640.0 / 480);
        view_->cameraChanged();
    }
    /// Middle of the head of the capsule body.
    double headY() const {
        double sum = 0;
        int count = 0;
        const auto& region = model_->topology().region;
        const auto rest = model_->shaped({});
        for (std::size_t i = 0; i < region.size(); ++i) {
            if (region[i] == static_cast<std::uint8_t>(BodyRegion::Head)) {
                sum += 0.9 - rest.vertices[i].y;
                ++count;
            }
        }
        return count > 0 ? sum / count : 1.6;
    }
    static bool bluish(const QColor& c) { return c.blue() > c.red() + 40 && c.lightness() > 70; }

private Q_SLOTS:
    void initTestCase() {
        if (!test::hasDisplay()) {
            QSKIP("OpenGL needs a display: run under xvfb-run");
        }
        view_ = std::make_unique<ViewportWidget>();
        view_->resize(640, 480);
        view_->show();
        QVERIFY(QTest::qWaitForWindowExposed(view_.get()));
        QTRY_VERIFY(!view_->rendererName().isEmpty());
        view_->setLooks({{1, {QColor("#56B4E9"), true}}}, 1);
    }
    void cleanupTestCase() { view_.reset(); }

    void bodyPixelsAreWhereTheCameraSaysTheyAre() {
        view_->setGridVisible(false);
        view_->setSnapshot(bodyAt(0, -3));
        view_->camera().setPreset(OrbitCamera::Preset::Front);
        view_->camera().fit({-1.5, 0, -4}, {1.5, 1.9, -2}, 640.0 / 480);
        view_->cameraChanged();
        const auto picture = settledPicture();
        const double ratio = view_->devicePixelRatioF();
        QVERIFY(bluish(picture.pixelColor(onScreen({0, 1.17, -2.85}) * ratio)));   // chest
        QVERIFY(bluish(picture.pixelColor(onScreen({0.105, 0.45, -2.93}) * ratio))); // a thigh
        QVERIFY(!bluish(picture.pixelColor(onScreen({0.8, 1.17, -3}) * ratio)));     // beside
        QVERIFY(!bluish(picture.pixelColor(onScreen({0, 1.75, -3}) * ratio)));       // above the head
        if (qEnvironmentVariableIsSet("BODY4D_KEEP_IMAGES")) {
            picture.save("viewport_body.png");
        }
    }
    void updatesInPlaceFollowTheSnapshot() {
        view_->setSnapshot(bodyAt(0.9, -3));
        const auto picture = settledPicture();
        const double ratio = view_->devicePixelRatioF();
        QVERIFY(bluish(picture.pixelColor(onScreen({0.9, 1.17, -2.85}) * ratio)));
        QVERIFY(!bluish(picture.pixelColor(onScreen({0, 1.17, -2.85}) * ratio)));
    }
    void hiddenTargetsAreNotDrawn() {
        view_->setLooks({{1, {QColor("#56B4E9"), false}}}, 1);
        const double ratio = view_->devicePixelRatioF();
        QVERIFY(!bluish(settledPicture().pixelColor(onScreen({0.9, 1.17, -2.85}) * ratio)));
        view_->setLooks({{1, {QColor("#56B4E9"), true}}}, 1);
        QVERIFY(bluish(settledPicture().pixelColor(onScreen({0.9, 1.17, -2.85}) * ratio)));
    }
    void guessesLookWeakerThanMeasurements() {
        const double ratio = view_->devicePixelRatioF();
        view_->setSnapshot(bodyAt(0, -3, FrameState::Visible));
        const auto measured = settledPicture().pixelColor(onScreen({0, 1.17, -2.85}) * ratio);
        view_->setSnapshot(bodyAt(0, -3, FrameState::Completed));
        const auto guessed = settledPicture().pixelColor(onScreen({0, 1.17, -2.85}) * ratio);
        QVERIFY2(guessed.saturation() < measured.saturation() || guessed.lightness() < measured.lightness() - 10,
                 qPrintable(measured.name() + guessed.name()));
        view_->setSnapshot(bodyAt(0, -3, FrameState::Visible));
    }
    void aClickPicksTheBodyUnderIt() {
        QSignalSpy picked(view_.get(), &ViewportWidget::bodyPicked);
        QTest::mouseClick(view_.get(), Qt::LeftButton, {}, onScreen({0, 1.17, -2.85}));
        QCOMPARE(picked.count(), 1);
        QCOMPARE(picked[0][0].toInt(), 1);
        QTest::mouseClick(view_.get(), Qt::LeftButton, {}, onScreen({1.2, 1.2, -3}));
        QCOMPARE(picked.count(), 1);
    }
    void dragOrbitsMiddlePansWheelZooms() {
        auto& camera = view_->camera();
        const double yaw = camera.yaw(), distance = camera.distance();
        QTest::mousePress(view_.get(), Qt::LeftButton, {}, {100, 100});
        QTest::mouseMove(view_.get(), {140, 100});
        QTest::mouseMove(view_.get(), {180, 100});
        QTest::mouseRelease(view_.get(), Qt::LeftButton, {}, {180, 100});
        QVERIFY(camera.yaw() != yaw);
        const auto focal = camera.focalPoint();
        QTest::mousePress(view_.get(), Qt::MiddleButton, {}, {100, 100});
        QTest::mouseMove(view_.get(), {140, 100});
        QTest::mouseMove(view_.get(), {180, 100});
        QTest::mouseRelease(view_.get(), Qt::MiddleButton, {}, {180, 100});
        QVERIFY(norm(camera.focalPoint() - focal) > 0.05);
        QCOMPARE(camera.distance(), distance);
        QWheelEvent wheel(QPointF(320, 240), view_->mapToGlobal(QPointF(320, 240)), {}, {0, 120}, Qt::NoButton, Qt::NoModifier,
                          Qt::NoScrollPhase, false);
        QApplication::sendEvent(view_.get(), &wheel);
        QVERIFY(camera.distance() < distance);
    }
    void fitSelectedShowsTheBodyWhole() {
        view_->fitSelected();
        for (const double y : {0.05, 1.65}) {
            QVERIFY(view_->rect().contains(onScreen({0, y, -3})));
        }
    }
    void headAndHandsAreNeutralAsInTheOverlay() {
        front();
        const double ratio = view_->devicePixelRatioF();
        const auto picture = settledPicture();
        const auto head = picture.pixelColor(onScreen({0, headY(), -2.9}) * ratio), chest = picture.pixelColor(onScreen({0, 1.17, -2.85}) * ratio);
        QVERIFY2(head.saturation() * 2 < chest.saturation(), qPrintable(head.name() + chest.name()));
    }
    void displaysDiffer() {
        front();
        const double ratio = view_->devicePixelRatioF();
        const auto chest = [&] { return settledPicture().pixelColor(onScreen({0, 1.17, -2.85}) * ratio); };
        const auto surface = chest();
        auto doubtful = bodyAt(0, -3);
        doubtful->targets[0].suspicion = 1;
        view_->setSnapshot(doubtful);
        view_->setDisplay(BodyDisplay::Doubt);
        QVERIFY(chest().red() > chest().blue() + 60); // red: look here
        auto moved = bodyAt(0, -3);
        auto mesh = std::make_shared<PosedMesh>(*moved->targets[0].mesh);
        mesh->difference.assign(mesh->vertices.size(), 0.2F);
        moved->targets[0].mesh = mesh;
        view_->setSnapshot(moved);
        view_->setDisplay(BodyDisplay::Difference);
        QVERIFY(chest().red() > chest().blue() + 60);
        mesh = std::make_shared<PosedMesh>(*mesh);
        std::fill(mesh->difference.begin(), mesh->difference.end(), 0.0F);
        auto still = bodyAt(0, -3);
        still->targets[0].mesh = mesh;
        view_->setSnapshot(still);
        QVERIFY(bluish(chest())); // calm
        view_->setDisplay(BodyDisplay::Wireframe);
        const auto area = [&] {
            const auto picture = settledPicture();
            int n = 0;
            for (int y = 0; y < picture.height(); ++y) {
                for (int x = 0; x < picture.width(); ++x) {
                    n += bluish(picture.pixelColor(x, y)) ? 1 : 0;
                }
            }
            return n;
        };
        const int wires = area();
        view_->setDisplay(BodyDisplay::Surface);
        const int solid = area();
        QVERIFY2(wires > 20 && wires < solid, qPrintable(QString("%1 of %2").arg(wires).arg(solid)));
        QCOMPARE(chest(), surface);
    }
    void theWipeShowsBothBodies() {
        front();
        auto both = bodyAt(0, -3);
        both->targets[0].rawMesh = bodyAt(0, -3)->targets[0].mesh;
        both->targets[0].mesh = bodyAt(0.8, -3)->targets[0].mesh; // smoothing that moves by 80 cm is easy to see
        view_->setSnapshot(both);
        view_->setWiping(true);
        const double ratio = view_->devicePixelRatioF();
        const auto seen = [&](double x) { return bluish(settledPicture().pixelColor(onScreen({x, 1.17, -2.85}) * ratio)); };
        view_->wipeHandle()->setShare(0.98);
        QVERIFY(seen(0)); // all raw
        QVERIFY(!seen(0.8));
        view_->wipeHandle()->setShare(0.02);
        QVERIFY(!seen(0));
        QVERIFY(seen(0.8));
        QTest::keyClick(view_->wipeHandle(), Qt::Key_Right);
        QVERIFY(view_->wipeHandle()->share() > 0.03);
        view_->setWiping(false);
        QVERIFY(seen(0.8));
        QVERIFY(!seen(0));
    }
    void twoClicksMeasure() {
        front();
        view_->setMeasuring(true);
        QSignalSpy measured(view_.get(), &ViewportWidget::measured);
        QSignalSpy picked(view_.get(), &ViewportWidget::bodyPicked);
        QTest::mouseClick(view_.get(), Qt::LeftButton, {}, onScreen({-1, 0, -3}));
        QTest::mouseClick(view_.get(), Qt::LeftButton, {}, onScreen({1, 0, -3}));
        QCOMPARE(measured.count(), 1);
        QVERIFY2(std::abs(measured[0][0].toDouble() - 2) < 0.03, qPrintable(QString::number(measured[0][0].toDouble())));
        QCOMPARE(picked.count(), 0);
        QTest::mouseClick(view_.get(), Qt::LeftButton, {}, onScreen({-1, 0, -3})); // begins anew
        QCOMPARE(view_->measuredPoints().size(), std::size_t{1});
        view_->setMeasuring(false);
        QVERIFY(view_->measuredPoints().empty());
    }
    void theBackdropLiesWhereTheCameraSawIt() {
        auto snapshot = bodyAt(0, -3);
        snapshot->camera = intrinsicsFromFov(64, 48, 0.9);
        snapshot->worldFromCam.rotation.m = {1, 0, 0, 0, -1, 0, 0, 0, -1};
        snapshot->worldFromCam.translation = {0, 1, 0};
        auto image = std::make_shared<Image>(64, 48);
        for (int y = 0; y < 48; ++y) {
            for (int x = 0; x < 64; ++x) { // red left, green right, upper half brighter
                image->row(y)[3 * x + (x < 32 ? 0 : 1)] = y < 24 ? 250 : 120;
            }
        }
        snapshot->pixels = image;
        view_->setSnapshot(snapshot);
        view_->lookThroughCamera();
        const double ratio = view_->devicePixelRatioF();
        const auto at = [&](double u, double v) {
            return settledPicture().pixelColor((QPointF(u * view_->width(), v * view_->height()) * ratio).toPoint());
        };
        QVERIFY2(at(0.1, 0.1).red() > 200 && at(0.1, 0.1).green() < 40, qPrintable(at(0.1, 0.1).name()));
        QVERIFY2(at(0.9, 0.1).green() > 200, qPrintable(at(0.9, 0.1).name()));
        QVERIFY2(at(0.9, 0.9).green() > 90 && at(0.9, 0.9).green() < 160, qPrintable(at(0.9, 0.9).name()));
        view_->setBackdropVisible(false);
        QVERIFY(at(0.1, 0.1).red() < 100);
        view_->setBackdropVisible(true);
        view_->setPreset(OrbitCamera::Preset::Front); // from anywhere else it would be a billboard
        QVERIFY(at(0.05, 0.05).red() < 100);
    }
    void cutOutsAreTransparentAroundTheBody() {
        front();
        settledPicture();
        const auto picture = view_->grabPicture(true);
        const double ratio = view_->devicePixelRatioF();
        QCOMPARE(picture.pixelColor(4, 4).alpha(), 0);
        QVERIFY(picture.pixelColor(onScreen({0, 1.17, -2.85}) * ratio).alpha() > 250);
        QVERIFY(bluish(picture.pixelColor(onScreen({0, 1.17, -2.85}) * ratio)));
        QVERIFY(settledPicture().pixelColor(4, 4).lightness() > 5); // and the theme's background is back
    }
    void everyThemeHasItsBackground() {
        view_->setSnapshot(nullptr);
        const auto corner = [&] { return settledPicture().pixelColor(20, view_->height() / 2); };
        const auto dark = corner();
        Theme::instance().apply(*qApp, ThemeMode::Light);
        const auto light = corner();
        Theme::instance().apply(*qApp, ThemeMode::Dark);
        QVERIFY(dark.lightness() < 80);
        QVERIFY(light.lightness() > 180);
    }
    void survivesResizingAndReparenting() {
        view_->setSnapshot(bodyAt(0, -3));
        QMainWindow other;
        auto* raw = view_.release();
        other.setCentralWidget(raw);
        other.resize(500, 400);
        other.show();
        QVERIFY(QTest::qWaitForWindowExposed(&other));
        raw->fitAll();
        QTRY_VERIFY(raw->settled());
        const auto picture = raw->grabFramebuffer();
        int body = 0;
        for (int y = 0; y < picture.height(); y += 4) {
            for (int x = 0; x < picture.width(); x += 4) {
                body += bluish(picture.pixelColor(x, y)) ? 1 : 0;
            }
        }
        QVERIFY(body > 50);
        QVERIFY(raw->isValid());
    } // and destruction inside a window
};

BODY4D_GUI_TEST(ViewportTest)
#include "viewport_test.moc"
