#include "media_factory.h"

#include "base/error.h"
#include "base/log.h"
#include "video/video_reader.h"
#include "video/video_writer.h"

#include <QTemporaryDir>
#include <QtTest>

#include <fstream>
#include <mutex>
#include <random>

using namespace body4d;
using namespace body4d::test;
namespace fs = std::filesystem;

/// Geometry, odd time lines, image folders, and everything that is not a video or only a part of one.
class VideoInputsTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir folder_;
    fs::path path(const std::string& name) const { return fs::path(folder_.path().toStdString()) / name; }

    static void write(const fs::path& file, const std::string& bytes) {
        std::ofstream(file, std::ios::binary) << bytes;
    }
    static std::string bytesOf(const fs::path& file) {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void sameFrames(const fs::path& file, const QByteArray& expected, int tolerance = 2) {
        const auto reader = VideoReader::open(file);
        const VideoInfo& info = reader->info();
        const qsizetype bytes = qsizetype{3} * info.width * info.height;
        QVERIFY(bytes > 0 && !expected.isEmpty());
        QCOMPARE(info.frameCount, expected.size() / bytes);
        for (std::int64_t i = 0; i < info.frameCount; ++i) {
            QVERIFY(difference(*reader->read(i), expected.constData() + i * bytes).largest <= tolerance);
        }
        for (std::int64_t i = info.frameCount - 1; i >= 0; i -= 3) {
            QVERIFY(difference(*reader->read(i), expected.constData() + i * bytes).largest <= tolerance);
        }
    }

    struct Warnings {
        std::mutex mutex;
        std::vector<std::string> lines;
        Warnings() {
            setLogSink([this](LogLevel level, const std::string& line) {
                const std::scoped_lock lock(mutex);
                if (level == LogLevel::Warning) {
                    lines.push_back(line);
                }
            });
        }
        ~Warnings() { setLogSink({}); }
    };

    /// One sentence, a remedy, the right code.
    static void expectInputError(const fs::path& file, const char* words) {
        try {
            (void)VideoReader::open(file);
            QFAIL("no error");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::Input);
            QVERIFY2(std::string(error.what()).find(words) != std::string::npos, error.what());
            QVERIFY(std::string(error.what()).ends_with('.'));
            QVERIFY(!error.remedy().empty());
        }
    }

