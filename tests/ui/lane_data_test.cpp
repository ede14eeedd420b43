#include "ui/controllers/lane_data.h"

#include <QTest>

using namespace body4d;
using namespace body4d::ui;

class LaneDataTest : public QObject {
    Q_OBJECT
    static BodyFrame body(std::int64_t frame, FrameState state, float reprojection, float iou) {
        BodyFrame b;
        b.frame = frame;
        b.state = state;
        b.reprojectionPercent = reprojection;
        b.silhouetteIou = iou;
        return b;
    }
private Q_SLOTS:
    void bandsAreRunsOfEqualFrames() {
        Lane lane;
        lane.resize(10);
        for (const auto f : {2, 3, 4}) {
            lane.setBody(body(f, FrameState::Visible, 1, 0.8F));
        }
        lane.setBody(body(5, FrameState::Completed, -1, -1));
        lane.stale[4] = 1;
        const auto bands = bandsOf(lane);
        const std::vector<LaneBand> wanted{{2, 4, LaneState::Reconstructed, false}, {4, 5, LaneState::Reconstructed, true}, {5, 6, LaneState::Completed, false}};
        QCOMPARE(bands, wanted);
        QCOMPARE(lane.trackedCount(), 3);
        QCOMPARE(lane.processedCount(), 4);
    }
    void framesOutsideAreIgnored() {
        Lane lane;
        lane.resize(3);
        lane.setBody(body(7, FrameState::Visible, 1, 1));
        lane.setBody(body(-1, FrameState::Visible, 1, 1));
        QVERIFY(bandsOf(lane).empty());
    }
    void suspicionGrowsWithError() {
        QVERIFY(suspicionOf(body(0, FrameState::Visible, 1, 0.8F)) < 0.1F);
        QVERIFY(suspicionOf(body(0, FrameState::Visible, 6, 0.8F)) > 0.9F);
        QVERIFY(suspicionOf(body(0, FrameState::Visible, 1, 0.4F)) > 0.9F);
        QVERIFY(suspicionOf(body(0, FrameState::Visible, -1, -1)) < 0);
        QVERIFY(suspicionOf(body(0, FrameState::Absent, 6, 0.1F)) < 0);
    }
    void nextWorstGoesFromPeakToPeakAndRound() {
        Lane lane;
        lane.resize(100);
        lane.suspicion.assign(100, 0.1F);
        lane.suspicion[20] = 0.7F;
        lane.suspicion[21] = 0.9F;
        lane.suspicion[22] = 0.8F;
        lane.suspicion[70] = 0.6F;
        QCOMPARE(nextWorst({lane}, 0), 21);
        QCOMPARE(nextWorst({lane}, 21), 70);
        QCOMPARE(nextWorst({lane}, 70), 21);
        QCOMPARE(nextWorst({lane}, 0, 0.95F), -1);
        QCOMPARE(nextWorst({}, 0), -1);
    }
};

QTEST_GUILESS_MAIN(LaneDataTest)
#include "lane_data_test.moc"
