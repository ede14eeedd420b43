#include "base/log.h"
#include "ui/main_window.h"
#include "ui/panels/camera_dialog.h"

namespace body4d::ui {

void MainWindow::createCameraActions() {
    actions_->add({"file.camera",
                   tr("File"),
                   tr("&Record with a camera…"),
                   {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_R)},
                   "camera",
                   tr("Looks through a camera of this machine; what it records opens as the video")},
                  [this] { showCamera(); });
}

void MainWindow::showCamera() {
    if (camera_ && camera_->isVisible()) {
        camera_->raise();
        camera_->activateWindow();
        return;
    }
    const auto find = [backend = backend_, options = project_->document().options](
                          const ImagePtr& picture, const std::stop_token& stop) {
        std::vector<PoseLandmarks> people;
        for (const auto& person : backend->findPeople(picture, options, stop)) {
            if (person.found && person.frame.pose.score > 0) {
                people.push_back(person.frame.pose);
            }
        }
        return people;
    };
    auto* dialog = new CameraDialog(find, this); // deletes itself when it has let go of the device
    camera_ = dialog;
    connect(dialog, &CameraDialog::failed, this, &MainWindow::showMessage);
    connect(dialog, &CameraDialog::recorded, this,
            [this](const std::filesystem::path& file, const QString& note) {
                const QString name = QString::fromStdString(file.filename().string());
                log(LogLevel::Info, "recorded " + file.string());
                if (run_->running()) {
                    rememberRecent(file);
                    showMessage({UserMessage::Severity::Info,
                                 tr("%1 is recorded.").arg(name),
                                 tr("Open it when the run has ended. %1").arg(note),
                                 {},
                                 {}});
                    return;
                }
                openPath(file);
                if (!note.isEmpty()) {
                    showMessage({UserMessage::Severity::Warning,
                                 note,
                                 tr("What was recorded until then is here: %1").arg(name),
                                 {},
                                 {}});
                }
            });
    dialog->show();
}

} // namespace body4d::ui
