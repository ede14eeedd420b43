#include "ui/controllers/recent_files.h"
#include "ui/controllers/session_guard.h"
#include "ui/main_window.h"
#include "ui/panels/empty_state.h"
#include "ui/panels/error_bar.h"
#include "ui/panels/preferences_dialog.h"
#include "ui/sound/sound_player.h"
#include "ui/timeline/film_strip.h"
#include "ui/timeline/thumbnail_popup.h"
#include "ui/timeline/timeline_widget.h"
#include "ui/viewport/turntable.h"
#include "ui/viewport/viewport_widget.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QDir>
#include <QFileDialog>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QRegularExpression>
#include <QSettings>
#include <QStandardPaths>

namespace body4d::ui {
namespace {

constexpr int kThumbnailWidth = 192, kShownRecent = 4;

QString dataFolder(const char* name) {
    return QStandardPaths::writableLocation(QStandardPaths::AppLocalDataLocation) + QLatin1Char('/') +
           QLatin1String(name);
}

/// "walk" for "walk-4c8566a4.body4d": drafts carry a mark of where their video lies.
QString titleOf(const std::filesystem::path& project) {
    static const QRegularExpression mark(QStringLiteral("-[0-9a-f]{8}$"));
    QString title = QString::fromStdString(project.stem().string());
    const bool draft = QString::fromStdString(project.parent_path().filename().string()) == QLatin1String("drafts");
    return draft ? title.remove(mark) : title;
}

/// "today at 21:05", "on 3 May at 09:10": when the newest part of a project was written.
QString savedAt(const std::filesystem::path& project) {
    QDateTime newest;
    for (const auto* part : {"project.yaml", "tracks", "bodies"}) {
        const QFileInfo info(QString::fromStdString((project / part).string()));
        if (info.exists() && (!newest.isValid() || info.lastModified() > newest)) {
            newest = info.lastModified();
        }
    }
    const QLocale locale;
    const QString time = locale.toString(newest.time(), QLocale::ShortFormat);
    return newest.date() == QDate::currentDate() ? MainWindow::tr("today at %1").arg(time)
                                                 : MainWindow::tr("on %1 at %2").arg(locale.toString(newest.date(), QLocale::ShortFormat), time);
}

/// Where the picture of a recent file is kept.
QString thumbnailFile(const QString& path) {
    return dataFolder("thumbnails") + QLatin1Char('/') +
           QString::fromLatin1(
               QCryptographicHash::hash(path.toUtf8(), QCryptographicHash::Sha1).toHex().left(16)) +
           QStringLiteral(".jpg");
}

} // namespace

void MainWindow::createSessionActions() {
    const QString g = tr("File");
    actions_->add({"file.recover", g, tr("Continue where the program ended"), {}, "update", ""}, [this] {
        if (!abandoned_.empty()) {
            openPath(abandoned_.front());
            abandoned_.erase(abandoned_.begin());
        }
    });
    actions_->add({"file.sample", g, tr("Open the sample clip"), {}, "film", tr("A walking mannequin, drawn on this machine")}, [this] {
        empty_->setBusy(tr("Drawing the sample clip …"));
        importQueue_.restart("sample", [this, backend = backend_, folder = dataFolder("samples").toStdString()](const std::stop_token& stop) {
            try {
                const auto file = backend->sampleClip(folder, stop);
                postTo(this, [this, file] { openPath(file); });
            } catch (const std::exception& e) {
                postTo(this, [this, message = toMessage(e)] {
                    empty_->setBusy({});
                    showMessage(message);
                });
            }
        });
    });
    actions_->add({"file.locateVideo", g, tr("Find the video…"), {}, "film", ""}, [this] {
        if (missingProject_.isEmpty()) {
            return;
        }
        const QString file = QFileDialog::getOpenFileName(
            this, tr("Where is %1 now?").arg(QFileInfo(missingVideo_).fileName()),
            QFileInfo(missingProject_).path());
        if (!file.isEmpty()) {
            locating_ = true;
            project_->openWithVideo(missingProject_.toStdString(), file.toStdString());
        }
    });
    actions_->add({"edit.preferences",
                   tr("Edit"),
                   tr("&Preferences…"),
                   {QKeySequence(Qt::CTRL | Qt::Key_Comma)},
                   "settings",
                   ""},
                  [this] {
                      auto* dialog = new PreferencesDialog(*actions_, this);
                      dialog->setAttribute(Qt::WA_DeleteOnClose);
                      connect(dialog, &PreferencesDialog::maskOpacityChanged, canvas_,
                              &VideoCanvas::setMaskOpacity);
                      connect(dialog, &PreferencesDialog::volumeChanged, sound_, &SoundPlayer::setVolume);
                      dialog->show();
                  });
    actions_->add({"run.pause",
                   tr("Run"),
                   tr("Pause"),
                   {QKeySequence(Qt::Key_Pause)},
                   "pause",
                   tr("Stops after the frames at work and goes on from there")},
                  [this] { run_->paused() ? run_->resume() : run_->pause(); });
    actions_->add({"view.turntable",
                   tr("3D view"),
                   tr("Turntable movie…"),
                   {},
                   "film",
                   tr("One turn around what the 3D view shows, as MP4")},
                  [this] {
                      const QString file = QFileDialog::getSaveFileName(
                          this, tr("Save a turntable movie"),
                          QSettings().value(QStringLiteral("recent/folder")).toString() +
                              QStringLiteral("/turntable.mp4"),
                          tr("Movies (*.mp4)"));
                      if (!file.isEmpty()) {
                          recordTurntable(file.toStdString());
                      }
                  });
}

void MainWindow::wireSession() {
    guard_ = std::make_unique<SessionGuard>(dataFolder("sessions").toStdString());
    abandoned_ = guard_->takeAbandoned();
    canvas_->setMaskOpacity(QSettings().value(QLatin1String(PreferencesDialog::kMaskOpacity), 45).toInt() /
                            100.0);
    thumbnails_ = new ThumbnailPopup(*timeline_->lanes(), *playback_, this);
    sound_ = new SoundPlayer(*playback_, makeSoundDevice, this);
    sound_->setMuted(!actions_->action(QStringLiteral("playback.sound"))->isChecked());
    sound_->setVolume(QSettings().value(QLatin1String(PreferencesDialog::kVolume), 100).toInt() / 100.0);
    connect(project_, &ProjectController::opened, this, [this] {
        guard_->opened(project_->store()->folder());
        run_->clearWaiting(); // of what was open before
        missingProject_.clear();
        locating_ = false;
        thumbnails_->setFrames(project_->frames());
        timeline_->lanes()->filmStrip().setFrames(project_->frames());
        const auto& info = project_->frames()->info();
        sound_->setVideo(info.hasAudio ? project_->document().video.path : std::filesystem::path());
        keepThumbnail();
    });
    connect(project_, &ProjectController::closed, this, [this] {
        guard_->closed();
        thumbnails_->setFrames(nullptr);
        timeline_->lanes()->filmStrip().setFrames(nullptr);
        sound_->setVideo({});
        run_->clearWaiting();
        showRecent();
    });
    connect(project_, &ProjectController::videoMissing, this,
            [this](const QString& folder, const QString& video) {
                missingProject_ = folder;
                missingVideo_ = video;
                empty_->setBusy({});
                refreshEnabled();
                showMessage({UserMessage::Severity::Warning,
                             tr("The video of this project is not where it was."),
                             tr("%1 was moved, renamed or is on a drive that is not connected. Everything "
                                "else is still there.")
                                 .arg(QFileInfo(video).fileName()),
                             video,
                             {QStringLiteral("file.locateVideo")}});
            });
    connect(run_, &RunController::pausedChanged, this, [this](bool paused) {
        auto* action = actions_->action(QStringLiteral("run.pause"));
        action->setText(paused ? tr("Resume") : tr("Pause"));
        if (paused) {
            statusState_->setText(tr("Paused; finished frames are kept"));
        }
        refreshEnabled();
    });
    connect(run_, &RunController::queueChanged, this, &MainWindow::refreshEnabled);
    connect(empty_, &EmptyState::pinRequested, this, [this](const QString& path, bool pinned) {
        RecentFiles::setPinned(path, pinned);
        showRecent();
    });
    connect(empty_, &EmptyState::forgetRequested, this, [this](const QString& path) {
        RecentFiles::remove(path);
        showRecent();
    });
    connect(empty_, &EmptyState::recentRequested, this,
            [this](const QString& path) { openPath(path.toStdString()); });
    showRecent();
    if (!abandoned_.empty()) {
        QTimer::singleShot(0, this, [this] {
            if (project_->isOpen() || project_->opening()) {
                return; // a file was asked for
            }
            showMessage({UserMessage::Severity::Warning,
                         tr("The program ended without closing “%1”.")
                             .arg(titleOf(abandoned_.front())),
                         tr("Every edit and every finished frame was saved, the last one %1.").arg(savedAt(abandoned_.front())),
                         {},
                         {QStringLiteral("file.recover")}});
        });
    } else if (QSettings().value(QLatin1String(PreferencesDialog::kReopen), false).toBool()) {
        QTimer::singleShot(0, this, [this] {
            const QString newest = RecentFiles::newest();
            if (!newest.isEmpty() && QFileInfo::exists(newest) && !project_->isOpen() && !project_->opening()) {
                openPath(newest.toStdString());
            }
        });
    }
}

void MainWindow::keepThumbnail() {
    const QString newest = RecentFiles::newest();
    if (newest.isEmpty()) {
        return;
    }
    importQueue_.post(
        [file = thumbnailFile(newest), frames = project_->frames()](const std::stop_token&) {
            try {
                const auto image = frames->frame(0);
                const Image small =
                    resized(*image, kThumbnailWidth,
                            std::max(1, kThumbnailWidth * image->height / std::max(1, image->width)));
                QDir().mkpath(QFileInfo(file).path());
                QImage(small.rgb.data(), small.width, small.height, 3 * small.width, QImage::Format_RGB888)
                    .save(file, "JPG", 85);
            } catch (const std::exception&) {
                // A first frame that cannot be read is told where it is shown.
            }
        });
}

void MainWindow::showRecent() {
    std::vector<EmptyState::Recent> shown;
    for (const auto& entry : RecentFiles::list()) {
        if (static_cast<int>(shown.size()) < kShownRecent) {
            shown.push_back({entry.path, entry.name, QPixmap(thumbnailFile(entry.path)), entry.pinned, entry.exists});
        }
    }
    empty_->setRecent(shown);
}

void MainWindow::recordTurntable(const std::filesystem::path& file) {
    if (!turntable_) {
        turntable_ = new Turntable(*viewport_, this);
        connect(turntable_, &Turntable::progressed, this, [this](int done, int total) {
            statusState_->setText(tr("Recording %1/%2").arg(done).arg(total));
        });
        connect(turntable_, &Turntable::finished, this,
                [this](const QString& name) { statusState_->setText(tr("Saved %1").arg(name)); });
        connect(turntable_, &Turntable::failed, this, &MainWindow::showMessage);
    }
    turntable_->start(file);
}

} // namespace body4d::ui
