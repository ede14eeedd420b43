#include "body/detail/rotation.h"

#include <QTest>

#include <array>
#include <numbers>
#include <random>

using namespace body4d;
using namespace body4d::detail;

class RotationTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void exponentialAndLogarithmAreInverse_data() {
        QTest::addColumn<double>("angle");
        for (const double angle : {0.0, 1e-9, 1e-5, 1e-3, 0.5, 2.0, 3.0, std::numbers::pi - 1e-3,
                                   std::numbers::pi - 1e-6, std::numbers::pi - 1e-9}) {
            QTest::newRow(qPrintable(QString::number(angle, 'g', 12))) << angle;
        }
    }
    void exponentialAndLogarithmAreInverse() {
        QFETCH(double, angle);
        std::mt19937 random(7);
        std::normal_distribution<double> normal;
        for (int i = 0; i < 50; ++i) {
            const EVec3 v = angle * EVec3(normal(random), normal(random), normal(random)).normalized();
            const EMat3 r = expRotation(v);
            QVERIFY((r * r.transpose() - EMat3::Identity()).norm() < 1e-13);
            QVERIFY(std::fabs(r.determinant() - 1) < 1e-13);
            const EVec3 back = logRotation(r);
            QVERIFY2((back - v).norm() < 1e-7 * (1 + angle), qPrintable(QString::number((back - v).norm())));
            QVERIFY((expRotation(back) - r).norm() < 1e-7);
        }
    }

    void quarterTurnFollowsTheRightHand() {
        const EVec3 turned = expRotation(EVec3(0, 0, std::numbers::pi / 2)) * EVec3::UnitX();
        QVERIFY((turned - EVec3::UnitY()).norm() < 1e-15);
    }

    void inverseJacobianMatchesDifferences() {
        std::mt19937 random(3);
        std::normal_distribution<double> normal;
        for (const double angle : {1e-6, 0.1, 1.0, 2.5, 3.0}) {
            const EVec3 v = angle * EVec3(normal(random), normal(random), normal(random)).normalized();
            const EMat3 exact = inverseRightJacobian(v);
            constexpr double h = 1e-6;
            for (int c = 0; c < 3; ++c) {
                const EVec3 d = h * EVec3::Unit(c);
                const EVec3 column = (logRotation(expRotation(v) * expRotation(d)) -
                                      logRotation(expRotation(v) * expRotation(-d))) /
                                     (2 * h);
                QVERIFY((column - exact.col(c)).norm() < 1e-7 * (1 + exact.norm()));
            }
        }
    }

    void kabschFindsTheRotationAndNeverMirrors() {
        std::mt19937 random(11);
        std::normal_distribution<double> normal;
        for (int trial = 0; trial < 100; ++trial) {
            const EMat3 r = expRotation(3 * EVec3(normal(random), normal(random), normal(random)));
            std::array<EVec3, 5> a, b;
            for (std::size_t i = 0; i < a.size(); ++i) {
                a[i] = EVec3(normal(random), normal(random), normal(random));
                b[i] = r * a[i];
            }
            QVERIFY((kabsch(a, b) - r).norm() < 1e-9);
            for (EVec3& p : b) {
                p.x() = -p.x(); // a mirror image has no exact rotation
            }
            QVERIFY(std::fabs(kabsch(a, b).determinant() - 1) < 1e-9);
        }
    }

    void flatPointsStillGiveARotation() {
        // four torso points lie nearly in a plane
        const std::array<EVec3, 4> a{EVec3(0.2, -0.3, 0), EVec3(-0.2, -0.3, 0), EVec3(0.1, 0.2, 0),
                                     EVec3(-0.1, 0.2, 0)};
        const EMat3 r = expRotation(EVec3(0.3, -1.2, 0.4));
        std::array<EVec3, 4> b;
        for (std::size_t i = 0; i < 4; ++i) {
            b[i] = r * a[i];
        }
        QVERIFY((kabsch(a, b) - r).norm() < 1e-9);
    }

    void frameAlongIsRightHanded() {
        const EMat3 f = frameAlong(EVec3(1, 2, 3), EVec3(0, 1, 0));
        QVERIFY((f * f.transpose() - EMat3::Identity()).norm() < 1e-14);
        QVERIFY(std::fabs(f.determinant() - 1) < 1e-14);
        QVERIFY(f.col(0).cross(EVec3(1, 2, 3)).norm() < 1e-12);
        QVERIFY(f.col(2).dot(EVec3(0, 1, 0)) > 0);
    }
};

QTEST_APPLESS_MAIN(RotationTest)
#include "rotation_test.moc"
