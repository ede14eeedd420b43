#include "media_factory.h"

#include "video/video_reader.h"

#include <QTemporaryDir>
#include <QtTest>

#include <random>

using namespace body4d;
using namespace body4d::test;
namespace fs = std::filesystem;

namespace {

/// Smooth random texture without period, so that every place of it is unlike the others.
Image texture(int width, int height, unsigned seed) {
    std::mt19937 random(seed);
    Image small(width / 10 + 2, height / 10 + 2), image(width, height);
    for (auto& value : small.rgb) {
        value = static_cast<std::uint8_t>(40 + random() % 160);
    }
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const int u = x / 10, v = y / 10;
            const double a = x % 10 / 10.0, b = y % 10 / 10.0;
            for (int k = 0; k < 3; ++k) {
                const double top = small.row(v)[3 * u + k] * (1 - a) + small.row(v)[3 * u + 3 + k] * a;
                const double bottom =
                    small.row(v + 1)[3 * u + k] * (1 - a) + small.row(v + 1)[3 * u + 3 + k] * a;
                image.row(y)[3 * x + k] = static_cast<std::uint8_t>(top * (1 - b) + bottom * b);
            }
        }
    }
    return image;
}

Image crop(const Image& image, int x0, int y0, int width, int height) {
    Image result(width, height);
    for (int y = 0; y < height; ++y) {
        std::copy_n(image.row(y0 + y) + 3 * x0, 3 * width, result.row(y));
    }
    return result;
}

Image exposed(Image image, double gain, int offset) {
    for (auto& value : image.rgb) {
        value = static_cast<std::uint8_t>(std::clamp(value * gain + offset, 0.0, 255.0));
    }
    return image;
}

std::vector<std::int64_t> cutsOf(const fs::path& file) {
    const auto reader = VideoReader::open(file);
    SceneCutDetector detector;
    std::vector<std::int64_t> cuts;
    for (std::int64_t i = 0; i < reader->info().frameCount; ++i) {
        if (detector.push(*reader->read(i))) {
            cuts.push_back(i);
        }
    }
    return cuts;
}

} // namespace

class SceneCutTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir folder_;
    fs::path path(const char* name) const { return fs::path(folder_.path().toStdString()) / name; }
    static fs::path shared(const char* name) { return fs::path(BODY4D_SHARED_DATA) / "videos" / name; }

private Q_SLOTS:
    void aPanAndAZoomAreNoCuts() {
        const Image world = texture(1600, 900, 3);
        SceneCutDetector detector;
        for (int i = 0; i < 24; ++i) {
            // 40 of 640 pixels a frame: a fast pan.
            QVERIFY(!detector.push(crop(world, 40 * i, 10 * i, 640, 360)));
        }
        for (int i = 0; i < 20; ++i) {
            const int width = 1200 - 40 * i;
            QVERIFY(!detector.push(
                        resized(crop(world, (1600 - width) / 2, 100, width, width * 9 / 16), 640, 360)) ||
                    i == 0);
        }
    }

    void flashesAreNoCuts() {
        const Image world = texture(640, 360, 5);
        SceneCutDetector detector;
        for (int i = 0; i < 40; ++i) {
            Image frame = world;
            if (i == 10) {
                frame = exposed(world, 1.6, 40);
            } else if (i == 20 || i == 21) {
                frame = exposed(world, 0, 255); // all white
            } else if (i == 30) {
                frame = exposed(world, 0.3, 0);
            }
            QVERIFY(!detector.push(frame));
        }
    }

    void noiseIsNoCut() {
        std::mt19937 random(1);
        SceneCutDetector detector;
        for (int i = 0; i < 12; ++i) {
            Image frame(320, 180);
            for (auto& value : frame.rgb) {
                value = static_cast<std::uint8_t>(random());
            }
            const bool cut = detector.push(frame);
            QVERIFY(!cut || i < 4); // until it is known that this is what the shot looks like
        }
    }

    void startFromBlackIsNoCutAndACutOverBlackIsOne() {
        SceneCutDetector detector;
        const Image black(320, 180), one = texture(320, 180, 1), two = exposed(texture(320, 180, 2), 0.6, 0);
        for (int i = 0; i < 3; ++i) {
            QVERIFY(!detector.push(black));
        }
        for (int i = 0; i < 10; ++i) {
            QVERIFY(!detector.push(one));
        }
        QVERIFY(!detector.push(black));
        QVERIFY(detector.push(two));
        QVERIFY(!detector.push(two));
    }

    void aCutInGreyIsFound() {
        SceneCutDetector detector;
        const auto grey = [](Image image) {
            for (std::size_t i = 0; i < image.rgb.size(); i += 3) {
                image.rgb[i] = image.rgb[i + 2] = image.rgb[i + 1];
            }
            return image;
        };
        for (int i = 0; i < 8; ++i) {
            QVERIFY(!detector.push(grey(texture(320, 180, 11))));
        }
        QVERIFY(detector.push(grey(texture(320, 180, 12))));
    }

    void realClipsHaveNone_data() {
        QTest::addColumn<QString>("clip");
        for (const char* clip : {"ball_juggle", "breakdance_crowd", "cloth_magic", "hide_and_seek",
                                 "robot_walk", "skateboarder"}) {
            QTest::newRow(clip) << QString(clip) + ".mp4";
        }
    }
    void realClipsHaveNone() {
        QFETCH(QString, clip);
        const fs::path file = shared(clip.toUtf8().constData());
        if (!fs::exists(file)) {
            QSKIP("The shared clips are not here; they lie beside the checkout in shared/data/videos.");
        }
        QCOMPARE(cutsOf(file), std::vector<std::int64_t>());
    }

    void joinedClipsHaveOne_data() {
        QTest::addColumn<QString>("first");
        QTest::addColumn<QString>("second");
        const QStringList clips = {"ball_juggle",   "breakdance_crowd", "cloth_magic",
                                   "hide_and_seek", "robot_walk",       "skateboarder"};
        for (int i = 0; i < clips.size(); ++i) {
            const QString& next = clips[(i + 1) % clips.size()];
            QTest::newRow(qPrintable(clips[i] + " to " + next)) << clips[i] << next;
        }
        QTest::newRow("two of like colours") << "hide_and_seek"
                                             << "breakdance_crowd";
        QTest::newRow("two of like colours, back") << "skateboarder"
                                                   << "breakdance_crowd";
    }
    void joinedClipsHaveOne() {
        BODY4D_NEEDS_FFMPEG();
        QFETCH(QString, first);
        QFETCH(QString, second);
        const fs::path a = shared((first + ".mp4").toUtf8().constData()),
                       b = shared((second + ".mp4").toUtf8().constData());
        if (!fs::exists(a) || !fs::exists(b)) {
            QSKIP("The shared clips are not here; they lie beside the checkout in shared/data/videos.");
        }
        const fs::path file = path("joined.mp4");
        QVERIFY(make(
            QStringLiteral("-i %1 -i %2 -filter_complex "
                           "[0:v]trim=start_frame=10:end_frame=40,scale=640:360,setsar=1,setpts=N/25/TB[a];"
                           "[1:v]trim=start_frame=20:end_frame=50,scale=640:360,setsar=1,setpts=N/25/"
                           "TB[b];[a][b]concat=n=2:v=1 "
                           "-r 25 -c:v libx264 -preset veryfast -an")
                .arg(QString::fromStdString(a.string()), QString::fromStdString(b.string())),
            file));
        QCOMPARE(cutsOf(file), std::vector<std::int64_t>{30});
    }
};

QTEST_GUILESS_MAIN(SceneCutTest)
#include "test_scene_cut.moc"
