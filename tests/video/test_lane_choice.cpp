#include "video/lane_choice_internal.h"

#include <QtTest>

#include <array>
#include <random>

using namespace body4d;

/// Which of several parked decoders serves a jump, and which one gives way.
class LaneChoiceTest : public QObject {
    Q_OBJECT

private:
    /// `groups` groups of pictures of `length` frames, shown in the order in which they are stored.
    static FrameIndex makeIndex(int groups, int length) {
        FrameIndex index;
        for (int i = 0; i < groups * length; ++i) {
            index.packets.push_back({i, i, i, 1, 100, i % length == 0, true});
        }
        index.buildFromPackets();
        return index;
    }

    /// Mean number of frames that one of many random jumps decodes with this many decoders.
    static double meanWalk(const FrameIndex& index, std::size_t decoders) {
        std::vector<LanePlace> lanes(1);
        std::mt19937 random(3);
        double sum = 0;
        constexpr int kJumps = 4000;
        for (std::uint64_t i = 1; i <= kJumps; ++i) {
            const auto wanted = static_cast<std::int64_t>(random() % index.frames.size());
            int lane = nearestLane(lanes, index, wanted, 8);
            std::int64_t from = index.frames[static_cast<std::size_t>(wanted)].keyFrame;
            if (lane >= 0) {
                from = lanes[static_cast<std::size_t>(lane)].position;
            } else if (lanes.size() < decoders) {
                lane = static_cast<int>(lanes.size());
                lanes.emplace_back();
            } else {
                lane = leastMissedLane(lanes, index, wanted);
            }
            lanes[static_cast<std::size_t>(lane)] = {wanted + 1, i};
            sum += static_cast<double>(wanted - from + 1);
        }
        return sum / kJumps;
    }

private Q_SLOTS:
    void theNearestBeforeTheGoalServes() {
        const FrameIndex index = makeIndex(2, 100);
        const std::array<LanePlace, 4> lanes{{{20, 1}, {50, 2}, {60, 3}, {-1, 0}}};
        QCOMPARE(nearestLane(lanes, index, 55, 8), 1);
        QCOMPARE(nearestLane(lanes, index, 99, 8), 2);
        QCOMPARE(nearestLane(lanes, index, 50, 8), 1);
        QCOMPARE(nearestLane(lanes, index, 19, 8), -1);  // nobody stands before it
        QCOMPARE(nearestLane(lanes, index, 130, 8), -1); // its key picture is nearer than anybody
        const std::array<LanePlace, 1> close{{{97, 1}}};
        QCOMPARE(nearestLane(close, index, 103, 8), 0); // a few frames across a key picture are no jump
    }

    void whoHelpsLeastGivesWay() {
        const FrameIndex index = makeIndex(3, 100);
        const std::array<LanePlace, 3> together{{{10, 3}, {12, 2}, {80, 1}}};
        QCOMPARE(leastMissedLane(together, index, 5),
                 0); // the second serves nearly everything that the first does
        const std::array<LanePlace, 3> equal{{{40, 3}, {40, 2}, {80, 1}}};
        QCOMPARE(leastMissedLane(equal, index, 10), 0);
        const std::array<LanePlace, 3> elsewhere{{{40, 3}, {142, 2}, {280, 1}}};
        QCOMPARE(leastMissedLane(elsewhere, index, 10), 2); // the longest unused of another group
        const std::array<LanePlace, 3> lost{{{40, 3}, {-1, 2}, {80, 1}}};
        QCOMPARE(leastMissedLane(lost, index, 10), 1);
        const std::array<LanePlace, 2> atTheEnd{{{300, 1}, {250, 2}}}; // the first has shown the last frame
        QCOMPARE(leastMissedLane(atTheEnd, index, 210), 0);
    }

    void severalDecodersShortenRandomJumps() {
        const FrameIndex index = makeIndex(1, 250);
        const double one = meanWalk(index, 1), five = meanWalk(index, 5);
        QVERIFY2(one > 80, qPrintable(QString::number(one)));
        QVERIFY2(five < 0.5 * one, qPrintable(QStringLiteral("%1 against %2").arg(five).arg(one)));
    }
};

QTEST_GUILESS_MAIN(LaneChoiceTest)
#include "test_lane_choice.moc"
