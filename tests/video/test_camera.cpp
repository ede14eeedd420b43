#include "media_factory.h"

#include "base/error.h"
#include "video/camera.h"
#include "video/camera_recorder_internal.h"
#include "video/camera_source_internal.h"
#include "video/video_reader.h"

#include <QSemaphore>
#include <QTemporaryDir>
#include <QtTest>

#include <atomic>
#include <fstream>
#include <limits>
#include <sys/stat.h>
#include <unistd.h>

using namespace body4d;
namespace fs = std::filesystem;

namespace {

/// A camera made of FFmpeg's test picture at its real rate, through the same device code as a real one.
std::string fakeCamera(const std::string& options = {}, const std::string& filters = "realtime") {
    return "lavfi:testsrc2=size=320x180:rate=30" + options + "," + filters;
}

constexpr int kPatience = 20000; // ms on a busy machine

} // namespace

class CameraTest : public QObject {
    Q_OBJECT

    QTemporaryDir folder_;
    fs::path place_;
    int next_ = 0;

    [[nodiscard]] fs::path fresh() { return place_ / ("recording " + std::to_string(next_++) + ".mkv"); }
    [[nodiscard]] int filesIn(const fs::path& folder) const {
        return static_cast<int>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
    }

    /// Every frame can be read in order and after jumps, with the same pixels.
    static void checkWhole(const fs::path& file, std::int64_t frames) {
        const auto reader = VideoReader::open(file);
        const VideoInfo& info = reader->info();
        QCOMPARE(info.frameCount, frames);
        std::vector<std::vector<std::uint8_t>> inOrder;
        for (std::int64_t i = 0; i < frames; ++i) {
            inOrder.push_back(reader->read(i)->rgb);
        }
        for (std::int64_t i = frames - 1; i >= 0; i -= 7) {
            QVERIFY(reader->read(i)->rgb == inOrder[static_cast<std::size_t>(i)]);
        }
        for (std::size_t i = 1; i < info.frameTimes.size(); ++i) {
            QVERIFY(info.frameTimes[i] > info.frameTimes[i - 1]);
        }
    }

private Q_SLOTS:
    void initTestCase() { place_ = folder_.path().toStdString(); }

    void whatTheCameraGivesIsRecorded() {
        Camera camera(fakeCamera(), {});
        QCOMPARE(camera.status().recording, false);
        QTRY_COMPARE_WITH_TIMEOUT(camera.status().state, Camera::State::Live, kPatience);
        QCOMPARE(camera.status().width, 320);
        QCOMPARE(camera.status().height, 180);
        const fs::path file = fresh(), part = place_ / (file.stem().string() + ".part.mkv");
        camera.startRecording(file);
        QVERIFY(fs::exists(part) && !fs::exists(file));
        QVERIFY(unfinishedRecordings(place_).empty()); // it is being written
        QVERIFY_EXCEPTION_THROWN(camera.startRecording(fresh()), Error);
        QTRY_VERIFY_WITH_TIMEOUT(camera.status().progress.written >= 45, kPatience);
        QVERIFY(camera.status().recording);
        QVERIFY(std::abs(camera.status().fps - 30) < 3);
        const auto recording = camera.stopRecording();
        QVERIFY(recording.has_value());
        QCOMPARE(recording->file, file);
        QCOMPARE(recording->endedBecause, std::string());
        QVERIFY(!fs::exists(part));
        QCOMPARE(recording->bytes, fs::file_size(file));
        checkWhole(file, recording->frames);
        const auto info = VideoReader::open(file)->info();
        QVERIFY(recording->frames >= 45);
        QVERIFY2(std::abs(info.durationSeconds - recording->seconds) < 0.05,
                 qPrintable(QString::number(info.durationSeconds)));
        QVERIFY(!info.variableFrameRate || recording->dropped > 0);
        QVERIFY(!camera.stopRecording().has_value());
        // Once more with the same camera.
        const fs::path again = fresh();
        camera.startRecording(again);
        QTRY_VERIFY_WITH_TIMEOUT(camera.status().progress.written >= 3, kPatience);
        QVERIFY(camera.stopRecording()->frames >= 3);
        QCOMPARE(VideoReader::open(again)->info().frameTimes.front(), 0.0);
    }

