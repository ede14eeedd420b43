#include "scene/camera_motion.h"

#include <QtTest>

#include <cmath>
#include <numbers>
#include <random>

using namespace body4d;

namespace {

/// A distant, textured surrounding: smooth noise over directions, so that any turn can be rendered exactly.
class Panorama {
public:
    Panorama() : cells_(static_cast<std::size_t>(kColumns) * kRows) {
        std::mt19937 random(7);
        std::uniform_real_distribution<float> grey(20, 235);
        for (float& c : cells_) {
            c = grey(random);
        }
    }
    [[nodiscard]] float at(Vec3 d) const {
        const double u = (std::atan2(d.x, d.z) / std::numbers::pi + 1) * 0.5 * kColumns;
        const double v = (std::asin(d.y / norm(d)) / std::numbers::pi + 0.5) * kRows;
        const int x = static_cast<int>(u), y = static_cast<int>(v);
        const double fx = smooth(u - x), fy = smooth(v - y);
        return static_cast<float>((1 - fy) * ((1 - fx) * cell(x, y) + fx * cell(x + 1, y)) +
                                  fy * ((1 - fx) * cell(x, y + 1) + fx * cell(x + 1, y + 1)));
    }

private:
    static constexpr int kColumns = 360, kRows = 180;
    static double smooth(double t) { return t * t * (3 - 2 * t); }
    [[nodiscard]] double cell(int x, int y) const {
        return cells_[static_cast<std::size_t>(std::min(y, kRows - 1)) * kColumns +
                      static_cast<std::size_t>(x % kColumns)];
    }
    std::vector<float> cells_;
};

Mat3 turn(double pan, double tilt, double roll) {
    const double cp = std::cos(pan), sp = std::sin(pan), ct = std::cos(tilt), st = std::sin(tilt),
                 cr = std::cos(roll), sr = std::sin(roll);
    const Mat3 y{{cp, 0, sp, 0, 1, 0, -sp, 0, cp}}, x{{1, 0, 0, 0, ct, -st, 0, st, ct}},
        z{{cr, -sr, 0, sr, cr, 0, 0, 0, 1}};
    return y * x * z;
}

double degreesBetween(const Mat3& a, const Mat3& b) {
    const Mat3 d = transpose(a) * b;
    return std::acos(std::clamp((d(0, 0) + d(1, 1) + d(2, 2) - 1) / 2, -1.0, 1.0)) * 180 / std::numbers::pi;
}

constexpr int kWidth = 640, kHeight = 360;

Image render(const Panorama& panorama, const Intrinsics& camera, const Mat3& worldFromCam,
             std::mt19937& random, double personX) {
    Image out(kWidth, kHeight);
    std::normal_distribution<float> noise(0, 2);
    for (int y = 0; y < kHeight; ++y) {
        for (int x = 0; x < kWidth; ++x) {
            const Vec3 d{(x + 0.5 - camera.centreX) / camera.focalPx,
                         (y + 0.5 - camera.centreY) / camera.focalPx, 1};
            float value = panorama.at(worldFromCam * d);
            // A person-like thing with a strong pattern of its own that moves against the surrounding.
            const double across = x - personX;
            if (personX >= 0 && across > 0 && across < 150 && y > 40) {
                value = (static_cast<int>(across) / 12 + y / 12) % 2 == 0 ? 30.F : 220.F;
            }
            value = std::clamp(value + noise(random), 0.F, 255.F);
            std::uint8_t* p = out.row(y) + 3 * x;
            p[0] = p[1] = p[2] = static_cast<std::uint8_t>(value);
        }
    }
    return out;
}

RleMask personMask(double personX) {
    Mask mask(kWidth, kHeight);
    for (int y = 41; y < kHeight; ++y) {
        for (int x = std::max(0, static_cast<int>(personX)); x < std::min<double>(kWidth, personX + 152);
             ++x) {
            mask.row(y)[x] = 255;
        }
    }
    return encodeRle(mask);
}

} // namespace

