#include "media_factory.h"

#include "base/error.h"
#include "video/video_reader.h"

#include <QTemporaryDir>
#include <QtTest>

#include <atomic>
#include <random>
#include <thread>

using namespace body4d;
using namespace body4d::test;
namespace fs = std::filesystem;

class FrameSourceTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir folder_;
    fs::path clip_;
    QByteArray truth_;
    static constexpr int kWidth = 192, kHeight = 128, kFrames = 60;
    static constexpr std::size_t kFrameBytes = std::size_t{3} * kWidth * kHeight;

    bool right(const ImagePtr& image, std::int64_t index) const {
        return image && difference(*image, truth_.constData() + index * qsizetype{kFrameBytes}).largest <= 2;
    }

private Q_SLOTS:
    void initTestCase() {
        BODY4D_NEEDS_FFMPEG();
        clip_ = fs::path(folder_.path().toStdString()) / "clip.mp4";
        QVERIFY(
            make(QStringLiteral("-f lavfi -i testsrc2=s=192x128:r=30:d=2 -c:v libx264 -g 250 -bf 3"), clip_));
        truth_ = truth(clip_);
        QCOMPARE(truth_.size(), qsizetype{kFrames * kFrameBytes});
    }

    void cacheKeepsItsBudget() {
        const std::size_t budget = 30 * kFrameBytes;
        FrameSource source(clip_, budget);
        for (int i = 0; i < kFrames; ++i) {
            QVERIFY(right(source.frame(i), i));
            QVERIFY(source.cachedBytes() <= budget);
        }
        QVERIFY(source.cachedFrames().size() >= 10);
        const auto last = source.cachedFrames().back();
        QVERIFY(right(source.cached(last), last));
        QVERIFY(!source.cached(0));
    }

    void oneFrameOfBudgetStillWorks() {
        FrameSource source(clip_, 1);
        for (const int i : {0, 59, 3, 30, 29, 28}) {
            QVERIFY(right(source.frame(i), i));
        }
    }

    void walkingBackwards() {
        FrameSource source(clip_, 12 * kFrameBytes);
        for (int i = kFrames - 1; i >= 0; --i) {
            QVERIFY(right(source.frame(i), i));
        }
    }

    void readAheadFollowsTheWalk() {
        FrameSource source(clip_, 60 * kFrameBytes);
        (void)source.frame(10);
        (void)source.frame(11);
        QTRY_VERIFY(source.cached(13) != nullptr);
        (void)source.frame(40);
        (void)source.frame(39);
        QTRY_VERIFY(source.cached(37) != nullptr);
    }

    void prefetchDecodesTheRange() {
        FrameSource source(clip_, 200 * kFrameBytes);
        source.prefetch(20, 30);
        QTRY_COMPARE(source.cachedFrames().size(), std::size_t{10});
        QCOMPARE(source.cachedFrames().front(), 20);
        source.prefetch(9, -1);
        QTRY_COMPARE(source.cachedFrames().size(), std::size_t{20});
        QVERIFY(right(source.cached(0), 0));
    }

    void manyThreadsGetTheRightFrames() {
        FrameSource source(clip_, 15 * kFrameBytes);
        std::atomic<int> wrong = 0;
        {
            std::vector<std::jthread> threads;
            for (unsigned seed = 0; seed < 4; ++seed) {
                threads.emplace_back([&, seed] {
                    std::mt19937 random(seed);
                    for (int k = 0; k < 60; ++k) {
                        const auto index = static_cast<std::int64_t>(random() % kFrames);
                        wrong += right(source.frame(index), index) ? 0 : 1;
                        (void)source.cached(index);
                        if (k % 10 == 0) {
                            source.prefetch(index, kFrames);
                        }
                    }
                });
            }
        }
        QCOMPARE(wrong.load(), 0);
    }

    void outsideIsAnError() {
        FrameSource source(clip_, 1 << 20);
        QVERIFY_THROWS_EXCEPTION(Error, (void)source.frame(-1));
        QVERIFY_THROWS_EXCEPTION(Error, (void)source.frame(kFrames));
    }
};

QTEST_GUILESS_MAIN(FrameSourceTest)
#include "test_frame_source.moc"
