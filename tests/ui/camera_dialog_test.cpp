#include "window_fixture.h"

#include "ui/panels/camera_dialog.h"
#include "ui/panels/camera_view.h"
#include "ui/panels/empty_state.h"
#include "ui/panels/error_bar.h"
#include "video/video_reader.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QPushButton>

#include <algorithm>

using namespace body4d;
using namespace body4d::ui;
namespace fs = std::filesystem;

namespace {
constexpr int kPatience = 30000; // ms on a busy machine
}

/// The camera's window, with FFmpeg's test picture in the place of a camera.
class CameraDialogTest : public test::WindowFixture {
    Q_OBJECT
    std::unique_ptr<QTemporaryDir> films_;

    [[nodiscard]] CameraDialog* dialog() const { return window_->findChild<CameraDialog*>(); }
    [[nodiscard]] static QPushButton* button(CameraDialog* in, const QString& text) {
        const auto all = in->findChildren<QPushButton*>();
        const auto found =
            std::find_if(all.begin(), all.end(), [&](const QPushButton* b) { return b->text() == text; });
        return found == all.end() ? nullptr : *found;
    }
    [[nodiscard]] static bool says(CameraDialog* in, const QString& words) {
        const auto all = in->findChildren<QLabel*>();
        return std::any_of(all.begin(), all.end(),
                           [&](const QLabel* l) { return l->isVisible() && l->text().contains(words); });
    }
    /// The dialog with a live picture.
    CameraDialog* live() {
        action("file.camera")->trigger();
        CameraDialog* made = dialog();
        if (made == nullptr ||
            !QTest::qWaitFor([&] { return !made->view().picture().isNull(); }, kPatience)) {
            return nullptr;
        }
        return made;
    }
    [[nodiscard]] std::vector<fs::path> films() const {
        std::vector<fs::path> found;
        for (const auto& entry : fs::directory_iterator(films_->path().toStdString())) {
            found.push_back(entry.path());
        }
        return found;
    }

private Q_SLOTS:
    void init() {
        BODY4D_NEEDS_DISPLAY();
        films_ = std::make_unique<QTemporaryDir>();
        QSettings().setValue(QLatin1String(CameraDialog::kFolder), films_->path());
        QSettings().remove(QLatin1String(CameraDialog::kMirror));
        qputenv("BODY4D_TEST_CAMERA", "testsrc2=size=640x360:rate=30,realtime");
        QVERIFY(makeWindow());
    }
    void cleanup() {
        window_.reset();
        qunsetenv("BODY4D_TEST_CAMERA");
    }