private Q_SLOTS:
    void initTestCase() { BODY4D_NEEDS_FFMPEG(); }

    void rotationIsApplied_data() {
        QTest::addColumn<int>("tag");
        QTest::addColumn<int>("width");
        for (const int tag : {0, 90, 180, 270}) {
            QTest::addRow("%d", tag) << tag << (tag % 180 == 0 ? 192 : 128);
        }
    }
    void rotationIsApplied() {
        QFETCH(int, tag);
        QFETCH(int, width);
        QVERIFY(make(QStringLiteral("-f lavfi -i testsrc2=s=192x128:r=25:d=1 -c:v libx264 -bf 2"),
                     path("flat.mp4")));
        const fs::path file = path("turned.mp4");
        QVERIFY(make(QStringLiteral("-i %1 -c copy -metadata:s:v:0 rotate=%2")
                         .arg(QString::fromStdString(path("flat.mp4").string()))
                         .arg(tag),
                     file));
        const auto reader = VideoReader::open(file);
        QCOMPARE(reader->info().width, width);
        // Versions of the ffmpeg program read this option as clockwise or not; the frames below decide.
        QVERIFY(reader->info().rotationDegrees == tag || reader->info().rotationDegrees == 360 - tag);
        sameFrames(file, truth(file)); // the ffmpeg program turns by itself
    }

    void exifOrientations() {
        // An asymmetric picture, stored so that each EXIF value makes it upright again.
        Image upright(32, 16);
        for (int y = 0; y < 16; ++y) {
            for (int x = 0; x < 32; ++x) {
                upright.row(y)[3 * x] = static_cast<std::uint8_t>(8 * x);
                upright.row(y)[3 * x + 1] = static_cast<std::uint8_t>(16 * y);
                upright.row(y)[3 * x + 2] = 128;
            }
        }
        const char* const stored[] = {"null",        "hflip",       "hflip,vflip", "vflip",
                                      "transpose=0", "transpose=2", "transpose=3", "transpose=1"};
        writeImage(path("upright.png"), upright);
        for (int value = 1; value <= 8; ++value) {
            QVERIFY(make(
                QStringLiteral("-i %1 -vf %2 -q:v 1 -pix_fmt yuvj444p")
                    .arg(QString::fromStdString(path("upright.png").string()), QString(stored[value - 1])),
                path("plain.jpg")));
            std::string jpeg = bytesOf(path("plain.jpg"));
            const std::string exif = std::string("\xFF\xE1\x00\x22"
                                                 "Exif\0\0"
                                                 "MM\0\x2A\0\0\0\x08"
                                                 "\0\x01"
                                                 "\x01\x12\0\x03\0\0\0\x01",
                                                 28) +
                                     std::string(1, '\0') + std::string(1, static_cast<char>(value)) +
                                     std::string(4, '\0');
            jpeg.insert(2, exif);
            write(path("exif.jpg"), jpeg);
            const Image image = readImage(path("exif.jpg"));
            QCOMPARE(image.width, 32);
            QVERIFY2(difference(image, reinterpret_cast<const char*>(upright.rgb.data())).psnr > 30,
                     qPrintable(QString::number(value)));
            QCOMPARE(VideoReader::open(path("exif.jpg"))->info().width, 32);
        }
    }

    void sampleAspectIsApplied() {
        QVERIFY(make(QStringLiteral("-f lavfi -i testsrc2=s=144x128:r=25:d=1 -vf setsar=4/3 -c:v libx264"),
                     path("wide.mp4")));
        const auto wide = VideoReader::open(path("wide.mp4"));
        QCOMPARE(wide->info().width, 192);
        QCOMPARE(wide->info().height, 128);
        sameFrames(path("wide.mp4"),
                   truth(path("wide.mp4"), {}, QStringLiteral("scale=192:128:flags=bicubic")), 4);
        QVERIFY(make(QStringLiteral("-f lavfi -i testsrc2=s=192x96:r=25:d=1 -vf setsar=3/4 -c:v libx264"),
                     path("tall.mp4")));
        QCOMPARE(VideoReader::open(path("tall.mp4"))->info().height, 128);
        QCOMPARE(VideoReader::open(path("tall.mp4"))->info().width, 192);
    }

    void alphaLiesOverBlack_data() {
        QTest::addColumn<QString>("options");
        QTest::addColumn<QString>("name");
        QTest::newRow("ProRes 4444") << "-c:v prores_ks -pix_fmt yuva444p10le"
                                     << "a.mov";
        QTest::newRow("QuickTime animation") << "-c:v qtrle -pix_fmt argb"
                                             << "q.mov";
        QTest::newRow("VP9 in WebM") << "-c:v libvpx-vp9 -lossless 1 -pix_fmt yuva420p"
                                     << "a.webm";
    }
    void alphaLiesOverBlack() {
        QFETCH(QString, options);
        QFETCH(QString, name);
        const fs::path file = path(name.toStdString());
        if (!make(QStringLiteral("-f lavfi -i color=c=0xF08040:s=64x64:r=5:d=1 -vf "
                                 "format=rgba,geq=r=240:g=128:b=64:a=if(lt(X\\,32)\\,128\\,255) ") +
                      options,
                  file)) {
            QSKIP("This ffmpeg program lacks the encoder.");
        }
        const ImagePtr image = VideoReader::open(file)->read(2);
        const auto near = [&](int x, int r, int g, int b) {
            const std::uint8_t* p = image->row(30) + 3 * x;
            return std::abs(p[0] - r) <= 6 && std::abs(p[1] - g) <= 6 && std::abs(p[2] - b) <= 6;
        };
        QVERIFY(near(10, 120, 64, 32));
        QVERIFY(near(50, 240, 128, 64));
    }

    void editListHidesFrames() {
        QVERIFY(make(QStringLiteral("-f lavfi -i testsrc2=s=96x64:r=25:d=3 -c:v libx264 -g 25 -bf 3"),
                     path("whole.mp4")));
        // Copying from the middle of a group keeps its start in the file and hides it with an edit list.
        const fs::path file = path("edited.mp4");
        QVERIFY(make(
            QStringLiteral("-ss 0.6 -i %1 -c copy").arg(QString::fromStdString(path("whole.mp4").string())),
            file));
        sameFrames(file, truth(file));
        QCOMPARE(VideoReader::open(file)->info().frameTimes.front(), 0.0);
    }

    void clockThatStartsLateOrBelowZero() {
        for (const char* options :
             {"-output_ts_offset 100", "-output_ts_offset -3 -avoid_negative_ts disabled"}) {
            const fs::path file = path("offset.mkv");
            QVERIFY(make(QStringLiteral("-f lavfi -i testsrc2=s=96x64:r=25:d=2 -c:v libx264 -g 10 -bf 3 ") +
                             options,
                         file));
            const auto reader = VideoReader::open(file);
            QCOMPARE(reader->info().frameCount, 50);
            QCOMPARE(reader->info().frameTimes.front(), 0.0);
            QVERIFY(std::abs(reader->info().frameTimes[49] - 1.96) < 0.002);
            sameFrames(file, truth(file, QStringLiteral("-copyts")));
        }
    }

    void variableFrameRate() {
        const fs::path file = path("vfr.mp4");
        QVERIFY(make(
            QStringLiteral("-f lavfi -i testsrc2=s=96x64:r=30:d=3 -vf "
                           "select='not(mod(n\\,7))+not(mod(n\\,4))' -vsync vfr -c:v libx264 -g 12 -bf 2"),
            file));
        const auto reader = VideoReader::open(file);
        QVERIFY(reader->info().variableFrameRate);
        std::vector<double> expected;
        for (int n = 0; n < 90; ++n) {
            if (n % 7 == 0 || n % 4 == 0) {
                expected.push_back(n / 30.0);
            }
        }
        QCOMPARE(reader->info().frameTimes.size(), expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            QVERIFY(std::abs(reader->info().frameTimes[i] - expected[i]) < 1e-3);
        }
        sameFrames(file, truth(file));
    }

    void constantRatesAreSeenAsSuch() {
        QVERIFY(make(QStringLiteral("-f lavfi -i testsrc2=s=96x64:r=30000/1001:d=3 -c:v libx264 -bf 2"),
                     path("cfr.mkv")));
        const auto reader = VideoReader::open(path("cfr.mkv")); // whole milliseconds as ticks
        QVERIFY(!reader->info().variableFrameRate);
        QVERIFY(std::abs(reader->info().fps - 29.97) < 0.01);
        QVERIFY(std::abs(reader->info().durationSeconds - 3.0) < 0.05);
    }

    void imageFolderInNaturalOrder() {
        const fs::path folder = path("images");
        fs::create_directories(folder);
        const int numbers[] = {1, 2, 10, 9, 100};
        for (const int n : numbers) {
            Image image(20, 10);
            std::fill(image.rgb.begin(), image.rgb.end(), static_cast<std::uint8_t>(n));
            writeImage(folder / ("shot" + std::to_string(n) + ".png"), image);
        }
        write(folder / "notes.txt", "not an image");
        const auto reader = VideoReader::open(folder);
        QVERIFY(reader->info().isImageSequence);
        QCOMPARE(reader->info().frameCount, 5);
        const int sorted[] = {1, 2, 9, 10, 100};
        for (int i = 4; i >= 0; --i) {
            QCOMPARE(int{reader->read(i)->rgb[0]}, sorted[i]);
        }
        FrameSource source(folder, 1 << 20);
        QCOMPARE(int{source.frame(4)->rgb[0]}, 100);

        writeImage(folder / "shot200.png", Image(30, 10));
        const auto mixed = VideoReader::open(folder);
        QVERIFY_THROWS_EXCEPTION(Error, (void)mixed->read(5));
    }

    void singleImage() {
        writeImage(path("one.png"), Image(20, 10));
        const auto reader = VideoReader::open(path("one.png"));
        QVERIFY(reader->info().isImageSequence);
        QCOMPARE(reader->info().frameCount, 1);
        QCOMPARE(reader->info().fps, 0.0);
        QVERIFY_THROWS_EXCEPTION(Error, (void)reader->read(1));
    }

    /// A per cent sign in a name is no pattern of image sequences.
    void namesThatLookLikePatterns() {
        const fs::path folder = path("take%d"), file = folder / "shot%03d.png";
        fs::create_directories(folder);
        QVERIFY(make(QStringLiteral("-f lavfi -i color=c=red:s=40x30 -frames:v 1"), path("red.png")));
        fs::copy_file(path("red.png"), file);
        fs::copy_file(path("red.png"), folder / "2.png");
        QCOMPARE(VideoReader::open(file)->read(0)->width, 40);
        QCOMPARE(readImage(file).height, 30);
        const auto reader = VideoReader::open(folder);
        QCOMPARE(reader->info().frameCount, 2);
        QVERIFY(reader->read(1)->rgb[0] > 240);
    }

    /// Recordings of broadcasts joined end to end: the clock jumps ahead or back, the pictures follow each other all the
    /// same, as ffmpeg shows them.
    void joinedRecordings_data() {
        QTest::addColumn<int>("first");
        QTest::addColumn<int>("second");
        QTest::newRow("the clock jumps ahead") << 5 << 100;
        QTest::newRow("the clock starts anew") << 100 << 5;
        QTest::newRow("the clock goes back a little") << 100 << 60;
        QTest::newRow("the same clock twice") << 5 << 5;
    }
    void joinedRecordings() {
        QFETCH(int, first);
        QFETCH(int, second);
        const QString clip = QStringLiteral("-f lavfi -i testsrc2=s=64x48:r=25:d=2%1 -c:v libx264 -bf 2 -g 10 -output_ts_offset %2");
        QVERIFY(make(clip.arg(QString()).arg(first), path("first.ts")));
        QVERIFY(make(clip.arg(QStringLiteral(",negate")).arg(second), path("second.ts")));
        const fs::path joined = path("joined.ts");
        {
            std::ofstream out(joined, std::ios::binary);
            out << std::ifstream(path("first.ts"), std::ios::binary).rdbuf() << std::ifstream(path("second.ts"), std::ios::binary).rdbuf();
        }
        const auto expected = truth(path("first.ts")) + truth(path("second.ts"));
        const auto reader = VideoReader::open(joined);
        const VideoInfo& info = reader->info();
        QCOMPARE(info.frameCount, 100);
        constexpr qsizetype kBytes = qsizetype{64} * 48 * 3;
        QCOMPARE(expected.size(), 100 * kBytes);
        for (const std::int64_t i : {0, 1, 25, 49, 50, 51, 75, 99, 98, 50, 5, 60, 49}) {
            const Difference d = difference(*reader->read(i), expected.constData() + i * kBytes);
            QVERIFY2(d.largest <= 2, qPrintable(QStringLiteral("frame %1: %2").arg(i).arg(d.largest)));
        }
        QVERIFY2(std::abs(info.durationSeconds - 4) < 0.3, qPrintable(QString::number(info.durationSeconds)));
        QVERIFY2(std::abs(info.fps - 25) < 1, qPrintable(QString::number(info.fps)));
    }

    /// The colours of stills are stated, too.
    void coloursOfImages() {
        const fs::path deep = path("deep.png");
        QVERIFY(make(QStringLiteral("-f lavfi -i testsrc2=s=64x48 -frames:v 1 -pix_fmt rgb48be"), deep));
        QCOMPARE(VideoReader::open(deep)->info().colour.bitDepth, 16);
        const fs::path jpeg = path("plain.jpg");
        QVERIFY(make(QStringLiteral("-f lavfi -i testsrc2=s=64x48 -frames:v 1"), jpeg));
        QCOMPARE(VideoReader::open(jpeg)->info().colour.bitDepth, 8);
        QVERIFY(VideoReader::open(jpeg)->info().colour.fullRange);
    }

    void namesWithColonsAndSpaces() {
        const fs::path file = path("a b: c'd.mp4");
        QVERIFY(
            make(QStringLiteral("-f lavfi -i testsrc2=s=96x64:r=25:d=1 -c:v libx264"), path("plain.mp4")));
        fs::copy_file(path("plain.mp4"), file);
        QCOMPARE(VideoReader::open(file)->info().frameCount, 25);
        const fs::path protocol = path("concat:x.mp4");
        fs::copy_file(path("plain.mp4"), protocol);
        QCOMPARE(VideoReader::open(protocol)->info().frameCount, 25);
    }

    void thingsThatAreNoVideos() {
        expectInputError(path("nowhere.mp4"), "There is no file");
        write(path("empty.mp4"), "");
        expectInputError(path("empty.mp4"), "is empty");
        write(path("text.mp4"), "Dear diary,\ntoday I filmed nothing.\n");
        expectInputError(path("text.mp4"), "is text");
        write(path("noise.mp4"), std::string(5000, '\x91'));
        expectInputError(path("noise.mp4"), "damaged or of a kind");
        QVERIFY(make(QStringLiteral("-f lavfi -i sine=d=1"), path("sound.m4a")));
        expectInputError(path("sound.m4a"), "sound but no picture");
        // Cover art is not a video.
        writeImage(path("cover.png"), Image(64, 64));
        QVERIFY(make(
            QStringLiteral("-i %1 -i %2 -map 0 -map 1 -c:a libmp3lame -c:v copy -disposition:v attached_pic")
                .arg(QString::fromStdString(path("sound.m4a").string()),
                     QString::fromStdString(path("cover.png").string())),
            path("song.mp3")));
        expectInputError(path("song.mp3"), "sound but no picture");
        fs::create_directories(path("no-images"));
        expectInputError(path("no-images"), "holds no images");
        write(path("zero.ppm"), "P6\n0 0\n255\n");
        expectInputError(path("zero.ppm"), "zero.ppm");
        std::string png = [&] {
            writeImage(path("z.png"), Image(8, 8));
            return bytesOf(path("z.png"));
        }();
        png.replace(16, 8, std::string(8, '\0')); // width and height 0
        write(path("zero.png"), png);
        expectInputError(path("zero.png"), "zero.png");
    }

    void truncatedFilesKeepTheirFrames_data() {
        QTest::addColumn<QString>("options");
        QTest::addColumn<QString>("name");
        QTest::newRow("mp4 with its index in front") << "-c:v libx264 -g 12 -bf 2 -movflags +faststart"
                                                     << "t.mp4";
        QTest::newRow("mkv") << "-c:v libx264 -g 12 -bf 2"
                             << "t.mkv";
        QTest::newRow("ts") << "-c:v libx264 -g 12 -bf 2"
                            << "t.ts";
        QTest::newRow("avi") << "-c:v mpeg4 -q:v 3"
                             << "t.avi";
        QTest::newRow("webm") << "-c:v libvpx -b:v 1M"
                              << "t.webm";
        QTest::newRow("hevc") << "-c:v libx265 -x265-params log-level=none:keyint=12 -movflags +faststart"
                              << "h.mp4";
    }
    void truncatedFilesKeepTheirFrames() {
        QFETCH(QString, options);
        QFETCH(QString, name);
        const fs::path file = path("whole-" + name.toStdString()), cut = path("cut-" + name.toStdString());
        if (!make(QStringLiteral("-f lavfi -i testsrc2=s=192x128:r=25:d=3 ") + options, file)) {
            QSKIP("This ffmpeg program lacks the encoder.");
        }
        const QByteArray all = truth(file);
        const std::string bytes = bytesOf(file);
        const qsizetype size = 192 * 128 * 3;
        for (const double share : {0.9, 0.55, 0.3}) {
            write(cut, bytes.substr(0, static_cast<std::size_t>(static_cast<double>(bytes.size()) * share)));
            Warnings warnings;
            const auto reader = VideoReader::open(cut);
            const std::int64_t count = reader->info().frameCount;
            QVERIFY2(count > 75 * share * 0.5 && count < 75, qPrintable(QString::number(count)));
            std::int64_t same = 0;
            for (std::int64_t i = 0; i < count; ++i) {
                same += difference(*reader->read(i), all.constData() + i * size).largest <= 2 ? 1 : 0;
            }
            QVERIFY2(same >= count - 4, qPrintable(QStringLiteral("%1 of %2").arg(same).arg(count)));
            if (!name.endsWith(u".ts") && !name.endsWith(u".webm")) { // these do not say how long they were
                QVERIFY(!warnings.lines.empty());
            }
        }
    }

    void mp4WithoutItsIndex() {
        const fs::path file = path("plain2.mp4");
        QVERIFY(make(QStringLiteral("-f lavfi -i testsrc2=s=96x64:r=25:d=2 -c:v libx264"), file));
        const std::string bytes = bytesOf(file);
        write(path("nomoov.mp4"), bytes.substr(0, bytes.size() * 2 / 3));
        expectInputError(path("nomoov.mp4"), "cut off");
    }

    void everyFrameOfADamagedFileIsAnswered() {
        const fs::path file = path("hole.mp4");
        QVERIFY(
            make(QStringLiteral("-f lavfi -i testsrc2=s=192x128:r=25:d=3 -c:v libx264 -g 12 -bf 2"), file));
        std::string bytes = bytesOf(file);
        const std::size_t at = bytes.find("mdat");
        QVERIFY(at != std::string::npos);
        std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at + (bytes.size() - at) / 3), 9000, '\0');
        write(file, bytes);
        Warnings warnings;
        const auto reader = VideoReader::open(file);
        QCOMPARE(reader->info().frameCount, 75);
        for (std::int64_t i = 0; i < 75; ++i) {
            QVERIFY(reader->read(i) != nullptr);
        }
        for (std::int64_t i = 74; i >= 0; --i) {
            QVERIFY(reader->read(i) != nullptr);
        }
    }

    /// Flipped bytes anywhere may cost frames or the whole file, but never more than that.
    void damagedBytesNeverCrash_data() {
        QTest::addColumn<QString>("options");
        QTest::addColumn<QString>("name");
        const QString source = QStringLiteral("-f lavfi -i testsrc2=s=96x64:r=25:d=1 ");
        QTest::newRow("mp4") << source + "-c:v libx264 -bf 2 -g 10"
                             << "f.mp4";
        QTest::newRow("mkv hevc") << source + "-c:v libx265 -x265-params log-level=none"
                                  << "f.mkv";
        QTest::newRow("avi") << source + "-c:v mpeg4 -bf 2"
                             << "f.avi";
        QTest::newRow("ts") << source + "-c:v mpeg2video"
                            << "f.ts";
        QTest::newRow("webm") << source + "-c:v libvpx-vp9"
                              << "f.webm";
        QTest::newRow("gif") << source << "f.gif";
        QTest::newRow("png") << source + "-frames:v 1"
                             << "f.png";
        QTest::newRow("jpeg") << source + "-frames:v 1"
                              << "f.jpg";
    }
    void damagedBytesNeverCrash() {
        QFETCH(QString, options);
        QFETCH(QString, name);
        const fs::path file = path(name.toStdString());
        if (!make(options, file)) {
            QSKIP("This ffmpeg program lacks the encoder.");
        }
        const std::string bytes = bytesOf(file);
        std::mt19937 random(42);
        Warnings silent;
        int opened = 0;
        // The long form of the tests asks for more.
        const int rounds = std::max(25, qEnvironmentVariableIntValue("BODY4D_FUZZ_ROUNDS"));
        for (int round = 0; round < rounds; ++round) {
            std::string broken = bytes;
            const int flips = 1 << (round % 7);
            for (int i = 0; i < flips; ++i) {
                // Every third round aims at the headers.
                const std::size_t range =
                    round % 3 == 0 ? std::min<std::size_t>(broken.size(), 600) : broken.size();
                broken[random() % range] = static_cast<char>(random());
            }
            const fs::path target = path("broken-" + name.toStdString());
            write(target, broken);
            try {
                const auto reader = VideoReader::open(target);
                const std::int64_t count = std::min<std::int64_t>(reader->info().frameCount, 60);
                ++opened;
                for (std::int64_t i = 0; i < count; ++i) {
                    (void)reader->read(i);
                }
                for (int i = 0; i < 5; ++i) {
                    (void)reader->read(
                        static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(count)));
                }
            } catch (const Error& error) {
                QCOMPARE(error.code(), ErrorCode::Input);
            }
        }
        QVERIFY(opened > 0);
    }
};

QTEST_GUILESS_MAIN(VideoInputsTest)
#include "test_video_inputs.moc"
