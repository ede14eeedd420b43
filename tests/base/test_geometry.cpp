#include "base/geometry.h"

#include <QtTest>

#include <cmath>
#include <random>

using namespace body4d;

namespace {
Mat3 fromQuat(const Quat& q) {
    return Mat3{{1 - 2 * (q.y * q.y + q.z * q.z), 2 * (q.x * q.y - q.z * q.w), 2 * (q.x * q.z + q.y * q.w),
                 2 * (q.x * q.y + q.z * q.w), 1 - 2 * (q.x * q.x + q.z * q.z), 2 * (q.y * q.z - q.x * q.w),
                 2 * (q.x * q.z - q.y * q.w), 2 * (q.y * q.z + q.x * q.w), 1 - 2 * (q.x * q.x + q.y * q.y)}};
}
} // namespace

class GeometryTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void quaternionsComeBack();
    void inverseUndoesATransform();
    void boxesOverlap();
    void fovGivesTheFocalLength();
};

void GeometryTest::quaternionsComeBack() {
    std::mt19937 random(7);
    std::normal_distribution<double> normal;
    for (int i = 0; i < 1000; ++i) {
        Quat q{normal(random), normal(random), normal(random), i % 3 == 0 ? 1e-9 : normal(random)};
        const double n = std::sqrt(q.x * q.x + q.y * q.y + q.z * q.z + q.w * q.w) * (q.w < 0 ? -1 : 1);
        q = {q.x / n, q.y / n, q.z / n, q.w / n};
        const Quat back = toQuat(fromQuat(q));
        const double same = std::abs(q.x * back.x + q.y * back.y + q.z * back.z + q.w * back.w);
        QVERIFY(std::abs(same - 1) < 1e-12);
        QVERIFY(back.w >= 0);
    }
}

void GeometryTest::inverseUndoesATransform() {
    const RigidTransform t{fromQuat({0.5, 0.5, 0.5, 0.5}), {1, -2, 3}};
    const Vec3 p{0.3, 0.7, -1.1};
    QVERIFY(norm(inverse(t) * (t * p) - p) < 1e-14);
    const RigidTransform unit = t * inverse(t);
    QVERIFY(norm(unit.translation) < 1e-14);
    QVERIFY(std::abs(unit.rotation(0, 0) - 1) < 1e-14 && std::abs(unit.rotation(0, 1)) < 1e-14);
}

void GeometryTest::boxesOverlap() {
    QCOMPARE(intersectionOverUnion({0, 0, 2, 2}, {1, 0, 3, 2}), 1.0 / 3);
    QCOMPARE(intersectionOverUnion({0, 0, 1, 1}, {1, 0, 2, 1}), 0.0);
    QCOMPARE(intersectionOverUnion({0, 0, 4, 2}, {0, 0, 4, 2}), 1.0);
}

void GeometryTest::fovGivesTheFocalLength() {
    const Intrinsics camera = intrinsicsFromFov(1280, 720, std::acos(-1.0) / 2);
    QVERIFY(std::abs(camera.focalPx - 640) < 1e-9);
    const Vec2 right = project(camera, {1, 0, 1});
    QVERIFY(std::abs(right.x - 1280) < 1e-9 && std::abs(right.y - 360) < 1e-9);
}

QTEST_APPLESS_MAIN(GeometryTest)
#include "test_geometry.moc"