class TestCameraMotion : public QObject {
    Q_OBJECT
    Panorama panorama_;
    Intrinsics camera_ = intrinsicsFromFov(kWidth, kHeight, 0.96);

    /// @returns the largest angle between the measured and the true turn, degrees
    double run(const std::vector<Mat3>& truth, bool person, bool masked, CameraPath& path) {
        std::mt19937 random(3);
        CameraMotionEstimator estimator(camera_);
        for (std::size_t i = 0; i < truth.size(); ++i) {
            const double x = person ? 30 + 9.0 * static_cast<double>(i % 50) : -1;
            const RleMask mask = person && masked ? personMask(x) : RleMask{};
            const RleMask* people[] = {&mask};
            estimator.push(static_cast<std::int64_t>(i), render(panorama_, camera_, truth[i], random, x),
                           people);
        }
        path = estimator.path();
        double worst = 0;
        for (std::size_t i = 0; i < truth.size(); ++i) {
            worst = std::max(worst, degreesBetween(path.shotFromCam[i], transpose(truth[0]) * truth[i]));
        }
        return worst;
    }

private Q_SLOTS:
    void restIsExactlyTheIdentity() {
        CameraPath path;
        const double worst = run(std::vector<Mat3>(40, turn(0.4, 0.1, 0)), true, true, path);
        QVERIFY(!path.moves);
        QCOMPARE(worst, 0.0);
    }

    void restIsSeenBehindAPersonWithoutMask() {
        CameraPath path;
        run(std::vector<Mat3>(40, turn(0.4, 0.1, 0)), true, false, path);
        QVERIFY(!path.moves);
    }

    void panTiltAndRollAreMeasured_data() {
        QTest::addColumn<bool>("masked");
        QTest::newRow("people masked") << true;
        QTest::newRow("people not masked") << false;
    }
    void panTiltAndRollAreMeasured() {
        QFETCH(bool, masked);
        std::vector<Mat3> truth;
        for (int i = 0; i < 60; ++i) {
            truth.push_back(turn(0.012 * i, 0.1 * std::sin(0.1 * i), 0.02 * std::sin(0.3 * i)));
        }
        CameraPath path;
        const double worst = run(truth, true, masked, path);
        QVERIFY(path.moves);
        QVERIFY2(worst < 0.25, qPrintable(QString("%1 degrees off").arg(worst)));
    }

    void returningDoesNotDrift() {
        std::vector<Mat3> truth;
        for (int i = 0; i < 120; ++i) {
            truth.push_back(
                turn(0.5 * std::sin(2 * std::numbers::pi * i / 60.0), 0.05 * std::sin(0.21 * i), 0));
        }
        CameraPath path;
        run(truth, false, false, path);
        const double atEnd = degreesBetween(path.shotFromCam.back(), transpose(truth[0]) * truth.back());
        QVERIFY2(atEnd < 0.15, qPrintable(QString("%1 degrees off").arg(atEnd)));
    }

    void motionAfterRestIsNotMissed() {
        std::vector<Mat3> truth(30, turn(0, 0, 0));
        for (int i = 0; i < 20; ++i) {
            truth.push_back(turn(0.01 * i, 0, 0));
        }
        CameraPath path;
        const double worst = run(truth, false, false, path);
        QVERIFY(path.moves);
        QVERIFY2(worst < 0.4, qPrintable(QString("%1 degrees off").arg(worst)));
    }

