#include "models/blazepose/roi_map.h"
#include "models/blazepose/seen_part.h"

#include <QTest>

using namespace body4d;
using namespace body4d::blazepose;

namespace {

constexpr int kWidth = 640, kHeight = 480;

/// Somebody upright of whom the picture ends at the chest: the network puts the hips below it, leaning by `lean` radians.
Observation closeUp(double x, double lean) {
    Observation o;
    o.frameWidth = kWidth;
    o.frameHeight = kHeight;
    o.px.fill({x, kHeight + 300.0});
    o.px[0] = {x, 200};
    o.px[11] = {x + 90, 380};
    o.px[12] = {x - 90, 380};
    o.px[33] = {x + 500 * std::sin(lean), 700};
    o.px[34] = o.px[33] + Vec2{400 * std::sin(lean), -400 * std::cos(lean)};
    o.roi = roiFromPoints(o.px[33], o.px[34]);
    return o;
}

} // namespace

class SeenPartTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aWholeBodyIsSeenWhole() {
        const Roi roi{320, 240, 300, 0.1};
        const Roi seen = seenPart(roi, kWidth, kHeight);
        QCOMPARE(seen.side, roi.side);
        QCOMPARE(seen.centreY, roi.centreY);
    }

    /// Of a body from row 80 to row 880 the picture, which ends at row 480, shows half.
    void halfABodyIsHalfTheSize() {
        const Roi seen = seenPart(Roi{320, 480, 1000, 0}, kWidth, kHeight);
        QVERIFY(std::abs(seen.side - 500) < 1);
        QVERIFY(std::abs(seen.centreY - 280) < 1); // between 80 and 480
        QVERIFY(std::abs(seen.centreX - 320) < 1);
    }

    void withoutAPictureNothingIsCutOff() {
        const Roi roi{320, 480, 1000, 0};
        QCOMPARE(seenPart(roi, 0, 0).side, roi.side);
    }

    /// Imagined hips may jump; head and shoulders say how far somebody went.
    void aStepIsToldByHeadAndShoulders() {
        const Observation before = closeUp(300, 0), after = closeUp(306, 0.5);
        const Vec2 step = seenStep(before, after);
        QVERIFY(std::abs(step.x - 6) < 1e-9);
        QVERIFY(std::abs(step.y) < 1e-9);
    }

    void anImaginedLeanIsTakenOut() {
        Observation o = closeUp(300, 0.4);
        const double length = norm(o.px[34] - o.px[33]);
        QVERIFY(standUnderShoulders(o));
        QVERIFY(std::abs(o.px[33].x - 300) < 1e-9);
        QVERIFY(std::abs(norm(o.px[34] - o.px[33]) - length) < 1e-9);
        QVERIFY(std::abs(nextRoi(o).angle) < 1e-6);
    }

    void aLeanThatIsSeenStays() {
        Observation o = closeUp(300, 0.4);
        o.px[33].y = 460; // in the picture
        QVERIFY(!standUnderShoulders(o));
        Observation upright = closeUp(300, 0.05);
        QVERIFY(!standUnderShoulders(upright));
    }
};

QTEST_MAIN(SeenPartTest)
#include "test_seen_part.moc"
