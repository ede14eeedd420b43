#include "body/body_keypoints.h"
#include "body/standing.h"
#include "body/world.h"

#include <QtTest>

#include <cmath>
#include <functional>
#include <numbers>
#include <random>

using namespace body4d;

namespace {

constexpr double kDegree = std::numbers::pi / 180;

Mat3 aboutX(double a) { return {{1, 0, 0, 0, std::cos(a), -std::sin(a), 0, std::sin(a), std::cos(a)}}; }
Mat3 aboutY(double a) { return {{std::cos(a), 0, std::sin(a), 0, 1, 0, -std::sin(a), 0, std::cos(a)}}; }
Mat3 aboutZ(double a) { return {{std::cos(a), -std::sin(a), 0, std::sin(a), std::cos(a), 0, 0, 0, 1}}; }

/// A camera `height` above the ground that looks down by `pitch` and is turned clockwise by `roll`.
/// World: x right, y up, z towards the camera.
RigidTransform cameraPose(double height, double pitch, double roll) {
    const Mat3 flip{{1, 0, 0, 0, -1, 0, 0, 0, -1}}; // level: x right, y down, z away
    return {aboutX(-pitch) * flip * aboutZ(roll), {0, height, 0}};
}

/// Keypoints of a person who walks on y = 0: x, z of the pelvis and the gait's phase.
std::array<Vec3, kBodyKeypointCount> walker(double x, double z, double heading, double phase, double size) {
    using namespace keypoint;
    std::array<Vec3, kBodyKeypointCount> p{};
    const auto put = [&](std::size_t k, double side, double up, double ahead) {
        p[k] = {x + size * (side * std::cos(heading) + ahead * std::sin(heading)), size * up,
                z + size * (-side * std::sin(heading) + ahead * std::cos(heading))};
    };
    for (const int s : {0, 1}) {
        const double side = s == 0 ? 0.1 : -0.1, swing = std::sin(phase + s * std::numbers::pi);
        const double lift = std::max(0.0, std::cos(phase + s * std::numbers::pi)) * 0.12;
        const double ahead = 0.35 * swing;
        const auto i = static_cast<std::size_t>(s);
        put(kLeftHip + i, side, 0.9, 0);
        put(kLeftKnee + i, side, 0.48 + lift, 0.5 * ahead + 0.05);
        put(kLeftAnkle + i, side, 0.08 + lift, ahead);
        put(kLeftHeel + i, side, 0.025 + lift, ahead - 0.05);
        put(kLeftToe + i, side, 0.025 + lift, ahead + 0.18);
        put(kLeftShoulder + i, 1.8 * side, 1.4, 0.02);
        put(kLeftElbow + i, 2.2 * side, 1.12, -0.5 * ahead);
        put(kLeftWrist + i, 2.2 * side, 0.88, -0.8 * ahead + 0.1);
        put(kLeftPinky + i, 2.2 * side, 0.8, -0.8 * ahead + 0.1);
        put(kLeftIndex + i, 2.2 * side, 0.8, -0.8 * ahead + 0.14);
        put(kLeftEye + i, 0.3 * side, 1.63, 0.1);
        put(kLeftEar + i, 0.7 * side, 1.6, 0);
    }
    put(kNose, 0, 1.6, 0.12);
    return p;
}

using Motion = std::function<std::array<Vec3, kBodyKeypointCount>(int frame)>; // keypoints in the world

/// A track seen by a camera, with depth errors of `noise` (relative) and `size` misjudged by that factor.
BodyTrack seen(const Motion& motion, int frames, const std::function<RigidTransform(int)>& worldFromCam, double noise = 0.01,
               double misjudged = 1, float legConfidence = 0.9F) {
    std::mt19937 random(5);
    std::normal_distribution<double> normal;
    BodyTrack track;
    track.fps = 25;
    track.camera = intrinsicsFromFov(1280, 720, 0.96);
    for (int f = 0; f < frames; ++f) {
        BodyFrame frame;
        frame.frame = f;
        frame.state = FrameState::Visible;
        frame.pose.rotations.resize(1);
        const RigidTransform camFromWorld = inverse(worldFromCam(f));
        const double scale = misjudged * (1 + noise * normal(random));
        const auto points = motion(f);
        for (std::size_t k = 0; k < points.size(); ++k) {
            Vec3 p = camFromWorld * points[k];
            frame.keypoints[k] = scale * (p + Vec3{0.01 * normal(random), 0.01 * normal(random), 0.02 * normal(random)});
            frame.confidence[k] = k >= keypoint::kLeftKnee ? legConfidence : 0.9F;
        }
        track.frames.push_back(frame);
    }
    return track;
}

double tiltError(const WorldFrame& world, std::size_t frame, const RigidTransform& truth) {
    const Vec3 up{world.worldFromCam[frame].rotation(1, 0), world.worldFromCam[frame].rotation(1, 1), world.worldFromCam[frame].rotation(1, 2)};
    const Vec3 real{truth.rotation(1, 0), truth.rotation(1, 1), truth.rotation(1, 2)};
    return std::acos(std::min(1.0, dot(up, real))) / kDegree;
}

} // namespace

