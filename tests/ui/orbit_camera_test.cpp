#include "fake_backend.h"
#include "ui/viewport/camera_flight.h"
#include "ui/viewport/coarse_mesh.h"
#include "ui/viewport/orbit_camera.h"
#include "ui/viewport/ray_cast.h"

#include <QTest>

#include <cmath>
#include <map>

using namespace body4d;
using namespace body4d::ui;

class OrbitCameraTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void raysAndProjectionAreInverse() {
        OrbitCamera camera;
        camera.setAngles(0.7, 0.3);
        for (const bool flat : {false, true}) {
            camera.setOrthographic(flat);
            for (const double x : {-0.8, 0.0, 0.5}) {
                for (const double y : {-0.6, 0.1, 0.9}) {
                    const auto ray = camera.ray(x, y, 1.6);
                    const auto p = camera.project(ray.origin + 4.2 * ray.direction, 1.6);
                    QVERIFY(std::abs(p.x - x) < 1e-9 && std::abs(p.y - y) < 1e-9);
                }
            }
        }
    }
    void zoomKeepsTheAnchorOnScreen() {
        OrbitCamera camera;
        const Vec3 anchor{0.4, 0.2, -2.5};
        const auto before = camera.project(anchor, 1.5);
        const double distance = camera.distance();
        camera.zoom(0.5, anchor);
        const auto after = camera.project(anchor, 1.5);
        QVERIFY(std::abs(before.x - after.x) < 1e-9 && std::abs(before.y - after.y) < 1e-9);
        QVERIFY(std::abs(camera.distance() - distance / 2) < 1e-9);
    }
    void fitShowsTheBoxWholeFromEverywhere() {
        const Vec3 low{-3, 0, -6}, high{2, 1.9, 1};
        for (const auto preset : {OrbitCamera::Preset::Front, OrbitCamera::Preset::Right, OrbitCamera::Preset::Top, OrbitCamera::Preset::ThreeQuarter}) {
            for (const double aspect : {0.6, 1.0, 2.2}) {
                OrbitCamera camera;
                camera.setPreset(preset);
                camera.fit(low, high, aspect);
                double reach = 0;
                for (int c = 0; c < 8; ++c) {
                    const auto p = camera.project({c & 1 ? high.x : low.x, c & 2 ? high.y : low.y, c & 4 ? high.z : low.z}, aspect);
                    QVERIFY(p.z > 0);
                    reach = std::max({reach, std::abs(p.x), std::abs(p.y)});
                }
                QVERIFY2(reach <= 1.0 && reach > 0.6, qPrintable(QString::number(reach)));
            }
        }
    }
    void fitFillsThePictureWithPoints() {
        // Two people far from each other: the box around them is mostly empty.
        std::vector<Vec3> points;
        for (const Vec3 at : {Vec3{-3, 0, 2}, Vec3{2, 0, -6}}) {
            for (int c = 0; c < 8; ++c) {
                points.push_back(at + Vec3{c & 1 ? 0.3 : -0.3, c & 2 ? 1.8 : 0.0, c & 4 ? 0.3 : -0.3});
            }
        }
        for (const auto preset : {OrbitCamera::Preset::Front, OrbitCamera::Preset::Right, OrbitCamera::Preset::ThreeQuarter}) {
            for (const double aspect : {0.6, 1.0, 2.2}) {
                OrbitCamera camera, boxed;
                camera.setPreset(preset);
                boxed.setPreset(preset);
                camera.fit(points, aspect);
                boxed.fit({-3.3, 0, -6.3}, {2.3, 1.8, 2.3}, aspect);
                double left = 1, right = -1, bottom = 1, top = -1;
                for (const auto& point : points) {
                    const auto p = camera.project(point, aspect);
                    QVERIFY(p.z > 0);
                    left = std::min(left, p.x);
                    right = std::max(right, p.x);
                    bottom = std::min(bottom, p.y);
                    top = std::max(top, p.y);
                }
                QVERIFY2(left >= -1 && right <= 1 && bottom >= -1 && top <= 1, "cut off");
                QVERIFY2(std::abs(left + right) < 0.1 && std::abs(bottom + top) < 0.1, "not in the middle");
                QVERIFY(std::max(right - left, top - bottom) > 1.6);
                QVERIFY(camera.distance() <= boxed.distance() + 1e-9);
            }
        }
    }
    void presetsLookAlongTheAxes() {
        OrbitCamera camera;
        camera.setFocalPoint({0, 0, 0});
        camera.setPreset(OrbitCamera::Preset::Front);
        QVERIFY(camera.position().z > 4.9);
        camera.setPreset(OrbitCamera::Preset::Right);
        QVERIFY(camera.position().x > 4.9);
        camera.setPreset(OrbitCamera::Preset::Top);
        QVERIFY(camera.position().y > 4.9);
        QVERIFY(camera.up().z < -0.9); // what is in front is up
    }
    void lookingThroughTheVideoCameraProjectsAsItDoes() {
        RigidTransform worldFromCam;
        worldFromCam.rotation.m = {1, 0, 0, 0, -1, 0, 0, 0, -1};
        worldFromCam.translation = {0.3, 1.5, 0.2};
        const auto intrinsics = intrinsicsFromFov(1280, 720, 0.96);
        OrbitCamera camera;
        camera.lookThrough(worldFromCam, intrinsics);
        const Vec3 inCam{0.4, -0.2, 3};
        const auto px = project(intrinsics, inCam);
        const auto seen = camera.project(worldFromCam * inCam, 1280.0 / 720);
        QVERIFY(std::abs((seen.x + 1) / 2 * 1280 - px.x) < 1e-6);
        QVERIFY(std::abs((1 - seen.y) / 2 * 720 - px.y) < 1e-6);
        const auto eye = camera.position();
        camera.orbit(0, 0); // taking the camera starts from there
        QVERIFY(!camera.lookingThrough());
        QVERIFY(norm(camera.position() - eye) < 1e-6);
    }
    void orbitNeverTurnsOverTheTop() {
        OrbitCamera camera;
        for (int i = 0; i < 50; ++i) {
            camera.orbit(0.01, 0.2);
        }
        QVERIFY(camera.pitch() < M_PI / 2);
        QVERIFY(camera.up().y > 0);
    }
    void rayMeetsTheNearestBody() {
        const auto model = test::makeCapsuleBody();
        FrameSnapshot snapshot;
        for (int i = 0; i < 2; ++i) {
            TargetView view;
            view.id = i + 1;
            auto mesh = std::make_shared<PosedMesh>();
            mesh->model = model;
            mesh->low = {1e9F, 1e9F, 1e9F};
            mesh->high = {-1e9F, -1e9F, -1e9F};
            for (auto v : model->shaped({}).vertices) {
                v.z += static_cast<float>(i) * 2;
                mesh->vertices.push_back(v);
                mesh->low = {std::min(mesh->low.x, v.x), std::min(mesh->low.y, v.y), std::min(mesh->low.z, v.z)};
                mesh->high = {std::max(mesh->high.x, v.x), std::max(mesh->high.y, v.y), std::max(mesh->high.z, v.z)};
            }
            view.mesh = mesh;
            snapshot.targets.push_back(view);
        }
        const auto hit = castRay({{0, -0.3, 9}, {0, 0, -1}}, snapshot);
        QVERIFY(hit);
        QCOMPARE(hit->id, 2); // at z = 2: nearer to the eye
        QVERIFY(std::abs(hit->point.z - 2.15) < 0.02);
        QVERIFY(!castRay({{5, 0, 9}, {0, 0, -1}}, snapshot));
        QVERIFY(groundHit({{0, 1, 0}, {0, -0.7071, -0.7071}}));
        QVERIFY(!groundHit({{0, 1, 0}, {0, 0.1, -1}}));
    }
    void coarseMeshesStayClosed() {
        // A ring of 60 by 24 vertices: closed, bent everywhere, with edges of many lengths.
        constexpr std::uint32_t kAround = 60, kAcross = 24;
        std::vector<Vec3f> vertices;
        MeshTopology topology;
        for (std::uint32_t i = 0; i < kAround; ++i) {
            for (std::uint32_t k = 0; k < kAcross; ++k) {
                const double u = 2 * M_PI * i / kAround, v = 2 * M_PI * k / kAcross, r = 1 + 0.35 * std::cos(v);
                vertices.push_back({static_cast<float>(r * std::cos(u)), static_cast<float>(0.35 * std::sin(v)), static_cast<float>(r * std::sin(u))});
                const auto at = [&](std::uint32_t a, std::uint32_t b) { return a % kAround * kAcross + b % kAcross; };
                topology.triangles.push_back({at(i, k), at(i, k + 1), at(i + 1, k)});
                topology.triangles.push_back({at(i + 1, k), at(i, k + 1), at(i + 1, k + 1)});
            }
        }
        const auto coarse = coarsen(vertices, topology);
        const auto all = topology.triangles.size();
        QVERIFY2(coarse.triangles.size() > all / 8 && coarse.triangles.size() < 6 * all / 10, qPrintable(QString("%1 of %2").arg(coarse.triangles.size()).arg(all)));
        QCOMPARE(coarse.source.size(), coarse.triangles.size());
        std::map<std::pair<std::uint32_t, std::uint32_t>, int> edges; // every edge is run through as often one way as the other
        for (const auto& t : coarse.triangles) {
            for (std::size_t k = 0; k < 3; ++k) {
                ++edges[{t[k], t[(k + 1) % 3]}];
                --edges[{t[(k + 1) % 3], t[k]}];
            }
        }
        for (const auto& [edge, count] : edges) {
            QCOMPARE(count, 0);
        }
    }
    void flightsPassThroughTheirKeysWithoutJerks() {
        CameraFlight path;
        OrbitCamera camera;
        camera.setAngles(3.0, 0.2); // and on over the seam
        camera.setFocalPoint({0, 1, 0});
        camera.setDistance(4);
        path.setKey(10, camera);
        camera.setAngles(-3.0, 0.4);
        camera.setDistance(2);
        path.setKey(20, camera);
        camera.setAngles(-2.0, 0.4);
        camera.setFocalPoint({1, 1, 0});
        path.setKey(40, camera);
        OrbitCamera view;
        path.apply(20, view);
        QVERIFY(std::abs(std::remainder(view.yaw() + 3.0, 2 * M_PI)) < 1e-9);
        QVERIFY(std::abs(view.distance() - 2) < 1e-9);
        path.apply(15, view); // the short way round, through 180 degrees
        QVERIFY2(std::abs(std::remainder(view.yaw() - M_PI, 2 * M_PI)) < 0.2, qPrintable(QString::number(view.yaw())));
        QVERIFY(view.distance() < 4 && view.distance() > 2);
        path.apply(0, view); // at rest before and after
        QVERIFY(std::abs(view.distance() - 4) < 1e-9);
        path.apply(99, view);
        QVERIFY(norm(view.focalPoint() - Vec3{1, 1, 0}) < 1e-9);
        double before = 0, largest = 0;
        for (double f = 10; f <= 40; f += 0.5) { // no corner: what it moves changes little from step to step
            path.apply(f, view);
            const double at = std::remainder(view.yaw() - 3.0, 2 * M_PI);
            if (f >= 11) {
                largest = std::max(largest, std::abs(at - before));
            }
            before = at;
        }
        QVERIFY2(largest < 0.06, qPrintable(QString::number(largest)));
        path.removeKey(10);
        path.removeKey(40);
        path.apply(0, view);
        QVERIFY(std::abs(view.distance() - 2) < 1e-9);
        path.clear();
        const double kept = view.yaw();
        path.apply(5, view);
        QCOMPARE(view.yaw(), kept);
    }
};

QTEST_GUILESS_MAIN(OrbitCameraTest)
#include "orbit_camera_test.moc"
