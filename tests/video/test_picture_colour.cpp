#include "media_factory.h"

#include "video/picture_colour.h"
#include "video/video_reader.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace body4d;
using namespace body4d::test;
namespace fs = std::filesystem;
using DynamicRange = PictureColour::DynamicRange;

Q_DECLARE_METATYPE(body4d::PictureColour::DynamicRange)

/// What is said of a video's colours, against clips whose tags are known.
class PictureColourTest : public QObject {
    Q_OBJECT

    QTemporaryDir folder_;
    [[nodiscard]] fs::path path(const char* name) const {
        return fs::path(folder_.path().toStdString()) / name;
    }
    static bool haveEncoder(const char* name) {
        return ffmpeg({QStringLiteral("-hide_banner"), QStringLiteral("-encoders")}).contains(name);
    }

private Q_SLOTS:
    void initTestCase() { BODY4D_NEEDS_FFMPEG(); }

    void tagsAreStated_data() {
        QTest::addColumn<QString>("encoder");
        QTest::addColumn<QString>("options");
        QTest::addColumn<QString>("file");
        QTest::addColumn<DynamicRange>("range");
        QTest::addColumn<QString>("transfer");
        QTest::addColumn<QString>("primaries");
        QTest::addColumn<QString>("matrix");
        QTest::addColumn<int>("bits");
        QTest::addColumn<bool>("full");
        QTest::addColumn<QString>("unusual");
        const QString wide = QStringLiteral("-colorspace bt2020nc -color_primaries bt2020 ");
        const QString plain = QStringLiteral("-colorspace bt709 -color_primaries bt709 -color_trc bt709 ");
        QTest::newRow("PQ of x265")
            << "libx265" << wide + "-color_trc smpte2084 -pix_fmt yuv420p10le -x265-params log-level=none"
            << "pq.mp4" << DynamicRange::Pq << "PQ"
            << "BT.2020"
            << "BT.2020" << 10 << false << "PQ, BT.2020, 10 bit";
        QTest::newRow("HLG of x264") << "libx264" << wide + "-color_trc arib-std-b67 -pix_fmt yuv420p10le"
                                     << "hlg.mov" << DynamicRange::Hlg << "HLG"
                                     << "BT.2020"
                                     << "BT.2020" << 10 << false << "HLG, BT.2020, 10 bit";
        QTest::newRow("PQ in 12 bits")
            << "libx265" << wide + "-color_trc smpte2084 -pix_fmt yuv420p12le -x265-params log-level=none"
            << "pq12.mkv" << DynamicRange::Pq << "PQ"
            << "BT.2020"
            << "BT.2020" << 12 << false << "PQ, BT.2020, 12 bit";
        QTest::newRow("usual") << "libx264" << plain + "-pix_fmt yuv420p"
                               << "usual.mp4" << DynamicRange::Standard << "BT.709"
                               << "BT.709"
                               << "BT.709" << 8 << false << "";
        QTest::newRow("full range") << "libx264" << plain + "-color_range pc -pix_fmt yuv420p"
                                    << "full.mp4" << DynamicRange::Standard << "BT.709"
                                    << "BT.709"
                                    << "BT.709" << 8 << true << "";
        QTest::newRow("ten bits, not HDR") << "libx264" << plain + "-pix_fmt yuv422p10le"
                                           << "ten.mkv" << DynamicRange::Standard << "BT.709"
                                           << "BT.709"
                                           << "BT.709" << 10 << false << "10 bit";
        QTest::newRow("wide, not HDR") << "libx264" << wide + "-color_trc bt2020-10 -pix_fmt yuv420p10le"
                                       << "wide.mp4" << DynamicRange::Standard << "BT.2020 (SDR)"
                                       << "BT.2020"
                                       << "BT.2020" << 10 << false << "BT.2020 (SDR), BT.2020, 10 bit";
        QTest::newRow("no tags") << "mpeg4"
                                 << "-pix_fmt yuv420p"
                                 << "none.avi" << DynamicRange::Standard << ""
                                 << ""
                                 << "" << 8 << false << "";
        QTest::newRow("JPEG pictures") << "mjpeg"
                                       << "-pix_fmt yuvj420p"
                                       << "jpeg.avi" << DynamicRange::Standard << ""
                                       << ""
                                       << "BT.601" << 8 << true << "";
        QTest::newRow("palette") << "gif"
                                 << ""
                                 << "palette.gif" << DynamicRange::Standard << ""
                                 << ""
                                 << "" << 8 << true << "";
    }
    void tagsAreStated() {
        QFETCH(QString, encoder);
        QFETCH(QString, options);
        QFETCH(QString, file);
        if (!haveEncoder(encoder.toLatin1())) {
            QSKIP(qPrintable(QStringLiteral("This ffmpeg has no encoder %1.").arg(encoder)));
        }
        const fs::path clip = path(file.toLatin1());
        QVERIFY(
            make(QStringLiteral("-f lavfi -i testsrc2=s=128x96:r=10:d=0.5 -c:v %1 %2").arg(encoder, options),
                 clip));
        const PictureColour colour = VideoReader::open(clip)->info().colour;
        QTEST(colour.dynamicRange, "range");
        QTEST(QString::fromStdString(colour.transfer), "transfer");
        QTEST(QString::fromStdString(colour.primaries), "primaries");
        QTEST(QString::fromStdString(colour.matrix), "matrix");
        QTEST(colour.bitDepth, "bits");
        QTEST(colour.fullRange, "full");
        QTEST(QString::fromStdString(unusualColour(colour)), "unusual");
        QCOMPARE(colour.hdr(), colour.dynamicRange != DynamicRange::Standard);
        QVERIFY(!colour.masteringPeak && !colour.brightestPixel);
    }

