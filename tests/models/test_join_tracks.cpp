#include "models/segmenter.h"

#include <QTest>

using namespace body4d;

namespace {

/// A track over [first, first + xs.size()) whose person stands at xs; negative: absent.
TargetTrack track(std::int64_t first, const std::vector<double>& xs) {
    TargetTrack t;
    t.id = 3;
    t.firstFrame = first;
    for (std::size_t i = 0; i < xs.size(); ++i) {
        TargetFrame f;
        f.frame = first + static_cast<std::int64_t>(i);
        if (xs[i] >= 0) {
            f.state = FrameState::Visible;
            f.pose.roi.side = 100;
            for (auto& p : f.pose.points) {
                p.px = {xs[i], 50};
            }
        }
        t.frames.push_back(f);
    }
    return t;
}

std::vector<double> places(const TargetTrack& t) {
    std::vector<double> out;
    for (const auto& f : t.frames) {
        out.push_back(f.state == FrameState::Visible ? f.pose.points[0].px.x : -1);
    }
    return out;
}

Prompt click(std::int64_t frame) {
    return {frame, {{1, 1, true}}, {}};
}

} // namespace

class JoinTracksTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void oneClickTakesBackwardBeforeAndForwardAfter() {
        auto forward = track(2, {20, 21, 22}), backward = track(0, {10, 11, 12});
        forward.frames[0].prompted = backward.frames[2].prompted = true;
        const std::vector prompts{click(2)};
        const auto joined = joinTracks(forward, backward, prompts);
        QCOMPARE(joined.firstFrame, std::int64_t{0});
        QCOMPARE(joined.id, 3);
        QCOMPARE(places(joined), (std::vector<double>{10, 11, 20, 21, 22}));
        for (std::size_t i = 0; i < joined.frames.size(); ++i) {
            QCOMPARE(joined.frames[i].frame, static_cast<std::int64_t>(i));
        }
    }

    void betweenTwoClicksTheSeamLiesWhereBothAgree() {
        // The forward track drifts off after frame 3, the backward one before frame 3.
        auto forward = track(0, {100, 101, 102, 103, 160, 170, 100}),
             backward = track(0, {100, 40, 60, 103, 104, 105, 106});
        for (auto* t : {&forward, &backward}) {
            t->frames[0].prompted = t->frames[6].prompted = true;
        }
        const std::vector prompts{click(0), click(6)};
        QCOMPARE(places(joinTracks(forward, backward, prompts)),
                 (std::vector<double>{100, 101, 102, 103, 104, 105, 100}));
    }

    void tracksThatNeverMeetKeepTheirOwnSide() {
        auto forward = track(0, {10, 11, -1, -1, -1, -1}), backward = track(0, {-1, -1, -1, 93, 94, 95});
        forward.frames[0].prompted = backward.frames[5].prompted = true;
        const std::vector prompts{click(0), click(5)};
        QCOMPARE(places(joinTracks(forward, backward, prompts)),
                 (std::vector<double>{10, 11, -1, 93, 94, 95}));
    }

    void aGapOfOneDirectionIsFilledByTheOther() {
        auto forward = track(0, {10, -1, 12, 13, 14}), backward = track(0, {10, 11, 12, 13, 14});
        for (auto* t : {&forward, &backward}) {
            t->frames[0].prompted = t->frames[4].prompted = true;
        }
        const std::vector prompts{click(0), click(4)};
        QCOMPARE(places(joinTracks(forward, backward, prompts)), (std::vector<double>{10, 11, 12, 13, 14}));
    }

    void clicksThatFoundNobodyDoNotCount() {
        auto forward = track(1, {20, 21, 22, 23}), backward = track(0, {10, 11, -1, -1, -1});
        forward.frames[0].prompted = backward.frames[1].prompted = true;
        const std::vector prompts{click(1), click(4)}; // nothing was found on frame 4
        QCOMPARE(places(joinTracks(forward, backward, prompts)), (std::vector<double>{10, 20, 21, 22, 23}));
    }

    void emptySidesAreFine() {
        const std::vector prompts{click(0)};
        QCOMPARE(joinTracks(TargetTrack{}, TargetTrack{}, prompts).frames.size(), std::size_t{0});
        auto forward = track(0, {1, 2});
        forward.frames[0].prompted = true;
        QCOMPARE(places(joinTracks(forward, TargetTrack{}, prompts)), (std::vector<double>{1, 2}));
    }
};

QTEST_APPLESS_MAIN(JoinTracksTest)
#include "test_join_tracks.moc"
