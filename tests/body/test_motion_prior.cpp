#include "body/completion.h"
#include "body/track_smoother.h"

#include <QtTest>

#include <cmath>
#include <numbers>
#include <random>

using namespace body4d;

namespace {

Mat3 aboutX(double a) { return {{1, 0, 0, 0, std::cos(a), -std::sin(a), 0, std::sin(a), std::cos(a)}}; }
Mat3 aboutZ(double a) { return {{std::cos(a), -std::sin(a), 0, std::sin(a), std::cos(a), 0, 0, 0, 1}}; }

double angleBetween(const Mat3& a, const Mat3& b) {
    const Mat3 d = transpose(a) * b;
    return std::acos(std::clamp((d(0, 0) + d(1, 1) + d(2, 2) - 1) / 2, -1.0, 1.0));
}

using Signal = std::function<double(double seconds)>;

/// A body of three joints whose second and third swing.
std::vector<BodyPose> swinging(const Signal& swing, int frames, double fps, double noise = 0) {
    std::mt19937 random(2);
    std::normal_distribution<double> normal(0, noise + 1e-12);
    std::vector<BodyPose> out;
    for (int f = 0; f < frames; ++f) {
        const double a = swing(f / fps);
        BodyPose pose;
        pose.rotations = {aboutZ(0.1), aboutX(a + normal(random)), aboutZ(-0.7 * a + normal(random))};
        pose.translation = {0.5 * f / fps, 0.02 * std::sin(4 * f / fps), 4};
        out.push_back(pose);
    }
    return out;
}

/// Mean error of the second joint over a gap, filled and by a straight line.
struct Errors {
    double filled = 0, straight = 0;
};
Errors bridge(const std::vector<BodyPose>& truth, std::size_t begin, std::size_t length, double fps) {
    std::vector<BodyPose> poses = truth;
    std::vector<std::uint8_t> measured(truth.size(), 1);
    for (std::size_t f = begin; f < begin + length; ++f) {
        measured[f] = 0;
        poses[f] = BodyPose{};
    }
    fillPoses(measured, poses, fps);
    const auto angle = [](const Mat3& m) { return std::atan2(m(2, 1), m(1, 1)); };
    Errors e;
    for (std::size_t f = begin; f < begin + length; ++f) {
        const double share = static_cast<double>(f - begin + 1) / static_cast<double>(length + 1);
        const double line = (1 - share) * angle(truth[begin - 1].rotations[1]) + share * angle(truth[begin + length].rotations[1]);
        e.filled += angleBetween(poses[f].rotations[1], truth[f].rotations[1]) / static_cast<double>(length);
        e.straight += std::abs(line - angle(truth[f].rotations[1])) / static_cast<double>(length);
    }
    return e;
}

} // namespace