    void lightOfTheMasteringScreenIsStated() {
        if (!haveEncoder("libx265")) {
            QSKIP("This ffmpeg has no encoder libx265.");
        }
        const fs::path clip = path("mastered.mp4");
        QVERIFY(make(
            QStringLiteral("-f lavfi -i testsrc2=s=128x96:r=10:d=0.5 -c:v libx265 -pix_fmt yuv420p10le "
                           "-colorspace bt2020nc -color_primaries bt2020 -color_trc smpte2084 -x265-params "
                           "log-level=none:max-cll=1234,400:master-display=G(13250,34500)B(7500,3000)R(34000,"
                           "16000)WP(15635,16450)L(40000000,50)"),
            clip));
        const PictureColour colour = VideoReader::open(clip)->info().colour;
        QCOMPARE(colour.masteringPeak.value_or(0), 4000);
        QCOMPARE(colour.brightestPixel.value_or(0), 1234);
    }

    /// Some programs write the tags into the container alone: they are stated, and the picture is the same as
    /// with tags in the stream.
    void tagsOfTheContainerCount() {
        if (!haveEncoder("libx265")) {
            QSKIP("This ffmpeg has no encoder libx265.");
        }
        const QString clip =
            QStringLiteral("-f lavfi -i testsrc2=s=128x96:r=10:d=0.5 -c:v libx265 -pix_fmt yuv420p10le "
                           "-colorspace bt2020nc -color_primaries bt2020 -color_trc smpte2084 "
                           "-x265-params log-level=none ");
        const fs::path tagged = path("stream.mkv"), bare = path("container.mkv");
        QVERIFY(make(clip, tagged));
        QVERIFY(make(
            clip + "-bsf:v hevc_metadata=colour_primaries=2:transfer_characteristics=2:matrix_coefficients=2",
            bare));
        const auto one = VideoReader::open(tagged), other = VideoReader::open(bare);
        QCOMPARE(other->info().colour.dynamicRange, DynamicRange::Pq);
        QCOMPARE(QString::fromStdString(other->info().colour.primaries), QStringLiteral("BT.2020"));
        for (const int frame : {0, 4, 2}) {
            QVERIFY(one->read(frame)->rgb == other->read(frame)->rgb);
        }
    }

    void everyNameOfThePixelsHasItsBits_data() {
        QTest::addColumn<QString>("format");
        QTest::addColumn<int>("bits");
        QTest::newRow("grey, 16") << "gray16le" << 16;
        QTest::newRow("RGB, 8") << "gbrp" << 8;
        QTest::newRow("RGB, 10") << "gbrp10le" << 10;
        QTest::newRow("with alpha, 8") << "yuva420p" << 8;
    }
    void everyNameOfThePixelsHasItsBits() {
        QFETCH(QString, format);
        const fs::path clip = path("bits.mkv");
        QVERIFY(make(QStringLiteral("-f lavfi -i testsrc2=s=64x48:r=5:d=0.4 -c:v ffv1 -pix_fmt ") + format,
                     clip));
        QTEST(VideoReader::open(clip)->info().colour.bitDepth, "bits");
    }
};

QTEST_GUILESS_MAIN(PictureColourTest)
#include "test_picture_colour.moc"