    void whatIsRecordedOpens() {
        auto* camera = live();
        QVERIFY(camera != nullptr);
        auto* record = button(camera, QStringLiteral("Record"));
        QVERIFY(record && record->isEnabled());
        QTRY_VERIFY_WITH_TIMEOUT(says(camera, QStringLiteral("640 × 360 at ")), kPatience);
        QVERIFY(says(camera, QStringLiteral("Saved in")));
        auto& watched = *static_cast<test::WatchedApplication*>(qApp);
        watched.longestMs = 0;
        watched.watching = true;
        QTest::mouseClick(record, Qt::LeftButton);
        QCOMPARE(record->text(), QStringLiteral("Stop"));
        QVERIFY(camera->recording());
        QTRY_VERIFY_WITH_TIMEOUT(says(camera, QStringLiteral("0:01")), kPatience);
        QVERIFY(!camera->findChild<QComboBox*>()->isEnabled());
        const auto seen = camera->view().picture().cacheKey();
        QTRY_VERIFY_WITH_TIMEOUT(camera->view().picture().cacheKey() != seen, kPatience); // it goes on moving
        QTest::mouseClick(record, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(window_->project().isOpen(), kPatience);
        watched.watching = false;
        qInfo("longest event of the GUI thread: %.1f ms (%s)", watched.longestMs,
              watched.longestWhat.constData());
        const fs::path file = window_->project().document().video.path;
        QCOMPARE(films(), std::vector<fs::path>{file});
        QVERIFY(VideoReader::open(file)->info().frameCount >= 10);
        QTRY_VERIFY_WITH_TIMEOUT(dialog() == nullptr, kPatience);
        QVERIFY(!window_->errorBar().isVisible());
        clickFrame(165, 180); // ready for clicks
        QTRY_COMPARE(window_->project().document().targets.size(), std::size_t{1});
    }

    void unpluggedWhileRecording() {
        qputenv("BODY4D_TEST_CAMERA", "testsrc2=size=640x360:rate=30:duration=4,realtime");
        auto* camera = live();
        QVERIFY(camera != nullptr);
        QTest::keyClick(camera, Qt::Key_Space);
        QVERIFY(camera->recording());
        QTRY_VERIFY_WITH_TIMEOUT(window_->project().isOpen(), kPatience);
        QVERIFY(window_->errorBar().message().what.contains(QStringLiteral("is gone")));
        QVERIFY(window_->errorBar().message().remedy.contains(QStringLiteral(".mkv")));
        QVERIFY(VideoReader::open(window_->project().document().video.path)->info().frameCount >= 5);
    }

    void closingKeepsTheRecording() {
        auto* camera = live();
        QVERIFY(camera != nullptr);
        camera->toggleRecording();
        QTRY_VERIFY_WITH_TIMEOUT(says(camera, QStringLiteral("0:01")), kPatience);
        QTest::keyClick(camera, Qt::Key_Escape);
        QVERIFY(!camera->isVisible());
        QTRY_VERIFY_WITH_TIMEOUT(window_->project().isOpen(), kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(dialog() == nullptr, kPatience);
    }

    /// Closed and opened again, at once and many times: the device is let go of each time.
    void openedAndClosedQuickly() {
        for (int i = 0; i < 6; ++i) {
            action("file.camera")->trigger();
            CameraDialog* made = nullptr;
            for (auto* one : window_->findChildren<CameraDialog*>()) {
                made = one->isVisible() ? one : made;
            }
            QVERIFY(made != nullptr);
            action("file.camera")->trigger(); // the same one comes to the front
            QVERIFY(made->isVisible());
            if (i % 2 == 0) {
                QTRY_VERIFY_WITH_TIMEOUT(!made->view().picture().isNull(), kPatience);
            }
            made->close();
        }
        QTRY_VERIFY_WITH_TIMEOUT(dialog() == nullptr, kPatience);
        QVERIFY(films().empty());
    }

    /// The window goes while the camera is at work.
    void theWindowGoesFirst() {
        auto* camera = live();
        QVERIFY(camera != nullptr);
        camera->toggleRecording();
        QTRY_VERIFY_WITH_TIMEOUT(says(camera, QStringLiteral("0:01")), kPatience);
        window_.reset();
        QCOMPARE(films().size(), std::size_t{1});
        QVERIFY(VideoReader::open(films().front())->info().frameCount >= 1);
    }

    void withoutACamera() {
        if (fs::exists("/dev/video0")) {
            QSKIP("This machine has a camera: /dev/video0");
        }
        qunsetenv("BODY4D_TEST_CAMERA");
        QVERIFY(QMetaObject::invokeMethod(window_->findChild<EmptyState*>(), "cameraRequested"));
        auto* camera = dialog();
        QVERIFY(camera != nullptr);
        QTRY_VERIFY_WITH_TIMEOUT(camera->view().sentence().contains(QStringLiteral("No camera was found")),
                                 kPatience);
        QVERIFY(!camera->view().remedy().isEmpty());
        QVERIFY(!button(camera, QStringLiteral("Record"))->isEnabled());
        // One is plugged in: it comes up by itself.
        qputenv("BODY4D_TEST_CAMERA", "testsrc2=size=320x180:rate=30,realtime");
        QTRY_VERIFY_WITH_TIMEOUT(!camera->view().picture().isNull(), kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(button(camera, QStringLiteral("Record"))->isEnabled(), kPatience);
    }

    void onlyThePreviewIsMirrored() {
        // Red on the left, blue on the right.
        qputenv("BODY4D_TEST_CAMERA",
                "color=c=red:s=320x180:r=30,realtime,drawbox=x=160:w=160:h=180:c=blue:t=fill");
        auto* camera = live();
        QVERIFY(camera != nullptr);
        auto& view = camera->view();
        QVERIFY(view.mirrored()); // as people expect of themselves
        const auto leftIsRed = [&] {
            const auto shot = view.grab().toImage();
            const QColor left = shot.pixelColor(shot.width() / 4, shot.height() / 2);
            return left.red() > left.blue();
        };
        QVERIFY(!leftIsRed());
        camera->findChild<QCheckBox*>()->click();
        QVERIFY(leftIsRed());
        camera->findChild<QCheckBox*>()->click();
        camera->toggleRecording();
        QTRY_VERIFY_WITH_TIMEOUT(says(camera, QStringLiteral("0:01")), kPatience);
        camera->toggleRecording();
        QTRY_VERIFY_WITH_TIMEOUT(window_->project().isOpen(), kPatience);
        const auto frame = VideoReader::open(window_->project().document().video.path)->read(0);
        QVERIFY(frame->row(90)[3 * 40] > 200 && frame->row(90)[3 * 40 + 2] < 60);
    }

    void aFolderThatCannotBeWritten() {
        QSettings().setValue(QLatin1String(CameraDialog::kFolder), QStringLiteral("/proc/nowhere"));
        auto* camera = live();
        QVERIFY(camera != nullptr);
        camera->toggleRecording();
        QTRY_VERIFY_WITH_TIMEOUT(says(camera, QStringLiteral("may write to")), kPatience);
        QVERIFY(!camera->recording());
        QVERIFY(window_->errorBar().isVisible());
        QVERIFY(button(camera, QStringLiteral("Record"))->isEnabled());
    }

    void aRecordingThatWasCutOffIsOffered() {
        auto* first = live();
        QVERIFY(first != nullptr);
        first->toggleRecording();
        const fs::path folder = films_->path().toStdString();
        const auto part = [&] {
            for (const auto& file : films()) {
                if (file.string().ends_with(".part.mkv") && fs::file_size(file) > 60000) {
                    return file;
                }
            }
            return fs::path();
        };
        QTRY_VERIFY_WITH_TIMEOUT(!part().empty(), kPatience);
        fs::copy_file(part(), folder / "Yesterday.part.mkv"); // as a kill leaves it
        first->close();
        QTRY_VERIFY_WITH_TIMEOUT(window_->project().isOpen(), kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(dialog() == nullptr, kPatience);
        auto* second = live();
        QVERIFY(second != nullptr);
        QTRY_VERIFY_WITH_TIMEOUT(says(second, QStringLiteral("Yesterday")), kPatience);
        QTest::mouseClick(button(second, QStringLiteral("Open it")), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(window_->project().document().video.path.filename(),
                                  fs::path("Yesterday.mkv"), kPatience);
    }
};

BODY4D_GUI_TEST(CameraDialogTest)
#include "camera_dialog_test.moc"