class TestWorld : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void levelOfAWalkerUnderATiltedCamera_data() {
        QTest::addColumn<double>("pitch");
        QTest::addColumn<double>("roll");
        QTest::addColumn<double>("tolerance");
        QTest::newRow("level") << 0.0 << 0.0 << 1.5;
        QTest::newRow("down") << 25.0 << 0.0 << 2.0;
        QTest::newRow("up") << -15.0 << 0.0 << 2.0;
        QTest::newRow("rolled") << 10.0 << 5.0 << 2.5;
    }
    void levelOfAWalkerUnderATiltedCamera() {
        QFETCH(double, pitch);
        QFETCH(double, roll);
        QFETCH(double, tolerance);
        const RigidTransform camera = cameraPose(1.6, pitch * kDegree, roll * kDegree);
        // Walks away from the camera and across.
        const Motion motion = [](int f) { return walker(-1 + 0.02 * f, -3 - 0.04 * f, 2.7, 0.25 * f, 1); };
        const BodyTrack track = seen(motion, 120, [&](int) { return camera; });
        const BodyTrack* tracks[] = {&track};
        WorldReport report;
        const WorldFrame world = solveWorld(tracks, {}, {}, &report);
        QCOMPARE(world.worldFromCam.size(), std::size_t{120});
        QVERIFY(!world.cameraMoves);
        QVERIFY2(tiltError(world, 0, camera) < tolerance, qPrintable(QString("%1 degrees").arg(tiltError(world, 0, camera))));
        QVERIFY2(std::abs(report.cameraHeightMetres - 1.6) < 0.12, qPrintable(QString::number(report.cameraHeightMetres)));
        QVERIFY(report.contactSamples > 20);
        // Feet on the ground, head above it.
        double lowest = 0;
        for (const BodyFrame& f : track.frames) {
            const Vec3 toe = worldFromCamAt(world, f.frame) * f.keypoints[keypoint::kLeftToe];
            const Vec3 heel = worldFromCamAt(world, f.frame) * f.keypoints[keypoint::kRightToe];
            lowest += std::min(toe.y, heel.y) / 120;
            QVERIFY((worldFromCamAt(world, f.frame) * f.keypoints[keypoint::kNose]).y > 1.3);
        }
        QVERIFY2(std::abs(lowest - 0.025) < 0.05, qPrintable(QString::number(lowest)));
        QVERIFY(world.groundUncertaintyMetres < 0.15);
    }

    void farWalkersOfMisjudgedHeightShareAGround() {
        const RigidTransform camera = cameraPose(4.5, 18 * kDegree, 0);
        std::vector<BodyTrack> people;
        int i = 0;
        for (const double misjudged : {0.95, 1.06, 1.0, 0.92}) {
            const double x = -4 + 2.5 * i, z = -9 - 4.0 * i;
            ++i;
            people.push_back(seen([=](int f) { return walker(x + 0.03 * f, z + 0.02 * f, 1, 0.3 * f, 1); }, 100,
                                  [&](int) { return camera; }, 0.02, misjudged));
        }
        std::vector<const BodyTrack*> tracks;
        for (const BodyTrack& p : people) {
            tracks.push_back(&p);
        }
        WorldReport report;
        const WorldFrame world = solveWorld(tracks, {}, {}, &report);
        QVERIFY2(tiltError(world, 0, camera) < 3, qPrintable(QString::number(tiltError(world, 0, camera))));
        QVERIFY2(std::abs(report.cameraHeightMetres - 4.5) < 0.45, qPrintable(QString::number(report.cameraHeightMetres)));
        // The factors bring the misjudged sizes together.
        QVERIFY(report.targetScale[0] / report.targetScale[1] > 1.04);
        QVERIFY(report.targetScale[3] > report.targetScale[2]);
    }

    /// Distances that are wrong by a few percent for seconds let far people float and sink; their feet tell.
    void farWalkersStandOnTheGround() {
        const RigidTransform camera = cameraPose(4.5, 18 * kDegree, 0);
        for (const double phase : {0.0, 2.0}) {
            const Motion motion = [&](int f) { return walker(-2 + 0.03 * f, -13 + 0.03 * phase * f, 1, 0.3 * f, 1); };
            BodyTrack track = seen(motion, 100, [&](int) { return camera; }, 0.002);
            for (int f = 0; f < 100; ++f) {
                BodyFrame& frame = track.frames[static_cast<std::size_t>(f)];
                const double wrong = 1 + 0.035 * std::sin(0.06 * f + phase);
                for (Vec3& k : frame.keypoints) {
                    k = wrong * k;
                }
                frame.pose.translation = 0.5 * (frame.keypoints[keypoint::kLeftHip] + frame.keypoints[keypoint::kRightHip]);
                frame.boxSidePx = 100;
            }
            WorldFrame world;
            world.worldFromCam.assign(100, camera);
            const auto spread = [&] {
                double worst = 0;
                for (const BodyFrame& f : track.frames) {
                    double low = 10;
                    for (const Vec3& k : f.keypoints) {
                        low = std::min(low, (camera * k).y);
                    }
                    worst = std::max(worst, std::abs(low - 0.025));
                }
                return worst;
            };
            const double before = spread();
            const Vec2 head = project(track.camera, track.frames[30].keypoints[keypoint::kNose]);
            const StandingReport report = standOnGround(track, world, {});
            QVERIFY2(before > 0.12, qPrintable(QString::number(before)));
            QVERIFY2(spread() < 0.06, qPrintable(QString("%1 before, %2 after").arg(before).arg(spread())));
            QVERIFY(report.contacts > 80 && report.residualMetres < 0.04);
            QVERIFY(report.largestShift > 0.02 && report.largestShift < 0.06);
            QVERIFY(norm(project(track.camera, track.frames[30].keypoints[keypoint::kNose]) - head) < 3); // pixels
        }
    }

    void jumpsAndStairsStayWhereTheyAre() {
        const RigidTransform camera = cameraPose(1.6, 10 * kDegree, 0);
        const Motion motion = [](int f) {
            auto p = walker(0.3, -5, 1, 0.25 * f, 1);
            const double jump = f >= 30 && f < 44 ? 0.4 * std::sin(std::numbers::pi * (f - 30) / 14.0) : 0;
            const double stair = f >= 70 ? 0.9 : 0;
            for (Vec3& v : p) {
                v.y += jump + stair;
            }
            return p;
        };
        BodyTrack track = seen(motion, 120, [&](int) { return camera; }, 0.002);
        for (BodyFrame& frame : track.frames) {
            frame.pose.translation = 0.5 * (frame.keypoints[keypoint::kLeftHip] + frame.keypoints[keypoint::kRightHip]);
            frame.boxSidePx = 300;
        }
        WorldFrame world;
        world.worldFromCam.assign(120, camera);
        (void)standOnGround(track, world, {});
        const auto low = [&](std::size_t f) {
            double least = 10;
            for (const Vec3& k : track.frames[f].keypoints) {
                least = std::min(least, (camera * k).y);
            }
            return least;
        };
        QVERIFY2(std::abs(low(15) - 0.025) < 0.04, qPrintable(QString::number(low(15))));
        QVERIFY2(low(37) > 0.3, qPrintable(QString::number(low(37))));
        QVERIFY2(low(95) > 0.8, qPrintable(QString::number(low(95))));
    }

    void aPersonOfKnownHeightIsNotResized() {
        const RigidTransform camera = cameraPose(4.5, 18 * kDegree, 0);
        std::vector<BodyTrack> people;
        for (const double misjudged : {0.93, 1.0}) {
            const double x = misjudged < 1 ? -2 : 2;
            people.push_back(seen([x](int f) { return walker(x + 0.03 * f, -10 + 0.02 * f, 1, 0.3 * f, 1); }, 100,
                                  [&](int) { return camera; }, 0.01, misjudged));
        }
        const BodyTrack* tracks[] = {&people[0], &people[1]};
        WorldOptions options;
        options.sizeKnown = {false, true};
        WorldReport report;
        (void)solveWorld(tracks, {}, options, &report);
        QVERIFY2(std::abs(report.targetScale[1] - 1) < 0.005, qPrintable(QString::number(report.targetScale[1])));
        QVERIFY2(report.targetScale[0] > 1.03, qPrintable(QString::number(report.targetScale[0])));
    }

    void halfBodyKeepsTheCameraLevelAndSaysSo() {
        const RigidTransform camera = cameraPose(1.4, 4 * kDegree, 0);
        const BodyTrack track = seen([](int f) { return walker(0.1 * std::sin(0.1 * f), -1.6, 3.1, 0, 1); }, 80,
                                     [&](int) { return camera; }, 0.02, 1, 0.05F);
        const BodyTrack* tracks[] = {&track};
        WorldReport report;
        const WorldFrame world = solveWorld(tracks, {}, {}, &report);
        QVERIFY2(tiltError(world, 0, camera) < 6, qPrintable(QString::number(tiltError(world, 0, camera))));
        QCOMPARE(report.contactSamples, 0);
        QVERIFY(std::abs(report.cameraHeightMetres - 1.4) < 0.35);
        QVERIFY(world.groundUncertaintyMetres > 0.15);
    }

    void somebodyOnTheHeadDoesNotTurnTheWorldOver() {
        const RigidTransform camera = cameraPose(1.5, 8 * kDegree, 0);
        const Motion motion = [](int f) {
            auto p = walker(0, -4, 0.05 * f, 0, 1);
            for (Vec3& v : p) {
                v.y = 1.68 - v.y;
            }
            return p;
        };
        const BodyTrack track = seen(motion, 90, [&](int) { return camera; });
        const BodyTrack* tracks[] = {&track};
        const WorldFrame world = solveWorld(tracks, {}, {});
        QVERIFY2(tiltError(world, 0, camera) < 8, qPrintable(QString::number(tiltError(world, 0, camera))));
        const Vec3 head = worldFromCamAt(world, 40) * track.frames[40].keypoints[keypoint::kNose];
        QVERIFY2(head.y > -0.1 && head.y < 0.4, qPrintable(QString::number(head.y)));
    }

    void aPanIsTakenOut() {
        // A camera that looks up by 12 degrees pans about the vertical, as a person holding it does.
        const auto camera = [](int f) {
            RigidTransform pose = cameraPose(1.5, -12 * kDegree, 0);
            pose.rotation = aboutY(-0.012 * f) * pose.rotation;
            return pose;
        };
        const Motion motion = [](int) { return walker(1.2, -4, 3.0, 0, 1); };
        const BodyTrack track = seen(motion, 80, camera, 0.005);
        CameraPath path;
        path.moves = true;
        for (int f = 0; f < 80; ++f) {
            path.shotFromCam.push_back(transpose(camera(0).rotation) * camera(f).rotation);
        }
        const BodyTrack* tracks[] = {&track};
        const WorldFrame world = solveWorld(tracks, path, {});
        QVERIFY(world.cameraMoves);
        QVERIFY2(tiltError(world, 0, camera(0)) < 3, qPrintable(QString::number(tiltError(world, 0, camera(0)))));
        QVERIFY2(tiltError(world, 79, camera(79)) < 3, qPrintable(QString::number(tiltError(world, 79, camera(79)))));
        const Vec3 a = worldFromCamAt(world, 2) * track.frames[2].keypoints[keypoint::kLeftHip];
        const Vec3 b = worldFromCamAt(world, 77) * track.frames[77].keypoints[keypoint::kLeftHip];
        QVERIFY2(norm(a - b) < 0.25, "a person who stands still moves in the world");
    }

    void nobodyGivesALevelCamera() {
        BodyTrack empty;
        empty.frames.resize(5);
        const BodyTrack* tracks[] = {&empty};
        const WorldFrame world = solveWorld(tracks, {}, {});
        QCOMPARE(world.worldFromCam.size(), std::size_t{5});
        QVERIFY(tiltError(world, 0, cameraPose(1.5, 0, 0)) < 1e-6);
        QVERIFY(world.groundUncertaintyMetres > 1);
    }

    void scalingKeepsThePicture() {
        BodyTrack track = seen([](int) { return walker(0.4, -4, 3.0, 0, 1); }, 3, [](int) { return cameraPose(1.5, 0, 0); });
        const Vec2 before = project(track.camera, track.frames[1].keypoints[4]);
        scaleTrack(track, 1.1);
        QVERIFY(norm(project(track.camera, track.frames[1].keypoints[4]) - before) < 1e-9);
        QCOMPARE(track.shape.scale, 1.1);
    }
};

QTEST_GUILESS_MAIN(TestWorld)
#include "test_world.moc"
