#include "media_factory.h"

#include "base/error.h"
#include "base/log.h"
#include "video/video_reader.h"

#include <QTemporaryDir>
#include <QtTest>

#include <cmath>
#include <fstream>
#include <random>

using namespace body4d;
using namespace body4d::test;
namespace fs = std::filesystem;

/// Frames of every kind of file against the ffmpeg program, in order and after jumps.
class VideoReaderTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir folder_;
    fs::path path(const char* name) const { return fs::path(folder_.path().toStdString()) / name; }

    /// All frames in order, then jumps: every one must be the frame that ffmpeg shows.
    void compare(const fs::path& file, const QByteArray& expected, int tolerance, double psnr) {
        QVERIFY(!expected.isEmpty());
        const auto reader = VideoReader::open(file);
        const VideoInfo& info = reader->info();
        const qsizetype bytes = qsizetype{3} * info.width * info.height;
        QCOMPARE(expected.size() % bytes, 0);
        QCOMPARE(info.frameCount, expected.size() / bytes);
        QCOMPARE(static_cast<std::int64_t>(info.frameTimes.size()), info.frameCount);
        QCOMPARE(info.frameTimes.front(), 0.0);
        for (std::size_t i = 1; i < info.frameTimes.size(); ++i) {
            QVERIFY(info.frameTimes[i] > info.frameTimes[i - 1]);
        }
        std::vector<std::int64_t> order;
        for (std::int64_t i = 0; i < info.frameCount; ++i) {
            order.push_back(i);
        }
        std::mt19937 random(7);
        for (int i = 0; i < 40; ++i) {
            order.push_back(static_cast<std::int64_t>(random() % static_cast<unsigned>(info.frameCount)));
        }
        for (std::int64_t i = info.frameCount - 1; i >= 0; --i) {
            order.push_back(i);
        }
        for (const std::int64_t index : order) {
            const ImagePtr image = reader->read(index);
            QCOMPARE(image->width, info.width);
            const Difference found = difference(*image, expected.constData() + index * bytes);
            if (found.largest > tolerance || found.psnr < psnr) {
                QFAIL(qPrintable(QStringLiteral("%1 frame %2: largest difference %3, PSNR %4")
                                     .arg(QString::fromStdString(file.filename().string()))
                                     .arg(index)
                                     .arg(found.largest)
                                     .arg(found.psnr)));
            }
        }
        // A fresh reader without kept frames, jumping only.
        VideoReader::Options options;
        options.keepBytes = 0;
        options.threads = 2;
        const auto jumping = VideoReader::open(file, options);
        for (int i = 0; i < 25; ++i) {
            const auto index = static_cast<std::int64_t>(random() % static_cast<unsigned>(info.frameCount));
            QVERIFY(difference(*jumping->read(index), expected.constData() + index * bytes).largest <=
                    tolerance);
        }
    }

