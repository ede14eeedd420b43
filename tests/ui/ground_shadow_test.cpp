#include "fake_backend.h"

#include "ui/viewport/ground_shadow.h"

#include <QTest>

#include <algorithm>
#include <limits>
#include <numeric>

using namespace body4d;
using namespace body4d::ui;

/// Shadows on the floor: where, how dark, how wide.
class GroundShadowTest : public QObject {
    Q_OBJECT
    /// Standing with the lowest point at a height above the floor.
    static PosedMesh standing(float x, float lift, float z) {
        static const auto model = test::makeCapsuleBody();
        PosedMesh mesh;
        mesh.model = model;
        const auto shaped = model->shaped({}).vertices;
        float lowest = std::numeric_limits<float>::max();
        for (const auto& v : shaped) {
            lowest = std::min(lowest, static_cast<float>(-v.y)); // y down to y up
        }
        mesh.low = {1e9F, 1e9F, 1e9F};
        mesh.high = {-1e9F, -1e9F, -1e9F};
        for (const auto& v : shaped) {
            const Vec3f p{static_cast<float>(v.x) + x, static_cast<float>(-v.y) - lowest + lift,
                          static_cast<float>(-v.z) + z};
            mesh.vertices.push_back(p);
            mesh.low = {std::min(mesh.low.x, p.x), std::min(mesh.low.y, p.y), std::min(mesh.low.z, p.z)};
            mesh.high = {std::max(mesh.high.x, p.x), std::max(mesh.high.y, p.y), std::max(mesh.high.z, p.z)};
        }
        return mesh;
    }
    static float darkest(const GroundShadow& s) {
        return s.opacity.empty() ? 0 : *std::max_element(s.opacity.begin(), s.opacity.end());
    }
    static float amount(const GroundShadow& s) {
        return s.cell * s.cell * std::accumulate(s.opacity.begin(), s.opacity.end(), 0.0F);
    }
    static float opacityAt(const GroundShadow& s, float x, float z) {
        const int column = static_cast<int>((x - s.x0) / s.cell + 0.5F),
                  row = static_cast<int>((z - s.z0) / s.cell + 0.5F);
        return column < 0 || row < 0 || column >= s.columns || row >= s.rows ? 0 : s.at(column, row);
    }

private Q_SLOTS:
    void liesUnderTheBody() {
        const auto shadow = castShadow(standing(3, 0, -5));
        QVERIFY(darkest(shadow) > 0.3F);
        QVERIFY(darkest(shadow) < 1);
        QVERIFY(opacityAt(shadow, 3, -5) > 0.1F);
        QCOMPARE(opacityAt(shadow, 5.5F, -5), 0.0F);
        // The same wherever the body stands.
        QVERIFY(std::abs(amount(castShadow(standing(0, 0, 0))) - amount(shadow)) < 0.05F * amount(shadow));
    }
    void hasNoEdge() {
        const auto s = castShadow(standing(0, 0, 0));
        for (int column = 0; column < s.columns; ++column) {
            QCOMPARE(s.at(column, 0), 0.0F);
            QCOMPARE(s.at(column, s.rows - 1), 0.0F);
            QVERIFY(s.at(column, 1) < 0.05F); // it fades out rather than ends
        }
        for (int row = 0; row < s.rows; ++row) {
            QCOMPARE(s.at(0, row), 0.0F);
            QCOMPARE(s.at(s.columns - 1, row), 0.0F);
        }
    }
    void fadesWithHeight() {
        const float standingStill = darkest(castShadow(standing(0, 0, 0))),
                    jumping = darkest(castShadow(standing(0, 0.6F, 0)));
        QVERIFY(jumping > 0);
        QVERIFY(jumping < 0.8F * standingStill);
        QVERIFY(castShadow(standing(0, 9, 0)).opacity.empty());
    }
    void coarseIsTheSameWithFewerCorners() {
        const auto mesh = standing(0, 0, 0);
        const auto fine = castShadow(mesh), coarse = castShadow(mesh, true);
        QVERIFY(3 * coarse.opacity.size() < fine.opacity.size());
        QVERIFY(std::abs(amount(coarse) - amount(fine)) < 0.35F * amount(fine));
    }
    void staysSmallWhereTheBodyIsNot() {
        auto mesh = standing(0, 0, 0);
        mesh.high.x += 500; // a wrong measurement must not ask for a gigantic grid
        QVERIFY(castShadow(mesh).opacity.size() <= 72 * 72);
        mesh.high.x = std::numeric_limits<float>::quiet_NaN();
        QVERIFY(castShadow(mesh).opacity.empty());
        QVERIFY(castShadow(PosedMesh{}).opacity.empty());
    }
};

QTEST_GUILESS_MAIN(GroundShadowTest)
#include "ground_shadow_test.moc"
