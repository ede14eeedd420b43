#include "media_factory.h"

#include "base/error.h"
#include "video/video_reader.h"
#include "video/video_writer.h"

#include <QTemporaryDir>
#include <QtTest>

#include <cstring>

using namespace body4d;
using namespace body4d::test;
namespace fs = std::filesystem;

namespace {

/// A bright square that moves with the frame number, on a coloured ground.
Image picture(int width, int height, int index) {
    Image image(width, height);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const bool inside = x >= 4 * index && x < 4 * index + 16 && y >= 8 && y < 40;
            std::uint8_t* pixel = image.row(y) + 3 * x;
            pixel[0] = inside ? 230 : 30;
            pixel[1] = inside ? 60 : 140;
            pixel[2] = inside ? 40 : 200;
        }
    }
    return image;
}

} // namespace

class VideoWriterTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir folder_;
    fs::path path(const char* name) const { return fs::path(folder_.path().toStdString()) / name; }

    /// Seconds at which the sound of a file first gets loud.
    static double onset(const fs::path& file) {
        const QByteArray raw = ffmpeg({QStringLiteral("-i"), QString::fromStdString(file.string()),
                                       QStringLiteral("-vn"), QStringLiteral("-af"),
                                       QStringLiteral("aresample=async=1:first_pts=0"), QStringLiteral("-ac"),
                                       QStringLiteral("1"), QStringLiteral("-ar"), QStringLiteral("48000"),
                                       QStringLiteral("-f"), QStringLiteral("f32le"), QStringLiteral("-")});
        for (qsizetype i = 0; i + 4 <= raw.size(); i += 4) {
            float value = 0;
            std::memcpy(&value, raw.constData() + i, 4);
            if (std::abs(value) > 0.1F) {
                return static_cast<double>(i / 4) / 48000;
            }
        }
        return -1;
    }

