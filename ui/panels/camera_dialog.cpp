#include "ui/panels/camera_dialog.h"

#include "ui/controllers/telemetry_controller.h"
#include "ui/icons.h"
#include "ui/panels/camera_view.h"
#include "ui/panels/widgets.h"
#include "ui/theme.h"

#include <QCheckBox>
#include <QCloseEvent>
#include <QDir>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QStandardPaths>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <utility>

namespace body4d::ui {
namespace {

constexpr int kTick = 200;       ///< ms between looks at the figures
constexpr int kLookAgain = 2000; ///< ms between looks for a camera while there is none
constexpr int kPreviewWidth = 960;
constexpr int kFresh = 400; ///< ms that people found in a picture are shown on later ones
const QColor kRecordColour(0xE5484D);

QString modeText(const CameraMode& mode) {
    const double fps = std::round(mode.fps * 100) / 100;
    return CameraDialog::tr("%1 × %2, %3 fps").arg(mode.width).arg(mode.height).arg(fps);
}

QString modeKey(const CameraMode& mode) {
    return QStringLiteral("%1x%2@%3").arg(mode.width).arg(mode.height).arg(mode.fps);
}

QString clock(double seconds) {
    const int whole = static_cast<int>(seconds);
    return QStringLiteral("%1:%2").arg(whole / 60).arg(whole % 60, 2, 10, QLatin1Char('0'));
}

} // namespace

/// A camera may outlive the dialog by a moment: its calls then lead nowhere.
struct CameraDialog::Gate {
    std::mutex mutex;
    CameraDialog* dialog = nullptr;
    template <class Fn>
    void post(Fn&& fn) {
        const std::scoped_lock lock(mutex);
        if (dialog != nullptr) {
            postTo(dialog, std::forward<Fn>(fn));
        }
    }
};

CameraDialog::CameraDialog(PeopleFinder findPeople, QWidget* parent)
    : QDialog(parent), gate_(std::make_shared<Gate>()), findPeople_(std::move(findPeople)) {
    gate_->dialog = this;
    setWindowTitle(tr("Record with a camera"));
    QSettings settings;
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 16, 16, 16);
    column->setSpacing(12);

    leftover_ = new QWidget;
    auto* notice = new QHBoxLayout(leftover_);
    notice->setContentsMargins(0, 0, 0, 0);
    leftoverText_ = new QLabel;
    leftoverText_->setWordWrap(true);
    auto* take = new QPushButton(tr("Open it"));
    take->setAutoDefault(false);
    connect(take, &QPushButton::clicked, this, &CameraDialog::recover);
    notice->addWidget(leftoverText_, 1);
    notice->addWidget(take);
    leftover_->hide();
    column->addWidget(leftover_);

    view_ = new CameraView;
    view_->setSentence(tr("Looking for cameras …"));
    column->addWidget(view_, 1);

    auto* choices = new QHBoxLayout;
    choices->setSpacing(10);
    const auto choice = [&](const QString& name, int wide) {
        auto* box = new ElidingComboBox;
        box->setAccessibleName(name);
        box->setToolTip(name);
        box->setMinimumWidth(wide);
        choices->addWidget(box, wide);
        return box;
    };
    devices_ = choice(tr("Camera"), 220);
    modes_ = choice(tr("Size and rate"), 180);
    mirror_ = new QCheckBox(tr("Mirror"));
    mirror_->setToolTip(tr("Shows you as in a mirror; the recording stays as the camera sees it"));
    mirror_->setChecked(settings.value(QLatin1String(kMirror), true).toBool());
    view_->setMirrored(mirror_->isChecked());
    choices->addWidget(mirror_);
    people_ = new QCheckBox(tr("Find people"));
    people_->setToolTip(tr("Shows who is found in the picture, so that you see whether everybody is in it; "
                           "rests while it records"));
    people_->setChecked(settings.value(QLatin1String(kPeople), true).toBool());
    people_->setVisible(static_cast<bool>(findPeople_));
    choices->addWidget(people_);
    column->addLayout(choices);

    auto* place = new QHBoxLayout;
    place_ = dimLabel({});
    folder_ = new QPushButton(tr("Other folder…"));
    folder_->setObjectName(QStringLiteral("link"));
    folder_->setAutoDefault(false);
    place->addWidget(place_, 1);
    place->addWidget(folder_);
    column->addLayout(place);

