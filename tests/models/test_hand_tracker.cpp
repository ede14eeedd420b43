#include "models/blazepose/hand_roi.h"
#include "models/blazepose/hand_tracker.h"
#include "models/blazepose/hand_worker.h"
#include "models/blazepose/roi_map.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace body4d;
using namespace body4d::blazepose;

namespace {

constexpr double kPi = 3.141592653589793;
constexpr int kWidth = 640, kHeight = 480;

/// A toy hand, fingers up, 1 unit from the wrist to the middle finger's base.
HandPoints toyHand(Vec2 wrist, double size, double angle) {
    HandPoints out;
    out[0] = {0, 0};
    for (int finger = 0; finger < 5; ++finger) {
        for (int k = 0; k < 4; ++k) {
            out[static_cast<std::size_t>(1 + 4 * finger + k)] = {0.25 * (finger - 2), -1 - 0.25 * k};
        }
    }
    for (Vec2& p : out) {
        p = wrist + size * Vec2{std::cos(angle) * p.x - std::sin(angle) * p.y,
                                std::sin(angle) * p.x + std::cos(angle) * p.y};
    }
    return out;
}

/// A standing person of 200 pixels a metre whose left hand is at `wrist` and points upwards.
PoseLandmarks bodyWithHand(Vec2 wrist, double palm = 20) {
    PoseLandmarks pose;
    pose.score = 1;
    for (PoseLandmark& p : pose.points) {
        p.visibility = p.presence = 1;
        p.px = {320, 240};
    }
    const std::array<std::pair<std::size_t, Vec2>, 6> trunk{{{11, {0.2, -0.5}},
                                                             {12, {-0.2, -0.5}},
                                                             {13, {0.3, -0.2}},
                                                             {14, {-0.3, -0.2}},
                                                             {23, {0.1, 0}},
                                                             {24, {-0.1, 0}}}};
    for (const auto& [k, at] : trunk) {
        pose.points[k].world = {at.x, at.y, 0};
        pose.points[k].px = Vec2{320, 240} + 200.0 * at;
    }
    pose.points[15].px = wrist;
    pose.points[17].px = pose.points[19].px = wrist + Vec2{0, -palm};
    pose.points[16].visibility = 0; // the right hand is out of sight
    return pose;
}

/// Sees a hand wherever a red pixel is in the crop, at that pixel, and tells its side from the pixel's blue.
class FakeHandNetwork final : public PoseNetworks {
public:
    int looks = 0;
    double offset = 0; ///< of the answer, pixels of the crop
    void detect(std::size_t, const Produce&, const UseDetections&, const std::stop_token&) override {}
    void landmarks(std::size_t, const Produce&, const UseLandmarks&, const std::stop_token&) override {}
    void hands(std::size_t count, const Produce& produce, const UseHands& use,
               const std::stop_token&) override {
        for (std::size_t i = 0; i < count; ++i) {
            Crop crop;
            produce(i, crop);
            ++looks;
            double x = 0, y = 0, weight = 0, blue = 0;
            for (std::size_t k = 0; k < crop.rgb.size(); k += 3) {
                if (crop.rgb[k] > 100) {
                    x += static_cast<double>(k / 3 % kHandSide);
                    y += static_cast<double>(k / 3 / kHandSide);
                    blue += crop.rgb[k + 2] > 100 ? 1 : 0;
                    weight += 1;
                }
            }
            std::vector<float> points(63), world(63);
            const HandPoints hand =
                weight > 0 ? toyHand({x / weight, y / weight + offset}, 60, 0) : toyHand({112, 180}, 60, 0);
            for (std::size_t k = 0; k < hand.size(); ++k) {
                points[3 * k] = static_cast<float>(hand[k].x);
                points[3 * k + 1] = static_cast<float>(hand[k].y);
                world[3 * k] = static_cast<float>(hand[k].x);
            }
            const std::array<float, 1> presence{weight > 0 ? 0.9F : 0.1F},
                right{weight > 0 && blue / weight > 0.5 ? 0.95F : 0.05F};
            use(i, {points, presence, right, world});
        }
    }
};

/// A red blob around the wrist, purple for a right hand.
ImagePtr pictureOf(Vec2 wrist, bool right = false) {
    auto image = std::make_shared<Image>(kWidth, kHeight);
    for (int y = -4; y <= 4; ++y) {
        for (int x = -4; x <= 4; ++x) {
            std::uint8_t* p = image->row(static_cast<int>(wrist.y) + y) + 3 * (static_cast<int>(wrist.x) + x);
            p[0] = 255;
            p[2] = right ? 255 : 0;
        }
    }
    return image;
}

bool nearly(double a, double b, double by = 1e-9) {
    return std::abs(a - b) < by;
}

} // namespace

class HandTrackerTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theSquareOfABodysHand() {
        // 40 pixels from wrist to knuckles, pointing to the right: the top of the crop is on the right.
        PoseLandmarks pose = bodyWithHand({300, 200});
        pose.points[17].px = {340, 203};
        pose.points[19].px = {340, 198.5};
        const HandPlace place = handPlace(pose, 0, kWidth, kHeight);
        QVERIFY(place.visible);
        QVERIFY(nearly(place.knuckles.x, 340) && nearly(place.knuckles.y, 200));
        QVERIFY(nearly(place.roi.angle, kPi / 2));
        QVERIFY(nearly(place.roi.side, 2.7 * 80));
        QVERIFY(nearly(place.roi.centreX, 348) &&
                nearly(place.roi.centreY, 200)); // a tenth of 80 towards the fingers
    }

    void aForeshortenedHandStillGetsARoomySquare() {
        // The palm points at the camera: a few pixels long, but the body says how large hands are here.
        const HandPlace place = handPlace(bodyWithHand({300, 200}, 3), 0, kWidth, kHeight);
        QVERIFY(place.visible);
        QVERIFY2(nearly(place.roi.side, 0.32 * 200, 1e-3), qPrintable(QString::number(place.roi.side)));
    }

    void uncertainOutsideOrSmallHandsAreLeftAlone() {
        QVERIFY(!handPlace(bodyWithHand({300, 200}), 1, kWidth, kHeight).visible); // visibility 0
        QVERIFY(!handPlace(bodyWithHand({-5, 200}), 0, kWidth, kHeight).visible);
        QVERIFY(
            !handPlace(bodyWithHand({300, 10}, 20), 0, kWidth, kHeight).visible); // knuckles above the frame
        PoseLandmarks far = bodyWithHand({320, 230}, 4);
        for (PoseLandmark& p : far.points) {
            p.px = Vec2{320, 240} + 0.2 * (p.px - Vec2{320, 240});
        }
        QVERIFY(!handPlace(far, 0, kWidth, kHeight).visible);
    }

    void theSquareOfAHandTurnsAndGrowsWithIt() {
        const Roi upright = handRoi(toyHand({100, 100}, 30, 0)),
                  other = handRoi(toyHand({100, 100}, 60, 0.7));
        QVERIFY(nearly(upright.angle, 0) && nearly(other.angle, 0.7));
        QVERIFY(nearly(other.side, 2 * upright.side));
        QVERIFY(nearly(upright.side,
                       2 * 30 * 1.5)); // the palm subset reaches 1.5 units up, twice that is the square
        const Vec2 from{upright.centreX - 100, upright.centreY - 100};
        QVERIFY(nearly(other.centreX - 100, 2 * (std::cos(0.7) * from.x - std::sin(0.7) * from.y), 1e-6));
        QVERIFY(nearly(other.centreY - 100, 2 * (std::sin(0.7) * from.x + std::cos(0.7) * from.y), 1e-6));
    }

    void aHandIsFoundWithTwoLooksAndFollowedWithOne() {
        FakeHandNetwork network;
        HandTracker tracker(1);
        for (int i = 0; i < 4; ++i) {
            const Vec2 wrist{300.0 + 5 * i, 200};
            const std::vector<PoseLandmarks> poses{bodyWithHand(wrist)};
            const auto hands = tracker.look(network, *pictureOf(wrist), poses, {});
            QVERIFY(hands[0][0].score > 0.5F && hands[0][1].score == 0);
            const Vec3f seen = hands[0][0].points[0].px;
            QVERIFY2(std::hypot(seen.x - wrist.x, seen.y - wrist.y) < 1.5,
                     qPrintable(QString("%1 %2").arg(seen.x).arg(seen.y)));
            QCOMPARE(network.looks, 2 + i);
        }
    }

    void handsOfTheOtherSideOrFarFromTheWristAreRejected() {
        FakeHandNetwork network;
        const Vec2 wrist{300, 200};
        const std::vector<PoseLandmarks> poses{bodyWithHand(wrist)};
        QCOMPARE(HandTracker(1).look(network, *pictureOf(wrist, true), poses, {})[0][0].score, 0.F);
        network.offset = 110;
        QCOMPARE(HandTracker(1).look(network, *pictureOf(wrist), poses, {})[0][0].score, 0.F);
        network.offset = 0;
        QVERIFY(HandTracker(1).look(network, *pictureOf(wrist), poses, {})[0][0].score > 0);
        QCOMPARE(HandTracker(1).look(network, Image(kWidth, kHeight), poses, {})[0][0].score, 0.F);
    }

    void oneHandIsNotGivenToTwo() {
        FakeHandNetwork network;
        const Vec2 wrist{300, 200};
        PoseLandmarks both = bodyWithHand(wrist);
        const std::vector<PoseLandmarks> poses{both, both};
        const auto hands = HandTracker(2).look(network, *pictureOf(wrist), poses, {});
        QCOMPARE((hands[0][0].score > 0 ? 1 : 0) + (hands[1][0].score > 0 ? 1 : 0), 1);
    }

    void whereNoHandIsFoundLooksBecomeRare() {
        FakeHandNetwork network;
        HandTracker tracker(1);
        const std::vector<PoseLandmarks> poses{bodyWithHand({300, 200})};
        const Image empty(kWidth, kHeight);
        for (int i = 0; i < 40; ++i) {
            static_cast<void>(tracker.look(network, empty, poses, {}));
        }
        QVERIFY2(network.looks > 10 && network.looks < 30, qPrintable(QString::number(network.looks)));
    }

    void aSavedStateGoesOnAlike() {
        const auto networks = std::make_shared<FakeHandNetwork>();
        HandWorker through(networks, 1), first(networks, 1), second(networks, 1);
        for (int i = 0; i < 12; ++i) {
            const Vec2 wrist{250.0 + 12 * i, 200};
            const auto picture = i % 5 == 3 ? std::make_shared<Image>(kWidth, kHeight) : pictureOf(wrist);
            if (i == 6) {
                StateWriter writer;
                first.save(writer);
                const auto state = writer.take();
                StateReader reader(state);
                second.restore(reader);
                QVERIFY(reader.atEnd());
            }
            const auto expected = through.submit(picture, {bodyWithHand(wrist)}).get();
            const auto got = (i < 6 ? first : second).submit(picture, {bodyWithHand(wrist)}).get();
            QCOMPARE(got[0][0].score, expected[0][0].score);
            QCOMPARE(got[0][0].points[8].px.x, expected[0][0].points[8].px.x);
            QCOMPARE(got[0][0].roi.side, expected[0][0].roi.side);
        }
        StateWriter writer;
        first.save(writer);
        const auto state = writer.take();
        StateReader reader(state);
        HandWorker other(networks, 2);
        QVERIFY_EXCEPTION_THROWN(other.restore(reader), Error);
    }
};

QTEST_GUILESS_MAIN(HandTrackerTest)
#include "test_hand_tracker.moc"
