#include "models/blazepose/appearance.h"
#include "models/blazepose/roi_map.h"
#include "models/blazepose/tracked_target.h"

#include <QTest>

using namespace body4d;
using namespace body4d::blazepose;

namespace {

constexpr int kWidth = 640, kHeight = 480;
constexpr double kDt = 0.04;

enum class Stripes { None, Legs, All };

/// A standing person in red clothes, a part of them green in stripes where asked for.
Observation person(double x, double y, Stripes stripes = Stripes::None) {
    Observation o;
    o.roi = {x, y, 200, 0};
    o.score = 0.95F;
    const Affine toFrame = frameFromCrop(o.roi, kLandmarkSide);
    for (std::size_t k = 0; k < kNetPoints; ++k) {
        const bool left = k % 2 == 1;
        double u = 128, v = 50; // head
        if (k >= 11 && k <= 22) {
            u = left ? 150 : 106;
            v = k <= 12 ? 75 : k <= 14 ? 100 : 125;
        } else if (k >= 23 && k <= 32) {
            u = left ? 143 : 113;
            v = k <= 24 ? 125 : k <= 26 ? 165 : 205;
        } else if (k == 33) {
            v = 128;
        } else if (k == 34) {
            v = 48;
        }
        o.px[k] = toFrame({u, v});
        o.visibility[k] = o.presence[k] = 0.95F;
    }
    auto mask = std::make_shared<CropMask>(kLandmarkSide);
    auto crop = std::make_shared<Crop>();
    crop->side = kLandmarkSide;
    crop->rgb.assign(3 * mask->values.size(), 100);
    for (int v = 40; v < 215; ++v) {
        for (int u = 96; u < 160; ++u) {
            const auto at = static_cast<std::size_t>(v * kLandmarkSide + u);
            mask->values[at] = 255;
            const bool green = (stripes == Stripes::All && v % 12 < 4) ||
                               (stripes == Stripes::Legs && v > 135 && v % 20 < 12);
            crop->rgb[3 * at] = green ? 30 : 200;
            crop->rgb[3 * at + 1] = green ? 200 : 30;
            crop->rgb[3 * at + 2] = 30;
        }
    }
    o.mask = std::move(mask);
    o.crop = std::move(crop);
    return o;
}

/// A target that stood at (300, 240) for ten frames and was then missed for `lost` frames.
TrackedTarget lostTarget(int lost) {
    TrackedTarget target(1, {});
    Observation first = person(300, 240);
    target.seed(first, 1, kDt);
    for (int f = 0; f < 10; ++f) {
        Observation o = person(300, 240);
        const Judgement j = target.judge(o, {}, kWidth, kHeight);
        bool firm = false;
        static_cast<void>(target.accept(o, j, kDt, firm));
    }
    for (int f = 0; f < lost; ++f) {
        static_cast<void>(target.miss(kWidth, kHeight, kDt));
    }
    return target;
}

bool accepts(const TrackedTarget& target, Observation o) {
    const Judgement j = target.judge(o, {}, kWidth, kHeight);
    return target.acceptable(o, j, target.lost() == 0);
}

} // namespace

class TrackedTargetTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theSameClothesAreTakenBackAnywhereNear() {
        QVERIFY(accepts(lostTarget(5), person(300, 240)));
        QVERIFY(accepts(lostTarget(5), person(360, 240)));
        QVERIFY(accepts(lostTarget(20), person(360, 240)));
    }

    void afterALongLossBothHalvesOfTheClothesMustBeRight() {
        QVERIFY(accepts(lostTarget(1), person(310, 240, Stripes::Legs)));
        QVERIFY(!accepts(lostTarget(20), person(360, 240, Stripes::Legs)));
    }

    void resemblanceTellsTheTargetFromABystander() {
        const TrackedTarget target = lostTarget(2);
        const auto dressed = [](Stripes stripes) {
            Observation o = person(100, 240, stripes);
            measureClothes(o, *o.mask, *o.crop);
            return o;
        };
        QVERIFY(target.resembles(dressed(Stripes::None)));
        QVERIFY(!target.resembles(dressed(Stripes::All)));
    }

    void whatIsSupposedCountsOnlyIfTheTargetIsSeenAgain() {
        for (const bool seenAgain : {true, false}) {
            TrackedTarget target = lostTarget(0);
            for (int f = 0; f < 4; ++f) {
                HeldFrame& held = target.held.emplace_back();
                held.frame.frame = f;
                held.frame.state = FrameState::Visible;
                held.frame.pose.roi = fromIndexSpace(Roi{300, 240, 200, 0});
                held.supposed = f >= 2;
            }
            QCOMPARE(target.settled(), std::size_t{2});
            QVERIFY(target.goesOnFromSupposed(person(340, 240)));
            QVERIFY(!target.goesOnFromSupposed(person(440, 240)));
            target.settleSupposed(seenAgain);
            QCOMPARE(target.settled(), std::size_t{4});
            for (const HeldFrame& held : target.held) {
                QCOMPARE(held.frame.state,
                         seenAgain || held.frame.frame < 2 ? FrameState::Visible : FrameState::Absent);
            }
            QCOMPARE(target.held.back().frame.frame, std::int64_t{3});
        }
    }

    void whoComesBackAfterLongMustStayLikeTheTarget() {
        const auto comesBackAs = [](Stripes later, bool& taken) {
            TrackedTarget target = lostTarget(20);
            taken = true;
            for (int f = 0; f < 8 && taken; ++f) {
                Observation o = person(420, 240, f == 0 ? Stripes::None : later);
                const Judgement j = target.judge(o, {}, kWidth, kHeight);
                bool firm = false;
                taken = target.accept(o, j, kDt, firm);
                target.held.emplace_back();
            }
            return target;
        };
        bool taken = false;
        const TrackedTarget same = comesBackAs(Stripes::None, taken);
        QVERIFY(taken);
        QCOMPARE(same.settled(), same.held.size());
        const TrackedTarget other = comesBackAs(Stripes::Legs, taken);
        QVERIFY(!taken);
        QVERIFY(other.lost() > 20); // as if nobody had come
    }

    void whoWalkedOutIsTakenBackAtABorderOnly() {
        TrackedTarget target(1, {});
        target.seed(person(480, 240), 1, kDt);
        bool firm = false;
        for (int f = 1; f <= 8; ++f) {
            Observation o = person(480 + 15 * f, 240);
            const Judgement j = target.judge(o, {}, kWidth, kHeight);
            static_cast<void>(target.accept(o, j, kDt, firm));
        }
        for (int f = 0; f < 20; ++f) {
            static_cast<void>(target.miss(kWidth, kHeight, kDt));
        }
        QVERIFY(target.left());
        QVERIFY(accepts(target, person(600, 240)));
        QVERIFY(!accepts(target, person(460, 240)));
        QVERIFY(!accepts(target, person(600, 240, Stripes::Legs)));
    }

    void whatHidesHalfOfATargetForLongDoesNotEndItsTrack() {
        // From one frame to the next it looks the same, so it is no run of guesses that would be taken back.
        TrackedTarget target = lostTarget(0);
        bool firm = false;
        for (int f = 0; f < 30; ++f) {
            Observation o = person(300, 240, Stripes::All);
            const Judgement j = target.judge(o, {}, kWidth, kHeight);
            QVERIFY2(target.accept(o, j, kDt, firm), qPrintable(QString("taken back in frame %1").arg(f)));
        }
        QVERIFY(firm);
    }
};

QTEST_APPLESS_MAIN(TrackedTargetTest)
#include "test_tracked_target.moc"