class TestMotionPrior : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRhythmIsContinued_data() {
        QTest::addColumn<int>("length");
        QTest::newRow("10 frames") << 10;
        QTest::newRow("20 frames") << 20;
        QTest::newRow("40 frames") << 40;
    }
    void aRhythmIsContinued() {
        QFETCH(int, length);
        const auto truth = swinging([](double t) { return 0.6 * std::sin(2 * std::numbers::pi * t / 1.1); }, 240, 25, 0.01);
        const Errors e = bridge(truth, 100, static_cast<std::size_t>(length), 25);
        QVERIFY2(e.filled < 0.35 * e.straight, qPrintable(QString("%1 against %2 rad").arg(e.filled).arg(e.straight)));
    }

    void speedIsKeptOnBothSides() {
        // No rhythm: sums of swings of unrelated periods. Short gaps must profit from the speed at their rims.
        const auto truth = swinging(
            [](double t) { return 0.5 * std::sin(2.9 * t) + 0.3 * std::sin(5.1 * t + 1) + 0.2 * std::sin(1.3 * t * t / 6); }, 200, 25);
        double filled = 0, straight = 0;
        for (const std::size_t begin : {40U, 70U, 95U, 130U, 160U}) {
            const Errors e = bridge(truth, begin, 10, 25);
            filled += e.filled;
            straight += e.straight;
        }
        QVERIFY2(filled < 0.5 * straight, qPrintable(QString("%1 against %2 rad").arg(filled).arg(straight)));
    }

    void pathsContinue() {
        auto poses = swinging([](double t) { return 0.2 * t; }, 80, 25);
        std::vector<std::uint8_t> measured(80, 1);
        const auto truth = poses;
        for (std::size_t f = 30; f < 45; ++f) {
            measured[f] = 0;
            poses[f] = BodyPose{};
        }
        fillPoses(measured, poses, 25);
        for (std::size_t f = 28; f < 47; ++f) {
            QVERIFY(norm(poses[f].translation - truth[f].translation) < 0.01);
            QVERIFY(angleBetween(poses[f].rotations[1], truth[f].rotations[1]) < 0.01);
        }
    }

    void measuredFramesStay() {
        auto poses = swinging([](double t) { return std::sin(t); }, 60, 25, 0.02);
        const auto before = poses;
        std::vector<std::uint8_t> measured(60, 1);
        measured[20] = measured[21] = 0;
        fillPoses(measured, poses, 25);
        for (std::size_t f = 0; f < 60; ++f) {
            if (measured[f] != 0) {
                QCOMPARE(poses[f].rotations[1].m, before[f].rotations[1].m);
            }
        }
    }

    void anOpenEndComesToRest() {
        auto poses = swinging([](double t) { return t; }, 60, 25);
        std::vector<std::uint8_t> measured(60, 1);
        std::fill(measured.begin() + 40, measured.end(), std::uint8_t{0});
        fillPoses(measured, poses, 25);
        // Goes on for a moment, not for ever.
        const double went = angleBetween(poses[39].rotations[1], poses[59].rotations[1]);
        QVERIFY2(went < 0.6, qPrintable(QString::number(went)));
        QVERIFY(angleBetween(poses[39].rotations[1], poses[41].rotations[1]) > 0.02);
        QVERIFY(angleBetween(poses[57].rotations[1], poses[59].rotations[1]) < 0.05);
    }

    void nothingMeasuredChangesNothing() {
        auto poses = swinging([](double t) { return t; }, 5, 25);
        const auto before = poses;
        fillPoses(std::vector<std::uint8_t>(5, 0), poses, 25);
        QCOMPARE(poses[2].rotations[1].m, before[2].rotations[1].m);
    }

    void tremorGoesAndHitsStay() {
        constexpr double kFps = 30;
        std::mt19937 random(4);
        std::normal_distribution<double> tremor(0, 0.03);
        std::vector<Mat3> clean, noisy;
        for (int f = 0; f < 120; ++f) {
            // Slow sway, and a blow: 1.2 rad within two frames.
            const double hit = f == 59 ? 0.6 : f >= 60 ? 1.2 : 0;
            const double angle = 0.3 * std::sin(0.1 * f) + hit;
            clean.push_back(aboutX(angle));
            noisy.push_back(aboutX(angle + tremor(random)));
        }
        std::vector<Mat3> smooth = noisy;
        smoothRotations(smooth, std::vector<double>(120, 1.0), 0.06 * kFps);
        double before = 0, after = 0;
        for (std::size_t f = 5; f < 50; ++f) {
            before += angleBetween(noisy[f], clean[f]);
            after += angleBetween(smooth[f], clean[f]);
        }
        QVERIFY2(after < 0.72 * before, qPrintable(QString("%1 of %2").arg(after).arg(before)));
        QVERIFY2(angleBetween(smooth[58], smooth[60]) > 1.0, qPrintable(QString::number(angleBetween(smooth[58], smooth[60]))));
    }

    void distrustedFramesAreBridged() {
        std::vector<Mat3> rotations;
        std::vector<double> weight;
        for (int f = 0; f < 40; ++f) {
            rotations.push_back(aboutX(0.02 * f + (f == 20 ? 0.5 : 0)));
            weight.push_back(f == 20 ? 0.0 : 1.0);
        }
        smoothRotations(rotations, weight, 2);
        QVERIFY(angleBetween(rotations[20], aboutX(0.4)) < 0.05);
    }

    void strengthZeroIsRaw() {
        BodyTrack track;
        track.fps = 30;
        for (const BodyPose& pose : swinging([](double t) { return std::sin(5 * t); }, 40, 30, 0.05)) {
            BodyFrame frame;
            frame.state = FrameState::Visible;
            frame.rawPose = pose;
            frame.confidence.fill(1);
            track.frames.push_back(frame);
        }
        smoothTrack(track, nullptr, {0, 0, 0, 0, 0});
        QCOMPARE(track.frames[11].pose.rotations[1].m, track.frames[11].rawPose.rotations[1].m);
        smoothTrack(track, nullptr, {});
        QVERIFY(angleBetween(track.frames[11].pose.rotations[1], track.frames[11].rawPose.rotations[1]) > 1e-4);
    }
};

QTEST_GUILESS_MAIN(TestMotionPrior)
#include "test_motion_prior.moc"