private Q_SLOTS:
    void initTestCase() { BODY4D_NEEDS_FFMPEG(); }

    void framesEqualFfmpegs_data() {
        QTest::addColumn<QString>("options");
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("tolerance");
        const QString source = QStringLiteral("-f lavfi -i testsrc2=s=%1:r=25:d=2 ");
        const QString small = source.arg(QStringLiteral("192x128"));
        QTest::newRow("h264 with B-frames") << small + "-c:v libx264 -g 12 -bf 3"
                                            << "b.mp4" << 2;
        QTest::newRow("h264 open GOP, pyramid")
            << small + "-c:v libx264 -g 10 -bf 3 -x264-params open-gop=1:b-pyramid=2:scenecut=0"
            << "open.mp4" << 2;
        QTest::newRow("h264 open GOP in TS")
            << small + "-c:v libx264 -g 10 -bf 3 -x264-params open-gop=1:scenecut=0"
            << "open.ts" << 2;
        QTest::newRow("h264 single key picture") << small + "-c:v libx264 -g 500 -bf 2"
                                                 << "one.mkv" << 2;
        QTest::newRow("h264 intra refresh")
            << small + "-c:v libx264 -g 20 -x264-params intra-refresh=1:bframes=0"
            << "refresh.mp4" << 2;
        QTest::newRow("raw h264") << small + "-c:v libx264 -bf 2 -g 12"
                                  << "raw.h264" << 2;
        QTest::newRow("hevc open GOP")
            << small + "-c:v libx265 -x265-params log-level=none:keyint=12:open-gop=1"
            << "o.mp4" << 2;
        QTest::newRow("mpeg4 in AVI with B-frames") << small + "-c:v mpeg4 -q:v 3 -bf 2 -g 12"
                                                    << "b.avi" << 2;
        QTest::newRow("h264 in AVI with B-frames") << small + "-c:v libx264 -g 12 -bf 3"
                                                   << "x.avi" << 2;
        QTest::newRow("h264 in AVI") << small + "-c:v libx264 -g 12 -bf 0"
                                     << "y.avi" << 2;
        QTest::newRow("mpeg4 in AVI") << small + "-c:v mpeg4 -q:v 3 -g 12"
                                      << "p.avi" << 2;
        QTest::newRow("mpeg2 program stream") << small + "-c:v mpeg2video -q:v 3 -bf 2 -g 12"
                                              << "p.mpg" << 2;
        QTest::newRow("mpeg1") << small + "-c:v mpeg1video -q:v 3 -bf 2 -g 12"
                               << "one.mpg" << 2;
        QTest::newRow("vp8") << small + "-c:v libvpx -auto-alt-ref 1 -lag-in-frames 10 -b:v 1M"
                             << "v8.webm" << 2;
        QTest::newRow("vp9") << small + "-c:v libvpx-vp9 -auto-alt-ref 1 -lag-in-frames 10 -b:v 1M"
                             << "v9.webm" << 2;
        QTest::newRow("mjpeg full range") << small + "-c:v mjpeg -q:v 3"
                                          << "m.mov" << 2;
        QTest::newRow("prores 4:2:2 10 bit") << small + "-c:v prores_ks -pix_fmt yuv422p10le"
                                             << "p.mov" << 2;
        QTest::newRow("h264 10 bit") << small + "-c:v libx264 -pix_fmt yuv420p10le"
                                     << "ten.mp4" << 2;
        QTest::newRow("hevc 12 bit 4:4:4")
            << small + "-c:v libx265 -x265-params log-level=none -pix_fmt yuv444p12le"
            << "twelve.mp4" << 2;
        QTest::newRow("h264 4:4:4") << small + "-c:v libx264 -pix_fmt yuv444p"
                                    << "444.mp4" << 2;
        QTest::newRow("h264 4:2:2") << small + "-c:v libx264 -pix_fmt yuv422p"
                                    << "422.mp4" << 2;
        QTest::newRow("h264 RGB") << small + "-c:v libx264rgb -pix_fmt rgb24"
                                  << "rgb.mkv" << 2;
        QTest::newRow("ffv1 grey") << small + "-c:v ffv1 -pix_fmt gray"
                                   << "grey.mkv" << 2;
        QTest::newRow("ffv1 grey 16 bit") << small + "-c:v ffv1 -pix_fmt gray16le"
                                          << "grey16.mkv" << 2;
        QTest::newRow("gif") << source.arg(QStringLiteral("96x64")) + "-r 10"
                             << "a.gif" << 2;
        QTest::newRow("apng") << source.arg(QStringLiteral("96x64")) + "-r 10 -f apng"
                              << "a.png" << 2;
        QTest::newRow("odd size") << small + "-vf crop=175:117 -c:v libx264 -pix_fmt yuv444p"
                                  << "odd.mp4" << 2;
        QTest::newRow("odd size, half chroma") << small + "-vf crop=175:117 -c:v ffv1 -pix_fmt yuv420p"
                                               << "odd.mkv" << 6;
        QTest::newRow("854 wide") << source.arg(QStringLiteral("854x48")) + "-c:v libx264"
                                  << "854.mp4" << 2;
        QTest::newRow("tiny") << source.arg(QStringLiteral("16x16")) + "-c:v libx264"
                              << "tiny.mp4" << 2;
    }
    void framesEqualFfmpegs() {
        QFETCH(QString, options);
        QFETCH(QString, name);
        QFETCH(int, tolerance);
        const fs::path file = path(name.toUtf8().constData());
        if (!make(options, file)) {
            QSKIP("This ffmpeg program lacks the encoder.");
        }
        compare(file, truth(file), tolerance, 42);
    }

    void everyMatrixAndRange_data() {
        QTest::addColumn<QString>("matrix");
        QTest::addColumn<QString>("range");
        QTest::addColumn<QString>("format");
        for (const char* format : {"yuv420p", "yuv444p10le"}) {
            for (const char* matrix : {"bt709", "smpte170m", "bt2020nc"}) {
                for (const char* range : {"tv", "pc"}) {
                    QTest::addRow("%s %s %s", format, matrix, range)
                        << QString(matrix) << QString(range) << QString(format);
                }
            }
        }
    }
    /// Coded from known RGB with known tags: the decoded colours have to be that RGB again.
    void everyMatrixAndRange() {
        QFETCH(QString, matrix);
        QFETCH(QString, range);
        QFETCH(QString, format);
        const fs::path file = path("colour.mkv");
        const QString name = matrix == QStringLiteral("smpte170m")  ? QStringLiteral("bt601")
                             : matrix == QStringLiteral("bt2020nc") ? QStringLiteral("bt2020")
                                                                    : matrix;
        QVERIFY(make(QStringLiteral("-f lavfi -i color=c=0xD04020:s=64x64:r=5:d=1,format=rgb24 -vf "
                                    "scale=out_color_matrix=%1:out_range=%2:flags=accurate_rnd+full_chroma_"
                                    "int,format=%3 -c:v ffv1 "
                                    "-colorspace %4 -color_range %2")
                         .arg(name, range, format, matrix),
                     file));
        const ImagePtr image = VideoReader::open(file)->read(2);
        for (std::size_t i = 0; i < image->rgb.size(); i += 3) {
            QVERIFY(std::abs(image->rgb[i] - 0xD0) <= 3);
            QVERIFY(std::abs(image->rgb[i + 1] - 0x40) <= 3);
            QVERIFY(std::abs(image->rgb[i + 2] - 0x20) <= 3);
        }
    }

    void hdrIsBroughtToANormalScreen_data() {
        QTest::addColumn<QString>("transfer");
        QTest::addColumn<int>("signal");
        QTest::addColumn<int>("low");
        QTest::addColumn<int>("high");
        // Grey levels of the signal in 10 bits (limited range, 64 to 940) against light relative to diffuse
        // white.
        QTest::newRow("HLG diffuse white, 75 %") << "arib-std-b67" << 721 << 225 << 250;
        QTest::newRow("HLG 50 %: 51 cd/m2") << "arib-std-b67" << 502 << 130 << 142;
        QTest::newRow("HLG peak") << "arib-std-b67" << 940 << 252 << 255;
        QTest::newRow("PQ diffuse white, 58 %") << "smpte2084" << 573 << 225 << 250;
        QTest::newRow("PQ 10 cd/m2, 30 %") << "smpte2084" << 327 << 60 << 68;
        QTest::newRow("black") << "smpte2084" << 64 << 0 << 2;
    }
    void hdrIsBroughtToANormalScreen() {
        QFETCH(QString, transfer);
        QFETCH(int, signal);
        QFETCH(int, low);
        QFETCH(int, high);
        const fs::path file = path("hdr.mkv");
        QVERIFY(
            make(QStringLiteral(
                     "-f lavfi -i color=c=black:s=64x64:r=5:d=1,format=yuv420p10le,geq=lum=%1:cb=512:cr=512 "
                     "-c:v ffv1 -color_range tv -colorspace bt2020nc -color_primaries bt2020 -color_trc %2")
                     .arg(signal)
                     .arg(transfer),
                 file));
        const ImagePtr image = VideoReader::open(file)->read(1);
        const std::uint8_t* pixel = image->row(32) + 96;
        QVERIFY2(pixel[0] >= low && pixel[0] <= high,
                 qPrintable(QStringLiteral("%1 %2 %3").arg(pixel[0]).arg(pixel[1]).arg(pixel[2])));
        QVERIFY2(
            std::abs(pixel[0] - pixel[1]) <= 2 && std::abs(pixel[0] - pixel[2]) <= 2,
            qPrintable(QStringLiteral("grey became %1 %2 %3").arg(pixel[0]).arg(pixel[1]).arg(pixel[2])));
    }

    void hdrKeepsColoursOfOtherPrimaries_data() {
        QTest::addColumn<QString>("primaries");
        QTest::addColumn<int>("red");
        QTest::addColumn<int>("green");
        // Light 0.5, 0.25, 0.25 of diffuse white in the file's primaries; in BT.709's by the matrices of colour science
        // (BT.2020: 0.665, 0.219; P3: 0.556, 0.240), shown with gamma 2.2.
        QTest::newRow("BT.709") << "bt709" << 186 << 136;
        QTest::newRow("Display P3") << "smpte432" << 195 << 133;
        QTest::newRow("BT.2020") << "bt2020" << 212 << 128;
    }
    void hdrKeepsColoursOfOtherPrimaries() {
        QFETCH(QString, primaries);
        QFETCH(int, red);
        QFETCH(int, green);
        const auto pq = [](double light) {
            const double y = std::pow(light * 203 / 10000, 2610.0 / 16384);
            return std::lround(1023 * std::pow((3424.0 / 4096 + 2413.0 / 128 * y) / (1 + 2392.0 / 128 * y), 2523.0 / 32));
        };
        const fs::path file = path("gamut.mkv");
        QVERIFY(make(QStringLiteral("-f lavfi -i color=c=black:s=64x64:r=5:d=1,format=gbrp10le,geq=r=%1:g=%2:b=%2 "
                                    "-c:v ffv1 -color_range pc -color_primaries %3 -color_trc smpte2084")
                         .arg(pq(0.5))
                         .arg(pq(0.25))
                         .arg(primaries),
                     file));
        const ImagePtr image = VideoReader::open(file)->read(1);
        const std::uint8_t* pixel = image->row(32) + 96;
        const QString found = QStringLiteral("%1 %2 %3").arg(pixel[0]).arg(pixel[1]).arg(pixel[2]);
        QVERIFY2(std::abs(pixel[0] - red) <= 3 && std::abs(pixel[1] - green) <= 3, qPrintable(found));
    }

    void realClips_data() {
        QTest::addColumn<QString>("clip");
        for (const char* clip : {"breakdance_crowd", "robot_walk", "skateboarder", "cloth_magic"}) {
            QTest::newRow(clip) << QString(clip) + ".mp4";
        }
    }
    /// Every seventh frame in order, then backwards, then with the hardware decoder asked for, if there is
    /// one.
    void realClips() {
        QFETCH(QString, clip);
        const fs::path file = fs::path(BODY4D_SHARED_DATA) / "videos" / clip.toStdString();
        if (!fs::exists(file)) {
            QSKIP("The shared clips are not here; they lie beside the checkout in shared/data/videos.");
        }
        VideoReader::Options hardware;
        hardware.hardware = true;
        const auto reader = VideoReader::open(file), other = VideoReader::open(file, hardware);
        const VideoInfo& info = reader->info();
        const QByteArray expected = truth(file, {}, QStringLiteral("select=not(mod(n\\,7))"));
        const qsizetype bytes = qsizetype{3} * info.width * info.height;
        QCOMPARE((info.frameCount + 6) / 7, expected.size() / bytes);
        for (std::int64_t i = 0; i < info.frameCount; i += 7) {
            QVERIFY(difference(*reader->read(i), expected.constData() + i / 7 * bytes).largest <= 2);
            // A card rounds colours in its own way.
            QVERIFY(difference(*other->read(i), expected.constData() + i / 7 * bytes).psnr > 35);
        }
        for (std::int64_t i = (info.frameCount - 1) / 7 * 7; i >= 0; i -= 7) {
            QVERIFY(difference(*reader->read(i), expected.constData() + i / 7 * bytes).largest <= 2);
        }
    }
};

QTEST_GUILESS_MAIN(VideoReaderTest)
#include "test_video_reader.moc"
