// Which limbs of somebody half hidden are believed.
#include "body/detail/hidden_runs.h"

#include <QtTest>

using namespace body4d;
using namespace body4d::detail;

namespace {

constexpr std::size_t kFrames = 60, kBegin = 25, kEnd = 35;
constexpr auto kLeft = static_cast<std::size_t>(Limb::LeftLeg), kRight = static_cast<std::size_t>(Limb::RightLeg);

/// Somebody of whom a stretch is hidden, though every limb seems to be seen; in it one leg covers half of the other.
std::vector<FrameEvidence> crossedLegs() {
    std::vector<FrameEvidence> out(kFrames);
    for (std::size_t i = 0; i < kFrames; ++i) {
        out[i].measured = true;
        out[i].hidden = i >= kBegin && i < kEnd;
        out[i].limbSeen.fill(1);
        out[i].limbDrawn.fill(1);
        out[i].limbDrawn[kLeft] = out[i].hidden ? 0.5 : 1;
    }
    return out;
}

} // namespace

class HiddenRunsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void legsOfSomebodyStandingThatCrossAreNotBelieved() {
        const auto limbs = limbsInView(crossedLegs(), std::vector<HiddenRun>{{kBegin, kEnd}});
        for (std::size_t i = 0; i < kFrames; ++i) {
            const bool seen = i < kBegin || i >= kEnd;
            QCOMPARE(static_cast<bool>(limbs[i][kLeft]), seen);
            QCOMPARE(static_cast<bool>(limbs[i][kRight]), seen);
            QVERIFY(limbs[i][static_cast<std::size_t>(Limb::Torso)]);
        }
    }

    void walkersMayCrossTheirs() {
        auto evidence = crossedLegs();
        evidence[kBegin - 5].limbDrawn[kRight] = 0.4; // a step before
        const auto limbs = limbsInView(evidence, std::vector<HiddenRun>{{kBegin, kEnd}});
        for (std::size_t i = kBegin; i < kEnd; ++i) {
            QVERIFY(limbs[i][kLeft] && limbs[i][kRight]);
        }
    }

    void legsThatStayApartAreBelieved() {
        auto evidence = crossedLegs();
        for (FrameEvidence& e : evidence) {
            e.limbDrawn[kLeft] = 0.9;
        }
        const auto limbs = limbsInView(evidence, std::vector<HiddenRun>{{kBegin, kEnd}});
        QVERIFY(limbs[kBegin][kLeft] && limbs[kBegin][kRight]);
    }
};

QTEST_GUILESS_MAIN(HiddenRunsTest)
#include "hidden_runs_test.moc"
