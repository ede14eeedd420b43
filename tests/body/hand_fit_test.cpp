#include "model_data.h"

#include "body/detail/convert.h"
#include "body/detail/hand_fit.h"
#include "body/detail/pose_objective.h"

#include <QTest>

#include <cmath>
#include <memory>
#include <random>

using namespace body4d;
using namespace body4d::detail;

namespace {

constexpr double kDegree = 0.017453292519943295;

/// Angles a little inside the limits, so that a round trip must return them.
HandAngles someHand(std::mt19937& random) {
    HandAngles out{};
    std::uniform_real_distribution<double> share(0.1, 0.9);
    HandAngles low, high;
    low.fill(-10);
    high.fill(10);
    low = limited(low);
    high = limited(high);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const double s = share(random);
        out[i] = low[i] + s * (high[i] - low[i]);
        if (i % kAnglesPerFinger == kBend) {
            out[i] = std::min(out[i], 60 * kDegree); // further on, the spread fades out
        }
    }
    return out;
}

} // namespace

class HandFitTest : public QObject {
    Q_OBJECT
private:
    std::shared_ptr<const BodyModel> model_;
    RestBody rest_;

    [[nodiscard]] BodyPose standing() const {
        BodyPose pose;
        pose.translation = {0.4, -0.2, 4};
        pose.rotations.resize(model_->joints().size());
        return pose;
    }

    /// What the network would see of a posed hand: joints, and fingertips 25 mm beyond the last joints.
    [[nodiscard]] HandPoints3 seenPoints(const BodyPose& pose, std::size_t side) const {
        const PosedSkeleton skeleton = model_->skeleton(rest_, pose);
        HandPoints3 out;
        out[0] = toEigen(skeleton.joints[side == 0 ? joint::kWristL : joint::kWristR]);
        for (std::size_t f = 0; f < joint::kFingerCount; ++f) {
            const std::size_t base = joint::kFingers[side] + f * joint::kBonesPerFinger;
            for (std::size_t k = 0; k < joint::kBonesPerFinger; ++k) {
                out[1 + 4 * f + k] = toEigen(skeleton.joints[base + k]);
            }
            const EVec3 along =
                (toEigen(rest_.joints[base + 2]) - toEigen(rest_.joints[base + 1])).normalized();
            out[4 + 4 * f] =
                toEigen(skeleton.joints[base + 2]) + 0.025 * toEigen(skeleton.rotations[base + 2]) * along;
        }
        return out;
    }

    /// As the network gives them: turned into the axes in which the hand is straight ahead.
    [[nodiscard]] HandLandmarks measured(const BodyPose& pose, std::size_t side) const {
        const HandPoints3 points = seenPoints(pose, side);
        const EMat3 ray = Eigen::Quaterniond::FromTwoVectors(EVec3::UnitZ(), points[0]).toRotationMatrix();
        HandLandmarks hand;
        hand.score = hand.sideScore = 1;
        for (std::size_t k = 0; k < points.size(); ++k) {
            const EVec3 p = ray.transpose() * (points[k] - points[9]);
            hand.points[k].world = {static_cast<float>(p.x()), static_cast<float>(p.y()),
                                    static_cast<float>(p.z())};
        }
        return hand;
    }

    [[nodiscard]] static double angleBetween(const Mat3& a, const Mat3& b) {
        return logRotation(EMat3(toEigen(a).transpose() * toEigen(b))).norm();
    }

    /// Frames of which those in [from, to) see the hand of `truth`.
    struct Clip {
        std::vector<TargetFrame> frames;
        std::vector<FrameInput> input;
        std::vector<BodyPose> poses;
    };
    [[nodiscard]] Clip clipSeeing(const BodyPose& truth, std::size_t count, std::size_t from,
                                  std::size_t to) const {
        Clip clip;
        clip.frames.resize(count);
        clip.input.resize(count);
        clip.poses.assign(count, standing());
        for (std::size_t n = from; n < to; ++n) {
            clip.frames[n].hands[0] = measured(truth, 0);
        }
        return clip;
    }

private Q_SLOTS:
    void initTestCase() {
        const auto file = testsupport::annyFile();
        if (file.empty()) {
            QSKIP(testsupport::kNoModelData);
        }
        model_ = BodyModel::loadAnny(file);
        rest_ = model_->shaped({});
    }