    auto* bottom = new QHBoxLayout;
    bottom->setSpacing(12);
    record_ = new QPushButton(tr("Record"));
    record_->setObjectName(QStringLiteral("primary"));
    record_->setDefault(true);
    record_->setMinimumWidth(120);
    record_->setEnabled(false);
    record_->setToolTip(tr("Space begins and ends a recording; it then opens as the video"));
    facts_ = new QLabel;
    facts_->setFont(tabularFont(font()));
    facts_->setWordWrap(true);
    auto* leaveButton = new QPushButton(tr("Close"));
    leaveButton->setAutoDefault(false);
    bottom->addWidget(record_);
    bottom->addWidget(facts_, 1);
    bottom->addWidget(leaveButton);
    column->addLayout(bottom);

    connect(devices_, &QComboBox::activated, this, [this](int index) {
        QSettings().setValue(QLatin1String(kDevice), devices_->itemData(index));
        chooseDevice(index);
    });
    connect(modes_, &QComboBox::activated, this, [this](int index) {
        const auto& mode = offered_[static_cast<std::size_t>(index)];
        QSettings().setValue(QLatin1String(kMode), modeKey(mode));
        this->open(mode);
    });
    connect(mirror_, &QCheckBox::toggled, this, [this](bool on) {
        QSettings().setValue(QLatin1String(kMirror), on);
        view_->setMirrored(on);
    });
    connect(people_, &QCheckBox::toggled, this, [this](bool on) {
        QSettings().setValue(QLatin1String(kPeople), on);
        setPeopleShown(on);
    });
    connect(record_, &QPushButton::clicked, this, &CameraDialog::toggleRecording);
    connect(folder_, &QPushButton::clicked, this, &CameraDialog::chooseFolder);
    connect(leaveButton, &QPushButton::clicked, this, &CameraDialog::reject);
    ticks_.setInterval(kTick);
    connect(&ticks_, &QTimer::timeout, this, &CameraDialog::refresh);
    looks_.setInterval(kLookAgain);
    connect(&looks_, &QTimer::timeout, this, &CameraDialog::look);
    setRecording(false);
    showFolder();
    look();
}

CameraDialog::~CameraDialog() {
    {
        const std::scoped_lock lock(gate_->mutex);
        gate_->dialog = nullptr;
    }
    closeCamera(); // the queue's end waits for it
}

QString CameraDialog::folder() {
    const QString usual =
        QStandardPaths::writableLocation(QStandardPaths::MoviesLocation) + QStringLiteral("/Body4D");
    return QSettings().value(QLatin1String(kFolder), usual).toString();
}

void CameraDialog::look() {
    queue_.postLatest(
        "look", [this, folder = std::filesystem::path(folder().toStdString())](const std::stop_token&) {
            auto cameras = listCameras();
            auto leftovers = unfinishedRecordings(folder);
            postTo(this, [this, cameras = std::move(cameras), leftovers = std::move(leftovers)]() mutable {
                showDevices(std::move(cameras), std::move(leftovers));
            });
        });
}

void CameraDialog::showDevices(std::vector<CameraDevice> cameras,
                               std::vector<std::filesystem::path> leftovers) {
    if (leaving_) {
        return;
    }
    leftovers_ = std::move(leftovers);
    leftover_->setVisible(!leftovers_.empty());
    if (!leftovers_.empty()) {
        leftoverText_->setText(tr("A recording was cut off when the program ended: %1")
                                   .arg(QString::fromStdString(leftovers_.front().filename().string())));
    }
    if (camera_ || recording_ || busy_) {
        return; // one has come up in the meantime
    }
    const auto same = [](const CameraDevice& a, const CameraDevice& b) { return a.id == b.id; };
    const bool known = !cameras.empty() &&
                       std::equal(cameras.begin(), cameras.end(), cameras_.begin(), cameras_.end(), same);
    const QString shown = devices_->currentData().toString();
    const QString wanted = shown.isEmpty() ? QSettings().value(QLatin1String(kDevice)).toString() : shown;
    cameras_ = std::move(cameras);
    if (!known) { // an open list stays open while nothing changes
        devices_->clear();
        for (const auto& camera : cameras_) {
            devices_->addItem(icon(QStringLiteral("camera")), QString::fromStdString(camera.name),
                              QString::fromStdString(camera.id));
        }
    }
    devices_->setEnabled(devices_->count() > 1);
    if (cameras_.empty()) {
        const Error none = noCamera();
        closeCamera();
        view_->setSentence(QString::fromUtf8(none.what()), QString::fromStdString(none.remedy()));
        devices_->addItem(tr("No camera"));
        modes_->clear();
        modes_->setEnabled(false);
        looks_.start(); // until one is plugged in
        refresh();
        return;
    }
    const int index = std::max(0, devices_->findData(wanted));
    devices_->setCurrentIndex(index);
    chooseDevice(index);
}

