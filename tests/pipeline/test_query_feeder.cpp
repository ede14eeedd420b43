// Frames are decoded ahead of the network that looks at them: in order, so many and no more, and whatever goes wrong
// arrives where the network is asked.
#include "pipeline/query_feeder.h"

#include "base/error.h"

#include <QtTest>

#include <atomic>
#include <mutex>
#include <semaphore>

using namespace body4d;
using detail::QueryFeeder;
using detail::WantedQuery;

namespace {

/// Two people on each of `frames` frames, with masks that tell them apart.
class Clip {
public:
    explicit Clip(int frames) {
        for (int person = 0; person < 2; ++person) {
            Mask mask(16, 8);
            mask.values[static_cast<std::size_t>(person)] = 255;
            masks_[person] = encodeRle(mask);
        }
        for (int f = 0; f < frames; ++f) {
            for (const auto& mask : masks_) {
                Intrinsics camera;
                camera.focalPx = 100 + f;
                rows.push_back({3 * f, &mask, camera});
            }
        }
    }
    std::vector<WantedQuery> rows;

private:
    RleMask masks_[2];
};

/// Pictures that say in their first byte which frame they are.
struct Camera {
    std::mutex mutex;
    std::vector<std::int64_t> asked;

    std::function<ImagePtr(std::int64_t)> pictures() {
        return [this](std::int64_t frame) {
            const std::scoped_lock lock(mutex);
            asked.push_back(frame);
            auto image = std::make_shared<Image>(16, 8);
            image->rgb[0] = static_cast<std::uint8_t>(frame);
            return image;
        };
    }
    std::size_t count() {
        const std::scoped_lock lock(mutex);
        return asked.size();
    }
};

} // namespace

class QueryFeederTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyRowInOrder();
    void smallerBatchesRepeatRows();
    void aheadWhileNobodyAsks();
    void failuresArriveInTheirPlace();
    void stoppingEndsAWait();
    void goingAwayInTheMiddle();
    void memoryIsBounded();
};

void QueryFeederTest::everyRowInOrder() {
    Clip clip(20);
    Camera camera;
    QueryFeeder feeder(clip.rows, camera.pictures(), 4);
    std::int64_t row = 0;
    for (const std::int64_t batch : {1, 7, 16, 3, 13}) {
        const auto queries = feeder.take(row, row + batch, {});
        QCOMPARE(queries.size(), static_cast<std::size_t>(batch));
        for (const auto& query : queries) {
            QCOMPARE(static_cast<std::int64_t>(query.frame->rgb[0]), 3 * (row / 2));
            QCOMPARE(query.camera.focalPx, 100.0 + static_cast<double>(row / 2));
            QCOMPARE(query.mask->values[static_cast<std::size_t>(row % 2)], std::uint8_t{255});
            QCOMPARE(query.mask->values[static_cast<std::size_t>(1 - row % 2)], std::uint8_t{0});
            ++row;
        }
    }
    QCOMPARE(row, std::int64_t{40});
    std::vector<std::int64_t> wanted;
    for (std::int64_t f = 0; f < 20; ++f) {
        wanted.push_back(3 * f);
    }
    QCOMPARE(camera.asked, wanted); // once each, though two people are on it
}

void QueryFeederTest::smallerBatchesRepeatRows() {
    Clip clip(10);
    Camera camera;
    QueryFeeder feeder(clip.rows, camera.pictures(), 2);
    const auto first = feeder.take(0, 16, {})[0].frame;
    // It was too much at once.
    QCOMPARE(feeder.take(0, 8, {})[0].frame, first);
    QCOMPARE(feeder.take(0, 4, {})[3].frame->rgb[0], std::uint8_t{3});
    for (std::int64_t at = 4; at < 20; at += 4) {
        QCOMPARE(static_cast<std::int64_t>(feeder.take(at, at + 4, {})[0].frame->rgb[0]), 3 * (at / 2));
    }
    QCOMPARE(camera.count(), std::size_t{10});
}

void QueryFeederTest::aheadWhileNobodyAsks() {
    Clip clip(50);
    Camera camera;
    QueryFeeder feeder(clip.rows, camera.pictures(), 6);
    // Six rows are ready, a seventh waits for room: frames 0 to 3.
    QTRY_COMPARE(camera.count(), std::size_t{4});
    QTest::qWait(50);
    QCOMPARE(camera.count(), std::size_t{4});
    // While the network has four of them, four more come.
    const auto queries = feeder.take(0, 4, {});
    QTRY_COMPARE(camera.count(), std::size_t{6});
    QCOMPARE(queries.size(), std::size_t{4});
    QTest::qWait(50);
    QCOMPARE(camera.count(), std::size_t{6});
}

void QueryFeederTest::failuresArriveInTheirPlace() {
    Clip clip(10);
    Camera camera;
    auto good = camera.pictures();
    QueryFeeder feeder(
        clip.rows,
        [&](std::int64_t frame) {
            if (frame == 15) {
                throw Error(ErrorCode::Input, "The frame is broken.", "Take another.", "15");
            }
            return good(frame);
        },
        64);
    QCOMPARE(feeder.take(0, 10, {}).size(), std::size_t{10}); // all before it
    for (int again = 0; again < 2; ++again) {
        try {
            (void)feeder.take(10, 14, {});
            QFAIL("frame 15 cannot be read");
        } catch (const Error& e) {
            QCOMPARE(QString::fromStdString(e.detail()), QStringLiteral("15"));
        }
    }
}

void QueryFeederTest::stoppingEndsAWait() {
    Clip clip(10);
    std::binary_semaphore gate(0);
    QueryFeeder feeder(
        clip.rows,
        [&](std::int64_t) {
            gate.acquire();
            return std::make_shared<const Image>(16, 8);
        },
        4);
    std::stop_source source;
    std::jthread presser([&] {
        QTest::qSleep(50);
        source.request_stop();
        QTest::qSleep(50);
        for (int i = 0; i < 10; ++i) { // the feeder is in the middle of a frame, and ends behind it
            gate.release();
            QTest::qSleep(1);
        }
    });
    QVERIFY_EXCEPTION_THROWN((void)feeder.take(0, 8, source.get_token()), Cancelled);
}

void QueryFeederTest::goingAwayInTheMiddle() {
    std::atomic<int> asked{0};
    {
        Clip clip(1000);
        QueryFeeder feeder(
            clip.rows,
            [&](std::int64_t) {
                ++asked;
                return std::make_shared<const Image>(16, 8);
            },
            3);
        (void)feeder.take(0, 2, {});
    }
    const int then = asked;
    QTest::qWait(20);
    QCOMPARE(asked.load(), then);
    QVERIFY(then < 10);
}

void QueryFeederTest::memoryIsBounded() {
    const std::int64_t gib = 1LL << 30;
    QCOMPARE(QueryFeeder::rowsAhead(640, 360, 16, 8 * gib), std::size_t{16}); // as many as a batch
    QCOMPARE(QueryFeeder::rowsAhead(3840, 2160, 64, 8 * gib), std::size_t{8});
    QCOMPARE(QueryFeeder::rowsAhead(3840, 2160, 64, gib), std::size_t{4});
    QCOMPARE(QueryFeeder::rowsAhead(3840, 2160, 64, 0), std::size_t{1});
    QCOMPARE(QueryFeeder::rowsAhead(0, 0, 1, -5), std::size_t{1});
}

QTEST_GUILESS_MAIN(QueryFeederTest)
#include "test_query_feeder.moc"