    void knownHandsAreRecovered() {
        std::mt19937 random(3);
        for (int trial = 0; trial < 40; ++trial) {
            for (std::size_t side = 0; side < 2; ++side) {
                const HandRig rig(rest_, side);
                const HandAngles truth = someHand(random);
                BodyPose pose = standing();
                std::normal_distribution<double> normal(0, 0.4);
                for (const std::size_t j : {std::size_t{0}, rig.forearm(), rig.wrist()}) {
                    pose.rotations[j] =
                        fromEigen(expRotation({normal(random), normal(random), normal(random)}));
                }
                rig.setFingers(truth, pose);
                const HandPoints3 points = seenPoints(pose, side);
                const EMat3 palm = rig.palmRotation(points);
                const EMat3 expected = toEigen(model_->skeleton(rest_, pose).rotations[rig.wrist()]);
                QVERIFY(logRotation(EMat3(palm.transpose() * expected)).norm() < 1e-6);
                const HandAngles found = rig.anglesOf(points, palm);
                for (std::size_t i = 0; i < found.size(); ++i) {
                    QVERIFY2(std::abs(found[i] - truth[i]) < 1e-6,
                             qPrintable(QString("side %1 angle %2: %3, not %4")
                                            .arg(side)
                                            .arg(i)
                                            .arg(found[i])
                                            .arg(truth[i])));
                }
            }
        }
    }

    void bendingGoesTowardsThePalm() {
        // A fist of either side: the fingertips come to the palm's inner side, nearer to the wrist.
        for (std::size_t side = 0; side < 2; ++side) {
            const HandRig rig(rest_, side);
            HandAngles fist{};
            for (std::size_t f = 1; f < joint::kFingerCount; ++f) {
                fist[f * kAnglesPerFinger + kBend] = 70 * kDegree;
                fist[f * kAnglesPerFinger + kMiddle] = 80 * kDegree;
            }
            BodyPose pose = standing();
            const HandPoints3 open = seenPoints(pose, side);
            rig.setFingers(fist, pose);
            const HandPoints3 closed = seenPoints(pose, side);
            for (const std::size_t tip : {8, 12, 16, 20}) {
                QVERIFY((closed[tip] - closed[0]).norm() < 0.75 * (open[tip] - open[0]).norm());
            }
            // At rest the body stands with its palms towards its middle.
            const double middle = 0.25 * (open[8] + open[12] + open[16] + open[20]).x(),
                         inner = 0.25 * (closed[8] + closed[12] + closed[16] + closed[20]).x();
            QVERIFY(std::abs(inner - 0.4) < std::abs(middle - 0.4));
        }
    }

    void jointsStayWithinTheirLimits() {
        // Fingers folded onto the back of the hand and spread like a star.
        const HandRig rig(rest_, 0);
        HandAngles wrong{};
        for (std::size_t i = 0; i < wrong.size(); ++i) {
            wrong[i] = i % kAnglesPerFinger == kSpread ? 1.2 : -1.4;
        }
        BodyPose pose = standing();
        rig.setFingers(wrong, pose);
        const HandPoints3 points = seenPoints(pose, 0);
        const HandAngles found = rig.anglesOf(points, rig.palmRotation(points));
        const HandAngles allowed = limited(found);
        for (std::size_t i = 0; i < found.size(); ++i) {
            QCOMPARE(found[i], allowed[i]);
            const std::size_t kind = i % kAnglesPerFinger;
            QVERIFY(kind == kSpread ? std::abs(found[i]) < 50 * kDegree : found[i] > -40 * kDegree);
        }
        const HandAngles ease = relaxedHand(), kept = limited(ease);
        QVERIFY(ease == kept);
    }

    void theWristTurnsOnlyAsFarAsWristsDo() {
        const HandRig rig(rest_, 1);
        double excess = 1;
        const EMat3 small = expRotation({0.3, -0.2, 0.25});
        QVERIFY((rig.limitedWrist(small, excess) - small).norm() < 1e-9);
        QVERIFY(excess == 0);
        const EMat3 far = expRotation({0, 2.6, 0});
        const EMat3 held = rig.limitedWrist(far, excess);
        QVERIFY(excess > 0.3);
        QVERIFY(logRotation(held).norm() < logRotation(far).norm() - 0.2);
    }

    void aSeenHandIsFollowedAndLeftSmoothly() {
        std::mt19937 random(8);
        BodyPose truth = standing();
        const HandRig rig(rest_, 0);
        rig.setFingers(someHand(random), truth);
        truth.rotations[rig.wrist()] = fromEigen(expRotation({0.4, 0.3, -0.2}));
        Clip clip = clipSeeing(truth, 60, 20, 40);
        const HandFit fit(*model_, rest_);
        fit.smooth(clip.frames, clip.input, 30, clip.poses);

        BodyPose ease = standing();
        fit.single({}, ease);
        const std::size_t knuckle = joint::kFingers[0] + 2 * joint::kBonesPerFinger;
        for (const std::size_t j : {rig.wrist(), knuckle, knuckle + 1, joint::kFingers[0]}) {
            QVERIFY2(
                angleBetween(clip.poses[30].rotations[j], truth.rotations[j]) < 1e-3,
                qPrintable(QString::number(angleBetween(clip.poses[30].rotations[j], truth.rotations[j]))));
            QVERIFY(angleBetween(clip.poses[2].rotations[j], ease.rotations[j]) < 1e-3);
            QVERIFY(angleBetween(clip.poses[58].rotations[j], ease.rotations[j]) < 1e-3);
        }
        const double whole = angleBetween(truth.rotations[knuckle], ease.rotations[knuckle]);
        for (std::size_t n = 1; n < clip.poses.size(); ++n) {
            QVERIFY(angleBetween(clip.poses[n - 1].rotations[knuckle], clip.poses[n].rotations[knuckle]) <
                    0.35 * whole + 1e-3);
        }
        // The other hand was never seen.
        QVERIFY(angleBetween(clip.poses[30].rotations[joint::kWristR], Mat3()) < 1e-9);
    }