void CameraDialog::chooseDevice(int index) {
    const CameraDevice device = cameras_[static_cast<std::size_t>(index)];
    closeCamera();
    modes_->clear();
    modes_->setEnabled(false);
    offered_.clear();
    if (device.trouble) {
        view_->setSentence(QString::fromUtf8(device.trouble->what()),
                           QString::fromStdString(device.trouble->remedy()));
        looks_.start();
        refresh();
        return;
    }
    if (!looks_.isActive()) { // a new try leaves the reason on the screen
        view_->setSentence(tr("Opening %1 …").arg(QString::fromStdString(device.name)));
    }
    const auto session = session_;
    queue_.postLatest("modes", [this, device, session](const std::stop_token&) {
        auto modes = cameraModes(device.id);
        postTo(this, [this, session, modes = std::move(modes)]() mutable {
            if (session != session_ || leaving_) {
                return;
            }
            offered_ = std::move(modes);
            const QString wanted = QSettings().value(QLatin1String(kMode)).toString();
            const CameraMode usual = usualMode(offered_);
            int chosen = -1, first = 0;
            for (std::size_t i = 0; i < offered_.size(); ++i) {
                modes_->addItem(modeText(offered_[i]));
                chosen = modeKey(offered_[i]) == wanted ? static_cast<int>(i) : chosen;
                first = offered_[i] == usual ? static_cast<int>(i) : first;
            }
            chosen = chosen < 0 ? first : chosen;
            modes_->setCurrentIndex(offered_.empty() ? -1 : chosen);
            modes_->setEnabled(offered_.size() > 1);
            if (offered_.empty()) {
                modes_->addItem(tr("The camera's own size"));
            }
            open(offered_.empty() ? CameraMode() : offered_[static_cast<std::size_t>(chosen)]);
        });
    });
}

void CameraDialog::open(const CameraMode& mode) {
    closeCamera();
    const auto session = session_;
    Camera::Options options;
    options.mode = mode;
    options.previewWidth = kPreviewWidth;
    options.onPreview = [this, session, gate = gate_] {
        gate->post([this, session] { session == session_ ? onPreview() : void(); });
    };
    options.onChange = [this, session, gate = gate_] {
        gate->post([this, session] { session == session_ ? onChange() : void(); });
    };
    const std::string id = devices_->currentData().toString().toStdString();
    // After the one before has let go of the device.
    queue_.post([this, session, id, options](const std::stop_token&) {
        auto camera = std::make_shared<Camera>(id, options);
        postTo(this, [this, session, camera = std::move(camera)]() mutable {
            if (session == session_ && !leaving_) {
                camera_ = std::move(camera);
                ticks_.start();
                onChange();  // it may have ended by now,
                onPreview(); // or be waiting for its first picture to be taken: it was told of too early
            } else {
                queue_.post([old = std::move(camera)](const std::stop_token&) mutable { old.reset(); });
            }
        });
    });
}

void CameraDialog::closeCamera() {
    ++session_;
    ticks_.stop();
    if (camera_) {
        queue_.post([old = std::move(camera_)](const std::stop_token&) mutable { old.reset(); });
        camera_ = nullptr;
    }
}

void CameraDialog::onPreview() {
    if (!camera_) {
        return;
    }
    if (const auto picture = camera_->preview()) {
        looks_.stop();
        view_->setPicture(picture);
        lookForPeople(picture);
    }
}

void CameraDialog::setPeopleShown(bool shown) {
    if (!shown) {
        view_->setPeople({});
        found_ = 0;
    }
}

