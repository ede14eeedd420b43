#include "media_factory.h"

#include "base/error.h"
#include "video/decode_benchmark.h"
#include "video/extract.h"
#include "video/timecode.h"
#include "video/video_hash.h"
#include "video/video_writer.h"

#include <QTemporaryDir>
#include <QtTest>

#include <fstream>

using namespace body4d;
using namespace body4d::test;
namespace fs = std::filesystem;

class ExtractTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir folder_;
    fs::path path(const char* name) const { return fs::path(folder_.path().toStdString()) / name; }

    static VideoInfo constantRate(double fps, int frames) {
        VideoInfo info;
        info.fps = fps;
        info.frameCount = frames;
        info.durationSeconds = frames / fps;
        for (int i = 0; i < frames; ++i) {
            info.frameTimes.push_back(i / fps);
        }
        return info;
    }
    static std::vector<std::int64_t> samples(const VideoInfo& info, double fps, FrameSampling sampling) {
        ExtractOptions options;
        options.fps = fps;
        options.sampling = sampling;
        return sampleFrames(info, options);
    }

private Q_SLOTS:
    void samplingOfTheThreePrograms() {
        const VideoInfo info = constantRate(24, 96);
        QCOMPARE(samples(info, 1, FrameSampling::Ffmpeg), (std::vector<std::int64_t>{11, 35, 59, 83}));
        QCOMPARE(samples(info, 1, FrameSampling::Da3), (std::vector<std::int64_t>{0, 24, 48, 72}));
        QCOMPARE(samples(info, 1, FrameSampling::Vggt), (std::vector<std::int64_t>{23, 47, 71, 95}));
        QCOMPARE(samples(constantRate(24, 192), 10, FrameSampling::Ffmpeg).size(), std::size_t{80});
        QCOMPARE(samples(constantRate(24, 192), 10, FrameSampling::Da3).size(), std::size_t{96});
        QCOMPARE(samples(info, 0, FrameSampling::Ffmpeg).size(), std::size_t{96});
        QCOMPARE(samples(info, 48, FrameSampling::Ffmpeg).size(), std::size_t{192}); // frames repeat
        QCOMPARE(samples(info, 48, FrameSampling::Da3).size(), std::size_t{96});
    }

    void samplingEqualsTheFfmpegProgram_data() {
        QTest::addColumn<QString>("source");
        QTest::addColumn<double>("fps");
        const QString cfr = QStringLiteral("-f lavfi -i testsrc2=s=64x64:r=%1:d=4 -c:v libx264 -bf 2");
        for (const char* rate : {"24", "25", "30000/1001", "50", "10"}) {
            for (const double fps : {0.5, 1.0, 2.0, 7.0, 10.0, 12.5, 30.0}) {
                QTest::addRow("%s to %g", rate, fps) << cfr.arg(QString(rate)) << fps;
            }
        }
        const QString vfr =
            QStringLiteral("-f lavfi -i testsrc2=s=64x64:r=30:d=4 -vf select='not(mod(n\\,3))+lt(n\\,40)' "
                           "-vsync vfr -c:v libx264 -bf 2");
        for (const double fps : {1.0, 3.0, 8.0}) {
            QTest::addRow("variable to %g", fps) << vfr << fps;
        }
    }
    void samplingEqualsTheFfmpegProgram() {
        BODY4D_NEEDS_FFMPEG();
        QFETCH(QString, source);
        QFETCH(double, fps);
        const fs::path file = path("sampled.mp4");
        QVERIFY(make(source, file));
        const auto reader = VideoReader::open(file);
        const std::vector<std::int64_t> chosen = samples(reader->info(), fps, FrameSampling::Ffmpeg);
        const QByteArray frames = truth(file, {}, QStringLiteral("fps=%1").arg(fps));
        const qsizetype bytes = 64 * 64 * 3;
        QCOMPARE(static_cast<qsizetype>(chosen.size()), frames.size() / bytes);
        for (std::size_t i = 0; i < chosen.size(); ++i) {
            QVERIFY2(
                difference(*reader->read(chosen[i]), frames.constData() + static_cast<qsizetype>(i) * bytes)
                        .largest <= 2,
                qPrintable(QStringLiteral("sample %1 is not frame %2").arg(i).arg(chosen[i])));
        }
    }

    void filesHoldTheFrames() {
        BODY4D_NEEDS_FFMPEG();
        const fs::path file = path("clip.mp4");
        QVERIFY(make(QStringLiteral("-f lavfi -i testsrc2=s=160x96:r=25:d=2 -c:v libx264 -bf 2"), file));
        const auto reader = VideoReader::open(file);
        for (const FrameFormat format : {FrameFormat::Png, FrameFormat::Jpeg, FrameFormat::Raw}) {
            const fs::path folder = path(format == FrameFormat::Png    ? "png"
                                         : format == FrameFormat::Jpeg ? "jpg"
                                                                       : "raw");
            ExtractOptions options;
            options.fps = 5;
            options.format = format;
            options.beginFrame = 5;
            options.endFrame = 40;
            options.threads = 3;
            long long told = 0;
            const ExtractReport report =
                extractFrames(file, folder, options, {}, [&](const Progress& p) { told = p.done; });
            QVERIFY(!report.cancelled);
            QCOMPARE(report.frames, sampleFrames(reader->info(), options));
            QCOMPARE(told, static_cast<long long>(report.frames.size()));
            if (format == FrameFormat::Raw) {
                QCOMPARE(report.files.size(), std::size_t{1});
                QCOMPARE(fs::file_size(report.files[0]), report.frames.size() * 160 * 96 * 3);
            } else {
                QCOMPARE(report.files.size(), report.frames.size());
                for (std::size_t i = 0; i < report.files.size(); ++i) {
                    const Image image = readImage(report.files[i]);
                    const ImagePtr frame = reader->read(report.frames[i]);
                    const Difference found =
                        difference(image, reinterpret_cast<const char*>(frame->rgb.data()));
                    QVERIFY(format == FrameFormat::Png ? found.largest == 0 : found.psnr > 30);
                }
            }
            std::ifstream table(folder / "frames.csv");
            std::string line;
            std::size_t lines = 0;
            while (std::getline(table, line)) {
                ++lines;
            }
            QCOMPARE(lines, report.frames.size() + 1);
            for (const auto& entry : fs::directory_iterator(folder)) {
                QVERIFY(entry.path().extension() != ".part");
            }
        }
    }

    void cancelKeepsWhatIsDone() {
        BODY4D_NEEDS_FFMPEG();
        const fs::path file = path("long.mp4");
        QVERIFY(make(QStringLiteral("-f lavfi -i testsrc2=s=160x96:r=25:d=4 -c:v libx264"), file));
        std::stop_source stop;
        ExtractOptions options;
        options.fps = 0;
        const ExtractReport report =
            extractFrames(file, path("cancelled"), options, stop.get_token(), [&](const Progress& p) {
                if (p.done >= 10) {
                    stop.request_stop();
                }
            });
        QVERIFY(report.cancelled);
        QVERIFY(report.frames.size() >= 10 && report.frames.size() < 100);
        for (const fs::path& written : report.files) {
            QCOMPARE(readImage(written).width, 160);
        }
    }

    void wrongRequests() {
        const VideoInfo info = constantRate(25, 50);
        ExtractOptions options;
        options.fps = -1;
        QVERIFY_THROWS_EXCEPTION(Error, (void)sampleFrames(info, options));
        options.fps = 1;
        options.beginFrame = 50;
        QVERIFY_THROWS_EXCEPTION(Error, (void)sampleFrames(info, options));
        QVERIFY_THROWS_EXCEPTION(Error, (void)frameSamplingFromName("opencv"));
        QVERIFY_THROWS_EXCEPTION(Error, (void)frameFormatFromName("gif"));
    }

    void timecodes() {
        QCOMPARE(formatTimecode(0), std::string("00:00:00.000"));
        QCOMPARE(formatTimecode(3723.4567), std::string("01:02:03.457"));
        QCOMPARE(formatTimecode(59.9996), std::string("00:01:00.000"));
        QCOMPARE(formatTimecode(-1.5), std::string("-00:00:01.500"));
        QCOMPARE(parseTimecode("01:02:03.5").value(), 3723.5);
        QCOMPARE(parseTimecode("2:03").value(), 123.0);
        QCOMPARE(parseTimecode("12.25").value(), 12.25);
        for (const char* wrong :
             {"", ":", "a", "1:2:3:4", "1:60", "1.5:00", "-3", "1:-2", "nan", "1e3", "5 "}) {
            QVERIFY2(!parseTimecode(wrong), wrong);
        }
        const VideoInfo info = constantRate(25, 50);
        QCOMPARE(frameAtTime(info, -1), 0);
        QCOMPARE(frameAtTime(info, 7 / 25.0), 7);
        QCOMPARE(frameAtTime(info, 7.9 / 25), 7);
        QCOMPARE(frameAtTime(info, 100), 49);
    }

    void hashTellsFilesApart() {
        const auto fill = [&](const char* name, std::size_t size, char last) {
            std::string text(size, 'x');
            text.back() = last;
            std::ofstream(path(name), std::ios::binary) << text;
            return videoHash(path(name));
        };
        const std::string a = fill("a.bin", 3'000'000, 'a');
        QCOMPARE(a.size(), std::size_t{64});
        QCOMPARE(fill("b.bin", 3'000'000, 'a'), a);
        QVERIFY(fill("c.bin", 3'000'000, 'b') != a);
        QVERIFY(fill("d.bin", 3'000'001, 'a') != a);
        QVERIFY(!fill("tiny.bin", 5, 'a').empty());
        QVERIFY_THROWS_EXCEPTION(Error, (void)videoHash(path("missing.bin")));
    }

    void benchmarkCountsEveryFrame() {
        BODY4D_NEEDS_FFMPEG();
        const fs::path file = path("bench.mp4");
        QVERIFY(make(QStringLiteral("-f lavfi -i testsrc2=s=160x96:r=25:d=2 -c:v libx264"), file));
        const DecodeBenchmark result = benchmarkDecode(file, 1, 5);
        QCOMPARE(result.frames, 50);
        QVERIFY(result.framesPerSecond > 0);
        QVERIFY(result.peerFramesPerSecond > 0);
    }
};

QTEST_GUILESS_MAIN(ExtractTest)
#include "test_extract.moc"
