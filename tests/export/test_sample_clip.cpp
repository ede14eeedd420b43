#include "export_fixture.h"

#include "base/error.h"
#include "export/sample_clip.h"
#include "video/video_reader.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace body4d;

class SampleClipTest : public QObject {
    Q_OBJECT
    QTemporaryDir dir_;
    [[nodiscard]] std::filesystem::path path(const char* name) const { return std::filesystem::path(dir_.path().toStdString()) / name; }

private Q_SLOTS:
    void somebodyWalksThroughThePicture() {
        const auto model = test::annyOrNull();
        if (!model) {
            QSKIP("The body model is not there: bash packaging/setup.sh");
        }
        writeSampleClip(*model, path("walk.mp4"), {});
        const auto reader = VideoReader::open(path("walk.mp4"));
        QCOMPARE(reader->info().frameCount, std::int64_t{100});
        QCOMPARE(reader->info().width, 960);
        // Where the middle of the suit is: from left to right, and always wholly in the picture.
        const auto middle = [&](std::int64_t frame) {
            const auto image = reader->read(frame);
            double sum = 0, count = 0;
            for (int y = 0; y < image->height; ++y) {
                for (int x = 0; x < image->width; ++x) {
                    const auto* p = image->row(y) + 3 * x;
                    if (p[0] > p[2] + 25) { // warm: nothing else in the studio is
                        sum += x;
                        count += 1;
                    }
                }
            }
            return count > 3000 ? sum / count : -1.0;
        };
        const double first = middle(0), last = middle(99);
        QVERIFY2(first > 60 && last > first + 200 && last < 900, qPrintable(QString("%1 %2").arg(first).arg(last)));
    }
    void stoppingLeavesNothing() {
        std::stop_source stop;
        stop.request_stop();
        QVERIFY_EXCEPTION_THROWN(writeSampleClip(test::TubeBody(), path("none.mp4"), stop.get_token()), Cancelled);
        QVERIFY(!std::filesystem::exists(path("none.mp4")));
    }
};

QTEST_GUILESS_MAIN(SampleClipTest)
#include "test_sample_clip.moc"