    /// A wall and a floor: what is near moves more than what is far, which no turn explains.
    void aTravellingCameraIsToldFromATurningOne() {
        const auto patch = [&](double u, double v) {
            const double a = 0.2 * u, b = 0.2 * v;
            return panorama_.at({std::sin(a) * std::cos(b), std::sin(b), std::cos(a) * std::cos(b)});
        };
        const auto parallax = [&](double metresPerFrame) {
            CameraMotionEstimator estimator(camera_);
            for (int i = 0; i < 40; ++i) {
                Image out(kWidth, kHeight);
                for (int y = 0; y < kHeight; ++y) {
                    for (int x = 0; x < kWidth; ++x) {
                        const Vec3 d{(x + 0.5 - camera_.centreX) / camera_.focalPx, (y + 0.5 - camera_.centreY) / camera_.focalPx, 1};
                        const double from = metresPerFrame * i, wall = 6, floor = d.y > 0 ? 1.0 / d.y : 1e9;
                        const float value = floor < wall ? patch(from + floor * d.x, 3 + floor) : patch(from + wall * d.x, wall * d.y);
                        std::fill_n(out.row(y) + 3 * x, 3, static_cast<std::uint8_t>(value));
                    }
                }
                estimator.push(i, out, {});
            }
            return estimator.path().parallaxPx;
        };
        QVERIFY2(parallax(0) < 0.3, qPrintable(QString::number(parallax(0))));
        QVERIFY2(parallax(0.03) > 2.2, qPrintable(QString::number(parallax(0.03))));
        CameraPath path;
        std::vector<Mat3> turns;
        for (int i = 0; i < 40; ++i) {
            turns.push_back(turn(0.01 * i, 0, 0));
        }
        (void)run(turns, false, false, path);
        QVERIFY2(path.parallaxPx < 0.6, qPrintable(QString::number(path.parallaxPx)));
    }

    void aCutStartsAgain() {
        std::mt19937 random(3);
        CameraMotionEstimator estimator(camera_);
        for (int i = 0; i < 30; ++i) {
            const Mat3 view = i < 15 ? turn(0, 0, 0) : turn(2 + 0.01 * (i - 15), 0.2, 0);
            estimator.push(100 + i, render(panorama_, camera_, view, random, -1), {}, i == 15);
        }
        const CameraPath path = estimator.path();
        QCOMPARE(path.firstFrame, 100);
        QCOMPARE(path.shotStarts, std::vector<std::int64_t>{115});
        QCOMPARE(degreesBetween(path.shotFromCam[14], Mat3{}), 0.0);
        QCOMPARE(degreesBetween(path.shotFromCam[15], Mat3{}), 0.0);
        QVERIFY(std::abs(degreesBetween(path.shotFromCam[29], Mat3{}) - 0.14 * 180 / std::numbers::pi) < 0.2);
    }

    void everyShotTurnsByItsOwnLens() {
        std::mt19937 random(3);
        auto near = camera_;
        near.focalPx *= 2;
        CameraMotionEstimator estimator(camera_);
        for (int i = 0; i < 30; ++i) {
            const bool second = i >= 15;
            const Mat3 view = turn(second ? 2 + 0.008 * (i - 15) : 0.016 * i, 0.1, 0);
            const auto& lens = second ? near : camera_;
            estimator.push(i, render(panorama_, lens, view, random, -1), {}, i == 15, lens.focalPx);
        }
        const CameraPath path = estimator.path();
        const auto wanted = [](double radians) { return radians * 180 / std::numbers::pi; };
        const double first = degreesBetween(path.shotFromCam[14], Mat3{}),
                     last = degreesBetween(path.shotFromCam[29], Mat3{});
        QVERIFY2(std::abs(first - wanted(0.016 * 14)) < 0.2, qPrintable(QString::number(first)));
        QVERIFY2(std::abs(last - wanted(0.008 * 14)) < 0.2, qPrintable(QString::number(last)));
    }

    void aBlankPictureIsNoMotion() {
        CameraMotionEstimator estimator(camera_);
        for (int i = 0; i < 12; ++i) {
            estimator.push(i, Image(kWidth, kHeight), {});
        }
        QVERIFY(!estimator.path().moves);
        QVERIFY(estimator.measuredShare() < 0.5);
    }
};

QTEST_GUILESS_MAIN(TestCameraMotion)
#include "test_camera_motion.moc"