/// One picture at a time, as fast as it goes. While it records, all the machine's strength belongs to that.
void CameraDialog::lookForPeople(const ImagePtr& picture) {
    if (searching_ || recording_ || !findPeople_ || !people_->isChecked()) {
        return;
    }
    searching_ = true;
    searchTime_.start();
    search_.post([this, picture, find = findPeople_, session = session_](const std::stop_token& stop) {
        std::optional<std::vector<PoseLandmarks>> found;
        try {
            if (!stop.stop_requested()) {
                found = find(picture, stop);
            }
        } catch (const std::exception&) {
            // Without models there is just the picture; a run says what is missing.
        }
        postTo(this, [this, found = std::move(found), session]() mutable {
            searching_ = false;
            if (!found) {
                people_->hide();
                findPeople_ = nullptr;
            } else if (session == session_ && !recording_ && people_->isChecked()) {
                found_ = static_cast<int>(found->size());
                // Where a search takes long, people have gone on meanwhile: then just their number is right.
                view_->setPeople(searchTime_.elapsed() <= kFresh ? std::move(*found)
                                                                 : std::vector<PoseLandmarks>());
            }
        });
    });
}

void CameraDialog::onChange() {
    refresh();
    if (!camera_) {
        return;
    }
    const auto status = camera_->status();
    if (recording_ && !busy_ && !status.recording) {
        stopRecording(); // it ended by itself: what there is, is taken
    } else if (status.state == Camera::State::Ended && !recording_) {
        const auto trouble = status.trouble;
        closeCamera();
        if (trouble) {
            view_->setSentence(QString::fromUtf8(trouble->what()), QString::fromStdString(trouble->remedy()));
        }
        looks_.start(); // it may come back
        refresh();
    }
}

void CameraDialog::refresh() {
    const auto status = camera_ ? camera_->status() : Camera::Status();
    const bool live = camera_ && status.state == Camera::State::Live;
    record_->setEnabled(live || recording_ || busy_); // disabled it would hand its focus to "Close"
    if (recording_ && !busy_ && status.recording) {
        const auto& p = status.progress;
        QString text = tr("%1   %n frames   %2", nullptr, static_cast<int>(p.written))
                           .arg(clock(p.seconds), formatBytes(static_cast<std::int64_t>(p.bytes)));
        if (p.dropped > 0) {
            text += QStringLiteral("<br><span style=\"color:%1\">%2</span>")
                        .arg(tokens().warning.name(),
                             tr("%n frames dropped: choose a smaller size or a faster disk.", nullptr,
                                static_cast<int>(p.dropped)));
        }
        facts_->setText(text);
    } else if (busy_) {
        facts_->setText(recording_ ? tr("Starting …") : tr("Finishing the recording …"));
    } else if (!note_.isEmpty()) {
        facts_->setText(note_);
    } else if (live) {
        QString text =
            status.fps > 0
                ? tr("%1 × %2 at %3 fps").arg(status.width).arg(status.height).arg(status.fps, 0, 'f', 1)
                : tr("%1 × %2").arg(status.width).arg(status.height);
        if (found_ > 0) {
            text += QStringLiteral("   ") + tr("people in sight: %1").arg(found_);
        }
        facts_->setText(text);
    } else {
        facts_->clear();
    }
    const bool idle = !recording_ && !busy_;
    devices_->setEnabled(idle && devices_->count() > 1);
    modes_->setEnabled(idle && offered_.size() > 1);
    folder_->setEnabled(idle);
}

void CameraDialog::setRecording(bool on) {
    recording_ = on;
    view_->setRecording(on);
    setPeopleShown(!on && people_->isChecked());
    record_->setText(on ? tr("Stop") : tr("Record"));
    record_->setIcon(icon(on ? QStringLiteral("cancel") : QStringLiteral("record"), tokens().onAccent));
    refresh();
}

void CameraDialog::tell(const UserMessage& trouble) {
    note_ = trouble.what + QLatin1Char(' ') + trouble.remedy;
    Q_EMIT failed(trouble);
}

void CameraDialog::toggleRecording() {
    if (busy_ || !camera_) {
        return;
    }
    recording_ ? stopRecording() : startRecording();
}