    /// Pictures come at uneven times: the file has those times, to a tick of a millisecond.
    void timesAreThoseOfTheCamera() {
        Camera camera(fakeCamera(":duration=3", "realtime,select='lt(mod(n\\,10)\\,4)'"), {});
        QTRY_COMPARE_WITH_TIMEOUT(camera.status().state, Camera::State::Live, kPatience);
        const fs::path file = fresh();
        camera.startRecording(file);
        QTRY_COMPARE_WITH_TIMEOUT(camera.status().state, Camera::State::Ended, kPatience);
        const auto recording = camera.stopRecording();
        QVERIFY(recording.has_value());
        QCOMPARE(recording->dropped, 0);
        const auto info = VideoReader::open(file)->info();
        QVERIFY(info.variableFrameRate);
        int near = 0, far = 0;
        for (std::size_t i = 1; i < info.frameTimes.size(); ++i) {
            const double gap = info.frameTimes[i] - info.frameTimes[i - 1];
            const bool one = std::abs(gap - 1 / 30.0) < 0.0021, seven = std::abs(gap - 7 / 30.0) < 0.0021;
            QVERIFY2(one || seven, qPrintable(QString::number(gap)));
            near += one ? 1 : 0;
            far += seven ? 1 : 0;
        }
        QVERIFY2(far >= 4 && near >= 2 * far, qPrintable(QStringLiteral("%1 %2").arg(near).arg(far)));
    }

    void cancellingLeavesNothing() {
        Camera camera(fakeCamera(), {});
        QTRY_COMPARE_WITH_TIMEOUT(camera.status().state, Camera::State::Live, kPatience);
        const fs::path folder = place_ / "cancelled";
        camera.startRecording(folder / "a.mkv");
        QTRY_VERIFY_WITH_TIMEOUT(camera.status().progress.written >= 2, kPatience);
        camera.cancelRecording();
        QTRY_COMPARE_WITH_TIMEOUT(filesIn(folder), 0, kPatience);
        QVERIFY(!camera.stopRecording().has_value());
        QCOMPARE(camera.status().state, Camera::State::Live);
    }

    /// The encoder is held up: no more than the queue's room is kept, the rest is counted, and the pictures
    /// that got through have their own times.
    void aSlowDiskDropsAndCounts() {
        QSemaphore writes;
        Camera::Options options;
        constexpr std::size_t kFrame = 320 * 180 * 3 / 2;
        options.limits.queueBytes = kFrame * 5; // with padding: four or so
        options.limits.beforeWrite = [&] { writes.acquire(); };
        Camera camera(fakeCamera(), options);
        QTRY_COMPARE_WITH_TIMEOUT(camera.status().state, Camera::State::Live, kPatience);
        const fs::path file = fresh();
        camera.startRecording(file);
        QTRY_VERIFY_WITH_TIMEOUT(camera.status().progress.dropped >= 20, kPatience);
        auto progress = camera.status().progress;
        QCOMPARE(progress.written, 0);
        QVERIFY2(progress.waiting >= 1 && progress.waiting <= 5,
                 qPrintable(QString::number(progress.waiting)));
        QVERIFY(progress.seconds > 0.6);
        writes.release(100000);
        QTRY_VERIFY_WITH_TIMEOUT(camera.status().progress.written >= 10, kPatience);
        const auto recording = camera.stopRecording();
        QVERIFY(recording->dropped >= 20);
        checkWhole(file, recording->frames);
        const auto times = VideoReader::open(file)->info().frameTimes;
        double widest = 0;
        for (std::size_t i = 1; i < times.size(); ++i) {
            widest = std::max(widest, times[i] - times[i - 1]);
        }
        QVERIFY2(widest > 0.6, qPrintable(QString::number(widest))); // the hole is where it was
    }

