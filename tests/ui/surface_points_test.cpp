#include "fake_backend.h"
#include "ui/frame/snapshot_builder.h"
#include "ui/frame/surface_points.h"

#include <QTest>

#include <cmath>

using namespace body4d;
using namespace body4d::ui;

/// Bodies coloured from the picture that shows them.
class SurfacePointsTest : public QObject {
    Q_OBJECT
    std::shared_ptr<const BodyModel> model_ = test::makeCapsuleBody();
    /// The camera at the origin of a y-up world, looking along -z.
    static RigidTransform level() {
        RigidTransform t;
        t.rotation.m = {1, 0, 0, 0, -1, 0, 0, 0, -1};
        return t;
    }
    std::vector<Vec3f> bodyAt(double x, double z) const {
        std::vector<Vec3f> vertices;
        for (const auto& v : model_->shaped({}).vertices) {
            vertices.push_back({static_cast<float>(v.x + x), -v.y, static_cast<float>(z - v.z)});
        }
        return vertices;
    }
    /// Everywhere.
    static MaskOverlay wholeMask(const Intrinsics& camera) {
        MaskOverlay mask;
        mask.box = QRect(0, 0, camera.width, camera.height);
        mask.coverage = QImage(camera.width, camera.height, QImage::Format_Alpha8);
        mask.coverage.fill(255);
        return mask;
    }
    static Image striped(const Intrinsics& camera) { // red left of the middle, blue right of it
        Image picture(camera.width, camera.height);
        for (int y = 0; y < picture.height; ++y) {
            for (int x = 0; x < picture.width; ++x) {
                picture.row(y)[3 * x + (x < picture.width / 2 ? 0 : 2)] = 200;
            }
        }
        return picture;
    }

private Q_SLOTS:
    void samplesAreSpreadByArea() {
        const auto rest = model_->shaped({});
        const auto samples = sampleSurface(rest.vertices, model_->topology(), 20'000);
        QCOMPARE(samples.size(), std::size_t{20'000});
        // Shares of samples above and below the hips are those of the areas.
        double area[2] = {}, count[2] = {};
        const auto& triangles = model_->topology().triangles;
        const auto half = [&](std::size_t t) { return rest.vertices[triangles[t][0]].y < 0 ? 0 : 1; };
        for (std::size_t t = 0; t < triangles.size(); ++t) {
            const auto &a = rest.vertices[triangles[t][0]], &b = rest.vertices[triangles[t][1]], &c = rest.vertices[triangles[t][2]];
            const double ux = b.x - a.x, uy = b.y - a.y, uz = b.z - a.z, vx = c.x - a.x, vy = c.y - a.y, vz = c.z - a.z;
            area[half(t)] += std::hypot(uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx);
        }
        for (const auto& s : samples) {
            ++count[half(s.triangle)];
            QVERIFY(s.a >= 0 && s.b >= 0 && s.a + s.b <= 1);
        }
        QVERIFY(std::abs(count[0] / 20'000 - area[0] / (area[0] + area[1])) < 0.01);
    }
    void whatTheCameraSeesHasItsColourAndTheBackHasNone() {
        const auto camera = intrinsicsFromFov(320, 240, 0.9);
        const auto vertices = bodyAt(0, -3);
        const auto samples = sampleSurface(model_->shaped({}).vertices, model_->topology(), 20'000);
        const auto mask = wholeMask(camera);
        SurfacePainter painter;
        const SurfacePainter::Body body{vertices, &model_->topology(), samples, &mask};
        const auto cloud = painter.paint(std::span(&body, 1), striped(camera), camera, level())[0];
        QCOMPARE(cloud->positions.size(), samples.size());
        int seen = 0, red = 0, blue = 0, seenBehind = 0;
        for (std::size_t i = 0; i < samples.size(); ++i) {
            if (cloud->rank[i] < 0.5F) {
                QCOMPARE(cloud->colours[i], kUnseenColour);
                continue;
            }
            ++seen;
            const auto& p = cloud->positions[i];
            seenBehind += p.z < -3.14F ? 1 : 0; // the backs of the trunk
            if (p.x < -0.03F) {
                red += cloud->colours[i][0] > 150 && cloud->colours[i][2] < 50 ? 1 : -1000;
            } else if (p.x > 0.03F) {
                blue += cloud->colours[i][2] > 150 && cloud->colours[i][0] < 50 ? 1 : -1000;
            }
        }
        QVERIFY2(seen > 7'000 && seen < 12'000, qPrintable(QString::number(seen))); // about half of a closed surface
        QVERIFY(red > 2'000 && blue > 2'000);
        QCOMPARE(seenBehind, 0);
    }
    void whatStandsInFrontHides() {
        const auto camera = intrinsicsFromFov(320, 240, 0.9);
        const auto near = bodyAt(0, -2), far = bodyAt(0, -4);
        const auto samples = sampleSurface(model_->shaped({}).vertices, model_->topology(), 20'000);
        const auto mask = wholeMask(camera);
        SurfacePainter painter;
        const SurfacePainter::Body bodies[] = {{near, &model_->topology(), samples, &mask}, {far, &model_->topology(), samples, &mask}};
        const auto clouds = painter.paint(bodies, striped(camera), camera, level());
        const auto seen = [](const CloudData& c) { return std::count_if(c.rank.begin(), c.rank.end(), [](float r) { return r > 0.5F; }); };
        QVERIFY2(seen(*clouds[1]) < seen(*clouds[0]) / 2, qPrintable(QString("%1 %2").arg(seen(*clouds[0])).arg(seen(*clouds[1]))));
        // And what the mask does not give to a person has no colour, such as what a pillar covers.
        auto left = mask;
        for (int y = 0; y < left.coverage.height(); ++y) {
            std::fill_n(left.coverage.scanLine(y) + left.coverage.width() / 2, left.coverage.width() / 2, 0);
        }
        const SurfacePainter::Body half{near, &model_->topology(), samples, &left};
        const auto cut = painter.paint(std::span(&half, 1), striped(camera), camera, level())[0];
        for (std::size_t i = 0; i < samples.size(); ++i) {
            QVERIFY(cut->rank[i] < 0.5F || cut->positions[i].x < 0.03F);
        }
        QVERIFY(seen(*cut) > 2'000);
    }
};

QTEST_GUILESS_MAIN(SurfacePointsTest)
#include "surface_points_test.moc"