void CameraDialog::startRecording() {
    busy_ = true;
    note_.clear();
    setRecording(true);
    queue_.post([this, camera = camera_,
                 folder = std::filesystem::path(folder().toStdString())](const std::stop_token&) mutable {
        std::optional<UserMessage> trouble;
        try {
            camera->startRecording(freeRecordingName(folder));
        } catch (const std::exception& e) {
            trouble = toMessage(e);
        }
        camera.reset(); // not the last one: the dialog has it, or its closing comes after this
        postTo(this, [this, trouble] {
            busy_ = false;
            if (trouble) {
                tell(*trouble);
                setRecording(false);
            }
            if (leaving_) {
                recording_ ? stopRecording() : leave();
            } else {
                onChange();  // it may have ended by now,
                onPreview(); // or be waiting for its first picture to be taken: it was told of too early
            }
        });
    });
}

void CameraDialog::stopRecording() {
    busy_ = true;
    setRecording(false);
    queue_.post([this, camera = camera_](const std::stop_token&) mutable {
        std::optional<Recording> recording;
        std::optional<UserMessage> trouble;
        try {
            recording = camera->stopRecording();
        } catch (const std::exception& e) {
            trouble = toMessage(e);
        }
        camera.reset();
        postTo(this, [this, recording, trouble] {
            busy_ = false;
            if (trouble) {
                tell(*trouble);
            } else if (recording) {
                QString note = QString::fromStdString(recording->endedBecause);
                if (recording->dropped > 0) {
                    note += (note.isEmpty() ? QString() : QStringLiteral(" ")) +
                            tr("%n frames were dropped.", nullptr, static_cast<int>(recording->dropped));
                }
                Q_EMIT recorded(recording->file, note);
                leave();
                return;
            }
            if (leaving_) {
                leave();
            } else {
                onChange();
            }
        });
    });
}

void CameraDialog::chooseFolder() {
    const QString chosen = QFileDialog::getExistingDirectory(this, tr("Folder for recordings"), folder());
    if (!chosen.isEmpty()) {
        QSettings().setValue(QLatin1String(kFolder), chosen);
        showFolder();
        queue_.postLatest(
            "leftovers", [this, place = std::filesystem::path(chosen.toStdString())](const std::stop_token&) {
                auto found = unfinishedRecordings(place);
                postTo(this, [this, found = std::move(found)]() mutable {
                    leftovers_ = std::move(found);
                    leftover_->setVisible(!leftovers_.empty());
                });
            });
    }
}

void CameraDialog::showFolder() {
    QString shown = QDir::toNativeSeparators(folder());
    if (const QString home = QDir::homePath(); home.size() > 1 && shown.startsWith(home + QLatin1Char('/'))) {
        shown = QLatin1Char('~') + shown.mid(home.size());
    }
    place_->setText(tr("Saved in %1, pictures without sound").arg(shown));
    place_->setToolTip(folder());
}

void CameraDialog::recover() {
    if (leftovers_.empty() || recording_ || busy_) {
        return;
    }
    queue_.post([this, part = leftovers_.front()](const std::stop_token&) {
        std::filesystem::path file;
        std::optional<UserMessage> trouble;
        try {
            file = recoverRecording(part);
        } catch (const std::exception& e) {
            trouble = toMessage(e);
        }
        postTo(this, [this, file, trouble] {
            if (trouble) {
                leftover_->hide();
                tell(*trouble);
                refresh();
            } else {
                Q_EMIT recorded(file, {});
                leave();
            }
        });
    });
}

void CameraDialog::leave() {
    leaving_ = true;
    hide();
    looks_.stop();
    closeCamera();
    // The window goes when the device is let go of and the last search is over, so that nothing here waits
    // for them.
    queue_.post([this](const std::stop_token&) {
        postTo(this, [this] {
            search_.post([this](const std::stop_token&) { postTo(this, [this] { deleteLater(); }); });
        });
    });
}

void CameraDialog::done(int) {
    if (leaving_) {
        return;
    }
    if (recording_ && !busy_) { // closing is no way to lose a recording
        leaving_ = true;
        hide();
        stopRecording();
    } else if (busy_) {
        leaving_ = true; // stopRecording() or startRecording() goes on
        hide();
    } else {
        leave();
    }
}

void CameraDialog::closeEvent(QCloseEvent* event) {
    event->ignore();
    done(0);
}

void CameraDialog::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Space && !event->isAutoRepeat()) {
        toggleRecording();
        return;
    }
    QDialog::keyPressEvent(event);
}

} // namespace body4d::ui