    /// The source ends in the middle: what was recorded is finished by itself and handed out.
    void unpluggedKeepsWhatWasRecorded() {
        std::atomic<int> changes = 0;
        Camera::Options options;
        options.onChange = [&] { ++changes; };
        Camera camera(fakeCamera(":duration=1.5"), options);
        QTRY_COMPARE_WITH_TIMEOUT(camera.status().state, Camera::State::Live, kPatience);
        const fs::path file = fresh();
        camera.startRecording(file);
        QTRY_COMPARE_WITH_TIMEOUT(camera.status().state, Camera::State::Ended, kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(changes >= 2, kPatience);
        const auto status = camera.status();
        QVERIFY(!status.recording);
        QVERIFY(status.trouble.has_value());
        QVERIFY(QString::fromUtf8(status.trouble->what()).contains("is gone"));
        QVERIFY(!status.trouble->remedy().empty());
        QVERIFY(fs::exists(file)); // without anybody's doing
        const auto recording = camera.stopRecording();
        QVERIFY(recording.has_value() && recording->frames >= 10);
        QVERIFY(!recording->endedBecause.empty());
        checkWhole(file, recording->frames);
        QVERIFY_EXCEPTION_THROWN(camera.startRecording(fresh()), Error);
    }

    void aFullDiskEndsTheRecording() {
        std::atomic<std::uintmax_t> left = 10000;
        Camera::Options options;
        options.limits.keepFree = 100;
        options.limits.freeBytes = [&](const fs::path&) { return left.load(); };
        Camera camera(fakeCamera(), options);
        QTRY_COMPARE_WITH_TIMEOUT(camera.status().state, Camera::State::Live, kPatience);
        const fs::path file = fresh();
        camera.startRecording(file);
        QTRY_VERIFY_WITH_TIMEOUT(camera.status().progress.written >= 5, kPatience);
        QVERIFY(camera.status().recording);
        left = 100;
        QTRY_VERIFY_WITH_TIMEOUT(!camera.status().recording, kPatience);
        QCOMPARE(camera.status().state, Camera::State::Live); // the picture goes on
        const auto recording = camera.stopRecording();
        QVERIFY(recording.has_value());
        QVERIFY(QString::fromStdString(recording->endedBecause).contains("disk is full"));
        checkWhole(file, recording->frames);
        // And none is begun.
        QVERIFY_EXCEPTION_THROWN(camera.startRecording(fresh()), Error);
        QCOMPARE(unfinishedRecordings(place_).size(), std::size_t{0});
    }

    void writingFails() {
        Camera::Options options;
        options.limits.keepFree = 0;
        options.limits.freeBytes = [](const fs::path&) { return std::numeric_limits<std::uintmax_t>::max(); };
        Camera camera(fakeCamera(), options);
        QTRY_COMPARE_WITH_TIMEOUT(camera.status().state, Camera::State::Live, kPatience);
        // The part leads to a device that takes no byte.
        const fs::path folder = place_ / "full";
        fs::create_directories(folder);
        camera.startRecording(folder / "a.mkv");
        fs::remove(folder / "a.part.mkv");
        fs::create_symlink("/dev/full", folder / "a.part.mkv");
        QTRY_VERIFY_WITH_TIMEOUT(!camera.status().recording, kPatience);
        try {
            const auto recording = camera.stopRecording();
            QFAIL(qPrintable(QString::number(recording ? recording->frames : -1)));
        } catch (const Error& e) {
            QCOMPARE(e.code(), ErrorCode::Output);
            QVERIFY2(QString::fromUtf8(e.what()).contains("disk is full"), e.what());
        }
        QCOMPARE(camera.status().state, Camera::State::Live);
    }

    void destructionFinishesTheRecording() {
        const fs::path file = fresh();
        {
            Camera camera(fakeCamera(), {});
            QTRY_COMPARE_WITH_TIMEOUT(camera.status().state, Camera::State::Live, kPatience);
            camera.startRecording(file);
            QTRY_VERIFY_WITH_TIMEOUT(camera.status().progress.written >= 5, kPatience);
        }
        QVERIFY(VideoReader::open(file)->info().frameCount >= 5);
    }

    void nothingIsOverwritten() {
        Camera camera(fakeCamera(), {});
        QTRY_COMPARE_WITH_TIMEOUT(camera.status().state, Camera::State::Live, kPatience);
        const fs::path file = fresh();
        std::ofstream(file) << "precious";
        QVERIFY_EXCEPTION_THROWN(camera.startRecording(file), Error);
        // Somebody else takes the name while it is recorded.
        const fs::path other = fresh();
        camera.startRecording(other);
        QTRY_VERIFY_WITH_TIMEOUT(camera.status().progress.written >= 3, kPatience);
        std::ofstream(other) << "precious";
        const auto recording = camera.stopRecording();
        QVERIFY(recording->file != other);
        QVERIFY(VideoReader::open(recording->file)->info().frameCount >= 3);
        QCOMPARE(fs::file_size(other), std::uintmax_t{8});
        QVERIFY(freeRecordingName(place_) != recording->file);
    }

    /// Pictures to look at have at most the width that was asked for, and wait for whoever looks.
    void thePreviewWaitsToBeTaken() {
        std::atomic<int> calls = 0;
        Camera::Options options;
        options.previewWidth = 100;
        options.onPreview = [&] { ++calls; };
        Camera camera(fakeCamera(), options);
        QTRY_VERIFY_WITH_TIMEOUT(camera.status().pictures >= 20, kPatience);
        QCOMPARE(calls.load(), 1);
        const ImagePtr first = camera.preview();
        QVERIFY(first != nullptr);
        QCOMPARE(first->width, 100);
        QCOMPARE(first->height, 56);
        QTRY_COMPARE_WITH_TIMEOUT(calls.load(), 2, kPatience);
        const ImagePtr second = camera.preview();
        QVERIFY(second && second->rgb != first->rgb);
    }

    /// What is seen is what is recorded, whatever the camera's pixels are.
    void coloursSurvive_data() {
        QTest::addColumn<QString>("format");
        for (const char* format : {"yuyv422", "yuvj422p", "yuvj420p", "yuv420p", "nv12", "bgr24", "gray"}) {
            QTest::newRow(format) << QString(format);
        }
    }
    void coloursSurvive() {
        QFETCH(QString, format);
        Camera camera("lavfi:color=c=0xC83C28:s=160x90:r=30,realtime,format=" + format.toStdString(), {});
        QTRY_COMPARE_WITH_TIMEOUT(camera.status().state, Camera::State::Live, kPatience);
        const fs::path file = fresh();
        camera.startRecording(file);
        QTRY_VERIFY_WITH_TIMEOUT(camera.status().progress.written >= 2, kPatience);
        const ImagePtr seen = camera.preview();
        QVERIFY(camera.stopRecording().has_value());
        const ImagePtr kept = VideoReader::open(file)->read(0);
        const std::size_t middle = (45 * 160 + 80) * 3;
        for (std::size_t k = 0; k < 3; ++k) {
            QVERIFY2(std::abs(int{seen->rgb[middle + k]} - int{kept->rgb[middle + k]}) <= 4,
                     qPrintable(
                         QStringLiteral("%1 and %2").arg(seen->rgb[middle + k]).arg(kept->rgb[middle + k])));
        }
        if (format != "gray") {
            QVERIFY(std::abs(int{kept->rgb[middle]} - 0xC8) <= 4 &&
                    std::abs(int{kept->rgb[middle + 2]} - 0x28) <= 4);
        }
    }

    /// Odd sizes lose their last column and row: H.264 has none.
    void oddSizes() {
        Camera camera("lavfi:testsrc2=size=161x91:rate=30,realtime", {});
        QTRY_COMPARE_WITH_TIMEOUT(camera.status().state, Camera::State::Live, kPatience);
        const fs::path file = fresh();
        camera.startRecording(file);
        QTRY_VERIFY_WITH_TIMEOUT(camera.status().progress.written >= 2, kPatience);
        QVERIFY(camera.stopRecording().has_value());
        QCOMPARE(VideoReader::open(file)->info().width, 160);
        QCOMPARE(VideoReader::open(file)->info().height, 90);
    }

    void complaints_data() {
        QTest::addColumn<QString>("id");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("not there") << "v4l2:/dev/video99"
                                   << "is not there any more";
        QTest::newRow("a file") << "v4l2:/dev/null"
                                << "cannot be opened";
        QTest::newRow("another kind") << "x11grab::0"
                                      << "is not a camera";
        QTest::newRow("no place") << "v4l2:"
                                  << "is not a camera";
        QTest::newRow("a filter that is none") << "lavfi:nosuchfilter"
                                               << "cannot be opened";
    }
    void complaints() {
        QFETCH(QString, id);
        QFETCH(QString, sentence);
        Camera camera(id.toStdString(), {});
        QTRY_COMPARE_WITH_TIMEOUT(camera.status().state, Camera::State::Ended, kPatience);
        const auto trouble = camera.status().trouble;
        QVERIFY(trouble.has_value());
        QVERIFY2(QString::fromUtf8(trouble->what()).contains(sentence), trouble->what());
        QVERIFY(!trouble->remedy().empty());
        QVERIFY_EXCEPTION_THROWN(camera.startRecording(fresh()), Error);
    }

    void permissionIsExplained() {
        const Error error = cameraNotAllowed("'/dev/video0'", "/dev/video0");
        QVERIFY(QString::fromUtf8(error.what()).contains("not allowed"));
        QVERIFY(QString::fromStdString(error.remedy()).contains("usermod -aG video"));
    }

    void camerasAreFound() {
        qputenv("BODY4D_TEST_CAMERA", "testsrc2=size=64x48,realtime");
        const auto cameras = listCameras();
        QVERIFY(!cameras.empty());
        QCOMPARE(QString::fromStdString(findCamera({}).id),
                 QStringLiteral("lavfi:testsrc2=size=64x48,realtime"));
        QCOMPARE(QString::fromStdString(findCamera("test CAM").id),
                 QString::fromStdString(cameras.front().id));
        try {
            (void)findCamera("nobody's");
            QFAIL("found");
        } catch (const Error& e) {
            QVERIFY(QString::fromStdString(e.remedy()).contains("Test camera"));
        }
        qunsetenv("BODY4D_TEST_CAMERA");
        if (listCameras().empty()) {
            QVERIFY_EXCEPTION_THROWN((void)findCamera({}), Error);
        }
    }

    void theUsualMode() {
        const std::vector<CameraMode> modes{{3840, 2160, 30, "mjpeg"},  {1920, 1080, 60, "mjpeg"},
                                            {1920, 1080, 30, "mjpeg"},  {1920, 1080, 5, "yuyv422"},
                                            {1280, 720, 10, "yuyv422"}, {640, 480, 30, "yuyv422"}};
        QCOMPARE(usualMode(modes), modes[2]);
        const std::vector<CameraMode> slow{{1280, 720, 10, "yuyv422"}, {640, 480, 30, "yuyv422"}};
        QCOMPARE(usualMode(slow), slow[1]);
        const std::vector<CameraMode> large{{3840, 2160, 30, "mjpeg"}, {2560, 1440, 30, "mjpeg"}};
        QCOMPARE(usualMode(large), large[1]);
        QCOMPARE(usualMode({}), CameraMode());
    }

    void theClock() {
        const AVRational micro{1, 1000000};
        CameraClock clock;
        QCOMPARE(clock.seconds(5000000000, micro, 100.0), 0.0);
        QVERIFY(std::abs(clock.seconds(5000033000, micro, 100.2) - 0.033) <
                1e-9); // the device's word, not the arrival's
        QVERIFY(std::abs(clock.seconds(5000066000, micro, 100.2) - 0.066) < 1e-9);
        // Read late, since the machine was busy: the picture's own time holds.
        QVERIFY(std::abs(clock.seconds(5000099000, micro, 109.0) - 0.099) < 1e-9);
        // Set anew: goes on from the arrival.
        QVERIFY(std::abs(clock.seconds(7000000, micro, 111.0) - 11.0) < 1e-9);
        QVERIFY(std::abs(clock.seconds(7050000, micro, 111.1) - 11.05) < 1e-9);
        // The same time twice still rises.
        QVERIFY(clock.seconds(7050000, micro, 111.1) > 11.05);
        CameraClock none;
        QCOMPARE(none.seconds(AV_NOPTS_VALUE, micro, 3.0), 0.0);
        QVERIFY(std::abs(none.seconds(AV_NOPTS_VALUE, micro, 3.5) - 0.5) < 1e-9);
    }

    /// A part that a killed program left: found, readable, given its name; one that is empty or no video
    /// stays.
    void leftoversAreRecovered() {
        const fs::path folder = place_ / "left";
        fs::create_directories(folder);
        Camera camera(fakeCamera(), {});
        QTRY_COMPARE_WITH_TIMEOUT(camera.status().state, Camera::State::Live, kPatience);
        camera.startRecording(folder / "walk.mkv");
        QTRY_VERIFY_WITH_TIMEOUT(camera.status().progress.bytes > 20000, kPatience);
        // What lies on the disk at this moment is what a kill leaves.
        fs::copy_file(folder / "walk.part.mkv", folder / "killed.part.mkv");
        camera.cancelRecording();
        std::ofstream(folder / "empty.part.mkv").close();
        std::ofstream(folder / "text.part.mkv") << "no video";
        const auto left = unfinishedRecordings(folder);
        QVERIFY(std::find(left.begin(), left.end(), folder / "killed.part.mkv") != left.end());
        QVERIFY(std::find(left.begin(), left.end(), folder / "empty.part.mkv") == left.end());
        std::ofstream(folder / "killed.mkv") << "taken";
        const fs::path file = recoverRecording(folder / "killed.part.mkv");
        QCOMPARE(QString::fromStdString(file.filename().string()), QStringLiteral("killed (2).mkv"));
        checkWhole(file, VideoReader::open(file)->info().frameCount);
        QVERIFY(VideoReader::open(file)->info().frameCount >= 10);
        QVERIFY_EXCEPTION_THROWN(recoverRecording(folder / "text.part.mkv"), Error);
        QVERIFY(fs::exists(folder / "text.part.mkv"));
    }
};

QTEST_GUILESS_MAIN(CameraTest)
#include "test_camera.moc"