private Q_SLOTS:
    void framesAndTimesComeBack() {
        const fs::path file = path("out.mp4");
        std::vector<double> times;
        {
            VideoWriter writer(
                file, {.width = 161, .height = 95, .fps = 25, .quality = 12, .comment = "made by a test"});
            double time = 0;
            for (int i = 0; i < 30; ++i) {
                writer.write(picture(161, 95, i), time);
                times.push_back(time);
                time += i % 3 == 0 ? 0.1 : 0.04;
            }
            QVERIFY(!fs::exists(file)); // nothing half-written under the final name
            writer.finish(time);
            times.push_back(time);
        }
        QCOMPARE(std::distance(fs::directory_iterator(file.parent_path()), fs::directory_iterator()), 1);
        const auto reader = VideoReader::open(file);
        QCOMPARE(reader->info().frameCount, 30);
        QCOMPARE(reader->info().width, 162);
        QCOMPARE(reader->info().height, 96);
        QVERIFY(reader->info().variableFrameRate);
        for (std::size_t i = 0; i < 30; ++i) {
            QVERIFY(std::abs(reader->info().frameTimes[i] - times[i]) < 2e-5);
            const ImagePtr image = reader->read(static_cast<std::int64_t>(i));
            const Image expected = picture(161, 95, static_cast<int>(i));
            double sum = 0;
            for (int y = 0; y < 95; ++y) {
                for (int x = 0; x < 161 * 3; ++x) {
                    const double d = image->row(y)[x] - expected.row(y)[x];
                    sum += d * d;
                }
            }
            QVERIFY(10 * std::log10(255 * 255 / (sum / (161 * 95 * 3))) > 24); // chroma edges are soft
            // Flat ground: the colours themselves have to come back.
            const std::uint8_t* ground = image->row(80) + 3 * 150;
            QVERIFY(std::abs(ground[0] - 30) <= 4 && std::abs(ground[1] - 140) <= 4 &&
                    std::abs(ground[2] - 200) <= 4);
        }
        QVERIFY(std::abs(reader->info().durationSeconds - times.back()) < 1e-3);
        QCOMPARE(reader->info().codec, std::string("h264"));
        QCOMPARE(reader->info().pixelFormat, std::string("yuv420p"));
    }

    void broadcastRateStaysConstant() {
        const fs::path file = path("ntsc.mp4");
        const double fps = 30000.0 / 1001;
        VideoWriter writer(file, {.width = 64, .height = 64, .fps = fps});
        for (int i = 0; i < 40; ++i) {
            writer.write(picture(64, 64, i), i / fps);
        }
        writer.finish();
        const auto reader = VideoReader::open(file);
        QVERIFY(!reader->info().variableFrameRate);
        QVERIFY(std::abs(reader->info().fps - fps) < 1e-4);
    }

    void oneFrame() {
        const fs::path file = path("single.mp4");
        VideoWriter writer(file, {.width = 32, .height = 32, .fps = 10});
        writer.write(picture(32, 32, 0), 0);
        writer.finish();
        const auto reader = VideoReader::open(file);
        QCOMPARE(reader->info().frameCount, 1);
        QVERIFY(std::abs(reader->info().durationSeconds - 0.1) < 1e-3);
    }

    void withoutFinishNothingIsLeft() {
        const fs::path folder = path("empty");
        fs::create_directories(folder);
        {
            VideoWriter writer(folder / "a.mp4", {.width = 64, .height = 64});
            writer.write(picture(64, 64, 0), 0);
        }
        QVERIFY(fs::is_empty(folder));
    }

    void wrongUse() {
        QVERIFY_THROWS_EXCEPTION(Error, VideoWriter(path("x.mp4"), {.width = 0, .height = 10}));
        VideoWriter writer(path("y.mp4"), {.width = 64, .height = 64});
        writer.write(picture(64, 64, 0), 1);
        QVERIFY_THROWS_EXCEPTION(Error, writer.write(picture(64, 64, 0), 1));
        QVERIFY_THROWS_EXCEPTION(Error, writer.write(picture(32, 64, 0), 2));
    }

    void folderThatCannotBeWritten() {
        try {
            VideoWriter writer("/proc/nowhere/a.mp4", {.width = 64, .height = 64});
            QFAIL("no error");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::Output);
            QVERIFY(!error.remedy().empty());
        }
    }

    void fullDisk() {
        // Every write to this device fails as on a full disk; the name is only reachable through a link.
        if (!fs::exists("/dev/full")) {
            QSKIP("This system has no /dev/full.");
        }
        try {
            writeImage("/dev/full/a.png", picture(16, 16, 0));
            QFAIL("no error");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::Output);
        }
    }

    void soundFollowsTheRange_data() {
        QTest::addColumn<QString>("coding");
        QTest::addColumn<QString>("name");
        QTest::newRow("copied aac") << "-c:v libx264 -g 10 -bf 2 -c:a aac"
                                    << "aac.mp4";
        QTest::newRow("copied mp3") << "-c:v libx264 -c:a libmp3lame"
                                    << "mp3.mkv";
        QTest::newRow("pcm coded anew") << "-c:v mjpeg -c:a pcm_s16le"
                                        << "pcm.mov";
        QTest::newRow("opus coded anew") << "-c:v libvpx -b:v 300k -c:a libopus"
                                         << "opus.webm";
        QTest::newRow("clock starts late") << "-c:v libx264 -c:a aac -output_ts_offset 7"
                                           << "late.ts";
    }
    void soundFollowsTheRange() {
        BODY4D_NEEDS_FFMPEG();
        QFETCH(QString, coding);
        QFETCH(QString, name);
        const fs::path source = path(name.toUtf8().constData());
        // Silence, and a tone from 2.0 s on.
        QVERIFY(make(QStringLiteral("-f lavfi -i testsrc2=s=64x64:r=25:d=4 -f lavfi -i "
                                    "aevalsrc=exprs=0.6*sin(2*PI*880*t)*gte(t\\,2):s=44100:d=4 -shortest ") +
                         coding,
                     source));
        for (const double start : {0.0, 1.52}) {
            const fs::path file = path("sound.mp4");
            VideoWriter writer(file, {.width = 64,
                                      .height = 64,
                                      .fps = 25,
                                      .soundFrom = source,
                                      .soundStartSeconds = start,
                                      .soundEndSeconds = start + 1.6 + (start > 0 ? 0 : 1)});
            const int frames = start > 0 ? 40 : 65;
            for (int i = 0; i < frames; ++i) {
                writer.write(picture(64, 64, i), i / 25.0);
            }
            writer.finish();
            QVERIFY(VideoReader::open(file)->info().hasAudio);
            const double heard = onset(file);
            const double expected = 2.0 - start;
            // Coders blur an onset by some milliseconds.
            if (std::abs(heard - expected) > 0.012) {
                QFAIL(qPrintable(QStringLiteral("from %1 s: heard at %2, expected at %3")
                                     .arg(start)
                                     .arg(heard)
                                     .arg(expected)));
            }
        }
    }

    void silentSourceIsNoError() {
        BODY4D_NEEDS_FFMPEG();
        QVERIFY(make(QStringLiteral("-f lavfi -i testsrc2=s=64x64:r=25:d=1"), path("silent.mp4")));
        VideoWriter writer(path("still-silent.mp4"),
                           {.width = 64, .height = 64, .fps = 25, .soundFrom = path("silent.mp4")});
        writer.write(picture(64, 64, 0), 0);
        writer.finish();
        QVERIFY(!VideoReader::open(path("still-silent.mp4"))->info().hasAudio);
    }
};

QTEST_GUILESS_MAIN(VideoWriterTest)
#include "test_video_writer.moc"
