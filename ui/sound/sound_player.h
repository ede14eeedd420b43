#pragma once

#include "ui/controllers/playback_controller.h"
#include "ui/sound/sound_device.h"

#include <QElapsedTimer>
#include <QObject>
#include <QThread>

#include <filesystem>
#include <memory>

namespace body4d::ui {

/// The sound of the open video while it plays at its own speed, in step with the time cursor. Without a device, without
/// sound in the file, backwards or at another speed there is silence and no error. Devices are spoken to on a thread of
/// their own: asking for one may take a while.
class SoundPlayer : public QObject {
    Q_OBJECT
public:
    explicit SoundPlayer(PlaybackController& playback, SoundDeviceMaker maker = makeSoundDevice, QObject* parent = nullptr);
    ~SoundPlayer() override;
    /// @param video empty: nothing open, or it has no sound
    void setVideo(const std::filesystem::path& video);
    void setMuted(bool muted);
    [[nodiscard]] bool muted() const { return muted_; }
    void setVolume(double volume); ///< 0..1
    /// Whether there is sound to play now, device or not.
    [[nodiscard]] bool wanted() const { return sounding_; }

Q_SIGNALS:
    /// A device plays, or has stopped.
    void audibleChanged(bool audible);

private:
    class Worker;
    void refresh();
    void onFrame();
    void start();
    void stop();

    PlaybackController& playback_;
    std::filesystem::path video_;
    bool muted_ = false, sounding_ = false;
    double startedAt_ = 0; ///< seconds of the video
    QElapsedTimer clock_;
    Worker* worker_;
    QThread thread_;
};

} // namespace body4d::ui
