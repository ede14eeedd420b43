#include "viewport_fixture.h"

#include "base/error.h"
#include "ui/viewport/axis_gizmo.h"
#include "ui/viewport/prepared_cloud.h"
#include "ui/viewport/colour_bar.h"
#include "ui/viewport/imported_model.h"
#include "ui/viewport/viewport_widget.h"
#include "ui/viewport/wipe_handle.h"

#include <QMainWindow>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QLocale>
#include <QTest>

#include <cmath>

using namespace body4d;
using namespace body4d::ui;

class ViewportTest : public test::ViewportFixture {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        BODY4D_NEEDS_DISPLAY();
        openView();
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
    void theFirstViewIsTheSameWhicheverFrameCameFirst() {
        auto paths = std::make_shared<ScenePaths>();
        ScenePaths::Trail walk{1, {{}}, true}; // across the usual view, so that turned it takes less room
        const double usual = OrbitCamera().yaw(), along = usual - 20 * M_PI / 180;
        for (int i = -30; i <= 30; ++i) {
            walk.stretches.front().push_back({static_cast<float>(0.1 * i * std::cos(along)), 0, static_cast<float>(-0.1 * i * std::sin(along))});
        }
        paths->trails = {walk};
        paths->empty = false;
        const auto yawAfter = [&](const std::vector<std::shared_ptr<FrameSnapshot>>& order) {
            view_->setSnapshot(nullptr);
            view_->setPaths(nullptr);
            for (const auto& snapshot : order) {
                view_->setSnapshot(snapshot);
            }
            view_->setPaths(paths);
            return view_->camera().yaw();
        };
        const double yaw = yawAfter({bodyAt(0, -3)});
        QCOMPARE(yawAfter({bodyAt(0.4, -9), bodyAt(0, -3)}), yaw);
        QCOMPARE(yawAfter({}), yaw);
        QVERIFY2(std::abs(yaw - usual) > 0.3, qPrintable(QString::number(yaw)));
        view_->setSnapshot(nullptr);
        view_->setPaths(nullptr);
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
        front();
        view_->camera().fit({-0.04, 1.13, -2.9}, {0.04, 1.21, -2.82}, 640.0 / 480); // so near that there is room between wires
        view_->cameraChanged();
        view_->setDisplay(BodyDisplay::Wireframe);
        const auto area = [&] {
            const auto picture = settledPicture();
            int n = 0;
            for (int y = 0; y < picture.height(); ++y) {
                for (int x = 0; x < picture.width(); ++x) {
                    const QColor c = picture.pixelColor(x, y); // however dark: so near, the shade is deep
                    n += c.blue() > c.red() + 25 ? 1 : 0;
                }
            }
            return n;
        };
        const int wires = area();
        view_->setDisplay(BodyDisplay::Surface);
        const int solid = area();
        QVERIFY2(wires > 20 && 2 * wires < solid, qPrintable(QString("%1 of %2").arg(wires).arg(solid)));
        front();
        const auto again = chest(); // a machine under load may have given up the ambient shade meanwhile
        QVERIFY2(std::abs(again.red() - surface.red()) + std::abs(again.green() - surface.green()) + std::abs(again.blue() - surface.blue()) < 30,
                 qPrintable(again.name() + surface.name()));
    }
    void theWipeShowsBothBodies() {
        front();
        auto both = bodyAt(0, -3);
        both->targets[0].otherMesh = bodyAt(0, -3)->targets[0].mesh;
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
    void theSurfaceIsShownInTheVideosColours() {
        front();
        auto snapshot = bodyAt(0, -3);
        auto cloud = std::make_shared<CloudData>();
        for (const auto& v : snapshot->targets[0].mesh->vertices) {
            cloud->positions.push_back(v);
            cloud->colours.push_back({250, 120, 20});
        }
        snapshot->targets[0].surface = cloud;
        view_->setCloudStyle({6, CloudPaint::Own, 0});
        view_->setSnapshot(snapshot);
        view_->setDisplay(BodyDisplay::Video);
        const double ratio = view_->devicePixelRatioF();
        const auto orange = [&] {
            const auto picture = settledPicture();
            int n = 0;
            for (int y = 0; y < picture.height(); y += 2) {
                for (int x = 0; x < picture.width(); x += 2) {
                    const auto c = picture.pixelColor(x, y);
                    n += c.red() > 220 && c.blue() < 60 ? 1 : 0;
                }
            }
            return n;
        };
        QVERIFY2(orange() > 300, qPrintable(QString::number(orange())));
        view_->setDisplay(BodyDisplay::Surface);
        QCOMPARE(orange(), 0);
        QVERIFY(bluish(settledPicture().pixelColor(onScreen({0, 1.17, -2.85}) * ratio)));
        view_->setCloudStyle({});
    }
    void theLegendSaysWhatColoursMean() {
        front();
        QVERIFY(!view_->colourBar().isVisible());
        auto moved = bodyAt(0, -3);
        auto mesh = std::make_shared<PosedMesh>(*moved->targets[0].mesh);
        mesh->difference.assign(mesh->vertices.size(), 0.02F);
        mesh->difference[0] = 0.05F;
        mesh->confidence.assign(mesh->vertices.size(), 0.0F);
        moved->targets[0].mesh = mesh;
        view_->setComparisonNames({}, {}); // begins anew
        view_->setComparisonNames("raw", "smoothed");
        view_->setSnapshot(moved);
        view_->setDisplay(BodyDisplay::Difference);
        QVERIFY(view_->colourBar().isVisible());
        QVERIFY(view_->colourBar().title().contains("raw"));
        QCOMPARE(view_->colourBar().ticks().front(), QString("0"));
        QVERIFY2(view_->colourBar().ticks().back().startsWith("60"), qPrintable(view_->colourBar().ticks().back()));
        QVERIFY2(view_->colourBar().summary().contains("20") && view_->colourBar().summary().contains("50"), qPrintable(view_->colourBar().summary()));
        auto far = std::make_shared<FrameSnapshot>(*moved);
        auto farMesh = std::make_shared<PosedMesh>(*mesh);
        std::fill(farMesh->difference.begin(), farMesh->difference.end(), 0.5F);
        far->targets[0].mesh = farMesh;
        view_->setSnapshot(far); // far more than the scale holds: it grows rather than be red all over
        QCOMPARE(view_->differenceScale(), 1.0);
        view_->setSnapshot(moved);
        view_->setDifferenceScale(0.06);
        view_->setSnapshot(far); // what a person has chosen stays
        QCOMPARE(view_->differenceScale(), 0.06);
        view_->setSnapshot(moved);
        const double ratio = view_->devicePixelRatioF();
        const auto chest = [&] { return settledPicture().pixelColor(onScreen({0, 1.17, -2.85}) * ratio); };
        const auto before = chest();
        QTest::mouseClick(const_cast<ColourBar*>(&view_->colourBar()), Qt::LeftButton); // the next scale: 150 mm
        QVERIFY(std::abs(view_->differenceScale() - 0.15) < 1e-9);
        QVERIFY(chest().blue() > before.blue() + 15); // the same 20 mm are calmer on it
        view_->setDifferenceScale(0.06);
        view_->setDisplay(BodyDisplay::Confidence); // nothing was seen: red all over
        QVERIFY2(chest().red() > chest().blue() + 60, qPrintable(chest().name()));
        mesh = std::make_shared<PosedMesh>(*mesh);
        mesh->confidence.assign(mesh->vertices.size(), 1.0F);
        auto sure = bodyAt(0, -3);
        sure->targets[0].mesh = mesh;
        view_->setSnapshot(sure);
        QVERIFY2(bluish(chest()), qPrintable(chest().name()));
        view_->setDisplay(BodyDisplay::Surface);
        QVERIFY(!view_->colourBar().isVisible());
    }
    void theAxesTurnTheView() {
        front();
        auto* gizmo = view_->findChild<AxisGizmo*>();
        QVERIFY(gizmo);
        view_->setPreset(OrbitCamera::Preset::Front);
        // Seen from the front the red axis points right.
        QTest::mouseClick(gizmo, Qt::LeftButton, {}, QPoint(gizmo->width() - 10, gizmo->height() / 2));
        QVERIFY2(std::abs(view_->camera().yaw() - M_PI / 2) < 1e-6, qPrintable(QString::number(view_->camera().yaw())));
        QTest::mouseClick(gizmo, Qt::LeftButton, {}, QPoint(gizmo->width() / 2, 10)); // and the green one up
        QVERIFY(view_->camera().pitch() > 1.5);
        QVERIFY(view_->rect().contains(gizmo->geometry()));
    }
    void camerasTrailsAndGridCanBeSeenAndHidden() {
        front();
        view_->setSnapshot(nullptr);
        auto paths = std::make_shared<ScenePaths>();
        paths->empty = false;
        paths->low = {-1, 0, -4};
        paths->high = {1, 2, -2};
        ScenePaths::Trail trail;
        trail.id = 1;
        trail.fitted = true;
        trail.stretches.resize(1);
        for (int i = 0; i <= 20; ++i) {
            trail.stretches.front().push_back({-1 + 0.1F * static_cast<float>(i), 0.004F, -3});
            paths->cameraPath.push_back({-1 + 0.1F * static_cast<float>(i), 1.2F, -3});
        }
        RigidTransform stop;
        stop.rotation.m = {1, 0, 0, 0, -1, 0, 0, 0, -1};
        stop.translation = {0, 1.2, -3};
        paths->camera = intrinsicsFromFov(640, 480, 0.9);
        paths->cameraStops = {stop};
        paths->trails.push_back(trail);
        view_->setPaths(paths);
        view_->camera().setAngles(0, 0.6);
        view_->camera().fit({-1.5, 0, -4}, {1.5, 1.9, -2}, 640.0 / 480);
        view_->cameraChanged();
        const auto differs = [&](const QImage& a, const QImage& b) {
            int n = 0;
            for (int y = 0; y < a.height(); ++y) {
                for (int x = 0; x < a.width(); ++x) {
                    n += a.pixel(x, y) != b.pixel(x, y) ? 1 : 0;
                }
            }
            return n;
        };
        view_->setTrailsVisible(true);
        view_->setCamerasVisible(true);
        const auto all = settledPicture();
        const auto trailAt = all.pixelColor(onScreen({0.33, 0.004, -3}) * view_->devicePixelRatioF());
        QVERIFY2(bluish(trailAt), qPrintable(trailAt.name())); // in the target's colour, where the person went
        view_->setTrailsVisible(false);
        const auto without = settledPicture();
        QVERIFY(!bluish(without.pixelColor(onScreen({0.33, 0.004, -3}) * view_->devicePixelRatioF())));
        view_->setCamerasVisible(false);
        const auto bare = settledPicture();
        QVERIFY2(differs(without, bare) > 60, qPrintable(QString::number(differs(without, bare)))); // path and frustum
        view_->setGridVisible(true);
        QVERIFY(differs(settledPicture(), bare) > 500);
        view_->setGridVisible(false);
        view_->setTrailsVisible(true);
        view_->setCamerasVisible(true);
        view_->setPaths(nullptr);
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
    } // and destruction inside a window

    void bothSurfacesDrawAndShowTheSame() {
        std::vector<QImage> drawn, shown;
        for (const auto kind : {SurfaceKind::InWindow, SurfaceKind::OwnThread}) {
            ViewportWidget view(kind, nullptr);
            view.resize(320, 240);
            QSignalSpy pictures(&view, &ViewportWidget::pictureShown);
            view.show();
            QVERIFY(QTest::qWaitForWindowExposed(&view));
            view.setLooks({{1, {QColor("#56B4E9"), true}}}, 1);
            view.setSnapshot(bodyAt(0, -3));
            view.camera().setPreset(OrbitCamera::Preset::Front);
            view.camera().fit({-1.5, 0, -4}, {1.5, 1.9, -2}, 320.0 / 240);
            view.cameraChanged();
            QTRY_VERIFY(view.settled());
            QVERIFY(!pictures.isEmpty());
            QVERIFY(!view.rendererName().isEmpty());
            drawn.push_back(view.grabFramebuffer().convertToFormat(QImage::Format_RGB32));
            // What the window paints is the picture, with the labels above it.
            shown.push_back(view.grab().toImage().convertToFormat(QImage::Format_RGB32).copy(80, 40, 120, 160));
        }
        QCOMPARE(drawn[0].size(), drawn[1].size());
        int different = 0, body = 0;
        const auto apart = [](QRgb a, QRgb b) {
            return std::abs(qRed(a) - qRed(b)) + std::abs(qGreen(a) - qGreen(b)) + std::abs(qBlue(a) - qBlue(b)) > 12;
        };
        for (int y = 0; y < drawn[0].height(); ++y) {
            for (int x = 0; x < drawn[0].width(); ++x) {
                different += apart(drawn[0].pixel(x, y), drawn[1].pixel(x, y)) ? 1 : 0;
                body += bluish(drawn[1].pixelColor(x, y)) ? 1 : 0;
            }
        }
        QVERIFY(body > 500);
        QVERIFY2(different < 40, qPrintable(QString::number(different)));
        different = 0;
        for (int y = 0; y < shown[1].height(); ++y) {
            for (int x = 0; x < shown[1].width(); ++x) {
                different += apart(shown[1].pixel(x, y), drawn[1].pixel(80 + x, 40 + y)) ? 1 : 0;
            }
        }
        QVERIFY2(different < 40, qPrintable(QString::number(different)));
    }
    void aHiddenViewDrawsWhatItMissedWhenItIsShownAgain() {
        ViewportWidget view(SurfaceKind::OwnThread, nullptr);
        view.resize(320, 240);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        view.setLooks({{1, {QColor("#56B4E9"), true}}}, 1);
        QTRY_VERIFY(view.settled());
        view.hide();
        view.setSnapshot(bodyAt(0, -3));
        QTRY_VERIFY(view.settled()); // nothing is waited for that nobody would see
        QSignalSpy pictures(&view, &ViewportWidget::pictureShown);
        view.show();
        QTRY_VERIFY(!pictures.isEmpty() && view.settled());
        int body = 0;
        const auto picture = view.grab().toImage();
        for (int y = 0; y < picture.height(); ++y) {
            for (int x = 0; x < picture.width(); ++x) {
                body += bluish(picture.pixelColor(x, y)) ? 1 : 0;
            }
        }
        QVERIFY(body > 500);
    }
};

BODY4D_GUI_TEST(ViewportTest)
#include "viewport_test.moc"
