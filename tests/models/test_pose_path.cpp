#include "models/blazepose/arm_path.h"
#include "models/blazepose/leg_path.h"
#include "models/blazepose/observation.h"
#include "models/blazepose/pose_path.h"
#include "models/blazepose/state_bytes.h"
#include "models/blazepose/tracked_target.h"

#include <QTest>

#include <cmath>
#include <utility>

using namespace body4d;
using namespace body4d::blazepose;

namespace {

/// A person at x with the left side's points on the left or, where a network errs, on the right.
PoseOption option(double x, double cost, bool swapped = false) {
    PoseOption o;
    o.cost = cost;
    o.pose.roi = {x, 200, 200, 0};
    for (std::size_t k = 0; k < o.pose.points.size(); ++k) {
        const bool left = (k % 2 == 1) != swapped;
        o.pose.points[k].px = {x + (left ? 30.0 : -30.0), 100 + 6.0 * static_cast<double>(k)};
        o.pose.points[k].world = {left ? 0.2 : -0.2, 0.02 * static_cast<double>(k) - 0.5, 0};
    }
    return o;
}

bool swapped(const PoseLandmarks& pose) {
    return pose.points[11].px.x < pose.points[12].px.x;
}

/// Somebody whose trunk is at (128, 60..140) and whose legs hang straight down at the given places.
Observation standing(double left, double right) {
    Observation o;
    o.roi = {128, 128, 256, 0};
    o.visibility.fill(1);
    o.presence.fill(1);
    const auto put = [&](std::size_t k, double x, double y) {
        o.px[k] = {x, y};
        o.world[k] = {(x - 128) / 100, (y - 140) / 100, 0};
    };
    put(0, 128, 30);
    for (const std::size_t k : {11U, 13U, 15U}) {
        put(k, 140, 60.0 + 10 * static_cast<double>(k - 11));
        put(k + 1, 116, 60.0 + 10 * static_cast<double>(k - 11));
    }
    put(23, 150, 140);
    put(24, 106, 140);
    for (const std::size_t k : {25U, 27U, 29U, 31U}) {
        put(k, left, 180.0 + 10 * static_cast<double>(k - 25));
        put(k + 1, right, 180.0 + 10 * static_cast<double>(k - 25));
    }
    return o;
}

/// Its mask: legs 20 pixels wide at 100 and at 156.
CropMask twoLegs() {
    CropMask mask(256);
    for (int y = 20; y < 245; ++y) {
        for (int x = 90; x < 166; ++x) {
            const bool leg = x < 110 || x >= 146;
            mask.values[static_cast<std::size_t>(y * 256 + x)] = y < 145 || leg ? 255 : 0;
        }
    }
    return mask;
}

PoseOption seenOn(const CropMask& mask, const Observation& o, double cost) {
    PoseOption option;
    option.cost = cost;
    option.pose.roi = o.roi;
    for (std::size_t k = 0; k < option.pose.points.size(); ++k) {
        option.pose.points[k] = {o.px[k], o.z[k], o.visibility[k], o.presence[k], o.world[k]};
    }
    seeLegs(o, mask, o.roi, placesOn(mask, o.roi), option);
    return option;
}

HeldFrame frameAt(std::int64_t number, PoseOptions options) {
    HeldFrame held;
    held.frame.frame = number;
    held.frame.state = FrameState::Visible;
    held.frame.pose = options.front().pose;
    held.frame.firm = options.size() == 1;
    if (options.size() > 1) {
        held.options = std::move(options);
    }
    return held;
}

} // namespace

class PosePathTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void neighboursDecideWhereThePictureHardlyDoes() {
        const std::vector<PoseOptions> frames{{option(100, 0)},
                                              {option(105, 0.1, true), option(105, 0.4)},
                                              {option(110, 0.1, true), option(110, 0.4)},
                                              {option(115, 0)}};
        QCOMPARE(cheapestPath(frames), (std::vector<std::size_t>{0, 1, 1, 0}));
    }

    void aTurnThatThePictureShowsIsBelieved() {
        const std::vector<PoseOptions> frames{{option(100, 0)},
                                              {option(105, 0, true), option(105, 9)},
                                              {option(110, 0, true), option(110, 9)},
                                              {option(115, 0, true)}};
        QCOMPARE(cheapestPath(frames), (std::vector<std::size_t>{0, 0, 0, 0}));
    }

    void withoutAnythingToChooseThereIsNothingToDo() {
        QVERIFY(cheapestPath({}).empty());
        const std::vector<PoseOptions> one{{option(100, 3), option(100, 2, true)}};
        QCOMPARE(cheapestPath(one), (std::vector<std::size_t>{1}));
    }

    void whatComesLaterDecidesToo() {
        TrackedTarget target(1, {});
        target.held.push_back(frameAt(0, {option(100, 0)}));
        for (int f = 1; f <= 5; ++f) {
            target.held.push_back(frameAt(f, {option(100, 0, true), option(100, 0.05)}));
        }
        target.settlePoses(2);
        QCOMPARE(target.inDoubt(), std::size_t{3}); // the last one chosen holds on to what follows
        QCOMPARE(target.held[3].options.size(), std::size_t{1});
        for (std::size_t f = 1; f <= 3; ++f) {
            QVERIFY(!swapped(target.held[f].frame.pose));
        }
        target.held[5].options[1].cost = 9; // the picture says that they turned round
        target.settlePoses();
        QVERIFY(!swapped(target.held[3].frame.pose) && swapped(target.held[5].frame.pose));
        QCOMPARE(target.inDoubt(), std::size_t{0});
    }

    void aBodyOfAnotherSizeIsAnotherBody() {
        const double scale = bodyScale(option(100, 0).pose);
        QVERIFY(scale > 0);
        PoseOption small = option(100, 0);
        for (auto& p : small.pose.points) {
            p.px = 0.5 * p.px;
        }
        QVERIFY(std::abs(bodyScale(small.pose) - 0.5 * scale) < 1e-9);
        const std::vector<PoseOptions> frames{{option(100, 0)}, {small, option(105, 0.5)}, {option(110, 0)}};
        QCOMPARE(cheapestPath(frames), (std::vector<std::size_t>{0, 1, 0}));
    }

    void whatMostLooksShowCountsMoreAndRepeatsAreDropped() {
        PoseOptions options{option(300, 1), option(100, 1), option(101, 1.1), option(99, 1.2),
                            option(108, 1.3)};
        settleOptions(options);
        QCOMPARE(options.front().pose.roi.centreX, 100.0);
        // 101 and 99 lie within 2 % of the crop's side of 100.
        QCOMPARE(options.size(), std::size_t{3});
        QVERIFY(options.back().pose.roi.centreX == 300.0 && options.back().cost > options.front().cost + 0.5);
    }

    void posesInDoubtWaitForTheNextClearFrame() {
        TrackedTarget target(1, {});
        target.held.push_back(frameAt(0, {option(100, 0)}));
        QCOMPARE(target.settled(), std::size_t{1});
        for (int f = 1; f < 4; ++f) {
            target.held.push_back(frameAt(f, {option(100 + 5 * f, 0, true), option(100 + 5 * f, 0.3)}));
            QCOMPARE(target.inDoubt(), static_cast<std::size_t>(f));
            QCOMPARE(target.settled(), std::size_t{0}); // the clear frame before is still needed
            QCOMPARE(target.revocable(), std::size_t{0});
        }
        target.held.push_back(frameAt(4, {option(120, 0)}));
        target.settlePoses();
        QCOMPARE(target.settled(), std::size_t{5});
        for (const HeldFrame& held : target.held) {
            QVERIFY2(!swapped(held.frame.pose), qPrintable(QString::number(held.frame.frame)));
            QVERIFY(held.options.empty());
        }
    }

    void eachLegComesFromWhereTheMaskIsCovered() {
        const CropMask mask = twoLegs();
        const PoseOption onOne = seenOn(mask, standing(156, 156), 0),
                         astray = seenOn(mask, standing(230, 100), 1);
        QVERIFY(onOne.legs[0].inside > 0.9 && astray.legs[0].inside < 0.5);
        const std::vector<PoseOptions> frames{{onOne, astray}, {onOne, astray}};
        const std::vector<std::size_t> path{0, 0};
        const std::array<std::size_t, 2> both{0, 1};
        QCOMPARE(cheapestLegs(frames, path), (std::vector{both, both}));
        PoseLandmarks pose = onOne.pose;
        takeLeg(pose, astray.pose, 1);
        QCOMPARE(pose.points[28].px.x, 100.0);
        QCOMPARE(pose.points[27].px.x, 156.0);
        QCOMPARE(pose.points[15].px.x, onOne.pose.points[15].px.x);
        QVERIFY(std::abs(pose.points[28].world.x - -0.28) < 1e-6);
        QVERIFY(cheapestLegs({}, {}).empty());
    }

    void aLegDoesNotJumpToWhereItFitsABitBetter() {
        const CropMask mask = twoLegs();
        const PoseOption sure = seenOn(mask, standing(156, 100), 0);
        PoseOption crossed = seenOn(mask, standing(100, 156), 0.2); // covers as much, legs exchanged
        const std::vector<PoseOptions> frames{{sure}, {crossed, sure}, {sure}};
        const std::vector<std::size_t> path{0, 0, 0};
        QCOMPARE(cheapestLegs(frames, path)[1], (std::array<std::size_t, 2>{1, 1}));
    }

    void eachArmComesFromWhereItIsSeen() {
        PoseOption rightHidden = option(100, 0), leftHidden = option(100, 0.3);
        for (const std::size_t k : {13U, 15U}) { // hidden arms lie on the trunk, and wander
            rightHidden.pose.points[k + 1].px.x = 100;
            rightHidden.pose.points[k + 1].visibility = 0.1F;
            leftHidden.pose.points[k].px.x = 105;
            leftHidden.pose.points[k].visibility = 0.1F;
            for (PoseOption* o : {&rightHidden, &leftHidden}) {
                o->pose.points[k].presence = o->pose.points[k + 1].presence = 1;
            }
            rightHidden.pose.points[k].visibility = leftHidden.pose.points[k + 1].visibility = 0.9F;
        }
        const std::vector<PoseOptions> frames{{rightHidden, leftHidden}, {rightHidden, leftHidden}};
        const std::vector<std::size_t> path{0, 0};
        const std::array<std::size_t, 2> both{0, 1};
        QCOMPARE(cheapestArms(frames, path), (std::vector{both, both}));
        PoseLandmarks pose = rightHidden.pose;
        pose.points[12].world.x += 0.1; // its shoulder lies elsewhere in space
        takeArm(pose, leftHidden.pose, 1);
        QCOMPARE(pose.points[16].px.x, 70.0);
        QCOMPARE(pose.points[15].px.x, 130.0);
        QVERIFY(std::abs(pose.points[16].world.x - -0.1) < 1e-6);
        QCOMPARE(pose.points[26].px.x, rightHidden.pose.points[26].px.x);
        QVERIFY(cheapestArms({}, {}).empty());
    }

    void anArmDoesNotJumpToWhereItIsSeenABitBetter() {
        PoseOption calm = option(100, 0), away = option(100, 0);
        for (const std::size_t k : {13U, 15U}) {
            away.pose.points[k].px.x = 240;
            for (PoseOption* o : {&calm, &away}) {
                o->pose.points[k].presence = 1;
                o->pose.points[k].visibility = o == &calm ? 0.6F : 0.9F;
            }
        }
        const std::vector<PoseOptions> frames{{calm}, {away, calm}, {calm}};
        const std::vector<std::size_t> path{0, 0, 0};
        QCOMPARE(cheapestArms(frames, path)[1][0], std::size_t{1});
    }

    void aSavedTargetChoosesTheSamePoses() {
        const auto filled = [] {
            TrackedTarget target(1, {});
            target.held.push_back(frameAt(0, {option(100, 0)}));
            target.held.push_back(frameAt(1, {option(105, 0, true), option(105, 0.3)}));
            return target;
        };
        TrackedTarget saved = filled();
        StateWriter writer;
        saved.serialize(writer);
        TrackedTarget restored(1, {});
        const std::vector<std::byte> bytes = writer.take();
        StateReader reader(bytes);
        restored.serialize(reader);
        QVERIFY(reader.atEnd());
        QCOMPARE(restored.inDoubt(), std::size_t{1});
        restored.held.push_back(frameAt(2, {option(110, 0)}));
        restored.settlePoses();
        QVERIFY(!swapped(restored.held[1].frame.pose));
    }
};

QTEST_APPLESS_MAIN(PosePathTest)
#include "test_pose_path.moc"
