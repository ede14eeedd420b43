#include "viewport_fixture.h"

#include "base/error.h"
#include "ui/viewport/axis_gizmo.h"
#include "ui/viewport/prepared_cloud.h"
#include "ui/viewport/colour_bar.h"
#include "ui/viewport/imported_model.h"
#include "ui/viewport/viewport_widget.h"
#include "ui/viewport/wipe_handle.h"

#include <QLabel>
#include <QMainWindow>
#include <QRegularExpression>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QLocale>
#include <QTest>

#include <cmath>

using namespace body4d;
using namespace body4d::ui;

class ViewportModelsTest : public test::ViewportFixture {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        BODY4D_NEEDS_DISPLAY();
        openView();
    }
    void cleanupTestCase() { view_.reset(); }

    void filesAreShownBesideTheBodies() {
        QTemporaryDir dir;
        QFile file(dir.filePath("cube.ply"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("ply\nformat ascii 1.0\nelement vertex 4\nproperty float x\nproperty float y\nproperty float z\n"
                   "property uchar red\nproperty uchar green\nproperty uchar blue\nelement face 2\n"
                   "property list uchar int vertex_indices\nend_header\n"
                   "0.6 0.5 -3 20 40 250\n1.4 0.5 -3 20 40 250\n1.4 1.5 -3 20 40 250\n0.6 1.5 -3 20 40 250\n3 0 1 2\n3 0 2 3\n");
        file.close();
        const auto model = ImportedModel::read(file.fileName().toStdString());
        QCOMPARE(model->vertices(), 4LL);
        QCOMPARE(model->triangles(), 2LL);
        QVERIFY(std::abs(model->high().x - 1.4) < 1e-6);
        QCOMPARE(model->seconds(), 0.0);
        front();
        const double ratio = view_->devicePixelRatioF();
        const auto at = [&] { return settledPicture().pixelColor(onScreen({1, 1, -3}) * ratio); };
        QVERIFY(!bluish(at()));
        view_->addModel(model);
        QVERIFY2(bluish(at()), qPrintable(at().name())); // in its own colour
        QSignalSpy point(view_.get(), &ViewportWidget::pointPicked), picked(view_.get(), &ViewportWidget::bodyPicked);
        QTest::mouseClick(view_.get(), Qt::LeftButton, {}, onScreen({1, 1, -3}));
        QCOMPARE(point.count(), 1); // a place, not a person
        QCOMPARE(picked.count(), 0);
        QVERIFY2(std::abs(point[0][0].toDouble() - 1) < 0.02 && std::abs(point[0][2].toDouble() + 3) < 1e-3, qPrintable(QString::number(point[0][2].toDouble())));
        view_->clearModels();
        QVERIFY(!bluish(at()));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("ply\nnonsense\n");
        file.close();
        QVERIFY_THROWS_EXCEPTION(Error, static_cast<void>(ImportedModel::read(file.fileName().toStdString())));
        QVERIFY_THROWS_EXCEPTION(Error, static_cast<void>(ImportedModel::read("/nowhere/x.glb")));
        QVERIFY(ImportedModel::canRead("/a/B.GLB"));
        QVERIFY(!ImportedModel::canRead("/a/b.mp4"));
    }
private:
    /// A wall of points 2 m wide and high at z = -3: red left of x = 0, green right of it, surer the higher.
    std::shared_ptr<const PreparedCloud> wall() const {
        std::vector<Vec3f> points;
        std::vector<std::array<std::uint8_t, 3>> colours;
        std::vector<float> confidence;
        for (int y = 0; y < 200; ++y) {
            for (int x = 0; x < 200; ++x) {
                points.push_back({-1 + 0.01F * static_cast<float>(x), 0.01F * static_cast<float>(y), -3});
                colours.push_back(x < 100 ? std::array<std::uint8_t, 3>{230, 30, 30} : std::array<std::uint8_t, 3>{30, 200, 30});
                confidence.push_back(static_cast<float>(y));
            }
        }
        return std::make_shared<const PreparedCloud>(makeCloud(points, colours, confidence));
    }
private Q_SLOTS:
    void cloudsAreColouredSizedAndCutWithoutTouchingThem() {
        front();
        view_->setSnapshot(nullptr);
        const auto cloud = wall();
        view_->setSceneCloud(cloud);
        QVERIFY(view_->hasClouds() && view_->hasCloudConfidence());
        const double ratio = view_->devicePixelRatioF();
        CloudStyle style;
        style.pointSize = 4;
        view_->setCloudStyle(style);
        const auto at = [&](double x, double y) { return settledPicture().pixelColor(onScreen({x, y, -3}) * ratio); };
        QVERIFY2(at(-0.5, 0.5).red() > 200 && at(-0.5, 0.5).green() < 60, qPrintable(at(-0.5, 0.5).name()));
        QVERIFY2(at(0.5, 1.5).green() > 170, qPrintable(at(0.5, 1.5).name()));
        QVERIFY(!view_->colourBar().isVisible());
        const auto chips = [&] { // what is said over the picture
            QStringList said;
            for (const auto* label : view_->findChildren<QLabel*>("chip")) {
                said << (label->isVisible() ? label->text() : QString());
            }
            return said.join('|');
        };
        view_->setMeasuring(true); // from point to point
        QVERIFY2(chips().contains("first place"), qPrintable(chips()));
        QSignalSpy measured(view_.get(), &ViewportWidget::measured);
        QTest::mouseClick(view_.get(), Qt::LeftButton, {}, onScreen({-0.5, 0.5, -3}));
        QVERIFY2(chips().contains("second place"), qPrintable(chips()));
        QTest::mouseClick(view_.get(), Qt::LeftButton, {}, onScreen({0.5, 0.5, -3}));
        static const QRegularExpression metres(QStringLiteral("\\d\\.\\d{3} m"));
        QVERIFY2(!chips().contains("place") && chips().contains(metres), qPrintable(chips()));
        QCOMPARE(measured.count(), 1);
        QVERIFY2(std::abs(measured[0][0].toDouble() - 1) < 0.03, qPrintable(QString::number(measured[0][0].toDouble())));
        view_->setMeasuring(false);
        QVERIFY2(!chips().contains(metres) && !chips().contains("place"), qPrintable(chips()));
        // The lower half is less sure.
        style.hideLeastSure = 0.5;
        view_->setCloudStyle(style);
        QVERIFY2(at(0.5, 0.5).green() < 100, qPrintable(at(0.5, 0.5).name()));
        QVERIFY(at(0.5, 1.5).green() > 170);
        style = {4, CloudPaint::Height, 0};
        view_->setCloudStyle(style);
        QVERIFY2(at(-0.5, 0.05).blue() > at(-0.5, 0.05).green() + 20, qPrintable(at(-0.5, 0.05).name())); // violet below
        QVERIFY2(at(-0.5, 1.95).red() > 180 && at(-0.5, 1.95).blue() < 90, qPrintable(at(-0.5, 1.95).name())); // yellow above
        QVERIFY(view_->colourBar().isVisible());
        QCOMPARE(view_->colourBar().ticks().front(), QLocale().toString(0.0, 'f', 1));
        style.paint = CloudPaint::Confidence; // the same order here
        view_->setCloudStyle(style);
        QVERIFY(at(-0.5, 1.95).red() > 180 && at(-0.5, 1.95).blue() < 90);
        style.paint = CloudPaint::Plain;
        view_->setCloudStyle(style);
        QCOMPARE(at(-0.5, 0.5), at(0.5, 1.5));
        // Small points leave gaps that large ones close.
        view_->camera().fit({-0.1, 0.9, -3}, {0.1, 1.1, -3}, 640.0 / 480);
        view_->cameraChanged();
        const auto covered = [&] {
            const auto picture = settledPicture();
            int n = 0;
            for (int y = 0; y < picture.height(); y += 3) {
                for (int x = 0; x < picture.width(); x += 3) {
                    n += picture.pixelColor(x, y).lightness() > 120 ? 1 : 0;
                }
            }
            return n;
        };
        style.pointSize = 2;
        view_->setCloudStyle(style);
        const int small = covered();
        style.pointSize = 8;
        view_->setCloudStyle(style);
        const int large = covered();
        QVERIFY2(small > 0 && large > 4 * small, qPrintable(QString("%1 %2").arg(small).arg(large)));
        view_->setSceneCloud(nullptr);
        view_->setCloudStyle({});
        QVERIFY(!view_->hasClouds());
        QCOMPARE(covered(), 0);
    }
    void largeCloudsAreThinnedEvenly() {
        std::vector<Vec3f> points(1'000'000);
        for (std::size_t i = 0; i < points.size(); ++i) {
            points[i] = {static_cast<float>(i % 1000) * 0.001F, static_cast<float>(i / 1000) * 0.001F, 0};
        }
        const PreparedCloud cloud(makeCloud(points, {}, {}));
        QCOMPARE(cloud.pointCount(PreparedCloud::Share::All), std::size_t{1'000'000});
        QCOMPARE(cloud.pointCount(PreparedCloud::Share::Still), PreparedCloud::kStill);
        QCOMPARE(cloud.pointCount(PreparedCloud::Share::Moving), PreparedCloud::kMoving);
        int quarters[4] = {};
        for (std::size_t i = 0; i < PreparedCloud::kMoving; ++i) {
            const auto& p = cloud.cloud().positions[i];
            ++quarters[(p.x < 0.5F ? 0 : 1) + (p.y < 0.5F ? 0 : 2)];
        }
        for (const int n : quarters) {
            QVERIFY2(std::abs(n - 37'500) < 1'000, qPrintable(QString::number(n)));
        }
    }
};

BODY4D_GUI_TEST(ViewportModelsTest)
#include "viewport_models_test.moc"