    void shortGapsAreBridged() {
        std::mt19937 random(9);
        BodyPose truth = standing();
        const HandRig rig(rest_, 0);
        rig.setFingers(someHand(random), truth);
        Clip clip = clipSeeing(truth, 40, 0, 40);
        clip.frames[20].hands = clip.frames[21].hands = {};
        HandFit(*model_, rest_).smooth(clip.frames, clip.input, 30, clip.poses);
        const std::size_t j = joint::kFingers[0] + 4;
        QVERIFY(angleBetween(clip.poses[20].rotations[j], truth.rotations[j]) < 0.02);
    }

    void nothingCrossesACut() {
        std::mt19937 random(10);
        BodyPose truth = standing();
        const HandRig rig(rest_, 0);
        rig.setFingers(someHand(random), truth);
        Clip clip = clipSeeing(truth, 40, 0, 20);
        clip.input[20].startsShot = true;
        const HandFit fit(*model_, rest_);
        fit.smooth(clip.frames, clip.input, 30, clip.poses);
        BodyPose ease = standing();
        fit.single({}, ease);
        const std::size_t j = joint::kFingers[0] + 3;
        QVERIFY(angleBetween(clip.poses[20].rotations[j], ease.rotations[j]) < 1e-9);
        QVERIFY(angleBetween(clip.poses[19].rotations[j], truth.rotations[j]) < 0.05);
    }

    void aHandThatThisArmCannotHoldIsIgnored() {
        BodyPose truth = standing();
        const HandRig rig(rest_, 0);
        truth.rotations[rig.wrist()] = fromEigen(expRotation({0, 3.0, 0}));
        Clip clip = clipSeeing(truth, 10, 0, 10);
        HandFit(*model_, rest_).smooth(clip.frames, clip.input, 30, clip.poses);
        QVERIFY(angleBetween(clip.poses[5].rotations[rig.wrist()], Mat3()) < 1e-9);
    }

    void turningTheHandLeavesTheWristsLandmark() {
        const FitBody body = asAnny(*model_).fitBody({});
        const BodyPose fitted = standing();
        BodyPose pose = fitted;
        for (const std::size_t j : {joint::kWristL, joint::kWristR}) {
            pose.rotations[j] = fromEigen(expRotation({0.9, -0.4, 0.5}));
        }
        // Seen from the elbow: along the forearm the landmark may slide.
        const auto direction = [&](const BodyPose& p) {
            const EVec3 elbow = toEigen(model_->skeleton(rest_, p).joints[joint::kLowerArmL]);
            return EVec3((keypointsOf(toPoseState(p), body)[keypoint::kLeftWrist] - elbow).normalized());
        };
        const Mat3 turned = model_->skeleton(rest_, pose).rotations[joint::kWristL];
        const double off = (direction(pose) - direction(fitted)).norm();
        HandFit::holdWrists(body, toPoseState(fitted), pose);
        const double left = (direction(pose) - direction(fitted)).norm();
        QVERIFY2(off > 0.01 && left < 0.2 * off, qPrintable(QString("%1, %2 before").arg(left).arg(off)));
        QVERIFY(angleBetween(model_->skeleton(rest_, pose).rotations[joint::kWristL], turned) < 1e-6);
    }

    void theForearmSharesTheTwist() {
        const HandRig rig(rest_, 0);
        const EVec3 axis =
            (toEigen(rest_.joints[rig.wrist()]) - toEigen(rest_.joints[rig.forearm()])).normalized();
        BodyPose pose = standing();
        pose.rotations[rig.wrist()] = fromEigen(expRotation(1.2 * axis));
        rig.setForearmTwist(pose);
        QVERIFY(angleBetween(pose.rotations[joint::kTwist[0]], fromEigen(expRotation(0.6 * axis))) < 1e-6);
        QCOMPARE(model_->joints()[joint::kTwist[0]].parent, static_cast<int>(joint::kLowerArmL));
        QCOMPARE(model_->joints()[joint::kWristL].parent, static_cast<int>(joint::kLowerArmL));
    }
};

QTEST_GUILESS_MAIN(HandFitTest)
#include "hand_fit_test.moc"
