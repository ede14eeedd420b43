#pragma once

#include "base/pose_track.h"
#include "ui/controllers/task_queue.h"
#include "ui/controllers/user_message.h"
#include "video/camera.h"

#include <QDialog>
#include <QElapsedTimer>
#include <QTimer>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

class QCheckBox;
class QComboBox;
class QLabel;
class QPushButton;

namespace body4d::ui {

class CameraView;

/// Looks through a camera of this machine and records a video with it. Devices and disks are only touched on
/// a thread of its own.
class CameraDialog : public QDialog {
    Q_OBJECT
public:
    static constexpr const char *kFolder = "camera/folder", *kMirror = "camera/mirror",
                                *kDevice = "camera/device", *kMode = "camera/mode",
                                *kPeople = "camera/people";

    /// Looks for people in a picture; called on a thread of the dialog's own.
    using PeopleFinder = std::function<std::vector<PoseLandmarks>(const ImagePtr&, const std::stop_token&)>;
    explicit CameraDialog(PeopleFinder findPeople, QWidget* parent = nullptr);
    ~CameraDialog() override;

    /// Where recordings go.
    [[nodiscard]] static QString folder();
    [[nodiscard]] CameraView& view() { return *view_; }
    [[nodiscard]] bool recording() const { return recording_; }
    void toggleRecording();

Q_SIGNALS:
    /// It is on the disk. @param note  where it ended by itself, why; else empty
    void recorded(const std::filesystem::path& file, const QString& note);
    void failed(const body4d::ui::UserMessage& message);

protected:
    void done(int result) override;
    void closeEvent(QCloseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void look();
    void showDevices(std::vector<CameraDevice> cameras, std::vector<std::filesystem::path> leftovers);
    void chooseDevice(int index);
    void open(const CameraMode& mode);
    void closeCamera();
    void onPreview();
    void onChange();
    void lookForPeople(const ImagePtr& picture);
    void setPeopleShown(bool shown);
    void refresh();
    void setRecording(bool on);
    void tell(const UserMessage& trouble);
    void startRecording();
    void stopRecording();
    void chooseFolder();
    void showFolder();
    void recover();
    void leave();

    struct Gate;
    CameraView* view_;
    QComboBox *devices_, *modes_;
    QCheckBox *mirror_, *people_;
    QPushButton *record_, *folder_;
    QLabel *facts_, *place_;
    QWidget* leftover_;
    QLabel* leftoverText_;

    std::vector<CameraDevice> cameras_;
    std::vector<CameraMode> offered_;
    std::vector<std::filesystem::path> leftovers_;
    std::shared_ptr<Camera> camera_;
    std::shared_ptr<Gate> gate_; ///< between the camera's thread and this dialog
    QString note_;               ///< what went wrong with the last recording
    std::uint64_t session_ = 0;  ///< of the camera that is open
    bool recording_ = false;     ///< asked for; the disk may be at it
    bool busy_ = false;          ///< a recording is being begun or ended
    bool leaving_ = false;
    PeopleFinder findPeople_;
    bool searching_ = false;
    QElapsedTimer searchTime_;
    int found_ = 0; ///< people in the picture that was searched last
    QTimer ticks_, looks_;
    TaskQueue search_, queue_; // last: joined first
};

} // namespace body4d::ui
