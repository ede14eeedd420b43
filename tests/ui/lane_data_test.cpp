#include "ui/controllers/lane_data.h"

#include "body/body_keypoints.h"

#include <QTest>

#include <cmath>

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
    void framesThatNobodyLookedAtAreToldFromMeasuredOnes() {
        BodyTrack body;
        for (int f = 0; f < 6; ++f) {
            body.frames.push_back(this->body(f, FrameState::Visible, f % 5 == 0 ? 1.0F : -1.0F, -1));
        }
        Lane lane;
        lane.resize(6);
        lane.setBodyTrack(body, nullptr);
        const std::vector<LaneBand> wanted{{0, 1, LaneState::Reconstructed, false}, {1, 5, LaneState::Between, false},
                                           {5, 6, LaneState::Reconstructed, false}};
        QCOMPARE(bandsOf(lane), wanted);
        QCOMPARE(lane.trackedCount(), std::int64_t{6}); // seen they are
        for (auto& frame : body.frames) {
            frame.reprojectionPercent = -1; // an engine that does not measure itself
        }
        lane.setBodyTrack(body, nullptr);
        QCOMPARE(bandsOf(lane), (std::vector<LaneBand>{{0, 6, LaneState::Reconstructed, false}}));
        for (int f = 0; f < 6; ++f) { // one that says what it read of each picture
            auto surface = std::make_shared<MeasuredSurface>();
            surface->fields["raw_cam_t"] = {f % 5 == 0 ? 0.5F : std::nanf("")};
            body.frames[static_cast<std::size_t>(f)].pose.surface = surface;
        }
        lane.setBodyTrack(body, nullptr);
        QCOMPARE(bandsOf(lane), wanted);
    }
    void motionThatCannotBeIsDoubted() {
        BodyTrack body;
        body.fps = 25;
        WorldFrame world;
        for (int f = 0; f < 40; ++f) {
            BodyFrame frame;
            frame.frame = f;
            frame.state = FrameState::Visible;
            frame.reprojectionPercent = 1;
            frame.silhouetteIou = 0.75F;
            for (std::size_t k = 0; k < frame.keypoints.size(); ++k) {
                frame.keypoints[k] = {0.1 * static_cast<double>(k % 3) + 0.01 * f, 0.3 * static_cast<double>(k / 3), 4};
            }
            frame.footContact = {f >= 30, false};
            body.frames.push_back(frame);
            world.worldFromCam.emplace_back();
        }
        for (auto& p : body.frames[12].keypoints) {
            p.x += 0.5; // the whole body, for one frame
        }
        body.frames[22].keypoints[keypoint::kLeftWrist].y += 0.4; // a forearm grows
        Lane lane;
        lane.resize(40);
        lane.setBodyTrack(body, &world);
        QVERIFY(lane.suspicion[12] > 0.9F);
        QCOMPARE(lane.doubts[12], Doubt::Jump);
        QVERIFY(lane.suspicion[22] > 0.9F);
        QCOMPARE(lane.doubts[22], Doubt::Limbs);
        QVERIFY(lane.suspicion[35] > 0.1F); // a planted foot at a quarter metre a second
        QCOMPARE(lane.doubts[35], Doubt::Slide);
        QVERIFY(lane.suspicion[5] < 0.1F);
        QCOMPARE(nextWorst({lane}, 13), std::int64_t{22});
        lane.clear();
        lane.setBodyTrack(body, nullptr); // without a world nothing is said of feet
        QVERIFY(lane.suspicion[35] < 0.1F);
    }
};

QTEST_GUILESS_MAIN(LaneDataTest)
#include "lane_data_test.moc"
