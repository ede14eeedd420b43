#include "window_fixture.h"

#include "ui/controllers/recent_files.h"
#include "ui/main_window.h"
#include "ui/panels/empty_state.h"
#include "ui/panels/error_bar.h"
#include "ui/panels/preferences_dialog.h"

#include <QAbstractButton>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QPushButton>
#include <QSettings>
#include <QSlider>
#include <QStandardPaths>
#include <QTest>
#include <QToolButton>

#include <algorithm>

using namespace body4d;
using namespace body4d::ui;

/// What the window remembers from one start to the next.
class WindowSessionTest : public test::WindowFixture {
    Q_OBJECT

private Q_SLOTS:
    void init() {
        BODY4D_NEEDS_DISPLAY();
        QVERIFY(makeWindow());
    }
    void cleanup() { window_.reset(); }

    void recentFilesAreOnTheFirstPage() {
        QFile video(drafts_.filePath("recent clip.mp4"));
        QVERIFY(video.open(QIODevice::WriteOnly));
        video.close();
        open(video.fileName());
        window_->actionRegistry().action("file.close")->trigger();
        QTRY_VERIFY(!window_->project().isOpen());
        const auto recents = [&] {
            QList<QToolButton*> found;
            for (auto* b : window_->findChildren<QToolButton*>("recent")) {
                if (b->isVisible()) {
                    found << b;
                }
            }
            return found;
        };
        QTRY_VERIFY(!recents().isEmpty());
        QVERIFY(recents().front()->toolTip().endsWith("recent clip.mp4"));
        recents().front()->click();
        QTRY_VERIFY(window_->project().isOpen());
        window_.reset();
        window_ = std::make_unique<MainWindow>(backend_); // its picture was kept
        window_->show();
        QTRY_VERIFY(!recents().isEmpty());
        QVERIFY(!recents().front()->icon().pixmap(112, 64).isNull());
    }
    void recentFilesOfOneNameAreToldApart() {
        for (const auto* path : {"/a/one/walk.mp4", "/a/two/walk.mp4", "/a/two/run.mp4"}) {
            RecentFiles::add(path);
        }
        QStringList names;
        for (const auto& entry : RecentFiles::list()) {
            if (entry.path.startsWith("/a/")) {
                names << entry.name;
            }
        }
        QCOMPARE(names, (QStringList{"run.mp4", "two/walk.mp4", "one/walk.mp4"}));
        for (const auto* path : {"/a/one/walk.mp4", "/a/two/walk.mp4", "/a/two/run.mp4"}) {
            RecentFiles::remove(path);
        }
    }
    void aCrashedSessionIsOfferedAgain() {
        open("/videos/crash.mp4");
        clickFrame(165, 180);
        QTRY_COMPARE(window_->project().document().targets.size(), std::size_t{1});
        window_->project().flush();
        const auto folder = window_->project().store()->folder();
        std::filesystem::create_directories(folder);
        QFile(QString::fromStdString((folder / "project.yaml").string())).open(QIODevice::WriteOnly);
        window_.reset();
        QProcess dead;
        dead.start("true", {});
        QVERIFY(dead.waitForStarted());
        const auto number = dead.processId();
        dead.waitForFinished();
        const QString notes = QStandardPaths::writableLocation(QStandardPaths::AppLocalDataLocation) + "/sessions";
        QDir().mkpath(notes);
        QFile note(QString("%1/%2.session").arg(notes).arg(number));
        QVERIFY(note.open(QIODevice::WriteOnly));
        note.write(QByteArray::fromStdString(folder.string()));
        note.close();
        window_ = std::make_unique<MainWindow>(backend_);
        window_->project().setDraftsFolder(drafts_.path().toStdString());
        window_->show();
        QTRY_VERIFY(window_->errorBar().isVisible());
        QVERIFY(window_->errorBar().message().what.contains("crash"));
        QVERIFY(window_->errorBar().message().remedy.contains("today at")); // when it was saved
        const auto buttons = window_->errorBar().findChildren<QPushButton*>();
        const auto go = std::find_if(buttons.begin(), buttons.end(), [](auto* b) { return b->text().contains("Continue"); });
        QVERIFY(go != buttons.end());
        (*go)->click();
        QTRY_VERIFY(window_->project().isOpen());
        QCOMPARE(window_->project().document().targets.size(), std::size_t{1});
        QVERIFY(!QFile::exists(note.fileName()));
    }
    void preferencesTakeEffectAtOnce() {
        window_->actionRegistry().action("edit.preferences")->trigger();
        auto* dialog = window_->findChild<PreferencesDialog*>();
        QVERIFY(dialog && dialog->isVisible());
        const auto sliders = dialog->findChildren<QSlider*>();
        const auto found = std::find_if(sliders.begin(), sliders.end(), [](auto* s) { return s->accessibleName().contains("masks"); });
        QVERIFY(found != sliders.end());
        auto* slider = *found;
        slider->setValue(80);
        QCOMPARE(QSettings().value(PreferencesDialog::kMaskOpacity).toInt(), 80);
        auto* theme = dialog->findChild<QComboBox*>();
        theme->setCurrentIndex(1);
        Q_EMIT theme->activated(1);
        QVERIFY(!tokens().dark);
        Q_EMIT theme->activated(0);
        QVERIFY(tokens().dark);
        slider->setValue(45);
    }
};

BODY4D_GUI_TEST(WindowSessionTest)
#include "window_session_test.moc"
